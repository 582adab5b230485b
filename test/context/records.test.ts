import { describe, expect, it } from 'vitest';
import { openSeen } from '../../src/context/record/seen-log.ts';
import {
  type BenchOptions,
  createBench,
  createRig,
  hear,
  hearCodes,
  put,
  read,
  recordOf,
  timerAt,
} from './support.ts';

const openidsOf = (events: readonly { readonly openid: string }[]): string[] =>
  events.map(({ openid }) => openid);

describe('the working set', () => {
  it('evicts the least recently used record at its maximum, with an event', async () => {
    const { store } = createBench({ max: 2 });
    const evicted = hear(store, 'evict');
    await put(store, 'a', { n: 1 });
    await put(store, 'b', { n: 2 });
    await store.open('a');
    await put(store, 'c', { n: 3 });
    expect(evicted).toEqual([{ openid: 'b', data: { n: 2 }, durable: false }]);
    expect([store.size, await store.exists('b'), await store.exists('a')]).toEqual([
      2,
      false,
      true,
    ]);
  });

  it('keeps the order of use while it makes room for more', async () => {
    const { store } = createBench({ max: 5000 });
    const evicted = hear(store, 'evict');
    for (let user = 0; user < 4096; user += 1) await put(store, `user-${user}`, { user });
    await store.open('user-0');
    for (let user = 4096; user < 5000; user += 1) await put(store, `user-${user}`, { user });
    expect([store.size, evicted]).toEqual([5000, []]);
    await put(store, 'one more', {});
    expect(openidsOf(evicted)).toEqual(['user-1']);
    expect(await read(store, 'user-0')).toEqual({ user: 0 });
  });

  it('keeps the weight of each record while it makes room for more', async () => {
    const { store } = createBench({ max: 5000, maxWeight: 60_000 });
    const evicted = hear(store, 'evict');
    for (let user = 0; user < 4999; user += 1) await put(store, `user-${user}`, { n: 10 });
    expect([store.size, evicted]).toEqual([4999, []]);
    await put(store, 'heavy', { text: 'x'.repeat(20_000) });
    const left = 60_000 - JSON.stringify({ text: 'x'.repeat(20_000) }).length;
    expect(store.size).toBe(1 + Math.floor(left / JSON.stringify({ n: 10 }).length));
  });

  it('loses no data over a persister', async () => {
    const { store } = createBench({ max: 2, persister: createRig().persister });
    const [evicted, loaded] = [hear(store, 'evict'), hear(store, 'load')];
    for (const openid of ['a', 'b', 'c', 'd']) await put(store, openid, { of: openid });
    expect(evicted).toEqual([
      { openid: 'a', data: { of: 'a' }, durable: true },
      { openid: 'b', data: { of: 'b' }, durable: true },
    ]);
    expect(await read(store, 'a')).toEqual({ of: 'a' });
    expect(loaded).toMatchObject([{ openid: 'a', data: { of: 'a' } }]);
    expect(store.size).toBe(2);
  });

  it('is limited by weight, which follows every change of a record', async () => {
    const { store } = createBench({ maxWeight: 300 });
    const evicted = hear(store, 'evict');
    for (const openid of ['a', 'b', 'c']) await put(store, openid, { text: 'x'.repeat(60) });
    expect(evicted).toEqual([]);
    await put(store, 'c', { text: 'x'.repeat(160) });
    expect(openidsOf(evicted)).toEqual(['a']);
    await put(store, 'c', { text: '' });
    await put(store, 'd', { text: 'x'.repeat(150) });
    expect(openidsOf(evicted)).toEqual(['a']);
    await store.delete('d');
    await put(store, 'e', { text: 'x'.repeat(150) });
    expect(openidsOf(evicted)).toEqual(['a']);
  });

  it('refuses a record that is heavier than its limit, and keeps the old one', async () => {
    const { store } = createBench({ maxWeight: 100 });
    await put(store, 'a', { text: 'old' });
    await put(store, 'b', { text: 'other' });
    await expect(put(store, 'a', { text: 'x'.repeat(100) })).rejects.toMatchObject({
      code: 'context_too_big',
      details: { size: 111, limit: 100 },
    });
    expect([await read(store, 'a'), store.size]).toEqual([{ text: 'old' }, 2]);
  });

  it('can still read a stored record that is heavier than the present limit', async () => {
    const rig = createRig();
    const { clock, store: before } = createBench({ persister: rig.persister });
    await put(before, 'a', { text: 'x'.repeat(100) });
    await before.close();
    const persister = createRig(rig.disk).persister;
    const { store } = createBench({ persister, clock, maxWeight: 100 });
    const expired = hear(store, 'expire');
    expect(await read(store, 'a')).toEqual({ text: 'x'.repeat(100) });
    expect(store.size).toBe(0);
    await clock.advance({ hours: 2 });
    expect(openidsOf(expired)).toEqual(['a']);
  });

  it('keeps the timers, services and message ids of a turn', async () => {
    const rig = createRig();
    const { core, clock, store } = createBench({ persister: rig.persister });
    const answers = [7, 'm', 5, 'hi'];
    const left = {
      timers: [timerAt(clock.now() + 50)],
      services: [{ actor: '', id: 's', src: 'x', input: { a: 1 }, token: 't' }],
      dialogue: { id: 'd', version: '1', snapshot: { value: 'a' } },
    };
    await core.records.commit(
      recordOf('a', clock, { ...left, seen: openSeen(answers, undefined) }),
      undefined,
    );
    await store.update('a', (context) => void context.set('n', 1));
    const next = createBench({ persister: createRig(rig.disk).persister, clock });
    const record = await next.core.records.load('a');
    expect(record).toMatchObject({ ...left, data: { n: 1 }, seen: openSeen(answers, undefined) });
  });

  it('emits no expire event for a record that it has evicted', async () => {
    const { store, clock } = createBench({ max: 1 });
    const expired = hear(store, 'expire');
    await put(store, 'a');
    await put(store, 'b');
    await clock.advance({ days: 1 });
    expect(openidsOf(expired)).toEqual(['b']);
  });
});

describe('a stored record that does not open', () => {
  const corrupted = async (
    options: BenchOptions = {},
  ): Promise<
    ReturnType<typeof createBench> & { rig: ReturnType<typeof createRig>; codes: unknown[] }
  > => {
    const rig = createRig();
    const { store, clock } = createBench({ persister: rig.persister });
    await put(store, 'a', { n: 1 });
    await store.close();
    const stored = rig.disk.records.get('a');
    if (stored !== undefined) rig.disk.records.set('a', { ...stored, body: '{"secret":' });
    const next = createBench({
      ...options,
      persister: createRig(rig.disk).persister,
      clock,
    });
    return { ...next, rig, codes: hearCodes(next.store) };
  };

  it('counts as absent and is reported', async () => {
    const { store, codes } = await corrupted();
    const loaded = hear(store, 'load');
    const context = await store.open('a');
    expect([context.size, context.revision, await store.exists('a')]).toEqual([
      0,
      undefined,
      false,
    ]);
    expect([codes, loaded]).toEqual([['corrupt'], []]);
  });

  it('leaves memory without an event', async () => {
    const { store } = await corrupted({ max: 1 });
    const evicted = hear(store, 'evict');
    await store.exists('a');
    await put(store, 'b');
    await put(store, 'c');
    expect(openidsOf(evicted)).toEqual(['b']);
  });

  it('can be saved over, updated and deleted', async () => {
    const { store } = await corrupted();
    await put(store, 'a', { n: 2 });
    expect(await read(store, 'a')).toEqual({ n: 2 });
    const second = await corrupted();
    await second.store.update('a', (context) => void context.set('n', 3));
    expect(await read(second.store, 'a')).toEqual({ n: 3 });
    const third = await corrupted();
    await third.store.delete('a');
    expect(third.rig.disk.records.size).toBe(0);
  });

  it('is deleted in the end without an expire event, and does not keep the scheduler busy', async () => {
    const { store, clock, rig, codes } = await corrupted();
    const expired = hear(store, 'expire');
    await clock.advance({ hours: 24 });
    expect([expired, rig.disk.records.size, codes]).toEqual([[], 0, ['corrupt']]);
  });
});

describe('a persister that fails', () => {
  const cause = new Error('connection refused');
  const unavailable = expect.objectContaining({
    name: 'PersistError',
    code: 'unavailable',
    retryable: true,
  }) as Error;

  it.each<[what: string, fault: unknown]>([
    ['an error', cause],
    ['a string', 'no'],
    ['undefined', undefined],
  ])('with %s changes nothing, and the caller receives the error', async (_what, fault) => {
    const rig = createRig();
    const { store } = createBench({ persister: rig.persister, max: 1 });
    await put(store, 'b', { n: 1 });
    await put(store, 'a', { n: 1 });
    for (const method of ['save', 'delete', 'load', 'due'] as const)
      rig.fail(method, { with: fault });
    const draft = await store.open('a');
    const calls: (() => Promise<unknown>)[] = [
      () => draft.set('n', 2).save(),
      () => draft.flush(),
      () => store.open('b'),
      () => store.exists('b'),
      () => store.delete('a'),
      () => store.update('b', () => undefined),
      () => store.clearExpired(),
    ];
    for (const call of calls) {
      const error = await call().catch((thrown: unknown) => thrown);
      expect(error).toEqual(unavailable);
      expect((error as Error).cause).toBe(fault);
    }
    expect(draft.toJSON()).toEqual({ n: 2 });
    rig.heal();
    expect([await read(store, 'a'), await read(store, 'b')]).toEqual([{ n: 1 }, { n: 1 }]);
    await draft.save();
    expect(await read(store, 'a')).toEqual({ n: 2 });
  });

  it('and throws at once has the same effect', async () => {
    const { store } = createBench({
      persister: {
        ...createRig().persister,
        load: () => {
          throw cause;
        },
      },
    });
    await expect(store.open('a')).rejects.toEqual(unavailable);
  });
});
