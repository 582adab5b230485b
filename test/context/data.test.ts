import { ColloquyError } from 'colloquy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Data, adopt, settle, sizeOf, thaw } from '../../src/internal/plain-data.ts';
import { plainData } from './arbitrary.ts';
import { isSame } from './same.ts';

const UNLIMITED = Number.POSITIVE_INFINITY;

class Person {
  readonly name = 'Ann';
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

describe('settling', () => {
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
    ['a cycle', cycle, 'a cycle'],
    ['nesting of 65 levels', nested(65), 'over 64 levels'],
    ['a `__proto__` key', JSON.parse('{"a":{"__proto__":{}}}') as Data, 'the key `__proto__`'],
  ])('refuses %s', (_what, data, found) => {
    expect(codeOf(() => settle(data, UNLIMITED))).toEqual([
      'context_not_plain',
      expect.stringContaining(found),
    ]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('takes nesting of 64 levels', () => {
    expect(settle(nested(64), UNLIMITED).data).toEqual(nested(64));
  });

  it('takes objects without a prototype', () => {
    const bare = Object.assign(Object.create(null) as object, { a: 1 });
    expect(settle({ bare }, UNLIMITED).data).toStrictEqual({ bare: { a: 1 } });
  });

  it('keeps an equal copy of any plain data, frozen but for what cannot be', () => {
    fc.assert(
      fc.property(plainData, (data) => {
        const settled = settle(data, UNLIMITED);
        expect(isSame(settled.data, data)).toBe(true);
        expect(isFrozenThrough(settled.data)).toBe(settled.shareable);
        expect(sharesNothing(settled.data, data)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps what it settled before as it is, and copies only what is new', () => {
    const first = settle({ old: { list: [{}] }, n: 1 }, UNLIMITED).data;
    const second = settle({ ...first, n: 2 }, UNLIMITED, first).data;
    expect(second['old']).toBe(first['old']);
    expect(settle(first, UNLIMITED, first).data).toBe(first);
  });

  it('copies what somebody else froze: a getter may still change it', () => {
    let n = 1;
    const theirs = Object.freeze({
      get n() {
        return n;
      },
    });
    const { data } = settle({ theirs }, UNLIMITED, settle({ theirs: 1 }, UNLIMITED).data);
    n = 2;
    expect(data).toEqual({ theirs: { n: 1 } });
  });

  it('copies the open parts of what is frozen on the outside only', () => {
    const inner = { n: 1 };
    const { data } = settle(
      { list: Object.freeze([inner]), dict: Object.freeze({ inner }) },
      UNLIMITED,
    );
    inner.n = 2;
    expect(data).toEqual({ list: [{ n: 1 }], dict: { inner: { n: 1 } } });
  });

  it('makes the holes of a list undefined, frozen or not', () => {
    const holes = (): unknown[] => Object.assign(new Array<unknown>(2), { 1: 1 });
    const { data } = settle({ open: holes(), frozen: Object.freeze(holes()) }, UNLIMITED);
    expect(data).toStrictEqual({ open: [undefined, 1], frozen: [undefined, 1] });
  });
});

describe('adopting', () => {
  it('keeps any plain data as settling does, its outside where it stands', () => {
    fc.assert(
      fc.property(plainData, (data) => {
        const made = { ...data };
        const adopted = adopt(made, UNLIMITED);
        expect(adopted.data).toBe(made);
        expect(isSame(adopted, settle(data, UNLIMITED))).toBe(true);
        expect(isFrozenThrough(adopted.data)).toBe(adopted.shareable);
        expect(sharesNothing(Object.values(adopted.data), Object.values(data))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps what stood in the base as it is', () => {
    const base = settle({ old: { list: [{}] }, n: 1 }, UNLIMITED).data;
    const { data } = adopt({ ...base, n: 2 }, UNLIMITED, base);
    expect(data['old']).toBe(base['old']);
    expect(adopt(base, UNLIMITED, base).data).toBe(base);
  });

  it('copies what it cannot change, and what JSON would not keep', () => {
    const frozen = Object.freeze({ list: [1] });
    const named = { [Symbol('x')]: 1, n: 1 };
    expect(adopt(frozen, UNLIMITED).data).toStrictEqual(frozen);
    expect(Object.isFrozen(frozen.list)).toBe(false);
    expect(Reflect.ownKeys(adopt(named, UNLIMITED).data)).toEqual(['n']);
  });

  it('refuses what is too big, as settling does', () => {
    expect(codeOf(() => adopt({ a: 'x'.repeat(100) }, 99))).toEqual(
      codeOf(() => settle({ a: 'x'.repeat(100) }, 99)),
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
    expect(sizeOf(fill(limit, unit))).toBe(limit);
    expect(settle(fill(limit, unit), limit).data).toBeDefined();
    expect(codeOf(() => settle(fill(limit + 1, unit), limit))).toEqual([
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
    const size = sizeOf(data);
    expect(size).toBeGreaterThan(limit);
    expect(codeOf(() => settle(data, limit))).toEqual([
      'context_too_big',
      expect.stringContaining(`${size} bytes`),
    ]);
  });

  it('is never passed unseen', () => {
    fc.assert(
      fc.property(plainData, fc.nat({ max: 300 }), (data, max) => {
        const size = sizeOf(data);
        const refused = codeOf(() => settle(data, max)) !== undefined;
        expect(refused).toBe(size > max);
      }),
      { numRuns: 300 },
    );
  });
});

describe('thawing', () => {
  it('gives an equal copy that shares nothing and may be changed', () => {
    fc.assert(
      fc.property(plainData, (data) => {
        const kept = settle(data, UNLIMITED).data;
        const copy = thaw(kept);
        expect(isSame(copy, data)).toBe(true);
        expect(sharesNothing(copy, kept)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

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
