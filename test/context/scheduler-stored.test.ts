import { describe, expect, it } from 'vitest';
import { sealRecord } from '../../src/context/record/envelope.ts';
import { jsonCodec } from '../../src/index.ts';
import type { Disk } from '../../src/persist/memory.ts';
import { createManualClock } from '../../src/testing/clock.ts';
import { createBench, createRig, hear, hearCodes, put, recordOf, timerAt } from './support.ts';

const sorted = (events: readonly { readonly openid: string }[]): string[] =>
  events.map(({ openid }) => openid).sort();

/** A disk with the records of an earlier process. */
function diskOf(records: ReturnType<typeof recordOf>[], wakeAt: number): Disk {
  const stored = records.map((record, number) => ({
    ...sealRecord(record, wakeAt, jsonCodec),
    revision: number + 1,
  }));
  return {
    records: new Map(stored.map((record) => [record.openid, record])),
    lastRevision: stored.length,
  };
}

describe('the expiry of a record that is only stored', () => {
  it('is reported once after it was evicted from memory', async () => {
    const { store, clock } = createBench({ persister: createRig().persister, max: 1 });
    const expired = hear(store, 'expire');
    for (const openid of ['a', 'b', 'c']) await put(store, openid, { of: openid });
    await clock.advance({ hours: 2, seconds: 1 });
    expect(sorted(expired)).toEqual(['a', 'b', 'c']);
    expect(expired.every(({ openid, data }) => data['of'] === openid)).toBe(true);
    await clock.advance({ days: 1 });
    expect(expired).toHaveLength(3);
  });

  it.each([
    ['while no process ran', { hours: 3 }, 0],
    ['later', { hours: 1 }, 3_600_000],
  ])('is reported once by the next process, where it was %s', async (_what, pause, wait) => {
    const rig = createRig();
    const clock = createManualClock();
    const first = createBench({ persister: rig.persister, clock });
    for (const openid of ['a', 'b']) await put(first.store, openid, { of: openid });
    await first.store.close();
    await clock.advance(pause);
    const { store } = createBench({ persister: createRig(rig.disk).persister, clock });
    const expired = hear(store, 'expire');
    await clock.advance(wait);
    expect(sorted(expired)).toEqual(['a', 'b']);
    expect(rig.disk.records.size).toBe(0);
  });

  it('is reported by one of two processes', async () => {
    const rig = createRig();
    const clock = createManualClock();
    const stores = [rig, createRig(rig.disk)].map(
      ({ persister }) => createBench({ persister, clock }).store,
    );
    const heard = stores.map((store) => hear(store, 'expire'));
    const codes = stores.map((store) => hearCodes(store));
    for (const store of stores) await put(store, 'ann', { n: 1 });
    await clock.advance({ hours: 3 });
    expect([heard.flat(), codes.flat()]).toEqual([[{ openid: 'ann', data: { n: 1 } }], []]);
  });

  it('does not wait for another user whose lane is busy', async () => {
    const rig = createRig();
    const clock = createManualClock();
    const first = createBench({ persister: rig.persister, clock });
    for (const openid of ['busy', 'cold']) await put(first.store, openid);
    await clock.advance({ seconds: 2 });
    await put(first.store, 'later');
    await first.store.close();
    const next = createRig(rig.disk);
    const { store } = createBench({
      persister: next.persister,
      clock,
      persistTimeoutMs: 60_000,
    });
    const expired = hear(store, 'expire');
    await clock.advance({ minutes: 119, seconds: 55 });
    // The load hangs before the record is in memory.
    const answer = next.hold('load');
    store.update('busy', () => new Promise<never>(() => undefined)).catch(() => undefined);
    await clock.advance(0);
    next.heal();
    await clock.advance({ seconds: 6 });
    expect(sorted(expired)).toEqual(['cold', 'later']);
    await answer();
  });

  it('is reported after a fault, also where the next look at it is during one that takes long', async () => {
    const rig = createRig();
    const clock = createManualClock();
    const first = createBench({ persister: rig.persister, clock });
    for (const openid of ['faulty', 'slow']) await put(first.store, openid);
    await first.store.close();
    await clock.advance({ hours: 2 });
    const next = createRig(rig.disk).persister;
    let answer = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      answer = resolve;
    });
    let faults = 1;
    const { store } = createBench({
      clock,
      persister: {
        ...next,
        async load(openid) {
          if (openid === 'slow') await gate;
          else if ((faults -= 1) >= 0) throw new Error('no');
          return next.load(openid);
        },
      },
    });
    const expired = hear(store, 'expire');
    await clock.advance(2000);
    expect(expired).toEqual([]);
    answer();
    await clock.advance(0);
    expect(sorted(expired)).toEqual(['faulty', 'slow']);
  });
});

describe('a record that stays due', () => {
  const past = createManualClock().now() - 1000;

  it('does not delay the others, even if 2500 of them stay due', async () => {
    const clock = createManualClock();
    const stuck = Array.from({ length: 2500 }, (_, n) =>
      recordOf(`stuck-${n}`, clock, { timers: [timerAt(past)] }),
    );
    const disk = diskOf(stuck, past);
    const expired = diskOf([recordOf('cold', clock, { savedAt: 0 })], past + 1).records.get('cold');
    if (expired !== undefined) disk.records.set('cold', { ...expired, revision: 9999 });
    const rig = createRig(disk);
    const { store } = createBench({ persister: rig.persister, clock, max: 100 });
    const emitted = hear(store, 'expire');
    await clock.advance(0);
    expect(sorted(emitted)).toEqual(['cold']);
    const { due } = rig.calls;
    await clock.advance(10_000);
    expect(rig.calls.due - due).toBeLessThanOrEqual(60);
  });

  it('delays those behind 10 000 others that stay due, until fewer do', async () => {
    const clock = createManualClock();
    const stuck = Array.from({ length: 12_000 }, (_, n) =>
      recordOf(`stuck-${n}`, clock, { timers: [timerAt(past)] }),
    );
    const disk = diskOf(stuck, past);
    const expired = diskOf([recordOf('cold', clock, { savedAt: 0 })], past + 1).records.get('cold');
    if (expired !== undefined) disk.records.set('cold', { ...expired, revision: 99_999 });
    const { store } = createBench({ persister: createRig(disk).persister, clock, max: 100 });
    const emitted = hear(store, 'expire');
    await clock.advance(2000);
    expect(sorted(emitted)).toEqual([]);
    for (let n = 0; n < 4000; n += 1) disk.records.delete(`stuck-${n}`);
    await clock.advance(10_000);
    expect(sorted(emitted)).toEqual(['cold']);
  });

  it('is attended when a runner comes', async () => {
    const clock = createManualClock();
    const records = Array.from({ length: 300 }, (_, n) =>
      recordOf(`user-${n}`, clock, { timers: [timerAt(past)], savedAt: clock.now() }),
    );
    const { core } = createBench({ persister: createRig(diskOf(records, past)).persister, clock });
    await clock.advance(0);
    const attended = new Set<string>();
    core.scheduler.setWorker(async (record) => {
      attended.add(record.openid);
      await core.records.commit({ ...record, revision: 0, timers: [] }, record);
    });
    await core.scheduler.resume();
    expect(attended.size).toBe(300);
  });

  it('is not attended again and again if memory is too small for all', async () => {
    const clock = createManualClock();
    const services = [{ actor: '', id: 's', src: 'x', input: undefined, token: 't' }];
    const records = Array.from({ length: 30 }, (_, n) =>
      recordOf(`user-${n}`, clock, { services, savedAt: clock.now() }),
    );
    const rig = createRig(diskOf(records, past));
    const { core } = createBench({ persister: rig.persister, clock, max: 5 });
    let attended = 0;
    core.scheduler.setWorker(() => void (attended += 1));
    await core.scheduler.resume();
    expect(attended).toBe(30);
    await clock.advance(10_000);
    expect(attended).toBeLessThanOrEqual(30 * 12);
  });

  it('by an outdated index is only noted in memory', async () => {
    const clock = createManualClock();
    const disk = diskOf([recordOf('ann', clock, { savedAt: clock.now() })], past);
    const { store, core } = createBench({ persister: createRig(disk).persister, clock });
    const expired = hear(store, 'expire');
    await clock.advance(0);
    expect([expired, core.scheduler.size]).toEqual([[], 1]);
    await clock.advance({ hours: 2 });
    expect(sorted(expired)).toEqual(['ann']);
  });
});

describe('a persister that fails under the scheduler', () => {
  it.each(['due', 'load', 'delete'] as const)(
    'with %s is reported and tried again, and the expiry is reported once',
    async (method) => {
      const rig = createRig();
      const clock = createManualClock();
      const first = createBench({ persister: rig.persister, clock });
      await put(first.store, 'ann', { n: 1 });
      await first.store.close();
      await clock.advance({ hours: 3 });
      const next = createRig(rig.disk);
      next.fail(method, { with: 'no' });
      const { store } = createBench({ persister: next.persister, clock });
      const [codes, expired] = [hearCodes(store), hear(store, 'expire')];
      await clock.advance(3500);
      expect([new Set(codes), expired]).toEqual([new Set(['unavailable']), []]);
      expect(codes.length).toBeLessThanOrEqual(5);
      next.heal();
      await clock.advance(1000);
      expect(expired).toEqual([{ openid: 'ann', data: { n: 1 } }]);
    },
  );

  it('with a delete has expiries in memory reported later', async () => {
    const rig = createRig();
    const { store, clock } = createBench({ persister: rig.persister });
    const expired = hear(store, 'expire');
    await put(store, 'ann', { n: 1 });
    rig.fail('delete', { with: new Error('no') });
    await clock.advance({ hours: 2 });
    await store.clearExpired().catch(() => undefined);
    rig.heal();
    await clock.advance(2000);
    expect(expired).toEqual([{ openid: 'ann', data: { n: 1 } }]);
  });

  it('with the commit of a timer is asked at most once a second', async () => {
    const rig = createRig();
    const { core, clock } = createBench({ persister: rig.persister });
    const timers = [timerAt(clock.now() + 1000)];
    await core.records.commit(recordOf('ann', clock, { timers }), undefined);
    let tries = 0;
    core.scheduler.setWorker(async (record) => {
      tries += 1;
      // A runner reports it and continues.
      await Promise.resolve(
        core.records.commit({ ...record, revision: 0, timers: [] }, record),
      ).catch(() => undefined);
    });
    rig.fail('save', { with: new Error('no') });
    await clock.advance(5000);
    expect(tries).toBeGreaterThanOrEqual(4);
    expect(tries).toBeLessThanOrEqual(6);
    rig.heal();
    await clock.advance(2000);
    expect((await core.records.load('ann'))?.timers).toEqual([]);
  });

  it('and is closed during a call is not reported', async () => {
    const rig = createRig();
    const { store, clock } = createBench({ persister: rig.persister });
    const codes = hearCodes(store);
    const release = rig.hold('due');
    await clock.advance(0);
    const closing = store.close();
    await release();
    await closing;
    await clock.advance(5000);
    expect(codes).toEqual([]);
  });
});
