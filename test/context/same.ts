import { isDeepStrictEqual } from 'node:util';

/**
 * Whether two values of plain data are the same. Node.js compares dates by their times, and the time of an invalid date
 * equals no other.
 */
export function isSame(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(withoutInvalidDates(a), withoutInvalidDates(b));
}

const INVALID_DATE = 'an invalid date';

function withoutInvalidDates(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? { [INVALID_DATE]: true } : value;
  if (Array.isArray(value)) return value.map(withoutInvalidDates);
  if (value instanceof Set) return new Set([...value].map(withoutInvalidDates));
  if (value instanceof Map) {
    return new Map(
      [...value].map(([key, item]) => [key, item].map(withoutInvalidDates) as [unknown, unknown]),
    );
  }
  const copy = Object.create(Object.getPrototypeOf(value) as object | null) as object;
  for (const [key, item] of Object.entries(value)) {
    Object.defineProperty(copy, key, { value: withoutInvalidDates(item), enumerable: true });
  }
  return copy;
}
