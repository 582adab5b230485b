import { type ContextStoreOptions, UsageError, createContextStore } from 'colloquy';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { coreOf } from '../../src/context/store.ts';
import {
  type BenchOptions,
  type Loose,
  createBench,
  createRig,
  hear,
  put,
  read,
} from './support.ts';

/** A clock that never calls back, so that the scheduler does not act before the test. */
const STOPPED: BenchOptions = {
  clock: { ...createManualClock(), wake: () => () => undefined },
};

describe.each([
  ['in memory alone', (options?: BenchOptions) => createBench(options)],
  [
    'over a persister',
    (options?: BenchOptions) => createBench({ ...options, persister: createRig().persister }),
  ],
])('a store %s', (_where, create) => {
  it('opens an empty context for a new openid, without storing anything', async () => {
    const { store } = create();
    const context = await store.open('ann');
    expect([context.size, context.revision, store.size]).toEqual([0, undefined, 0]);
    expect(await store.exists('ann')).toBe(false);
  });

  it('shows no change before it is saved', async () => {
    const { store } = create();
    await put(store, 'ann', { n: 1, list: [1] });
    const draft = await store.open('ann');
    draft.set('n', 2);
    (draft.get('list') as number[]).push(2);
    draft.setExpiry(5);
    const other = await store.open('ann');
    expect([other.toJSON(), other.getExpiryAge()]).toEqual([{ n: 1, list: [1] }, 7200]);
    await draft.save();
    expect(await read(store, 'ann')).toEqual({ n: 2, list: [1, 2] });
    expect(other.toJSON()).toEqual({ n: 1, list: [1] });
  });

  it('keeps users apart', async () => {
    const { store } = create();
    await put(store, 'ann', { n: 1 });
    await put(store, 'bob', { n: 2 });
    await store.delete('ann');
    expect(await read(store, 'bob')).toEqual({ n: 2 });
  });

  it.each([
    'a:b',
    '../a',
    '__proto__',
    'constructor',
    '微信',
    ' ',
    '\u0000',
    '%00',
    '😀'.repeat(128),
  ])('accepts %j as an openid', async (openid) => {
    const { store } = create();
    await put(store, openid, { n: 1 });
    expect(await read(store, openid)).toEqual({ n: 1 });
    expect(await store.exists(`${openid.slice(0, -2)}x`)).toBe(false);
    expect([await store.delete(openid), await store.exists(openid)]).toEqual([true, false]);
  });

  it.each<[what: string, openid: unknown]>([
    ['an empty string', ''],
    ['a lone surrogate', 'a\ud800'],
    ['513 bytes', 'x'.repeat(513)],
    ['513 bytes of Chinese', '汉'.repeat(171)],
    ['a number', 7],
    ['null', null],
    ['undefined', undefined],
  ])('refuses %s as an openid in every method', async (_what, openid) => {
    const { store } = create();
    const wrong = openid as string;
    const refused = expect.objectContaining({ code: 'bad_openid' }) as Error;
    await expect(store.open(wrong)).rejects.toThrow(refused);
    await expect(store.update(wrong, () => undefined)).rejects.toThrow(refused);
    await expect(store.exists(wrong)).rejects.toThrow(refused);
    await expect(store.delete(wrong)).rejects.toThrow(refused);
  });

  it('deletes all data of one user, and returns whether there was any', async () => {
    const { store } = create();
    const flushed = hear(store, 'flush');
    await put(store, 'ann');
    expect([await store.delete('ann'), await store.delete('ann')]).toEqual([true, false]);
    expect([await store.exists('ann'), store.size]).toEqual([false, 0]);
    expect(flushed).toEqual([{ openid: 'ann' }]);
  });

  it('clears only expired records, and counts them', async () => {
    const { store } = create(STOPPED);
    const expired = hear(store, 'expire');
    for (const [openid, expiry] of Object.entries({ a: -1, b: -1, c: 10 })) {
      await store.update(openid, (context) => context.setExpiry(expiry));
    }
    expect(expired).toEqual([]);
    expect(await store.clearExpired()).toBe(2);
    expect(await store.clearExpired()).toBe(0);
    expect(expired.map(({ openid }) => openid).sort()).toEqual(['a', 'b']);
    expect(await store.exists('c')).toBe(true);
  });

  it('emits saves with data and revision', async () => {
    const { store } = create();
    const saved = hear(store, 'save');
    await put(store, 'ann', { n: 1 });
    await put(store, 'ann', { n: 2 });
    expect(saved).toMatchObject([
      { openid: 'ann', data: { n: 1 } },
      { openid: 'ann', data: { n: 2 } },
    ]);
    const [first = { revision: Number.NaN }, second] = saved;
    expect(second?.revision).toBeGreaterThan(first.revision);
  });

  it('never uses a revision twice, even after a delete', async () => {
    const { store } = create();
    const saved = hear(store, 'save');
    await put(store, 'ann');
    await store.delete('ann');
    await put(store, 'ann');
    expect(new Set(saved.map(({ revision }) => revision)).size).toBe(2);
  });

  it('refuses a value that is no plain data, names its path, and saves nothing', async () => {
    const { store } = create();
    await put(store, 'ann', { n: 1 });
    const context = (await store.open('ann')).set('n', 2).set('deep', { f: () => 1 });
    await expect(context.save()).rejects.toMatchObject({
      code: 'context_not_plain',
      details: { path: 'deep.f' },
    });
    expect(await read(store, 'ann')).toEqual({ n: 1 });
  });

  it('refuses a context over 64 KiB, names its size, and saves nothing', async () => {
    const { store } = create();
    const context = (await store.open('ann')).set('text', 'x'.repeat(65_536 - 10));
    await expect(context.save()).rejects.toMatchObject({
      code: 'context_too_big',
      message: expect.stringContaining('65537 bytes') as string,
      details: { size: 65_537, limit: 65_536 },
    });
    expect(await store.exists('ann')).toBe(false);
    await context.set('text', 'x'.repeat(65_536 - 11)).save();
    expect(await store.exists('ann')).toBe(true);
  });
});

describe('closing a store', () => {
  it('can be done twice, and both wait for the end', async () => {
    const rig = createRig();
    const { store } = createBench({ persister: rig.persister });
    const release = rig.hold('close');
    const ended: number[] = [];
    const closing = [1, 2].map((n) => store.close().then(() => ended.push(n)));
    await read(createBench().store, 'other');
    expect(ended).toEqual([]);
    await release();
    await Promise.all(closing);
    await store.close();
    expect(rig.calls.close).toBe(1);
  });

  it('refuses everything afterwards', async () => {
    const { store } = createBench();
    const draft = await store.open('ann');
    await store.close();
    const closed = expect.objectContaining({ name: 'UsageError', code: 'store_closed' }) as Error;
    const calls: (() => Promise<unknown>)[] = [
      () => store.open('ann'),
      () => store.update('ann', () => undefined),
      () => store.exists('ann'),
      () => store.delete('ann'),
      () => store.clearExpired(),
      () => draft.save(),
      () => draft.flush(),
    ];
    for (const call of calls) await expect(call()).rejects.toThrow(closed);
    expect(store.size).toBe(0);
  });

  it('waits for updates that run or wait, and saves them', async () => {
    const rig = createRig();
    const { store, clock } = createBench({ persister: rig.persister });
    let go = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const first = store.update('ann', async (context) => {
      await gate;
      context.set('first', true);
    });
    const second = store.update('ann', (context) => void context.set('second', true));
    const closing = store.close();
    go();
    await Promise.all([first, second, closing]);
    const next = createBench({ persister: createRig(rig.disk).persister, clock });
    expect(await read(next.store, 'ann')).toEqual({ first: true, second: true });
  });

  it('waits for a save that is under way', async () => {
    const rig = createRig();
    const { store } = createBench({ persister: rig.persister });
    const draft = await store.open('ann');
    const release = rig.hold('save');
    const saving = draft.set('n', 1).save();
    const closing = store.close();
    await read(createBench().store, 'other');
    expect(rig.calls.close).toBe(0);
    await release();
    await Promise.all([saving, closing]);
    expect(rig.calls.close).toBe(1);
  });

  it('reports a persister that does not close', async () => {
    const rig = createRig();
    const { store } = createBench({ persister: rig.persister });
    rig.fail('close', { with: new Error('no') });
    await expect(store.close()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('ends the scheduler: nothing expires afterwards', async () => {
    const { store, clock } = createBench();
    const expired = hear(store, 'expire');
    await put(store, 'ann');
    await store.close();
    await clock.advance({ days: 1 });
    expect(expired).toEqual([]);
  });
});

describe('the options of a store', () => {
  it.each<[option: keyof ContextStoreOptions, values: unknown[]]>([
    ['max', [0, -1, 1.5, Number.NaN, Infinity, '10', 2 ** 32]],
    ['maxWeight', [0, -1, 1.5, Number.NaN, Infinity]],
    ['age', [0, -1, Number.NaN, Infinity, '7200']],
    ['maxContextBytes', [0, -1, Number.NaN, Infinity]],
    ['updateTimeoutMs', [0, -1, Number.NaN, Infinity]],
    ['persistTimeoutMs', [0, -1, Number.NaN, Infinity]],
  ])('are checked: %s', (option, values) => {
    for (const value of values) {
      const act = (): unknown => createContextStore({ [option]: value } as ContextStoreOptions);
      expect(act).toThrow(UsageError);
      expect(act).toThrow(expect.objectContaining({ code: 'bad_option' }));
    }
  });

  it('are accepted by a runner only for a real store', () => {
    for (const wrong of [undefined, {}, null]) {
      expect(() => coreOf(wrong as never)).toThrow(expect.objectContaining({ code: 'bad_option' }));
    }
  });

  it('are typed by the data of the store', async () => {
    const store = createContextStore<{ step: number }>({ max: 10 });
    const step: number = (await store.open('ann')).get('step', 1);
    expect(step).toBe(1);
    const loose: Loose = (await store.open('ann')).toJSON();
    expect(loose).toEqual({});
  });
});
