import {
  type Persister,
  UsageError,
  createContextStore,
  createRunner,
  setupDialogue,
} from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { type ManualClock, createManualClock } from 'colloquy/testing';
import { writeBehind } from 'colloquy/persist/write-behind';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { fromPromise } from 'xstate';
import { coreOf } from '../../src/context/store.ts';
import { texts } from '../runner/world.ts';
import { skewedClock } from './skewed.ts';
import { createRig, hear, hearCodes } from './support.ts';

const HOUR = 3_600_000;

/** A dialogue that reminds after five minutes, runs a service without end, or says when a message arrived. */
function dialogue() {
  const words = setupDialogue({
    types: {} as { context: { n?: number } },
    actors: { work: fromPromise(() => new Promise<void>(() => undefined)) },
  });
  return words.createDialogue({
    id: 'reminder',
    version: '1',
    context: {},
    initial: 'open',
    states: {
      open: {
        on: {
          'message.text': 'waiting',
          'message.image': 'working',
          'message.video': { actions: words.reply(({ event }) => `${event.receivedAt}`) },
        },
      },
      waiting: {
        entry: words.reply('Later.'),
        after: { [5 * 60_000]: { target: 'open', actions: words.reply('Now.') } },
      },
      working: { invoke: { src: 'work', onDone: 'open' } },
    },
  });
}

const image = { type: 'message.image', mediaId: 'm' } as const;
const video = { type: 'message.video', mediaId: 'm' } as const;

type Started = ReturnType<ReturnType<typeof createPlace>['start']>;

/** Several processes on one disk, whose clocks differ. */
function createPlace() {
  const clock = createManualClock();
  const disk = createDisk();
  /** Time that a call takes to reach the disk, and its answer to return. */
  const road = { thereMs: 0, backMs: 0 };
  const waits = async (ms: number): Promise<void> => {
    if (ms > 0) await new Promise<void>((resolve) => void clock.wake(clock.now() + ms, resolve));
  };
  const asked: number[] = [];

  function start(owner: string, skewMs: number) {
    const process = skewedClock(clock, skewMs);
    const shared = memory(disk, { shared: true, clock });
    const state = { now: () => clock.now() };
    const persister: Persister = {
      ...shared,
      async now() {
        asked.push(process.now());
        await waits(road.thereMs);
        const now = state.now();
        await waits(road.backMs);
        return now;
      },
    };
    const store = createContextStore<{ n?: number }>({
      clock: process,
      persister,
      lease: { owner },
      age: 7200,
    });
    onTestFinished(() => store.close());
    const expired = hear(store as never, 'expire');
    const errors: { code?: unknown; details?: unknown }[] = [];
    store.on('error', ({ error }) => errors.push(error as object));
    const runner = createRunner(dialogue(), { store });
    const said: string[] = [];
    runner.on('reply', ({ reply }) => said.push(`${clock.now()} ${texts([reply]).join()}`));
    return { clock: process, store, core: coreOf(store), runner, said, expired, errors, state };
  }
  return { clock, disk, road, asked, start };
}

/** How far the clock of a store is ahead of the clock of its process. */
function offsetOf({ core }: Started): number {
  return core.clock.now() - core.processClock.now();
}

/** Lets time pass until the work is done. */
async function run<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  const state = { isOver: false };
  const ended = work.finally(() => {
    state.isOver = true;
  });
  for (let step = 0; step < 10_000 && !state.isOver; step += 1) {
    await clock.advance(step === 0 ? 0 : 5);
  }
  return ended;
}

describe.each([
  ['an hour ahead', HOUR],
  ['an hour behind', -HOUR],
])('beside a process whose clock is %s', (_how, skewMs) => {
  it.each([
    ['the process with the right clock', 0, skewMs],
    ['the process with the wrong clock', skewMs, 0],
  ])('a timer that is set by %s fires once, and at its time', async (_by, first, second) => {
    const { clock, start } = createPlace();
    const a = start('a', first);
    const b = start('b', second);
    await run(clock, a.runner.start());
    await run(clock, b.runner.start());
    const turn = await run(clock, a.runner.handle('ann', 'remind me'));
    expect(texts(turn.replies)).toEqual(['Later.']);
    const dueAt = clock.now() + 5 * 60_000;
    await clock.advance({ minutes: 4, seconds: 59 });
    expect([...a.said, ...b.said]).toEqual([]);
    await clock.advance({ hours: 3 });
    expect([...a.said, ...b.said]).toHaveLength(1);
    const [firedAt] = (a.said[0] ?? b.said[0] ?? '').split(' ');
    expect(Math.abs(Number(firedAt) - dueAt)).toBeLessThan(10);
  });

  it('the other process fires a timer of a dead one within seconds of its time, and not before', async () => {
    const { clock, start } = createPlace();
    const a = start('a', 0);
    const b = start('b', skewMs);
    await run(clock, b.runner.start());
    await run(clock, a.runner.handle('ann', 'remind me'));
    const dueAt = clock.now() + 5 * 60_000;
    await a.store.close();
    await clock.advance(dueAt - clock.now() - 1);
    expect(b.said).toEqual([]);
    await clock.advance(3000);
    expect(b.said).toHaveLength(1);
  });

  it('a dictionary expires once, at its time', async () => {
    const { clock, start } = createPlace();
    const a = start('a', 0);
    const b = start('b', skewMs);
    await run(clock, a.runner.start());
    await run(clock, b.runner.start());
    await run(
      clock,
      b.store.update('ann', (context) => void context.set('n', 1)),
    );
    expect((await run(clock, a.store.open('ann'))).get('n')).toBe(1);
    await clock.advance({ hours: 1, minutes: 59, seconds: 59 });
    expect(await run(clock, a.store.exists('ann'))).toBe(true);
    expect(await run(clock, b.store.exists('ann'))).toBe(true);
    await clock.advance({ seconds: 5 });
    expect([...a.expired, ...b.expired]).toHaveLength(1);
    expect(await run(clock, a.store.exists('ann'))).toBe(false);
    expect(await run(clock, b.store.exists('ann'))).toBe(false);
  });

  it('the process with the wrong clock knows whether the first record that it loads has expired', async () => {
    const { clock, start } = createPlace();
    const a = start('a', 0);
    await run(
      clock,
      a.store.update('ann', (context) => void context.set('n', 1)),
    );
    const [ahead, behind] = [start('b', skewMs), start('c', skewMs)];
    await clock.advance({ hours: 1, minutes: 30 });
    expect((await run(clock, ahead.store.open('ann'))).get('n')).toBe(1);
    await a.store.close();
    await ahead.store.close();
    await clock.advance({ minutes: 31 });
    expect(await run(clock, behind.store.exists('ann'))).toBe(false);
  });

  it('the process with the wrong clock clears only expired records', async () => {
    const { clock, start } = createPlace();
    const a = start('a', 0);
    await run(
      clock,
      a.store.update('ann', (context) => void context.set('n', 1)),
    );
    await a.store.close();
    const b = start('b', skewMs);
    await clock.advance({ hours: 1, minutes: 30 });
    expect(await run(clock, b.store.clearExpired())).toBe(0);
    await clock.advance({ minutes: 30 });
    const c = start('c', skewMs);
    expect(await run(clock, c.store.clearExpired())).toBe(1);
  });

  it('a fixed expiry counts by the time of the persister', async () => {
    const { clock, start } = createPlace();
    const a = start('a', skewMs);
    await run(
      clock,
      a.store.update('ann', (context) => context.setExpiry({ minutes: 5 })),
    );
    expect(a.core.records.cached('ann')?.record.expiry).toEqual({ at: clock.now() + 5 * 60_000 });
  });

  it('a message that `say` stores first of all waits for its sender, by the time of the persister', async () => {
    const { clock, disk, start } = createPlace();
    const a = start('a', skewMs);
    a.runner.on('reply', () => new Promise(() => undefined));
    await run(clock, a.runner.say('ann', 'Hello'));
    const { outbox, savedAt } = a.core.records.cached('ann')?.record ?? {};
    expect(savedAt).toBe(clock.now());
    expect(outbox?.[0]?.dueAt).toBe(clock.now() + 30_000);
    expect(disk.records.size).toBe(1);
  });

  it.each([
    ['first of all', false],
    ['later', true],
  ])('the deadline of a message counts by the clock of its arrival, %s', async (_when, later) => {
    const { clock, start } = createPlace();
    const a = start('a', skewMs);
    if (later) await run(clock, a.runner.start());
    const receivedAt = a.clock.now() - 400;
    const turn = a.runner.handle('ann', image, { receivedAt, deadlineMs: 1000 });
    let outcome: string | undefined;
    void turn.then((ended) => {
      ({ outcome } = ended);
    });
    await clock.advance(599);
    expect(outcome).toBeUndefined();
    await clock.advance(1);
    expect(outcome).toBe('pending');
  });

  it.each([
    ['first of all', false],
    ['later', true],
  ])('the dialogue sees the arrival of a message as it is stored, %s', async (_when, later) => {
    const { clock, start } = createPlace();
    const a = start('a', skewMs);
    if (later) await run(clock, a.runner.start());
    const wanted = clock.now() - 400;
    const turn = a.runner.handle('ann', video, { receivedAt: a.clock.now() - 400 });
    expect(texts((await run(clock, turn)).replies)).toEqual([`${wanted}`]);
  });

  it('a store waits until a lease expires, and then takes it', async () => {
    const { clock, disk, start } = createPlace();
    const a = start('a', skewMs);
    await memory(disk, { shared: true, clock }).lease?.take('ann', 'dead', 8000);
    const before = clock.now();
    await run(
      clock,
      a.store.update('ann', (context) => void context.set('n', 1)),
    );
    expect(clock.now() - before).toBeGreaterThanOrEqual(8000);
    expect(clock.now() - before).toBeLessThan(8500);
    expect(disk.leases?.size).toBe(0);
  });

  it('the difference is reported once', async () => {
    const { clock, start } = createPlace();
    const a = start('a', skewMs);
    await run(clock, a.runner.start());
    await clock.advance({ hours: 2 });
    expect(a.errors).toMatchObject([{ code: 'clock_skew', details: { offsetMs: -skewMs } }]);
  });
});

describe('a store on a persister with a clock', () => {
  it('uses the clock of its process if the two agree', async () => {
    const { clock, road, start } = createPlace();
    const a = start('a', 3);
    Object.assign(road, { thereMs: 10, backMs: 0 });
    await run(clock, a.runner.start());
    expect(offsetOf(a)).toBe(0);
    expect(a.errors).toEqual([]);
  });

  it.each([
    ['the same time both ways', 20, 20, 0],
    ['all of it on the way there', 40, 0, 20],
    ['all of it on the way back', 0, 40, 20],
  ])('is off by half a round trip at most: %s', async (_how, thereMs, backMs, withinMs) => {
    const { clock, road, start } = createPlace();
    const a = start('a', HOUR);
    Object.assign(road, { thereMs, backMs });
    await run(clock, a.runner.start());
    expect(Math.abs(a.core.clock.now() - clock.now())).toBeLessThanOrEqual(withinMs);
    expect(Math.abs(offsetOf(a) + HOUR)).toBeLessThanOrEqual(withinMs);
  });

  it('uses the answer that came back soonest', async () => {
    const { clock, road, asked, start } = createPlace();
    const a = start('a', HOUR);
    Object.assign(road, { thereMs: 300, backMs: 0 });
    const started = a.runner.start();
    await clock.advance(299);
    Object.assign(road, { thereMs: 0, backMs: 0 });
    await run(clock, started);
    expect(offsetOf(a)).toBe(-HOUR);
    expect(asked).toHaveLength(2);
  });

  it('compares again every minute, and detects a clock that was set', async () => {
    const { clock, asked, start } = createPlace();
    const a = start('a', 0);
    await run(clock, a.runner.start());
    for (const skewMs of [4000, 0, -4000, 1]) {
      const before = asked.length;
      a.clock.skewMs = skewMs;
      await clock.advance(59_999);
      expect(asked).toHaveLength(before);
      await clock.advance(1);
      expect(asked).toHaveLength(before + 1);
      // The store cannot detect a difference of one millisecond.
      const wrongMs = skewMs === 1 ? 1 : 0;
      expect(a.core.clock.now() - clock.now()).toBeLessThanOrEqual(wrongMs);
    }
  });

  it.each([
    ['ahead', 30_000],
    ['back', -30_000],
  ])(
    'wakes on time for a timer that was armed before its clock was set %s',
    async (_way, setBy) => {
      const { clock, start } = createPlace();
      const a = start('a', 0);
      await run(clock, a.store.exists('ann'));
      a.clock.skewMs = setBy;
      await run(clock, a.runner.handle('ann', 'remind me'));
      const wrongAt = a.core.records.cached('ann')?.record.timers[0]?.dueAt ?? 0;
      expect(wrongAt).toBe(clock.now() + setBy + 5 * 60_000);
      await clock.advance({ minutes: 1 });
      expect(a.core.clock.now()).toBe(clock.now());
      await clock.advance(wrongAt - clock.now() - 1);
      expect(a.said).toEqual([]);
      await clock.advance(1);
      expect(a.said).toHaveLength(1);
    },
  );

  describe.each([
    ['ahead', HOUR],
    ['back', -HOUR],
  ])('whose process had its clock set an hour %s', (_way, setBy) => {
    it('asks for the time before the next message', async () => {
      const { clock, start } = createPlace();
      const a = start('a', 0);
      await run(clock, a.store.exists('ann'));
      a.clock.skewMs = setBy;
      await run(clock, a.runner.handle('ann', 'remind me'));
      expect(a.core.records.cached('ann')?.record.timers[0]?.dueAt).toBe(clock.now() + 5 * 60_000);
      await clock.advance(5 * 60_000 - 1);
      expect(a.said).toEqual([]);
      await clock.advance(1);
      expect(a.said).toHaveLength(1);
    });

    it('asks for it when it wakes for a timer, which fires at its time', async () => {
      const { clock, start } = createPlace();
      const a = start('a', 0);
      await run(clock, a.runner.handle('ann', 'remind me'));
      const dueAt = clock.now() + 5 * 60_000;
      // A clock that a wait looks at, as that on the wall: it wakes early once it is set ahead.
      a.clock.skewMs = setBy;
      await clock.advance({ seconds: 30 });
      a.core.scheduler.rearm();
      await clock.advance(dueAt - clock.now() - 1);
      expect(a.said).toEqual([]);
      await clock.advance(1);
      expect(a.said).toHaveLength(1);
    });

    it('does not compare twice as often from then on', async () => {
      const { clock, asked, start } = createPlace();
      const a = start('a', 0);
      await run(clock, a.store.exists('ann'));
      a.clock.skewMs = setBy;
      await run(clock, a.store.exists('ann'));
      const before = asked.length;
      await clock.advance({ minutes: 10 });
      expect(asked).toHaveLength(before + 10);
    });
  });

  it('looks for work of other processes as often as before after its clock was set back', async () => {
    const { clock, start } = createPlace();
    const a = start('a', HOUR);
    const b = start('b', 0);
    a.state.now = () => Promise.reject(new Error('down')) as never;
    await run(clock, a.runner.start());
    expect(offsetOf(a)).toBe(0);
    expect(a.errors).toMatchObject([{ code: 'unavailable' }]);
    a.state.now = () => clock.now();
    await clock.advance({ seconds: 6 });
    expect(offsetOf(a)).toBe(-HOUR);
    await run(clock, b.runner.handle('ann', 'remind me'));
    await b.store.close();
    await clock.advance({ minutes: 5, seconds: 3 });
    expect(a.said).toHaveLength(1);
  });

  it('reports again a clock whose error doubled, and one that was right in between', async () => {
    const { clock, start } = createPlace();
    const a = start('a', 2000);
    const offsets = () => a.errors.map(({ details }) => (details as { offsetMs: number }).offsetMs);
    await run(clock, a.runner.start());
    expect(offsets()).toEqual([-2000]);
    for (const [skewMs, emitted] of [
      [3900, []],
      [4100, [-4100]],
      [-2000, [2000]],
      [900, []],
      [-1500, [1500]],
    ] as const) {
      a.errors.length = 0;
      a.clock.skewMs = skewMs;
      await clock.advance({ minutes: 1 });
      expect(offsetOf(a)).toBe(-skewMs);
      expect(offsets()).toEqual(emitted);
    }
  });

  it('does not report an error within the uncertainty, and asks again soon', async () => {
    const { clock, road, asked, start } = createPlace();
    const a = start('a', 1200);
    Object.assign(road, { thereMs: 1500, backMs: 1500 });
    await run(clock, a.runner.start());
    expect(asked).toHaveLength(1);
    expect(a.errors).toEqual([]);
    Object.assign(road, { thereMs: 0, backMs: 0 });
    await clock.advance({ seconds: 5 });
    expect(offsetOf(a)).toBe(-1200);
    expect(a.errors).toMatchObject([{ code: 'clock_skew' }]);
  });

  it.each<[string, (answer: () => number) => unknown, string]>([
    ['fails', () => Promise.reject(new Error('down')), 'unavailable'],
    ['gives no number', () => 'now', 'bad_time'],
    ['gives an invalid time', () => Number.NaN, 'bad_time'],
    ['gives no answer', () => new Promise(() => undefined), 'timeout'],
  ])(
    'uses the clock of its process while that %s, reports it once, and asks again',
    async (_how, now, code) => {
      const { clock, asked, start } = createPlace();
      const a = start('a', HOUR);
      a.state.now = now as never;
      const updated = a.store.update('ann', (context) => void context.set('n', 1));
      await run(clock, updated);
      expect(a.core.clock.now()).toBe(a.clock.now());
      await clock.advance({ minutes: 1 });
      expect(a.errors).toMatchObject([{ code }]);
      expect(asked.length).toBeGreaterThan(3);
      a.state.now = () => clock.now();
      await clock.advance({ seconds: 10 });
      expect(offsetOf(a)).toBe(-HOUR);
      a.state.now = now as never;
      await clock.advance({ minutes: 20 });
      expect(offsetOf(a)).toBe(-HOUR);
      expect(a.errors.map((error) => error.code)).toEqual([code, 'clock_skew', code]);
    },
  );

  it('ignores an answer if the clock of the process was set back while it waited', async () => {
    const { clock, road, start } = createPlace();
    const a = start('a', 0);
    Object.assign(road, { thereMs: 10, backMs: 10 });
    const started = a.runner.start();
    await clock.advance(15);
    a.clock.skewMs = -HOUR;
    await run(clock, started);
    expect(offsetOf(a)).toBe(HOUR);
  });

  it.each<[string, (b: Started) => Promise<unknown>]>([
    ['a look', (b) => b.store.open('ann')],
    ['an update', (b) => b.store.update('ann', (context) => void context.set('m' as 'n', 2))],
    [
      'a second update',
      async (b) => {
        void b.store.update('ann', () => {});
        return b.store.update('ann', (context) => void context.set('m' as 'n', 2));
      },
    ],
    ['a message', (b) => b.runner.handle('ann', 'hi')],
  ])(
    'delays %s that is under way when the store closes, and nothing expires by another clock',
    async (_what, act) => {
      const { clock, road, start } = createPlace();
      const a = start('a', 0);
      await run(
        clock,
        a.store.update('ann', (context) => void context.set('n', 1)),
      );
      road.backMs = 10;
      const b = start('b', 3 * HOUR);
      const acted = act(b);
      await clock.advance(0);
      const closed = b.store.close();
      // A call that only reads may find the persister closed.
      await run(
        clock,
        acted.catch(() => undefined),
      );
      await run(clock, closed);
      expect((await run(clock, a.store.open('ann'))).get('n')).toBe(1);
    },
  );

  it('does not ask after it is closed, and reports nothing then', async () => {
    const { clock, road, asked, start } = createPlace();
    const a = start('a', HOUR);
    await run(clock, a.runner.start());
    const b = start('b', HOUR);
    road.backMs = 10;
    const began = b.runner.start();
    await a.store.close();
    await b.store.close();
    await run(clock, began);
    const count = asked.length;
    await clock.advance({ hours: 1 });
    expect(asked).toHaveLength(count);
    expect(b.errors).toEqual([]);
  });

  it('also uses it when it writes behind', async () => {
    const { clock, disk } = createPlace();
    const { now, ...alone } = memory(disk, { clock });
    if (now === undefined) throw new Error('with a clock it tells the time');
    const process = skewedClock(clock, HOUR);
    const store = createContextStore({
      clock: process,
      persister: writeBehind({ ...alone, now }, { behindMs: 1000 }),
    });
    onTestFinished(() => store.close());
    const codes = hearCodes(store as never);
    await run(
      clock,
      store.update('ann', (context) => void context.set('n', 1)),
    );
    expect(coreOf(store).records.cached('ann')?.record.savedAt).toBe(clock.now());
    await clock.advance(1000);
    expect(store.stats().unwritten).toBe(0);
    expect(codes).toEqual(['clock_skew']);
  });

  it('lets a runner name the clock of its store', () => {
    const clock = createManualClock();
    const persister = memory(createDisk(), { clock });
    const store = createContextStore({ clock, persister });
    onTestFinished(() => store.close());
    expect(() => createRunner(dialogue(), { store, clock })).not.toThrow();
    const wrong = { store, clock: createManualClock() };
    expect(() => createRunner(dialogue(), wrong)).toThrow(UsageError);
  });
});

it.each([
  ['without a persister', undefined],
  ['on a persister without a clock', createRig().persister],
])('a store %s uses the given clock itself', (_which, persister) => {
  const clock = createManualClock();
  const store = createContextStore({ clock, ...(persister && { persister }) });
  onTestFinished(() => store.close());
  expect(coreOf(store).clock).toBe(clock);
  expect(coreOf(store).processClock).toBe(clock);
});

describe('the clock on the wall of a process that does nothing', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('may be set back by an hour, and what is due comes at its time', async () => {
    const ahead = Date.now() - performance.now();
    const { now: _now, ...alone } = memory(createDisk());
    const now = async (): Promise<number> => ahead + performance.now();
    const store = createContextStore({ persister: { ...alone, now }, age: 90 });
    onTestFinished(() => store.close());
    store.on('error', () => undefined);
    const expired = hear(store as never, 'expire');
    await store.update('ann', (context) => void context.set('n', 1));
    vi.setSystemTime(Date.now() - HOUR);
    await vi.advanceTimersByTimeAsync(89_000);
    expect(expired).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(3000);
    expect(expired).toHaveLength(1);
  });
});
