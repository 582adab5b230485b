import { jsonCodec } from 'colloquy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainValue } from './arbitrary.ts';
import { isSame } from './same.ts';

const roundTrip = (value: unknown): unknown => jsonCodec.decode(jsonCodec.encode(value));

describe('the JSON codec', () => {
  it.each<[what: string, value: unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['NaN', Number.NaN],
    ['the infinities', [Infinity, -Infinity]],
    ['minus zero', -0],
    ['a bigint', -(2n ** 80n)],
    ['a date', new Date(0)],
    ['an invalid date', new Date(Number.NaN)],
    [
      'a map with any keys',
      new Map<unknown, unknown>([
        [{ a: 1 }, new Set([1n])],
        [undefined, -0],
      ]),
    ],
    ['an empty map and set', [new Map(), new Set()]],
    ['a list with undefined in it', [undefined, 1]],
    ['the key `$`', { $: 1 }],
    ['the key `$` within itself', { $: { $: ['date', 0], x: undefined } }],
    ['what looks like a tag', { $: ['object', { $: ['nonsense'] }] }],
    ['lone surrogates', { '\ud800': '\udfff' }],
    ['names of Object.prototype', { constructor: 1, toString: 2, hasOwnProperty: 3, toJSON: 4 }],
  ])('round-trips %s', (_what, value) => {
    expect(roundTrip(value)).toStrictEqual(value);
  });

  it('returns the holes of a list as undefined', () => {
    // oxlint-disable-next-line eslint/no-sparse-arrays -- the test is about holes
    expect(roundTrip([1, , [, -0], new Map([[[,], 2]])])).toStrictEqual([
      1,
      undefined,
      [undefined, -0],
      new Map([[[undefined], 2]]),
    ]);
  });

  it('keeps the rest of a dictionary or list in which one value is special, and does not change the original', () => {
    const value = { a: 1, b: { c: [1, undefined, { d: 2n }], e: 'x' }, $: Number.NaN, z: null };
    const before = structuredClone(value);
    expect(roundTrip(value)).toStrictEqual(before);
    expect(value).toStrictEqual(before);
  });

  it('round-trips any plain value, through text', () => {
    fc.assert(
      fc.property(plainValue, (value) => {
        expect(isSame(roundTrip(value), value)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps plain JSON as it is', () => {
    const value = { a: [1, 'x', null, true, { b: {} }] };
    expect(jsonCodec.encode(value)).toBe(JSON.stringify(value));
  });

  it('drops `__proto__` keys when it decodes, so that they change no prototype', () => {
    const value = jsonCodec.decode('{"a":{"__proto__":{"admin":true}},"__proto__":{"admin":true}}');
    expect(value).toStrictEqual({ a: {} });
  });

  it('drops them even if an escape spells them, and reads a tag that an escape spells', () => {
    expect(jsonCodec.decode('{"a":{"__pr\\u006fto__":{"admin":true}}}')).toStrictEqual({ a: {} });
    expect(jsonCodec.decode('{"\\u0024":["bigint","1"]}')).toBe(1n);
  });

  const cycle: { again?: unknown } = {};
  cycle.again = { cycle };
  class Person {
    name = 'Ann';
  }
  it.each<[what: string, value: unknown, path: string, found: string]>([
    ['a function', { a: [{ b: () => 1 }] }, 'a[0].b', 'a function'],
    ['a symbol', { a: Symbol('secret') }, 'a', 'a symbol'],
    ['an instance of a class', { list: [1, new Person()] }, 'list[1]', 'a Person'],
    ['an error', { a: new Map([['k', new Error('secret')]]) }, 'a<value>', 'a Error'],
    ['what is in a set', { a: new Set([Symbol('secret')]) }, 'a<item>', 'a symbol'],
    ['what is a key of a map', new Map([[() => 1, 1]]), '<key>', 'a function'],
    ['a promise', { a: Promise.resolve() }, 'a', 'a Promise'],
    ['bytes', { a: new Uint8Array(1) }, 'a', 'a Uint8Array'],
    ['toJSON', { a: { toJSON: () => 'x' } }, 'a.toJSON', 'a function'],
    ['an object made of another', { a: Object.create({ b: 1 }) as object }, 'a', 'a Object'],
    ['the key `__proto__`', { a: JSON.parse('{"__proto__":1}') as object }, 'a', '__proto__'],
    ['a cycle', cycle, 'again.cycle.again', 'a cycle'],
  ])('refuses %s, and says where', (_what, value, path, found) => {
    let thrown: unknown;
    try {
      jsonCodec.encode(value);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'not_plain' });
    const { message, details } = thrown as { message: string; details: { path: string } };
    expect(details.path.startsWith(path)).toBe(true);
    expect(message).toContain(found);
    expect(message).not.toContain('secret');
  });

  it('accepts the same object in two places, and hundreds of nested levels', () => {
    const shared = { a: 1 };
    expect(roundTrip([shared, shared])).toEqual([shared, shared]);
    let deep: unknown = new Map([[1, -0]]);
    for (let depth = 0; depth < 400; depth += 1) deep = new Map([[depth, new Set([deep])]]);
    expect(() => jsonCodec.encode(deep)).toThrow(expect.objectContaining({ code: 'not_plain' }));
    deep = [];
    for (let depth = 0; depth < 500; depth += 1) deep = { $: deep };
    expect(isSame(roundTrip(deep), deep)).toBe(true);
  });

  it('refuses a text that is nested too deep', () => {
    const deep = `${'['.repeat(100_000)}{"$":["undefined"]}${']'.repeat(100_000)}`;
    expect(() => jsonCodec.decode(deep)).toThrow(Error);
  });

  it.each([
    '{"$":1}',
    '{"$":["object",null]}',
    '{"$":["function","x"]}',
    '{"$":["bigint","x"]}',
    '{',
    '',
  ])('refuses %s', (text) => expect(() => jsonCodec.decode(text)).toThrow(Error));
});
