import { ConflictError, type StoreEvents } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { writeBehind } from 'colloquy/persist/write-behind';
import { createManualClock, faulty } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { atRest } from '../../src/internal/async.ts';
import {
  type BenchOptions,
  createBench,
  createRig,
  hear,
  hearCodes,
  put,
  read,
} from './support.ts';

const behindMs = 100;

function createBehind(options: BenchOptions = {}, ms = behindMs) {
  const rig = createRig();
  const persister = writeBehind(rig.persister, { behindMs: ms });
  const bench = createBench({ persister, ...options });
  return { rig, ...bench };
}

/** The data that a process would find if it started now. */
async function after(rig: ReturnType<typeof createRig>, openid: string): Promise<object> {
  return read(createBench({ persister: memory(rig.disk) }).store, openid);
}

describe('a store that writes behind', () => {
  it('answers a save before it is written, and writes it in time', async () => {
    const { rig, store, clock } = createBehind();
    await put(store, 'ann', { n: 1 });
    expect(rig.calls.save).toBe(0);
    expect(await read(store, 'ann')).toEqual({ n: 1 });
    await clock.advance(behindMs - 1);
    expect(rig.disk.records.size).toBe(0);
    await clock.advance(1);
    expect(await after(rig, 'ann')).toEqual({ n: 1 });
  });

  it('marks a save as not durable, and emits when it is', async () => {
    const { store, clock } = createBehind();
    const emitted: unknown[] = [];
    store.on('save', ({ revision, durable }) => emitted.push(['save', revision, durable]));
    store.on('durable', ({ openid, revision }) => emitted.push([openid, revision]));
    await put(store, 'ann', { n: 1 });
    await put(store, 'ann', { n: 2 });
    const [first, second] = emitted as [string, number, boolean][];
    expect([first?.[2], second?.[2]]).toEqual([false, false]);
    expect(second?.[1]).toBeGreaterThan(first?.[1] ?? Number.NaN);
    await clock.advance(behindMs);
    expect(emitted.slice(2)).toEqual([['ann', second?.[1]]]);
  });

  it('writes only the last of several commits of one openid', async () => {
    const { rig, store, clock } = createBehind();
    for (let n = 1; n <= 5; n += 1) await put(store, 'ann', { n });
    await put(store, 'bob', { n: 0 });
    await clock.advance(behindMs);
    expect(rig.calls.save).toBe(2);
    expect(await after(rig, 'ann')).toEqual({ n: 5 });
    await put(store, 'ann', { n: 6 });
    await clock.advance(behindMs);
    expect(await after(rig, 'ann')).toEqual({ n: 6 });
  });

  it('writes commits of a running write after that write, in time', async () => {
    const { rig, store, clock } = createBehind();
    const answer = rig.hold('save');
    await put(store, 'ann', { n: 1 });
    await clock.advance(behindMs);
    await put(store, 'ann', { n: 2 });
    await answer();
    expect(await after(rig, 'ann')).toEqual({ n: 1 });
    await clock.advance(behindMs);
    expect(await after(rig, 'ann')).toEqual({ n: 2 });
  });

  it('keeps a record that left memory before its write', async () => {
    const { rig, store, clock } = createBehind({ max: 1 });
    await put(store, 'ann', { n: 1 });
    await put(store, 'bob', { n: 2 });
    expect([store.size, rig.calls.save]).toEqual([1, 0]);
    expect(await read(store, 'ann')).toEqual({ n: 1 });
    await put(store, 'ann', { n: 3 });
    await clock.advance(behindMs);
    expect([await after(rig, 'ann'), await after(rig, 'bob')]).toEqual([{ n: 3 }, { n: 2 }]);
  });

  it('saves the second of two drafts neither before nor after the first is written', async () => {
    const { store, clock } = createBehind();
    await put(store, 'ann', { n: 1 });
    const drafts = [await store.open('ann'), await store.open('ann'), await store.open('ann')];
    const [first, second, third] = drafts.map((draft, n) => draft.set('n', n + 10));
    await first?.save();
    await expect(second?.save()).rejects.toThrow(ConflictError);
    await clock.advance(behindMs);
    await expect(third?.save()).rejects.toThrow(ConflictError);
    expect(await read(store, 'ann')).toEqual({ n: 10 });
  });

  it('repeats a failed write, reports it, and loses nothing meanwhile', async () => {
    const { rig, store, clock } = createBehind();
    const codes = hearCodes(store);
    rig.fail('save', { with: new Error('disk full') });
    await put(store, 'ann', { n: 1 });
    await put(store, 'bob', { n: 2 });
    await clock.advance(behindMs);
    expect(codes).toHaveLength(1);
    await put(store, 'ann', { n: 3 });
    expect(await read(store, 'ann')).toEqual({ n: 3 });
    expect(store.stats().unwritten).toBe(2);
    await clock.advance({ seconds: 10 });
    rig.heal();
    await clock.advance({ minutes: 1 });
    expect([await after(rig, 'ann'), await after(rig, 'bob')]).toEqual([{ n: 3 }, { n: 2 }]);
    expect(store.stats().unwritten).toBe(0);
  });

  it('detects that a write without an answer succeeded', async () => {
    const { rig, store, clock } = createBehind({ persistTimeoutMs: 1000 });
    const codes = hearCodes(store);
    const answer = rig.hold('save');
    await put(store, 'ann', { n: 1 });
    await clock.advance({ seconds: 2 });
    await put(store, 'ann', { n: 2 });
    rig.heal();
    await answer();
    await clock.advance({ minutes: 1 });
    expect(await after(rig, 'ann')).toEqual({ n: 2 });
    expect(codes).toEqual(['timeout']);
  });

  it('makes commits wait for the write if too much waits, and refuses them in the end', async () => {
    const { rig, store, clock } = createBehind({ persistTimeoutMs: 1000, max: 20_000 });
    rig.fail('save', { with: new Error('down') });
    for (let user = 0; user < 10_000; user += 1) await put(store, `user-${user}`);
    const over = put(store, 'ann').catch((error: unknown) => error);
    await clock.advance({ seconds: 1 });
    expect(await over).toMatchObject({ retryable: true });
    expect(store.stats().unwritten).toBe(10_000);
    rig.heal();
    await clock.advance({ minutes: 1 });
    await put(store, 'ann');
    expect([store.stats().unwritten, rig.disk.records.size]).toEqual([1, 10_000]);
  });

  it('deletes a record for good, written or not', async () => {
    const { rig, store, clock } = createBehind();
    await put(store, 'ann', { n: 1 });
    expect(await store.delete('ann')).toBe(true);
    await put(store, 'bob', { n: 1 });
    await clock.advance(behindMs);
    await put(store, 'bob', { n: 2 });
    expect(await store.delete('bob')).toBe(true);
    expect(await store.exists('bob')).toBe(false);
    expect(rig.disk.records.size).toBe(0);
    await clock.advance(behindMs);
    expect(rig.disk.records.size).toBe(0);
    await put(store, 'bob', { n: 3 });
    await clock.advance(behindMs);
    expect(await after(rig, 'bob')).toEqual({ n: 3 });
  });

  it('keeps a record that it could not delete', async () => {
    const { rig, store } = createBehind();
    await put(store, 'ann', { n: 1 });
    rig.fail('delete', { with: new Error('down') });
    await expect(store.delete('ann')).rejects.toMatchObject({ code: 'unavailable' });
    expect(await read(store, 'ann')).toEqual({ n: 1 });
  });

  it('expires records that it has not written', async () => {
    const { rig, store, clock } = createBehind({ age: 5 }, 60_000);
    const expired = hear(store, 'expire');
    await put(store, 'ann', { n: 1 });
    await clock.advance({ seconds: 6 });
    expect(expired).toEqual([{ openid: 'ann', data: { n: 1 } }]);
    await clock.advance({ minutes: 5 });
    expect(rig.disk.records.size).toBe(0);
  });

  it('writes the rest when it is closed', async () => {
    const { rig, store } = createBehind();
    await put(store, 'ann', { n: 1 });
    await store.close();
    expect(await after(rig, 'ann')).toEqual({ n: 1 });
  });

  it('reports if it could not write the rest', async () => {
    const { rig, store, clock } = createBehind();
    rig.fail('save', { with: new Error('down') });
    await put(store, 'ann', { n: 1 });
    const closing = store.close().catch((error: unknown) => error);
    await clock.advance({ seconds: 10 });
    expect(await closing).toMatchObject({ code: 'unwritten', details: { records: 1 } });
    expect(rig.calls.close).toBe(1);
  });

  it('reports what another process has overwritten, and continues from there', async () => {
    const { rig, store, clock } = createBehind();
    const codes = hearCodes(store);
    await put(store, 'ann', { n: 1 });
    await clock.advance(behindMs);
    await put(store, 'ann', { n: 2 });
    await put(createBench({ persister: memory(rig.disk) }).store, 'ann', { other: true });
    await clock.advance(behindMs);
    expect(codes).toEqual(['overwritten']);
    expect(await read(store, 'ann')).toMatchObject({ other: true });
    await put(store, 'ann', { n: 4 });
    await clock.advance(behindMs);
    expect(await after(rig, 'ann')).toMatchObject({ other: true, n: 4 });
  });

  it('marks a save as durable if it waits for its write', async () => {
    const { store } = createBench({ persister: memory() });
    const saved: StoreEvents['save'][] = hear(store, 'save');
    await put(store, 'ann');
    await put(createBench().store, 'ann');
    expect(saved).toMatchObject([{ durable: true }]);
  });
});

const shared = memory(createDisk(), { shared: true, clock: createManualClock() });
it.each<[string, unknown, unknown]>([
  ['without a persister', undefined, { behindMs: 1 }],
  ['of what is no persister', Promise.resolve(memory()), { behindMs: 1 }],
  ['of a shared persister', shared, { behindMs: 1 }],
  ['with no span', memory(), { behindMs: 0 }],
  ['with a span of another kind', memory(), { behindMs: '1' }],
  ['with something else', memory(), 'later'],
  ['without options', memory(), undefined],
])('writing behind is refused %s', (_what, persister, options) => {
  expect(() => writeBehind(persister as never, options as never)).toThrow(
    expect.objectContaining({ name: 'UsageError', code: 'bad_option' }),
  );
});

it('a persister that writes behind belongs to one store', async () => {
  const persister = writeBehind(memory(), { behindMs: 1 });
  createBench({ persister });
  expect(() => createBench({ persister })).toThrow(/Another store uses this persister/);
});

it('a store at rest has no unwritten records', async () => {
  const { store, clock } = createBehind();
  await put(store, 'ann');
  await clock.advance(behindMs);
  await atRest();
  expect(store.stats()).toMatchObject({ unwritten: 0, lanes: 0 });
});

it('an unanswered delete delays its user no longer than the limit of a call', async () => {
  const clock = createManualClock();
  const rig = createRig();
  const { store } = createBench({
    clock,
    persister: writeBehind(rig.persister, { behindMs: 10 }),
    persistTimeoutMs: 1000,
  });
  await put(store, 'ann', { a: 1 });
  await clock.advance(10);
  rig.hang('delete');
  const refused = store.delete('ann').catch((error: unknown) => error);
  await clock.advance(1000);
  expect(await refused).toMatchObject({ code: 'timeout' });
  rig.heal();
  await clock.advance(1000);
  await put(store, 'ann', { a: 2 });
  await clock.advance(10);
  expect(store.stats().unwritten).toBe(0);
  expect(await read(store, 'ann')).toEqual({ a: 2 });
});

it('a store does not trust an answer of the persister from before a write', async () => {
  const clock = createManualClock();
  const disk = createDisk();
  const afterMs = [0, 500, 500];
  const persister = faulty(memory(disk), {
    clock,
    choose: ({ method }) => (method === 'load' ? { afterMs: afterMs.shift() ?? 0 } : undefined),
  });
  const { store } = createBench({ clock, persister: writeBehind(persister, { behindMs: 10 }) });
  const codes = hearCodes(store);
  const draft = (await store.open('ann')).set('n', 1);
  const late = store.open('ann');
  const another = store.open('ann');
  await put(store, 'ann', { n: 2 });
  await clock.advance(10);
  expect(disk.records.size).toBe(1);
  await clock.advance(500);
  expect([(await late).get('n'), (await another).get('n')]).toEqual([2, 2]);
  await expect(draft.save()).rejects.toThrow(ConflictError);
  await clock.advance({ minutes: 1 });
  expect(codes).toEqual([]);
  expect(await read(store, 'ann')).toEqual({ n: 2 });
});

it('a save over an answer of the persister from before a write is a conflict, and loses nothing', async () => {
  const clock = createManualClock();
  const disk = createDisk();
  const afterMs = [0, 500, 300];
  const persister = faulty(memory(disk), {
    clock,
    choose: ({ method }) => {
      if (method === 'load') return { afterMs: afterMs.shift() ?? 0 };
      return method === 'delete' ? { outcome: 'refused' } : undefined;
    },
  });
  const { store } = createBench({ clock, persister: writeBehind(persister, { behindMs: 10 }) });
  const codes = hearCodes(store);
  const draft = (await store.open('ann')).set('n', 1);
  // After this the store no longer knows what the persister has.
  await expect(store.delete('ann')).rejects.toMatchObject({ code: 'unavailable' });
  const saved = draft.save().catch((error: unknown) => error);
  const late = store.open('ann');
  await put(store, 'ann', { n: 2 });
  await clock.advance(500);
  await late;
  await clock.advance({ minutes: 1 });
  expect([await saved, codes]).toMatchObject([{ code: 'conflict' }, []]);
  expect(await read(store, 'ann')).toEqual({ n: 2 });
});

it('the scheduler finds the next due record although the first one is saved while it asks', async () => {
  const clock = createManualClock();
  const stored = memory(createDisk());
  const late = faulty(stored, {
    clock,
    choose: ({ method }) => (method === 'due' ? { afterMs: 1 } : undefined),
  });
  await stored.save({ openid: 'ann', body: '{}', wakeAt: 1 }, undefined);
  await stored.save({ openid: 'bob', body: '{}', wakeAt: 2 }, undefined);
  const behind = writeBehind(late, { behindMs: 100 });
  const ignore = (): void => undefined;
  const heard = { onDurable: ignore, onOverwritten: ignore, onError: ignore };
  behind.later?.listen({ clock, timeoutMs: 1000, ...heard });
  const ann = await behind.load('ann');
  const due = behind.due(Number.POSITIVE_INFINITY, 1);
  await behind.save({ openid: 'ann', body: '{}', wakeAt: 3 }, ann?.revision);
  await clock.advance(10);
  expect(await due).toEqual([{ openid: 'bob', wakeAt: 2 }]);
});
