import { ColloquyError } from '../errors.ts';
import { isDictionary } from './plain.ts';

/** A dictionary of plain data: what a context holds. */
export type Data = Record<string, unknown>;

/** What committing a dictionary found out about it. */
export interface Settled {
  /** The dictionary to keep: frozen through and through, and aliased by nobody outside. */
  readonly data: Data;
  /**
   * Whether all of it is frozen. A `Date`, `Map` or `Set` cannot be, so a dictionary that holds one is handed out as a
   * copy, every time.
   */
  readonly shareable: boolean;
}

const MAX_DEPTH = 64;

// A walk fills these; a result object for every node of every context would cost more than the walk.
let bytes = 0;
let shareable = true;
/** Whether JSON has words for all of it. */
let isJson = true;
/** What is frozen where it stands. */
let adopted: Data | undefined;

/**
 * Makes `data` fit to be kept: a copy, frozen through and through, so that nobody outside holds a reference into a
 * committed record. What stands in `base` at the same place was committed before, and is taken as it is.
 *
 * @param maxBytes the most that the dictionary may take as JSON in UTF-8
 * @param base what `data` was made from: settled itself, and shareable
 * @throws ColloquyError `context_not_plain` for functions, symbols, class instances, a `__proto__` key, and nesting of
 *   over 64 levels, which is what a cycle looks like; `context_too_big` over `maxBytes`.
 */
export function settle(data: Data, maxBytes: number, base?: Data): Settled {
  adopted = undefined;
  return walk(data, maxBytes, base);
}

/**
 * The same for a dictionary that was made to be kept, of nothing but plain properties: its outside is frozen where it
 * stands. V8 copies what has many keys one key at a time, which for a thousand of them takes longer than the rest of a
 * turn.
 * @throws ColloquyError as `settle` does; then it may be frozen in part
 */
export function adopt(data: Data, maxBytes: number, base?: Data): Settled {
  const isOwn = Object.isExtensible(data) && Object.getOwnPropertySymbols(data).length === 0;
  adopted = isOwn ? data : undefined;
  const settled = walk(data, maxBytes, base);
  adopted = undefined;
  return settled;
}

function walk(data: Data, maxBytes: number, base: Data | undefined): Settled {
  bytes = 0;
  shareable = true;
  isJson = true;
  const settled = settleValue(data, base, '', 0) as Data;
  // Three bytes a character and no escapes is no more than a first guess; only near the limit is it worth counting.
  if (bytes * 2 > maxBytes) {
    const size = isJson ? Buffer.byteLength(JSON.stringify(settled)) : sizeOf(settled);
    if (size > maxBytes) {
      throw new ColloquyError(
        'context_too_big',
        `The context would take ${size} bytes as JSON, over the limit of ${maxBytes}. Keep references in it rather than documents, or raise the limit.`,
        { details: { size, limit: maxBytes } },
      );
    }
  }
  return { data: settled, shareable };
}

/** The bytes that a dictionary takes as JSON in UTF-8, with a `Map` and a `Set` counted as lists. */
export function sizeOf(data: Data): number {
  return Buffer.byteLength(
    JSON.stringify(data, (_key, value: unknown) => {
      if (typeof value === 'bigint') return value.toString();
      return value instanceof Map || value instanceof Set ? [...value] : value;
    }),
  );
}

/** A deep copy that the caller may change. */
export function thaw<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(thaw) as T;
  if (!isDictionary(value)) return structuredClone(value);
  const copy: Data = {};
  for (const key in value) {
    // A draft may hold what could never be committed; its copy is to have no prototype of the user's making.
    if (key !== '__proto__') copy[key] = thaw((value as Data)[key]);
  }
  return copy as T;
}

function settleValue(value: unknown, base: unknown, path: string, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      bytes += value.length * 3 + 2;
      return value;
    case 'number':
      bytes += 24;
      return value;
    case 'bigint':
      bytes += value.toString().length;
      isJson = false;
      return value;
    case 'boolean':
    case 'undefined':
      bytes += 9;
      return value;
    case 'object':
      if (value === null) {
        bytes += 4;
        return null;
      }
      return settleObject(value, base, path, depth);
    default:
      throw notPlain(path, `a ${typeof value}`);
  }
}

function settleObject(value: object, base: unknown, path: string, depth: number): object {
  if (depth > MAX_DEPTH) {
    throw notPlain(path, `nesting of over ${MAX_DEPTH} levels, which a cycle also looks like`);
  }
  bytes += 2;
  if (Array.isArray(value)) return settleArray(value, base, path, depth);
  if (isDictionary(value)) return settleDictionary(value as Data, base, path, depth);
  shareable = false;
  if (value instanceof Date) {
    bytes += 24;
    return new Date(value.getTime());
  }
  isJson = false;
  if (value instanceof Map) {
    const copy = new Map<unknown, unknown>();
    for (const [key, item] of value) {
      copy.set(
        settleValue(key, undefined, `${path}<key>`, depth + 1),
        settleValue(item, undefined, `${path}<value>`, depth + 1),
      );
    }
    return copy;
  }
  if (value instanceof Set) {
    const copy = new Set<unknown>();
    for (const item of value) copy.add(settleValue(item, undefined, `${path}<item>`, depth + 1));
    return copy;
  }
  const name: unknown = value.constructor?.name;
  throw notPlain(
    path,
    typeof name === 'string' && name !== '' ? `a ${name}` : 'an object of a class',
  );
}

function settleArray(
  value: readonly unknown[],
  base: unknown,
  path: string,
  depth: number,
): readonly unknown[] {
  const copy = value === base ? undefined : new Array<unknown>(value.length);
  const before = Array.isArray(base) ? (base as readonly unknown[]) : NOTHING;
  for (let index = 0; index < value.length; index += 1) {
    const item = value[index];
    const kept =
      typeof item === 'object'
        ? settleValue(item, before[index], `${path}[${index}]`, depth + 1)
        : settleValue(item, undefined, path, depth);
    if (copy !== undefined) copy[index] = kept;
  }
  return copy === undefined ? value : Object.freeze(copy);
}

function settleDictionary(value: Data, base: unknown, path: string, depth: number): Data {
  const isAdopted = value === adopted;
  let copy: Data | undefined;
  if (value !== base) copy = isAdopted ? value : {};
  const before = typeof base === 'object' && base !== null ? (base as Data) : NOTHING_NAMED;
  for (const key in value) {
    if (key === '__proto__') throw notPlain(path, 'the key `__proto__`');
    const item = value[key];
    // Most are a text or a number, which need neither a path nor what stood there.
    const kept =
      typeof item === 'string' || typeof item === 'number'
        ? settleValue(item, undefined, path, depth)
        : settleValue(item, before[key], path === '' ? key : `${path}.${key}`, depth + 1);
    bytes += key.length * 3 + 4;
    if (copy !== undefined && (!isAdopted || kept !== item)) copy[key] = kept;
  }
  return copy === undefined ? value : Object.freeze(copy);
}

const NOTHING: readonly unknown[] = [];
const NOTHING_NAMED: Data = {};

function notPlain(path: string, found: string): ColloquyError {
  return new ColloquyError(
    'context_not_plain',
    `A context holds plain data (strings, numbers, booleans, null, undefined, bigint, arrays, objects, Date, Map, Set); at '${path}' it held ${found}.`,
    { details: { path } },
  );
}
