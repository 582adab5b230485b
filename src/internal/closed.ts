import { UsageError } from '../errors.ts';

/** Names out of a closed set: the keys of an options object, of a state, the types of events. */

/**
 * The keys that an object may have. A table in the place of null holds those of the object under the key, or of each
 * object in the list under it; under `*` it holds those of the value under any other key.
 */
export interface KeyTable {
  readonly [key: string]: KeyTable | null;
}

/** A table that has each key of `T`, so that the compiler finds one that is missing. */
export type KeysOf<T> = { readonly [Key in keyof T]-?: KeyTable | null };

/** Each of the words that a text lists, with spaces between them. */
export type WordsIn<Text extends string> = Text extends `${infer Word} ${infer Rest}`
  ? Word | WordsIn<Rest>
  : Text;

/** The table of the keys that a text lists. */
export function keyTable<Text extends string>(text: Text): Readonly<Record<WordsIn<Text>, null>> {
  const entries = text.split(' ').map((key) => [key, null]);
  return Object.fromEntries(entries) as Record<WordsIn<Text>, null>;
}

/** How keys that are wrong are reported. */
interface ClosedRules {
  /** The code of the error. Default `bad_option`. */
  readonly code?: string;
  /** Whether the functions under the keys answer at once, but for these. Default: no matter. */
  readonly mayWait?: readonly string[];
}

const NO_RULES: ClosedRules = {};

/**
 * Refuses options that are no object, and a key that is none of the options.
 * @param owner what takes them, as in `createRunner()`
 * @throws UsageError
 */
export function checkOptions(
  owner: string,
  options: unknown,
  keys: KeyTable,
  rules: ClosedRules = NO_RULES,
): asserts options is object {
  // `handle()` takes options with each message: right ones make no closure.
  if (rules.mayWait === undefined && isKeyed(options) && hasPlainKeys(options, keys)) return;
  checkEach(owner, options, keys, rules);
}

function checkEach(owner: string, options: unknown, keys: KeyTable, rules: ClosedRules): void {
  const { code = 'bad_option', mayWait } = rules;
  const fail = (problem: string): never => {
    throw new UsageError(code, owner + problem);
  };
  if (!isKeyed(options)) return fail(` takes an object of options; it got ${kindOf(options)}.`);
  const walk = (given: object, table: KeyTable, path: string): void => {
    for (const [key, value] of Object.entries(given)) {
      const inner = Object.hasOwn(table, key) ? table[key] : table['*'];
      if (inner === undefined) fail(`: ${unknownName(key, Object.keys(table), 'an option', path)}`);
      if (mayWait?.includes(key) === false && isAsync(value)) {
        fail(`: '${path}${key}' is an async function. ${NO_WAITING}`);
      }
      if (inner === null) continue;
      const each = Array.isArray(value) ? (value as readonly unknown[]) : [value];
      for (const item of each) if (isKeyed(item)) walk(item, inner as KeyTable, `${path}${key}.`);
    }
  };
  walk(options, keys, '');
}

function hasPlainKeys(options: object, keys: KeyTable): boolean {
  for (const key in options) if (keys[key] !== null) return false;
  return true;
}

/** What to do in place of a promise in a step. */
export const NO_WAITING =
  'A step cannot wait for a promise; invoke a service, and decide by its result.';

/**
 * A sentence about a name that is not in a closed set, with the name that was probably meant.
 * @param what as in `an option`, `a key of a state`
 */
export function unknownName(
  given: string,
  known: readonly string[],
  what: string,
  path = '',
): string {
  const meant = didYouMean(given, known, path);
  return `'${path}${given}' is not ${what}${meant === '' ? `; expected one of ${known.join(', ')}.` : meant}`;
}

/** `; did you mean 'entry'?`, or nothing where no name is near. */
export function didYouMean(given: string, known: Iterable<string>, path = ''): string {
  const near = nearest(given, known);
  return near === undefined ? '' : `; did you mean '${path}${near}'?`;
}

/** The name that a misspelt one is probably meant to be. */
export function nearest(given: string, known: Iterable<string>): string | undefined {
  const wanted = given.toLowerCase();
  // One slip in a short name, and another for each four letters.
  let least = Math.min(1 + Math.floor(given.length / 4), 3, given.length - 1) + 1;
  let found: string | undefined;
  for (const name of known) {
    const slips = slipsBetween(wanted, name.toLowerCase());
    if (slips >= least) continue;
    least = slips;
    found = name;
  }
  return found;
}

/** The number of letters to add, leave out, replace or swap with the next one. */
function slipsBetween(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const at = (from: readonly number[], index: number): number => from[index] ?? Infinity;
      const replaced = at(row, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(at(row, j) + 1, at(next, j - 1) + 1, replaced);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, at(before, j - 2) + 1);
      }
      next.push(least);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}

/** What kind of value came, for an error that must not show it. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Whether a value is an object that may hold options: no list, no function. */
export function isKeyed(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a function returns a promise, as far as can be seen without a call. */
export function isAsync(value: unknown): boolean {
  return (
    typeof value === 'function' &&
    Object.prototype.toString.call(value) === '[object AsyncFunction]'
  );
}
