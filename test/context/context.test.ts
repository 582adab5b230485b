import { type Context, UsageError } from 'colloquy';
import { describe, expect, it } from 'vitest';
import { type Loose, createBench, put } from './support.ts';

const START: Loose = { step: 1, name: 'Ann', gone: undefined, none: null };

/** A draft of a record that holds START; the test has not used it yet. */
async function opened(): Promise<Context<Loose>> {
  const { store } = createBench();
  await put(store, 'ann', START);
  return store.open('ann');
}

const UNTOUCHED = { accessed: false, modified: false };
const READ = { accessed: true, modified: false };
const WRITTEN = { accessed: true, modified: true };

const flagsOf = ({ accessed, modified }: Context<Loose>): object => ({ accessed, modified });

describe('the flags of a context', () => {
  const cases: [what: string, act: (context: Context<Loose>) => unknown, flags: object][] = [
    ['nothing', () => undefined, UNTOUCHED],
    ['its openid', (context) => context.openid, UNTOUCHED],
    ['its revision', (context) => context.revision, UNTOUCHED],
    ['get of a present key', (context) => context.get('step'), READ],
    ['get of a missing key', (context) => context.get('x', 1), READ],
    ['has', (context) => context.has('x'), READ],
    ['keys', (context) => context.keys(), READ],
    ['values', (context) => context.values(), READ],
    ['entries', (context) => context.entries(), READ],
    ['size', (context) => context.size, READ],
    ['iteration', (context) => [...context], READ],
    ['toJSON', (context) => JSON.stringify(context), READ],
    ['set', (context) => context.set('x', 1), WRITTEN],
    ['set to the same value', (context) => context.set('step', 1), WRITTEN],
    ['delete of a present key', (context) => context.delete('step'), WRITTEN],
    ['delete of a missing key', (context) => context.delete('x'), READ],
    ['pop of a present key', (context) => context.pop('step'), WRITTEN],
    ['pop of a missing key', (context) => context.pop('x'), READ],
    ['pop of a missing key with a default', (context) => context.pop('x', 1), READ],
    ['setDefault of a missing key', (context) => context.setDefault('x', 1), WRITTEN],
    ['setDefault of a present key', (context) => context.setDefault('step', 9), READ],
    ['setDefault of a key that holds null', (context) => context.setDefault('none', 9), READ],
    ['update', (context) => context.update({ x: 1 }), WRITTEN],
    ['update with nothing', (context) => context.update({}), WRITTEN],
    ['clear', (context) => context.clear(), WRITTEN],
    ['setExpiry', (context) => context.setExpiry(10), WRITTEN],
    ['setExpiry(null) where none was set', (context) => context.setExpiry(null), READ],
    ['getExpiryAge', (context) => context.getExpiryAge(), READ],
    ['getExpiryDate', (context) => context.getExpiryDate(), READ],
    ['getExpiryAge of a setting given', (c) => c.getExpiryAge({ expiry: 5 }), UNTOUCHED],
  ];
  it.each(cases)('after %s', async (_what, act, flags) => {
    const context = await opened();
    act(context);
    expect(flagsOf(context)).toEqual(flags);
  });

  it('are both false for a new context', async () => {
    const { store } = createBench();
    expect(flagsOf(await store.open('new'))).toEqual(UNTOUCHED);
  });

  it('lose `modified` with a save and get it back with the next write', async () => {
    const context = await opened();
    await context.set('x', 1).save();
    expect(flagsOf(context)).toEqual(READ);
    expect(flagsOf(context.set('x', 2))).toEqual(WRITTEN);
  });

  it('keep `modified` if the save is refused', async () => {
    const { store } = createBench();
    const context = (await store.open('ann')).set('x', () => undefined);
    await expect(context.save()).rejects.toThrow();
    expect(context.modified).toBe(true);
  });

  it.each<[string, (context: Context<Loose>) => unknown]>([
    ['set', (context) => context.set('__proto__', 1)],
    ['setDefault', (context) => context.setDefault('__proto__', 1)],
    ['update', (context) => context.update(JSON.parse('{"x":1,"__proto__":{"y":1}}') as Loose)],
    ['setExpiry', (context) => context.setExpiry(Number.NaN)],
  ])(
    'do not change by a %s that is refused, and neither does anything else',
    async (_name, act) => {
      const context = await opened();
      expect(() => act(context)).toThrow(UsageError);
      expect(context.modified).toBe(false);
      expect(context.toJSON()).toEqual(START);
    },
  );
});

describe('the dictionary', () => {
  const cases: [what: string, act: (context: Context<Loose>) => unknown, result: unknown][] = [
    ['get of a present key', (context) => context.get('step'), 1],
    ['get of a present key with a default', (context) => context.get('step', 9), 1],
    ['get of a missing key', (context) => context.get('x'), undefined],
    ['get of a missing key with a default', (context) => context.get('x', 9), 9],
    ['get of a key that holds null', (context) => context.get('none', 9), null],
    ['get of a key that holds undefined', (context) => context.get('gone', 9), 9],
    ['has of a present key', (context) => context.has('step'), true],
    ['has of a key that holds undefined', (context) => context.has('gone'), true],
    ['has of a missing key', (context) => context.has('x'), false],
    ['delete of a present key', (c) => [c.delete('step'), c.has('step')], [true, false]],
    ['delete of a missing key', (context) => context.delete('x'), false],
    ['pop of a present key', (c) => [c.pop('step'), c.has('step')], [1, false]],
    ['pop of a missing key', (context) => context.pop('x'), undefined],
    ['pop of a missing key with a default', (context) => context.pop('x', 9), 9],
    ['setDefault of a present key', (c) => [c.setDefault('step', 9), c.get('step')], [1, 1]],
    ['setDefault of a missing key', (c) => [c.setDefault('x', 9), c.get('x')], [9, 9]],
    ['set, twice in a row', (c) => c.set('x', 1).set('y', 2).keys().slice(-2), ['x', 'y']],
    ['update', (c) => c.update({ step: 2, x: 3 }).toJSON(), { ...START, step: 2, x: 3 }],
    ['keys', (context) => context.keys(), ['step', 'name', 'gone', 'none']],
    ['values', (context) => context.values(), [1, 'Ann', undefined, null]],
    ['entries', (context) => context.entries(), Object.entries(START)],
    ['iteration', (context) => [...context], Object.entries(START)],
    ['size', (context) => context.size, 4],
    ['clear', (c) => [c.clear(), c.size, c.toJSON()], [undefined, 0, {}]],
    ['JSON of it', (c) => JSON.parse(JSON.stringify(c)), { step: 1, name: 'Ann', none: null }],
  ];
  it.each(cases)('answers %s', async (_what, act, result) => {
    expect(act(await opened())).toEqual(result);
  });

  it('has only the keys that were set, with any expiry', async () => {
    const { store } = createBench();
    const context = await store.open('ann');
    context.setExpiry(10);
    await context.save();
    const again = await store.open('ann');
    expect([again.size, again.keys(), again.toJSON()]).toEqual([0, [], {}]);
  });

  const names = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', '$', '', '1', '键'];
  it.each(names)('treats %j as a key like any other', async (key) => {
    const { store } = createBench();
    const context = await store.open('ann');
    expect([context.get(key), context.has(key), context.pop(key, 'none')]).toEqual([
      undefined,
      false,
      'none',
    ]);
    expect(context.setDefault(key, 1)).toBe(1);
    await context.save();
    const again = await store.open('ann');
    expect([again.get(key), again.keys()]).toEqual([1, [key]]);
    expect([again.delete(key), again.has(key)]).toEqual([true, false]);
  });

  it('reads `__proto__` as a key that is missing', async () => {
    const context = await opened();
    expect([
      context.get('__proto__'),
      context.has('__proto__'),
      context.delete('__proto__'),
    ]).toEqual([undefined, false, false]);
  });

  it('returns a copy whose prototype a nested `__proto__` key cannot change', async () => {
    const context = await opened();
    context.set('nested', JSON.parse('{"__proto__":{"admin":true}}'));
    const copy = context.toJSON() as { nested: { admin?: boolean } };
    expect(copy.nested.admin).toBeUndefined();
  });
});

describe('a draft', () => {
  it('may change nested values in place, and saves them as they are', async () => {
    const { store } = createBench();
    await put(store, 'ann', { list: [1], map: new Map([['a', { n: 1 }]]) });
    const context = await store.open('ann');
    (context.get('list') as number[]).push(2);
    (context.get('map') as Map<string, { n: number }>).set('b', { n: 2 });
    await context.save();
    const map = new Map(Object.entries({ a: { n: 1 }, b: { n: 2 } }));
    expect((await store.open('ann')).toJSON()).toEqual({ list: [1, 2], map });
  });

  it('stays usable after a save, and knows its revision', async () => {
    const { store } = createBench();
    const context = await store.open('ann');
    expect(context.revision).toBeUndefined();
    await context.set('n', 1).save();
    const first = context.revision ?? Number.NaN;
    await context.set('n', 2).save();
    expect(context.revision).toBeGreaterThan(first);
    expect((await store.open('ann')).revision).toBe(context.revision);
  });

  it('is empty and without a record after a flush, and can be saved again', async () => {
    const { store } = createBench();
    await put(store, 'ann', START);
    const context = await store.open('ann');
    context.setExpiry(10);
    await context.flush();
    expect([context.toJSON(), context.revision, context.getExpiryAge()]).toEqual([
      {},
      undefined,
      7200,
    ]);
    expect(await store.exists('ann')).toBe(false);
    await context.set('x', 1).save();
    expect((await store.open('ann')).toJSON()).toEqual({ x: 1 });
  });
});
