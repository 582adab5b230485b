import { ColloquyError } from 'colloquy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Data, clone, jsonSize } from '../../src/internal/plain-data.ts';
import { freezeCopy, freezeInPlace } from '../../src/internal/frozen-copy.ts';
import { plainData } from '../context/arbitrary.ts';
import { isSame } from '../context/same.ts';

const UNLIMITED = Number.POSITIVE_INFINITY;

class Person {
  readonly name = 'Ann';
}

function argumentsOf(..._all: unknown[]): unknown {
  return arguments;
}

function nested(levels: number): Data {
  let value: Data = {};
  for (let level = 0; level < levels; level += 1) value = { a: value };
  return value;
}

function codeOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return ColloquyError.is(error) ? [error.code, error.message] : error;
  }
  return undefined;
}

const cycle: Data = {};
cycle['self'] = [cycle];

describe('a frozen copy', () => {
  it.each<[what: string, data: Data, found: string]>([
    ['a function', { a: { f: () => 1 } }, "at 'a.f' it held a function"],
    ['a symbol', { a: Symbol('x') }, "at 'a' it held a symbol"],
    ['an instance of a class', { a: [new Person()] }, "at 'a[0]' it held a Person"],
    ['an instance in a map', { a: new Map([[1, new Person()]]) }, 'it held a Person'],
    ['a function in a set', { a: new Set([() => 1]) }, 'it held a function'],
    ['a regular expression', { a: /x/ }, 'it held a RegExp'],
    ['a promise', { a: Promise.resolve() }, 'it held a Promise'],
    ['bytes', { a: new Uint8Array(1) }, 'it held a Uint8Array'],
    ['an object of no class', { a: Object.create(Object.create(null) as object) }, 'of a class'],
    ['a list of a class', { a: new (class Cart extends Array {})() }, "at 'a' it held a Cart"],
    ['a map of a class', { a: [new (class Menu extends Map {})()] }, "at 'a[0]' it held a Menu"],
    ['a set of a class', { a: new (class Tags extends Set {})() }, "at 'a' it held a Tags"],
    ['a date of a class', { a: new (class Day extends Date {})() }, "at 'a' it held a Day"],
    ['the arguments of a function', { a: argumentsOf(1) }, "at 'a' it held a"],
    ['a cycle', cycle, 'a cycle'],
    ['nesting of 65 levels', nested(65), 'over 64 levels'],
    ['it under a key that a user said', { by: { 'my PIN is 1234': /x/ } }, "at 'by.<key>' it"],
    ['it under a key in Chinese', { by: { 张三: /x/ } }, "at 'by.<key>' it"],
    ['it under a number', { by: { 1234: /x/ } }, "at 'by.<key>' it"],
    ['a `__proto__` key', JSON.parse('{"a":{"__proto__":{}}}') as Data, 'the key `__proto__`'],
  ])('refuses %s', (_what, data, found) => {
    expect(codeOf(() => freezeCopy(data, UNLIMITED))).toEqual([
      'context_not_plain',
      expect.stringContaining(found),
    ]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('takes nesting of 64 levels', () => {
    expect(freezeCopy(nested(64), UNLIMITED).data).toEqual(nested(64));
  });

  it('takes objects without a prototype', () => {
    const bare = Object.assign(Object.create(null) as object, { a: 1 });
    expect(freezeCopy({ bare }, UNLIMITED).data).toStrictEqual({ bare: { a: 1 } });
  });

  it('is equal to any plain data, and frozen but for dates, maps and sets', () => {
    fc.assert(
      fc.property(plainData, (data) => {
        const settled = freezeCopy(data, UNLIMITED);
        expect(isSame(settled.data, data)).toBe(true);
        expect(isFrozenThrough(settled.data)).toBe(settled.shareable);
        expect(sharesNothing(settled.data, data)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('shares what the base has frozen, and copies only what is new', () => {
    const first = freezeCopy({ old: { list: [{}] }, n: 1 }, UNLIMITED).data;
    const second = freezeCopy({ ...first, n: 2 }, UNLIMITED, first).data;
    expect(second['old']).toBe(first['old']);
    expect(freezeCopy(first, UNLIMITED, first).data).toBe(first);
  });

  it('copies what the program froze: a getter may still change it', () => {
    let n = 1;
    const theirs = Object.freeze({
      get n() {
        return n;
      },
    });
    const { data } = freezeCopy({ theirs }, UNLIMITED, freezeCopy({ theirs: 1 }, UNLIMITED).data);
    n = 2;
    expect(data).toEqual({ theirs: { n: 1 } });
  });

  it('copies the open parts of what is frozen on the outside only', () => {
    const inner = { n: 1 };
    const { data } = freezeCopy(
      { list: Object.freeze([inner]), dict: Object.freeze({ inner }) },
      UNLIMITED,
    );
    inner.n = 2;
    expect(data).toEqual({ list: [{ n: 1 }], dict: { inner: { n: 1 } } });
  });

  it('makes the holes of a list undefined, frozen or not', () => {
    const holes = (): unknown[] => Object.assign(new Array<unknown>(2), { 1: 1 });
    const { data } = freezeCopy({ open: holes(), frozen: Object.freeze(holes()) }, UNLIMITED);
    expect(data).toStrictEqual({ open: [undefined, 1], frozen: [undefined, 1] });
  });
});

describe('a dictionary frozen in place', () => {
  it('is equal to a frozen copy of any plain data, and is the dictionary itself', () => {
    fc.assert(
      fc.property(plainData, (data) => {
        const made = { ...data };
        const adopted = freezeInPlace(made, UNLIMITED);
        expect(adopted.data).toBe(made);
        expect(isSame(adopted, freezeCopy(data, UNLIMITED))).toBe(true);
        expect(isFrozenThrough(adopted.data)).toBe(adopted.shareable);
        expect(sharesNothing(Object.values(adopted.data), Object.values(data))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('shares what the base has frozen', () => {
    const base = freezeCopy({ old: { list: [{}] }, n: 1 }, UNLIMITED).data;
    const { data } = freezeInPlace({ ...base, n: 2 }, UNLIMITED, base);
    expect(data['old']).toBe(base['old']);
    expect(freezeInPlace(base, UNLIMITED, base).data).toBe(base);
  });

  it('copies what it cannot change, and what JSON would not keep', () => {
    const frozen = Object.freeze({ list: [1] });
    const named = { [Symbol('x')]: 1, n: 1 };
    expect(freezeInPlace(frozen, UNLIMITED).data).toStrictEqual(frozen);
    expect(Object.isFrozen(frozen.list)).toBe(false);
    expect(Reflect.ownKeys(freezeInPlace(named, UNLIMITED).data)).toEqual(['n']);
  });

  it('is refused where a frozen copy would be too big', () => {
    expect(codeOf(() => freezeInPlace({ a: 'x'.repeat(100) }, 99))).toEqual(
      codeOf(() => freezeCopy({ a: 'x'.repeat(100) }, 99)),
    );
  });
});

describe('the limit', () => {
  const limit = 65_536;
  const fill = (size: number, unit: string): Data => {
    const rest = size - Buffer.byteLength(JSON.stringify({ a: '' }));
    const width = Buffer.byteLength(JSON.stringify(unit)) - 2;
    return { a: unit.repeat(Math.floor(rest / width)) + 'x'.repeat(rest % width) };
  };

  it.each([
    ['letters', 'x'],
    ['Chinese', '汉'],
    ['emoji', '😀'],
    ['control characters', '\u0001'],
    ['lone surrogates', '\ud800'],
    ['quotes', '"'],
  ])('lets through %s of exactly that size and not a byte more', (_what, unit) => {
    expect(jsonSize(fill(limit, unit))).toBe(limit);
    expect(freezeCopy(fill(limit, unit), limit).data).toBeDefined();
    expect(codeOf(() => freezeCopy(fill(limit + 1, unit), limit))).toEqual([
      'context_too_big',
      expect.stringMatching(/\b65537 bytes.*limit of 65536\b/),
    ]);
  });

  it.each<[what: string, data: Data]>([
    ['many small numbers', { list: Array.from({ length: 40_000 }, () => 1) }],
    ['long numbers', { list: Array.from({ length: 4000 }, () => -1 / 3e200) }],
    ['one huge bigint', { n: 10n ** 70_000n }],
    ['many keys', Object.fromEntries(Array.from({ length: 8000 }, (_, n) => [`k${n}`, null]))],
    ['keys of control characters', { ['\u0001'.repeat(11_000)]: 1 }],
    ['a map', { map: new Map(Array.from({ length: 8000 }, (_, n) => [n, n])) }],
    ['a set', { set: new Set(Array.from({ length: 15_000 }, (_, n) => n)) }],
    ['empty lists', { list: Array.from({ length: 30_000 }, () => []) }],
    ['undefined in a list', { list: Array.from({ length: 20_000 }, () => undefined) }],
    ['dates', { list: Array.from({ length: 3000 }, () => new Date(0)) }],
    ['booleans', { list: Array.from({ length: 20_000 }, () => false) }],
  ])('holds for %s', (_what, data) => {
    const size = jsonSize(data);
    expect(size).toBeGreaterThan(limit);
    expect(codeOf(() => freezeCopy(data, limit))).toEqual([
      'context_too_big',
      expect.stringContaining(`${size} bytes`),
    ]);
  });

  it.each<[what: string, make: () => object]>([
    ['a sparse list of ten million', () => ({ list: sparse(1e7) })],
    ['a sparse list of four thousand million', () => ({ list: sparse(2 ** 32 - 2) })],
    ['a million keys', () => Object.fromEntries(Array.from({ length: 1e6 }, (_, n) => [n, n]))],
    ['references to the same lists, thirty levels of two', () => ({ tree: doubled(30) })],
    ['a set of a million', () => ({ set: new Set(Array.from({ length: 1e6 }, (_, n) => n)) })],
  ])('is found out about %s without a walk through all of it', (_what, make) => {
    const data = make();
    let visits = 0;
    const watched = new Proxy(data, {
      get(target, key) {
        visits += 1;
        return Reflect.get(target, key) as unknown;
      },
    });
    expect(codeOf(() => freezeCopy(watched as Data, limit))).toEqual([
      'context_too_big',
      expect.stringContaining(`over the limit of ${limit}`),
    ]);
    expect(visits).toBeLessThan(24 * limit);
  });

  it('does not count what JSON leaves out', () => {
    const keys = Array.from({ length: 50_000 }, (_, n) => [`key${n}`, undefined]);
    const data = { inner: Object.fromEntries(keys) as object };
    expect(codeOf(() => freezeCopy(data, limit))).toBeUndefined();
  });

  it('holds for any plain data', () => {
    fc.assert(
      fc.property(plainData, fc.nat({ max: 300 }), (data, max) => {
        const size = jsonSize(data);
        const refused = codeOf(() => freezeCopy(data, max)) !== undefined;
        expect(refused).toBe(size > max);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a clone', () => {
  it('is equal, shares nothing and may be changed', () => {
    fc.assert(
      fc.property(plainData, (data) => {
        const kept = freezeCopy(data, UNLIMITED).data;
        const copy = clone(kept);
        expect(isSame(copy, data)).toBe(true);
        expect(sharesNothing(copy, kept)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

function sparse(length: number): unknown[] {
  const list: unknown[] = [];
  list.length = length;
  return list;
}

/** Two references to the same value, at each level. */
function doubled(levels: number): unknown {
  let value: unknown = [];
  for (let level = 0; level < levels; level += 1) value = [value, value];
  return value;
}

function objectsIn(value: unknown, found = new Set<object>()): Set<object> {
  if (typeof value !== 'object' || value === null) return found;
  found.add(value);
  const items = value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : [];
  for (const item of [...items, ...Object.values(value)]) objectsIn(item, found);
  return found;
}

function isFrozenThrough(value: unknown): boolean {
  return [...objectsIn(value)].every(
    (object) =>
      Object.isFrozen(object) &&
      !(object instanceof Map || object instanceof Set || object instanceof Date),
  );
}

function sharesNothing(one: unknown, other: unknown): boolean {
  const others = objectsIn(other);
  return [...objectsIn(one)].every((object) => !others.has(object));
}
