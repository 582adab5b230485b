import { createContextStore, createRunner, setupDialogue } from 'colloquy';
import { type Disk, createDisk, memory } from 'colloquy/persist/memory';
import { type ManualClock, createManualClock } from 'colloquy/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { fromPromise } from 'xstate';
import { deferred, texts } from './world.ts';

const HOUR = 3_600_000;
let work: () => Promise<string> = async () => 'Done.';
const words = setupDialogue({
  types: {} as { context: object },
  actors: { work: fromPromise(() => work()) },
});

/** It reminds after a minute, or runs a service. */
const reminding = words.createDialogue({
  id: 'reminding',
  context: {},
  initial: 'open',
  states: {
    open: { on: { 'message.text': 'waiting', 'message.image': 'working' } },
    waiting: {
      entry: words.reply('Later.'),
      after: { 60_000: { target: 'open', actions: words.reply('Now.') } },
    },
    working: {
      invoke: {
        src: 'work',
        onDone: { target: 'open', actions: words.reply(({ event }) => event.output) },
      },
    },
  },
});

interface Options {
  readonly clock: ManualClock;
  readonly disk?: Disk;
  readonly shared?: boolean;
  readonly age?: number;
  readonly due?: 'here' | 'elsewhere';
}

/** A process that no one starts. */
function process({ clock, disk, shared = false, age = 86_400, due = 'elsewhere' }: Options) {
  const persister = disk && memory(disk, shared ? { shared, clock } : {});
  const store = createContextStore({ clock, age, ...(persister && { persister }) });
  const runner = createRunner(reminding, { store, due });
  const said: string[] = [];
  const errors: unknown[] = [];
  runner.on('reply', ({ openid, reply }) => void said.push(`${openid}: ${texts([reply]).join()}`));
  runner.on('error', ({ error }) => void errors.push((error as { code?: unknown }).code));
  onTestFinished(() => store.close());
  return { runner, store, said, errors };
}

const users = (count: number): string[] => Array.from({ length: count }, (_, at) => `user${at}`);

/** Users whose timers have been due for an hour, and a process that has not looked for them. */
async function overdue(count: number, options: Omit<Options, 'clock' | 'disk'> = {}) {
  const disk = createDisk();
  const clock = createManualClock();
  const web = process({ ...options, disk, clock });
  for (const openid of users(count)) await web.runner.handle(openid, 'hi');
  const later = createManualClock({ now: clock.now() + HOUR });
  return { ...process({ ...options, disk, clock: later }), disk, clock: later };
}

describe('runner.runDue()', () => {
  it('plays what is due of stored users, without start(), and its replies are out when it resolves', async () => {
    const { runner, said, disk } = await overdue(3);
    expect(await runner.runDue()).toEqual({ played: 3, hasMore: false });
    expect(said).toEqual(['user0: Now.', 'user1: Now.', 'user2: Now.']);
    expect([...disk.records.values()].filter(({ body }) => body.includes('Now.'))).toEqual([]);
    expect(await runner.runDue()).toEqual({ played: 0, hasMore: false });
    expect(said).toHaveLength(3);
  });

  it.each([
    [1, [1, 1, 1, 1, 1, 1, 1]],
    [3, [3, 3, 1]],
    [7, [7]],
    [100, [7]],
  ])('plays for %i users at most, and says whether more are due', async (limit, counts) => {
    const { runner, said } = await overdue(7);
    const played: number[] = [];
    for (let hasMore = true; hasMore;) {
      const result = await runner.runDue({ limit });
      played.push(result.played);
      ({ hasMore } = result);
    }
    expect(played).toEqual(counts);
    expect(said.toSorted()).toEqual(users(7).map((openid) => `${openid}: Now.`));
  });

  it('plays for a thousand users in one call, and leaves the rest', async () => {
    const { runner, said } = await overdue(1300);
    expect(await runner.runDue()).toEqual({ played: 1000, hasMore: true });
    expect(await runner.runDue()).toEqual({ played: 300, hasMore: false });
    expect(new Set(said).size).toBe(1300);
  });

  it('leaves what is not due', async () => {
    const disk = createDisk();
    const clock = createManualClock();
    await process({ disk, clock }).runner.handle('ann', 'hi');
    const cron = process({ disk, clock: createManualClock({ now: clock.now() + 59_999 }) });
    expect(await cron.runner.runDue()).toEqual({ played: 0, hasMore: false });
    expect(cron.said).toEqual([]);
  });

  it('expires the conversations that are due to expire', async () => {
    const { runner, store, disk } = await overdue(2, { age: 120 });
    const expired: string[] = [];
    store.on('expire', ({ openid }) => void expired.push(openid));
    // A timer postpones the expiry: it fires, and the conversation lives on from there.
    expect(await runner.runDue()).toEqual({ played: 2, hasMore: false });
    expect([disk.records.size, expired]).toEqual([2, []]);
    const at = createManualClock({ now: Date.UTC(2026, 0, 2) });
    const next = process({ disk, clock: at, age: 120 });
    next.store.on('expire', ({ openid }) => void expired.push(openid));
    expect(await next.runner.runDue({ limit: 1 })).toEqual({ played: 1, hasMore: true });
    expect(await next.runner.runDue({ limit: 1 })).toEqual({ played: 1, hasMore: false });
    expect([disk.records.size, expired.toSorted()]).toEqual([0, ['user0', 'user1']]);
  });

  it('delivers replies that a frozen process left', async () => {
    const disk = createDisk();
    const clock = createManualClock();
    const frozen = process({ disk, clock });
    frozen.runner.on('reply', () => new Promise(() => undefined));
    await frozen.runner.say('ann', 'Your parcel has arrived.');
    const cron = process({ disk, clock: createManualClock({ now: clock.now() + 1000 }) });
    expect(await cron.runner.runDue()).toEqual({ played: 1, hasMore: false });
    expect(cron.said).toEqual(['ann: Your parcel has arrived.']);
  });

  it('starts abandoned services, and waits for their replies', async () => {
    const disk = createDisk();
    const clock = createManualClock();
    work = () => new Promise(() => undefined);
    const frozen = process({ disk, clock });
    await frozen.runner.handle('ann', 'hi');
    await frozen.runner.handle('bob', { type: 'message.image', mediaId: 'm' }, { deadlineMs: 0 });
    work = async () => 'The report.';
    const cron = process({ disk, clock: createManualClock({ now: clock.now() + HOUR }) });
    expect(await cron.runner.runDue()).toEqual({ played: 2, hasMore: false });
    expect(cron.said.toSorted()).toEqual(['ann: Now.', 'bob: The report.']);
  });

  it('resolves after 30 seconds where a service does not end, and says that more are due', async () => {
    const disk = createDisk();
    const clock = createManualClock();
    const gate = deferred<string>();
    work = () => gate.promise;
    const image = { type: 'message.image', mediaId: 'm' } as const;
    const web = process({ disk, clock });
    await web.runner.handle('ann', image, { deadlineMs: 0 });
    await clock.advance(1);
    await web.runner.handle('bob', 'hi');
    const later = createManualClock({ now: clock.now() + HOUR });
    const cron = process({ disk, clock: later });
    const run = cron.runner.runDue({ limit: 1 });
    await later.advance({ seconds: 30 });
    expect(await run).toEqual({ played: 1, hasMore: true });
    expect(await cron.runner.runDue({ limit: 1 })).toEqual({ played: 1, hasMore: false });
    expect(cron.said).toEqual(['bob: Now.']);
    gate.resolve('At last.');
    await cron.runner.idle('ann');
    expect(cron.said).toEqual(['bob: Now.', 'ann: At last.']);
  });

  it('plays what is due in memory, where the process was frozen', async () => {
    let now = 0;
    const clock = { ...createManualClock(), now: () => now, wake: () => () => {} };
    const { runner, said } = process({ clock });
    for (const openid of users(5)) await runner.handle(openid, 'hi');
    now = HOUR;
    expect(await runner.runDue({ limit: 3 })).toEqual({ played: 3, hasMore: true });
    expect(await runner.runDue({ limit: 3 })).toEqual({ played: 2, hasMore: false });
    expect(said).toHaveLength(5);
  });

  it('passes over what stays due, and does not take it for more', async () => {
    const { runner, disk, clock, said } = await overdue(4, { shared: true });
    // Two are leased by a process that has just died.
    const leases = memory(disk, { shared: true, clock }).lease;
    for (const openid of ['user0', 'user1']) await leases?.take(openid, 'dead', 8000);
    const result = runner.runDue({ limit: 2 });
    await clock.advance({ seconds: 1 });
    expect(await result).toEqual({ played: 2, hasMore: false });
    expect(said).toEqual(['user2: Now.', 'user3: Now.']);
  });

  it('rejects if the persister cannot be asked', async () => {
    const persister = memory();
    const store = createContextStore({
      clock: createManualClock(),
      persister: { ...persister, due: () => Promise.reject(new Error('down')) },
    });
    await expect(createRunner(reminding, { store }).runDue()).rejects.toMatchObject({
      code: 'unavailable',
    });
  });

  it.each([0, -1, Number.NaN, '5', null])('refuses the limit %j', async (limit) => {
    const { runner } = process({ clock: createManualClock() });
    await expect(runner.runDue({ limit: limit as never })).rejects.toMatchObject({
      code: 'bad_option',
    });
  });

  it('refuses an unknown option, and a runner that is stopped', async () => {
    const { runner } = process({ clock: createManualClock() });
    await expect(runner.runDue({ max: 5 } as never)).rejects.toMatchObject({ code: 'bad_option' });
    await runner.stop();
    await expect(runner.runDue()).rejects.toMatchObject({ code: 'runner_stopped' });
  });
});

describe('two processes over one persister', () => {
  it('play each timer once: one answers messages and is frozen, the other is only cron calls', async () => {
    const disk = createDisk();
    let now = Date.UTC(2026, 0, 1);
    // The web process is frozen after each answer: none of its timers ever wakes it.
    const frozen = { ...createManualClock(), now: () => now, wake: () => () => {} };
    const web = process({ disk, clock: frozen, shared: true });
    const said: string[] = [];
    const cron = async (): Promise<number> => {
      const {
        runner,
        store,
        said: heard,
      } = process({
        disk,
        clock: createManualClock({ now }),
        shared: true,
      });
      let total = 0;
      for (let hasMore = true; hasMore;) {
        const result = await runner.runDue({ limit: 2 });
        total += result.played;
        ({ hasMore } = result);
      }
      await runner.stop();
      await store.close();
      said.push(...heard);
      return total;
    };
    const played: number[] = [];
    for (let minute = 0; minute < 10; minute += 1) {
      for (const openid of users(3)) await web.runner.handle(openid, 'hi');
      now += 30_000;
      played.push(await cron());
      now += 30_000;
      played.push(await cron());
    }
    expect(played.reduce((sum, count) => sum + count)).toBe(said.length);
    expect(said).toHaveLength(30);
    expect(web.said).toEqual([]);
  });

  it('play each timer once where both call runDue() at the same time', async () => {
    const { runner, said, disk, clock } = await overdue(50, { shared: true });
    const other = process({ disk, clock, shared: true });
    const results = await Promise.all([runner.runDue(), other.runner.runDue()]);
    expect(results.map(({ played }) => played).reduce((sum, count) => sum + count)).toBe(50);
    expect([...said, ...other.said].toSorted()).toEqual(
      users(50)
        .map((openid) => `${openid}: Now.`)
        .toSorted(),
    );
  });
});

describe('a runner over a persister, without start()', () => {
  /** The codes of the warnings so far. */
  function warnings(): () => unknown[] {
    const emitWarning = vi.spyOn(globalThis.process, 'emitWarning').mockReturnValue();
    onTestFinished(() => emitWarning.mockRestore());
    return () => emitWarning.mock.calls.map(([, options]) => (options as { code?: string }).code);
  }

  it('warns once when it stores a timer, and says what to do', async () => {
    const emitWarning = vi.spyOn(globalThis.process, 'emitWarning').mockReturnValue();
    onTestFinished(() => emitWarning.mockRestore());
    const { runner } = process({ disk: createDisk(), clock: createManualClock(), due: 'here' });
    for (const openid of users(3)) await runner.handle(openid, 'hi');
    expect(emitWarning.mock.calls).toEqual([
      [
        expect.stringMatching(/start\(\).*runDue\(\).*due: 'elsewhere'/u),
        { type: 'ColloquyWarning', code: 'not_started' },
      ],
    ]);
  });

  it('does not warn if there is no timer', async () => {
    const warned = warnings();
    const { runner } = process({ disk: createDisk(), clock: createManualClock(), due: 'here' });
    await runner.handle('ann', { type: 'message.voice', mediaId: 'm' });
    expect(warned()).toEqual([]);
  });

  it.each<[how: string, prepare: (runner: ReturnType<typeof process>['runner']) => unknown]>([
    ['was started', (runner) => runner.start()],
    ['calls runDue()', (runner) => runner.runDue({ limit: 5 })],
  ])('does not warn where it %s', async (_how, prepare) => {
    const warned = warnings();
    const { runner } = process({ disk: createDisk(), clock: createManualClock(), due: 'here' });
    await prepare(runner);
    await runner.handle('ann', 'hi');
    expect(warned()).toEqual([]);
  });

  it.each([
    ['in memory', {}],
    ['where another process looks for what is due', { disk: createDisk(), due: 'elsewhere' }],
  ] as const)('does not warn %s', async (_where, options) => {
    const warned = warnings();
    const { runner } = process({ due: 'here', ...options, clock: createManualClock() });
    await runner.handle('ann', 'hi');
    expect(warned()).toEqual([]);
  });

  it('refuses another word for `due`', () => {
    expect(() => createRunner(reminding, { due: 'there' as never })).toThrow(
      expect.objectContaining({ code: 'bad_option' }),
    );
  });
});
