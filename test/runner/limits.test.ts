import { describe, expect, it, onTestFinished } from 'vitest';
import { type AnyStateMachine, fromPromise, raise } from 'xstate';
import { setupDialogue } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createWorld as createOpenWorld, deferred } from './world.ts';

const gate = setupDialogue({
  types: {} as { context: object },
  actors: { wait: fromPromise(() => new Promise<string>(() => {})) },
});
const slow = gate.createDialogue({
  id: 'slow',
  context: {},
  initial: 'on',
  states: {
    on: { on: { 'message.text': 'waiting' } },
    waiting: { invoke: { src: 'wait' }, on: { 'message.text': {} } },
  },
});

/** A world whose services that never end are stopped in the end. */
function createWorld(...about: Parameters<typeof createOpenWorld>) {
  const world = createOpenWorld(...about);
  onTestFinished(async () => {
    // No answer waits for a service any more.
    await world.clock.advance({ seconds: 10 });
    await world.runner.stop();
  });
  return world;
}

/** How many of `attempts` were made before one was refused, and how that one ended. */
async function accepted<T>(
  attempts: number,
  attempt: (n: number) => Promise<T>,
  isRefused: (result: T) => boolean,
): Promise<number> {
  for (let n = 0; n < attempts; n += 1) if (isRefused(await attempt(n))) return n;
  return attempts;
}

/** The outcome of what does not have to wait, and `waits` for anything else. */
function atOnce<T>(work: Promise<T>): Promise<T | 'waits'> {
  return Promise.race([
    work,
    new Promise<'waits'>((resolve) => {
      setImmediate(() => resolve('waits'));
    }),
  ]);
}

const isShed = (turn: { readonly outcome: string } | 'waits'): boolean =>
  turn !== 'waits' && turn.outcome === 'shed';

describe('a runner with its defaults', () => {
  it('sheds the message of a user behind one that runs and 16 that wait', async () => {
    const { runner } = createWorld(slow);
    const handle = (n: number) => atOnce(runner.handle('u', `${n}`));
    expect(await accepted(20, handle, isShed)).toBe(17);
    expect(runner.stats().waiting).toBe(16);
  });

  it('sheds the message of another user where 10 000 messages and services are in flight', async () => {
    const { runner } = createWorld(slow);
    for (let n = 0; n < 4999; n += 1) void runner.handle(`u${n}`, 'hi');
    const handle = (n: number) => atOnce(runner.handle(`v${n}`, 'hi'));
    expect(await accepted(10, handle, isShed)).toBe(1);
    const { inFlight, services } = runner.stats();
    expect(inFlight + services).toBe(10_000);
  });

  it('sheds a redelivery that would be the 65th to wait for one running message', async () => {
    const { runner, clock } = createWorld(slow);
    const join = () => atOnce(runner.handle('u', 'hi', { id: '1' }));
    expect(await accepted(100, join, isShed)).toBe(64);
    // Those whose deadline has passed make room.
    await clock.advance({ seconds: 5 });
    expect(await join()).toMatchObject({ outcome: 'duplicate' });
  });
});

describe('calls that wait for a busy lane', () => {
  it('are refused behind a thousand: say(), and the erase() and the update() of the store', async () => {
    const { runner, store } = createWorld(slow);
    const { promise, resolve } = deferred();
    const busy = store.update('u', () => promise);
    const said = Array.from({ length: 1000 }, (_, n) => runner.say('u', `${n}`).catch(() => false));
    const full = { code: 'lane_full', retryable: true, openid: 'u' };
    await expect(runner.say('u', 'more')).rejects.toMatchObject(full);
    await expect(store.erase('u')).rejects.toMatchObject(full);
    await expect(store.update('u', () => {})).rejects.toMatchObject(full);
    expect(await runner.say('v', 'more')).toBe(true);
    resolve();
    await busy;
    // Behind 256 replies that wait for delivery, others are refused.
    await Promise.all(said);
    expect(await store.erase('u')).toBe(true);
  });
});

describe('listeners that never end', () => {
  it('have a maximum of 10 000 users whose replies are delivered; others wait in their records', async () => {
    const { runner, clock } = createWorld(slow);
    const { promise, resolve } = deferred();
    const told: string[] = [];
    runner.on('reply', async ({ openid }) => {
      told.push(openid);
      await promise;
    });
    for (let n = 0; n < 10_003; n += 1) await runner.say(`u${n}`, 'hi');
    expect([told.length, runner.stats().unsent]).toEqual([10_000, 10_000]);
    expect((await runner.inspect('u10002'))?.unsent).toBe(1);
    resolve();
    await clock.advance({ minutes: 6 });
    expect([new Set(told).size, runner.stats().unsent]).toEqual([10_003, 0]);
  });
});

describe('what a conversation has pending', () => {
  const reminding = (text: (n: number) => string) => {
    let count = 0;
    const words = setupDialogue({ types: {} as { context: object } });
    return words.createDialogue({
      id: 'reminding',
      context: {},
      initial: 'on',
      states: {
        on: {
          on: {
            'message.text': {
              actions: raise(() => ({ type: 'remind', text: text((count += 1)) }) as never, {
                delay: 3_600_000,
              }),
            },
          },
        },
      },
    });
  };
  const asking = setupDialogue({
    types: {} as { context: object },
    actors: { look: fromPromise<string, { n: number; text: string }>(() => new Promise(() => {})) },
  });
  const looking = asking.createDialogue({
    id: 'looking',
    context: {},
    type: 'parallel',
    states: Object.fromEntries(
      Array.from({ length: 8 }, (_, n) => [
        `s${n}`,
        {
          initial: 'idle',
          states: {
            idle: { on: { 'message.text': 'looking' } },
            looking: {
              invoke: {
                src: 'look',
                input: ({ event }: { event: { text?: string } }) => ({ n, text: `${event.text}` }),
              },
            },
          },
        },
      ]),
    ) as never,
  });

  it('has 64 timers at most', async () => {
    const { runner } = createWorld(reminding((n) => `${n}`));
    const isFailed = (turn: { readonly outcome: string }): boolean => turn.outcome === 'failed';
    expect(await accepted(100, () => runner.handle('u', 'hi'), isFailed)).toBe(64);
    expect((await runner.inspect('u'))?.timers).toHaveLength(64);
  });

  it.each([
    ['in memory', false],
    ['over a persister', true],
  ])('has four MiB of events of timers at most, %s', async (_where, isPersisted) => {
    const persister = isPersisted ? memory(createDisk()) : undefined;
    const { runner } = createWorld(
      reminding((n) => String(n).padStart(1_000_000, 'x')),
      { storeOptions: { persister } },
    );
    const errors: unknown[] = [];
    const isFailed = (turn: { readonly outcome: string; readonly error?: unknown }): boolean => {
      errors.push(turn.error);
      return turn.outcome === 'failed';
    };
    expect(await accepted(20, () => runner.handle('u', 'hi'), isFailed)).toBe(4);
    expect(errors.at(-1)).toMatchObject({ name: 'StepError', code: 'too_many_pending' });
  });

  it('has four MiB of inputs of services at most', async () => {
    const { runner } = createWorld(looking as unknown as AnyStateMachine);
    await runner.handle('u', 'x'.repeat(400_000), { deadlineMs: 0, awaitServices: false });
    expect((await runner.inspect('u'))?.services).toHaveLength(8);
    const turn = await runner.handle('v', 'x'.repeat(700_000), { awaitServices: false });
    expect([turn.outcome, turn.error]).toMatchObject(['failed', { code: 'too_many_pending' }]);
  });
});

it('conversations in over a thousand states of one dialogue each stand where they are', async () => {
  const bits = Array.from({ length: 11 }, (_, n) => n);
  const words = setupDialogue({ types: {} as { context: object } });
  const dialogue = words.createDialogue({
    id: 'bits',
    context: {},
    type: 'parallel',
    states: Object.fromEntries(
      bits.map((bit) => [
        `b${bit}`,
        {
          initial: 'off',
          states: {
            off: {
              on: {
                'message.text': {
                  guard: ({ event }: { event: { text: string } }) =>
                    ((Number(event.text) >> bit) & 1) === 1,
                  target: 'on',
                },
              },
            },
            on: {},
          },
        },
      ]),
    ) as never,
  });
  const { runner } = createWorld(dialogue as unknown as AnyStateMachine);
  const users = Array.from({ length: 1100 }, (_, n) => n);
  for (const n of users) await runner.handle(`u${n}`, `${n}`);
  for (const n of users) {
    const { value } = (await runner.inspect(`u${n}`))?.dialogue ?? {};
    const stands = Object.values(value as object).map((state) => (state === 'on' ? 1 : 0));
    expect(stands.reduce<number>((all, on, bit) => all + (on << bit), 0)).toBe(n);
  }
});
