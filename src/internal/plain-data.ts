import { utf8Size } from './utf8-size.ts';

/** A dictionary of plain data: what a context holds. */
export type Data = Record<string, unknown>;

/** Whether it is a plain object: no array, no instance of a class, and not the `arguments` of a function. */
export function isDictionary(value: object): value is Data {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return (value as Partial<Iterable<unknown>>)[Symbol.iterator] === undefined;
}

/** Whether it is an instance of this class itself. A copy of one of a class that extends it would lose what that adds. */
export function isExactly<T extends object>(value: object, prototype: T): value is T {
  return Object.getPrototypeOf(value) === prototype;
}

/** What is not plain in data, and where. The caller words the error. */
export interface Oddity {
  /** `list[0].name` */
  readonly path: string;
  /** A value of a wrong type, an instance of a class, a `__proto__` key, or nesting over the limit. */
  readonly is: 'value' | 'instance' | 'prototype' | 'deep';
  /** The type of the value, or the name of the class; otherwise empty. */
  readonly name: string;
}

export interface PlainRules {
  readonly maxDepth: number;
  /** Whether only the values of JSON are plain. Default: also `Date`, `Map`, `Set`, `bigint`, undefined and any number. */
  readonly isJson?: boolean;
}

/** The first oddity in a value. A cycle looks like nesting over the limit. */
export function findOddity(
  value: unknown,
  rules: PlainRules,
  path = '',
  depth = 0,
): Oddity | undefined {
  if (typeof value !== 'object' || value === null) {
    return isPlainValue(value, rules) ? undefined : { path, is: 'value', name: typeof value };
  }
  if (depth > rules.maxDepth) {
    return { path: path.length > 200 ? `${path.slice(0, 200)}…` : path, is: 'deep', name: '' };
  }
  const parts = partsOf(value, rules, path);
  if (parts === undefined) {
    const name: unknown = value.constructor?.name;
    return { path, is: 'instance', name: typeof name === 'string' ? name : '' };
  }
  for (const [inner, item] of parts) {
    const oddity = findOddity(item, rules, inner, depth + 1);
    if (oddity !== undefined) return oddity;
  }
  const reachesPrototype = isDictionary(value) && Object.hasOwn(value, '__proto__');
  return reachesPrototype ? { path, is: 'prototype', name: '' } : undefined;
}

function isPlainValue(value: unknown, { isJson }: PlainRules): boolean {
  const type = typeof value;
  if (!isJson) return type !== 'function' && type !== 'symbol';
  if (type === 'number') return Number.isFinite(value);
  return value === null || type === 'string' || type === 'boolean';
}

/** A key as an error shows it: one that is no name of a program may be what a user said. */
function shownKey(key: string): string {
  return /^[A-Za-z_$][\w$-]{0,31}$/u.test(key) ? key : '<key>';
}

/** The parts of an object, each with its path; undefined for an instance of a class. */
function partsOf(
  value: object,
  { isJson }: PlainRules,
  path: string,
): (readonly [path: string, item: unknown])[] | undefined {
  if (Array.isArray(value)) {
    if (!isExactly(value, Array.prototype)) return undefined;
    return Array.from(value as unknown[], (item, index) => [`${path}[${index}]`, item]);
  }
  if (isDictionary(value)) {
    return Object.entries(value)
      .filter(([, item]) => !isJson || item !== undefined)
      .map(([key, item]) => [path === '' ? shownKey(key) : `${path}.${shownKey(key)}`, item]);
  }
  if (isJson) return undefined;
  if (isExactly(value, Date.prototype)) return [];
  if (isExactly(value, Set.prototype)) return Array.from(value, (item) => [`${path}<item>`, item]);
  if (!isExactly(value, Map.prototype)) return undefined;
  return [...value].flatMap(([key, item]) => [
    [`${path}<key>`, key],
    [`${path}<value>`, item],
  ]);
}

/** What plain data is, for errors. */
export const PLAIN_DATA =
  'plain data (strings, numbers, booleans, null, undefined, bigint, arrays, objects, Date, Map, Set)';

/** What was found in the place of plain data, for errors. */
export function oddityText(oddity: Oddity | undefined, { maxDepth }: PlainRules): string {
  // A getter may give another value at the second look.
  if (oddity === undefined) return 'something else';
  switch (oddity.is) {
    case 'prototype':
      return 'the key `__proto__`';
    case 'deep':
      return `nesting of over ${maxDepth} levels, which a cycle also looks like`;
    default:
      return oddity.name === '' ? 'an object of a class' : `a ${oddity.name}`;
  }
}

/** The bytes that a dictionary takes as JSON in UTF-8; a `Map` and a `Set` count as lists. */
export function jsonSize(data: object): number {
  return utf8Size(
    JSON.stringify(data, (_key, value: unknown) => {
      if (typeof value === 'bigint') return value.toString();
      return value instanceof Map || value instanceof Set ? [...value] : value;
    }),
  );
}

/** For a copy of data that the program did not make: the deepest nesting, and the error for an oddity. */
interface CloneRules extends PlainRules {
  readonly refuse: (is: Oddity['is'], name: string) => Error;
}

/**
 * A deep copy that the caller may change. Instances of classes become what `structuredClone` makes of them.
 * @param rules absent: a `__proto__` key is left out, and functions stay, as in a draft that can never be committed
 * @throws what `rules.refuse` gives
 */
export function clone<T>(value: T, rules?: CloneRules, depth = 0): T {
  if (typeof value !== 'object' || value === null) {
    if (rules === undefined || isPlainValue(value, rules)) return value;
    throw rules.refuse('value', typeof value);
  }
  if (rules !== undefined && depth > rules.maxDepth) throw rules.refuse('deep', '');
  if (Array.isArray(value)) return value.map((item) => clone<unknown>(item, rules, depth + 1)) as T;
  if (!isDictionary(value)) return cloneInstance(value, rules, depth) as T;
  const copy: Data = {};
  for (const key in value) {
    if (key !== '__proto__') copy[key] = clone((value as Data)[key], rules, depth + 1);
    else if (rules !== undefined) throw rules.refuse('prototype', '');
  }
  return copy as T;
}

function cloneInstance(value: object, rules: CloneRules | undefined, depth: number): object {
  if (rules === undefined) return structuredClone(value);
  let copy: object;
  try {
    copy = structuredClone(value);
  } catch {
    throw rules.refuse('instance', '');
  }
  const cloneItem = (item: unknown): unknown => clone(item, rules, depth + 1);
  if (copy instanceof Set) return new Set([...copy].map(cloneItem));
  if (copy instanceof Map) {
    return new Map([...copy].map(([key, item]) => [cloneItem(key), cloneItem(item)]));
  }
  // An instance of a class has become a plain object.
  return isDictionary(copy) ? clone(copy, rules, depth) : copy;
}
