import { type ManualClock, createManualClock } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { createBench, hear, put, read, recordOf, timerAt } from './support.ts';
import type { StoreCore } from '../../src/context/store-core.ts';
import type { Data } from '../../src/internal/plain-data.ts';

/** A manual clock that counts its wake-ups and calls `onWake` around each. */
function countingClock(onWake: () => void = () => undefined): ManualClock & { wakes(): number } {
  const clock = createManualClock();
  let wakes = 0;
  return {
    ...clock,
    wakes: () => wakes,
    wake(at, callback, options) {
      wakes += 1;
      return clock.wake(
        at,
        () => {
          onWake();
          callback();
        },
        options,
      );
    },
  };
}

/** Saves a context for a user who has none. */
function saveNew(core: StoreCore, openid: string, data: Data): unknown {
  return core.saveData({ openid, base: undefined, data, expiry: undefined }, { keepsLease: false });
}

describe('an expiry', () => {
  it('is reported once, at its moment, with the last data', async () => {
    const { store, clock } = createBench({ age: 60 });
    const expired = hear(store, 'expire');
    await put(store, 'ann', { n: 1 });
    await put(store, 'ann', { n: 2 });
    await clock.advance(59_999);
    expect(expired).toEqual([]);
    await clock.advance(1);
    expect([expired, store.size]).toEqual([[{ openid: 'ann', data: { n: 2 } }], 0]);
    await store.exists('ann');
    await store.clearExpired();
    await clock.advance({ days: 1 });
    expect(expired).toHaveLength(1);
  });

  it('waits while updates postpone it, and comes once in the end', async () => {
    const { store, clock } = createBench({ age: 60 });
    const expired = hear(store, 'expire');
    await put(store, 'ann');
    for (let minute = 0; minute < 10; minute += 1) {
      await clock.advance(59_000);
      await store.update('ann', () => undefined);
    }
    expect(expired).toEqual([]);
    await clock.advance(60_000);
    expect(expired).toHaveLength(1);
  });

  it('comes sooner if it was set to', async () => {
    const { store, clock } = createBench({ age: 60 });
    const expired = hear(store, 'expire');
    await put(store, 'ann');
    await store.update('ann', (context) => context.setExpiry(5));
    await clock.advance(5000);
    expect(expired).toHaveLength(1);
  });

  it('may be far in the future', async () => {
    const { store, clock } = createBench();
    const expired = hear(store, 'expire');
    await store.update('ann', (context) => context.setExpiry({ weeks: 52 }));
    await clock.advance({ weeks: 51 });
    expect(expired).toEqual([]);
    await clock.advance({ weeks: 1 });
    expect(expired).toHaveLength(1);
  });

  it('causes no event after a delete', async () => {
    const { store, clock, core } = createBench();
    const expired = hear(store, 'expire');
    await put(store, 'ann');
    await store.delete('ann');
    await clock.advance({ days: 1 });
    expect([expired, core.scheduler.size]).toEqual([[], 0]);
  });

  it('does not happen during a running update', async () => {
    const { store, clock } = createBench({ age: 1 });
    const expired = hear(store, 'expire');
    await put(store, 'ann', { n: 1 });
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const updating = store.update('ann', async (context) => {
      await gate;
      context.set('n', 2);
    });
    await clock.advance(1500);
    expect(expired).toEqual([]);
    open();
    await updating;
    expect(await read(store, 'ann')).toEqual({ n: 2 });
    await clock.advance(1000);
    expect(expired).toEqual([{ openid: 'ann', data: { n: 2 } }]);
  });

  it('does not change the order of use when the scheduler looks at a postponed record', async () => {
    const { store, clock } = createBench({ age: 60, max: 2 });
    const evicted = hear(store, 'evict');
    await put(store, 'a');
    await clock.advance(30_000);
    await put(store, 'a');
    await put(store, 'b');
    await clock.advance(30_000);
    await put(store, 'c');
    expect(evicted.map(({ openid }) => openid)).toEqual(['a']);
  });
});

describe('a pending timer', () => {
  it('postpones a sliding expiry, and not a fixed one', async () => {
    const { core, store, clock } = createBench({ age: 60 });
    const expired = hear(store, 'expire');
    const timers = [timerAt(clock.now() + 90_000)];
    const fixed = { at: clock.now() + 70_000 };
    await core.records.commit(recordOf('sliding', clock, { timers }), undefined);
    await core.records.commit(recordOf('fixed', clock, { timers, expiry: fixed }), undefined);
    await clock.advance(80_000);
    expect(expired.map(({ openid }) => openid)).toEqual(['fixed']);
    expect(await store.exists('sliding')).toBe(true);
  });

  it('that is due waits for a runner, and its record may expire meanwhile', async () => {
    const { core, store, clock } = createBench();
    const expired = hear(store, 'expire');
    const timers = [timerAt(clock.now() + 1000)];
    const fixed = { at: clock.now() + 5000 };
    await core.records.commit(recordOf('sliding', clock, { timers }), undefined);
    await core.records.commit(recordOf('fixed', clock, { timers, expiry: fixed }), undefined);
    await clock.advance({ days: 1 });
    expect(expired.map(({ openid }) => openid)).toEqual(['fixed']);
    const attended: string[] = [];
    core.scheduler.setWorker(({ openid }) => void attended.push(openid));
    await clock.advance(0);
    expect(attended).toEqual(['sliding']);
  });

  it('that does not change is tried again every second, not in between', async () => {
    const { core, clock } = createBench();
    let tries = 0;
    core.scheduler.setWorker(() => void (tries += 1));
    const timers = [timerAt(clock.now() + 1000)];
    await core.records.commit(recordOf('ann', clock, { timers }), undefined);
    await clock.advance(1000);
    expect(tries).toBe(1);
    await clock.advance(3000);
    expect(tries).toBe(4);
  });

  it('is attended again at once if the worker moved the record and more is due', async () => {
    const { core, clock } = createBench();
    const fired: number[] = [];
    core.scheduler.setWorker(async (record) => {
      const [timer, ...timers] = record.timers;
      fired.push(timer?.dueAt ?? 0);
      await core.records.commit({ ...record, revision: 0, timers }, record);
    });
    const due = [1000, 1000, 1000, 2000].map((delay) => clock.now() + delay);
    await core.records.commit(recordOf('ann', clock, { timers: due.map(timerAt) }), undefined);
    await clock.advance(1000);
    expect(fired).toEqual(due.slice(0, 3));
    await clock.advance(1000);
    expect(fired).toEqual(due);
  });

  it('whose worker throws is reported and tried again', async () => {
    const { core, store, clock } = createBench();
    const errors = hear(store, 'error');
    let tries = 0;
    core.scheduler.setWorker(() => {
      tries += 1;
      throw new RangeError('no');
    });
    await core.records.commit(
      recordOf('ann', clock, { timers: [timerAt(clock.now())] }),
      undefined,
    );
    await clock.advance(1500);
    expect([tries, errors.length, errors[0]?.openid]).toEqual([2, 2, 'ann']);
  });

  it('of a record with an unfinished service is attended when a runner resumes', async () => {
    const { core, clock } = createBench();
    const services = [{ actor: '', id: 's', src: 'x', input: undefined, token: 't' }];
    await core.records.commit(recordOf('ann', clock, { services }), undefined);
    const attended: string[] = [];
    core.scheduler.setWorker(({ openid }) => void attended.push(openid));
    await core.scheduler.resume();
    expect(attended).toEqual(['ann']);
  });
});

describe('the scheduler', () => {
  it('has one wake-up pending, for any number of records', async () => {
    const clock = countingClock();
    const { store, core } = createBench({ clock, max: 10_000 });
    for (let n = 0; n < 1000; n += 1) {
      const draft = await store.open(`user-${n}`);
      await draft.save();
    }
    expect([clock.wakes(), core.scheduler.size]).toEqual([1, 1000]);
    for (let n = 0; n < 1000; n += 1) await (await store.open(`user-${n}`)).save();
    expect(clock.wakes()).toBe(1);
  });

  it('emits each of 100 000 expiries once, in slices of at most 256', async () => {
    let inSlice = 0;
    let largest = 0;
    const clock = countingClock(() => {
      largest = Math.max(largest, inSlice);
      inSlice = 0;
    });
    const { store, core } = createBench({ clock, max: 100_000 });
    const emitted = new Map<string, number>();
    store.on('expire', ({ openid }) => {
      inSlice += 1;
      emitted.set(openid, (emitted.get(openid) ?? 0) + 1);
    });
    for (let n = 0; n < 100_000; n += 1) void saveNew(core, `user-${n}`, { n });
    await clock.advance({ seconds: 7200 });
    expect([emitted.size, Math.max(...emitted.values()), store.size]).toEqual([100_000, 1, 0]);
    expect(Math.max(largest, inSlice)).toBeLessThanOrEqual(256);
    expect(core.scheduler.size).toBe(0);
  });

  it('also clears a big store in slices', async () => {
    let inSlice = 0;
    let largest = 0;
    const clock = countingClock(() => {
      largest = Math.max(largest, inSlice);
      inSlice = 0;
    });
    let now = clock.now();
    // The scheduler never wakes by itself here: only the call below clears records.
    const standing: ManualClock = {
      ...clock,
      now: () => now,
      wake: (at, callback) => (at > now ? () => undefined : clock.wake(clock.now(), callback)),
    };
    const { store, core } = createBench({ clock: standing, max: 10_000 });
    store.on('expire', () => (inSlice += 1));
    for (let n = 0; n < 5000; n += 1) void saveNew(core, `user-${n}`, { n });
    now += 7_200_000;
    expect(await store.clearExpired()).toBe(5000);
    expect([Math.max(largest, inSlice) <= 256, store.size]).toEqual([true, 0]);
  });

  it('keeps nothing of deleted users', async () => {
    const { core, store, clock } = createBench({ max: 50 });
    for (let n = 0; n < 500; n += 1) {
      await put(store, `user-${n}`);
      if (n % 3 === 0) await store.delete(`user-${n}`);
    }
    expect([core.scheduler.size <= 50, store.size <= 50, core.lanes.busy]).toEqual([true, true, 0]);
    await clock.advance({ days: 1 });
    expect([core.scheduler.size, store.size]).toEqual([0, 0]);
  });
});
