import { ColloquyError } from '../../errors.ts';
import { PLAIN_DATA, findOddity, isDictionary, oddityText } from '../../internal/plain-data.ts';

const TAG = '$';
/** Far over what contexts may nest, and far under what the stack holds. */
const RULES = { maxDepth: 512 };

/**
 * JSON that also round-trips `Date`, `Map`, `Set`, `bigint`, `undefined`, `NaN`, the infinities and `-0`, at any depth
 * and in keys of a `Map`. They stand as `{"$": [kind, value]}`; an object of the user's own with the key `$` is wrapped
 * the same way. What is plain JSON already is written as it is. The hole of a sparse array comes back as `undefined`.
 *
 * `encode` throws ColloquyError `not_plain`, whose `details.path` says where: for a function, a symbol, an instance of a
 * class, a `__proto__` key, or nesting of over 512 levels, which is what a cycle looks like. `decode` throws errors
 * of any kind for a text that `encode` did not write. No text can set a prototype.
 */
export const jsonCodec: {
  /**
   * The text of a value.
   * @throws ColloquyError `not_plain`
   */
  encode(value: unknown): string;
  /**
   * The value of a text that `encode` wrote.
   * @throws an error of any kind for another text
   */
  decode(text: string): unknown;
} = {
  encode: (value) => JSON.stringify(pack(value, 0, value)),
  decode: (text) => {
    const value: unknown = JSON.parse(text);
    // An escape may spell any key. Most texts have none of these, and need no second look.
    return UNUSUAL.test(text) ? unpack(value, 0) : value;
  },
};

const UNUSUAL = /"\$"|__proto__|\\u/u;

/** The value with tags in place of what JSON lacks; itself where there is nothing to replace. */
function pack(value: unknown, depth: number, whole: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (Number.isFinite(value) && !Object.is(value, -0)) return value;
      return { [TAG]: ['number', Object.is(value, -0) ? '-0' : String(value)] };
    case 'undefined':
      return { [TAG]: ['undefined'] };
    case 'bigint':
      return { [TAG]: ['bigint', value.toString()] };
    case 'object':
      return value === null ? null : packObject(value, depth, whole);
    default:
      throw notPlain(whole);
  }
}

function packObject(value: object, depth: number, whole: unknown): unknown {
  if (depth > RULES.maxDepth) throw notPlain(whole);
  if (Array.isArray(value)) return packArray(value, depth, whole);
  if (isDictionary(value)) return packDictionary(value, depth, whole);
  if (value instanceof Date) return { [TAG]: ['date', pack(value.getTime(), depth, whole)] };
  if (value instanceof Set) return { [TAG]: ['set', packArray([...value], depth, whole)] };
  if (!(value instanceof Map)) throw notPlain(whole);
  const entries = [...value].map((entry) => packArray(entry, depth, whole));
  return { [TAG]: ['map', entries] };
}

function packArray(value: readonly unknown[], depth: number, whole: unknown): readonly unknown[] {
  let packed: unknown[] | undefined;
  // By index, for a walk over the items would pass over holes.
  for (let index = 0; index < value.length; index += 1) {
    const item = value[index];
    const kept = pack(item, depth + 1, whole);
    if (packed === undefined && kept !== item) packed = value.slice(0, index);
    if (packed !== undefined) packed[index] = kept;
  }
  return packed ?? value;
}

function packDictionary(
  value: Record<string, unknown>,
  depth: number,
  whole: unknown,
): Record<string, unknown> {
  let packed: Record<string, unknown> | undefined;
  for (const key in value) {
    if (key === '__proto__') throw notPlain(whole);
    const item = value[key];
    const kept = pack(item, depth + 1, whole);
    if (packed === undefined && kept !== item) packed = { ...value };
    if (packed !== undefined) packed[key] = kept;
  }
  return Object.hasOwn(value, TAG) ? { [TAG]: ['object', packed ?? value] } : (packed ?? value);
}

/** The value of a parsed text. No other code has the parsed value, so it is changed in place. */
function unpack(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > RULES.maxDepth * 4) throw new TypeError('nested too deep');
  if (Array.isArray(value)) return unpackArray(value, depth);
  if (!Object.hasOwn(value, TAG)) return unpackDictionary(value, depth);
  const tagged = (value as Record<string, unknown>)[TAG];
  const [kind, content] = Array.isArray(tagged) ? (tagged as unknown[]) : [];
  switch (kind) {
    case 'undefined':
      return undefined;
    case 'bigint':
      return BigInt(content as string);
    case 'number':
      return Number(content);
    case 'date':
      return new Date(unpack(content, depth + 1) as number);
    case 'map':
      return new Map(unpack(content, depth + 1) as [unknown, unknown][]);
    case 'set':
      return new Set(unpack(content, depth + 1) as unknown[]);
    case 'object':
      if (typeof content !== 'object' || content === null) throw new TypeError('no object');
      return unpackDictionary(content, depth);
    default:
      throw new TypeError('unknown tag');
  }
}

function unpackArray(value: unknown[], depth: number): unknown[] {
  for (let index = 0; index < value.length; index += 1) {
    const item = value[index];
    if (typeof item === 'object') value[index] = unpack(item, depth + 1);
  }
  return value;
}

function unpackDictionary(value: object, depth: number): Record<string, unknown> {
  const dictionary = value as Record<string, unknown>;
  // As JSON.parse makes it, `__proto__` is a key like any other; the next copy would make it a prototype.
  if (Object.hasOwn(dictionary, '__proto__')) Reflect.deleteProperty(dictionary, '__proto__');
  for (const key in dictionary) {
    const item = dictionary[key];
    if (typeof item === 'object') dictionary[key] = unpack(item, depth + 1);
  }
  return dictionary;
}

/** The place of the oddity is found by a second walk: paths would cost more than the packing. */
function notPlain(whole: unknown): ColloquyError {
  const oddity = findOddity(whole, RULES);
  const path = oddity?.path ?? '';
  return new ColloquyError(
    'not_plain',
    `What is stored is ${PLAIN_DATA}; at '${path}' there was ${oddityText(oddity, RULES)}.`,
    { details: { path } },
  );
}
