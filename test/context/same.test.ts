import { describe, expect, it } from 'vitest';
import { isSame } from './same.ts';

describe('plain data is the same', () => {
  const invalid = () => new Date(Number.NaN);
  it.each<[string, unknown, unknown]>([
    ['with an invalid date', { at: invalid() }, { at: invalid() }],
    [
      'with one in a Map, a Set and a list',
      new Map([[invalid(), new Set([[invalid()]])]]),
      new Map([[invalid(), new Set([[invalid()]])]]),
    ],
    ['with NaN and -0', [Number.NaN, -0], [Number.NaN, -0]],
  ])('%s', (_what, a, b) => {
    expect(isSame(a, b)).toBe(true);
  });

  it.each<[string, unknown, unknown]>([
    ['an invalid date is not a valid one', invalid(), new Date(0)],
    ['an invalid date is not NaN', [invalid()], [Number.NaN]],
    [
      'two invalid dates in a Set are not one',
      new Set([invalid(), invalid()]),
      new Set([invalid()]),
    ],
    ['0 is not -0', { n: 0 }, { n: -0 }],
    ['a key that is undefined is not one that is missing', { a: undefined }, {}],
    ['a dictionary is not one without a prototype', {}, Object.create(null)],
  ])('but %s', (_what, a, b) => {
    expect(isSame(a, b)).toBe(false);
  });
});
