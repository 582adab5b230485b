import { type Oddity, type PlainRules, findOddity } from './plain-data.ts';

/**
 * Checks a value that comes from outside and returns what is kept of it: a copy, frozen through and through, with the
 * fields that the shape knows.
 * @param place where it stands, for the error: `articles[0].title`; '' is the whole
 * @throws ShapeError
 */
export type Shape<T> = (value: unknown, place?: string) => T;

/** Says what was expected and where. It never holds the value. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';

  constructor(expected: string, place: string) {
    super(place === '' ? expected : `${expected} at \`${place}\``);
  }
}

export const string: Shape<string> = (value, place = '') => {
  if (typeof value === 'string') return value;
  throw new ShapeError('a string', place);
};

/** A string that is not empty. */
export const name: Shape<string> = (value, place = '') => {
  if (typeof value === 'string' && value !== '') return value;
  throw new ShapeError('a non-empty string', place);
};

export function constant<const T extends string>(expected: T): Shape<T> {
  return (value, place = '') => {
    if (value === expected) return expected;
    throw new ShapeError(`'${expected}'`, place);
  };
}

/** A field that may be missing. */
export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return (value, place) => (value === undefined ? undefined : shape(value, place));
}

export function list<T>(shape: Shape<T>, max: number): Shape<readonly T[]> {
  return (value, place = '') => {
    if (Array.isArray(value) && value.length > 0 && value.length <= max) {
      const items = Array.from(value as readonly unknown[], (item, index) =>
        shape(item, `${place}[${index}]`),
      );
      return Object.freeze(items);
    }
    throw new ShapeError(`a list of 1 to ${max} items`, place);
  };
}

export function fields<T extends object>(shapes: {
  readonly [Key in keyof T]-?: Shape<T[Key]>;
}): Shape<Readonly<T>> {
  const entries = Object.entries(shapes) as [string, Shape<unknown>][];
  return (value, place = '') => {
    if (typeof value !== 'object' || value === null) throw new ShapeError('an object', place);
    const copy: Record<string, unknown> = {};
    for (const [key, shape] of entries) {
      const kept = shape(
        (value as Record<string, unknown>)[key],
        place === '' ? key : `${place}.${key}`,
      );
      if (kept !== undefined) copy[key] = kept;
    }
    return Object.freeze(copy) as T;
  };
}

/** The same shape, where `holds` of the copy. */
export function where<T>(shape: Shape<T>, holds: (copy: T) => boolean, expected: string): Shape<T> {
  return (value, place = '') => {
    const copy = shape(value, place);
    if (holds(copy)) return copy;
    throw new ShapeError(expected, place);
  };
}

const JSON_RULES: PlainRules = { maxDepth: 32, isJson: true };

/** What JSON can carry. A key whose value is undefined is left out, as JSON would. */
export const plain: Shape<unknown> = (value, place = '') => {
  const oddity = findOddity(value, JSON_RULES, place);
  if (oddity !== undefined) throw notJson(oddity);
  return JSON.parse(JSON.stringify(value), (_key, item: unknown) => Object.freeze(item)) as unknown;
};

function notJson({ is, name: type, path }: Oddity): ShapeError {
  if (is === 'deep') {
    const limit = `plain data of at most ${JSON_RULES.maxDepth} levels, and no cycle,`;
    // The whole path would be as long as the nesting is deep.
    return new ShapeError(limit, path.slice(0, path.search(/[.[]/)));
  }
  const found = {
    instance: 'not an instance of a class',
    prototype: 'without a `__proto__` key',
    value: `not a ${type === 'number' ? 'number that JSON does not have' : `value of type ${type}`}`,
  };
  return new ShapeError(`plain data, ${found[is]},`, path);
}
