import {
  DeliveryError,
  type RunnerEvents,
  createContextStore,
  createRunner,
  setupDialogue,
} from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { texts } from './world.ts';

const { createDialogue, reply } = setupDialogue({ types: {} as { context: object } });
const answering = createDialogue({
  id: 'answering',
  context: {},
  on: { 'message.text': { actions: reply('Yes.') } },
});

function start({
  disk,
  clock = createManualClock(),
}: {
  readonly disk?: ReturnType<typeof createDisk>;
  readonly clock?: ReturnType<typeof createManualClock>;
}) {
  const store = createContextStore({
    clock,
    age: 7 * 86_400,
    ...(disk && { persister: memory(disk) }),
  });
  const runner = createRunner(answering, { store });
  runner.on('error', () => {});
  onTestFinished(() => store.close());
  const startedAt = clock.now();
  /** The seconds since the start at which each text was tried. */
  const tries: [text: string, seconds: number][] = [];
  /** Refuses the next `times` deliveries, each with one of these waits; the last wait is also that of all later ones. */
  const refuse = (times: number, ...waits: readonly unknown[]): void => {
    let refused = 0;
    runner.on('reply', ({ reply: said }: RunnerEvents['reply']) => {
      tries.push([...(texts([said]) as [string]), Math.round((clock.now() - startedAt) / 1000)]);
      if (refused === times) return;
      refused += 1;
      throw new DeliveryError('rate_limited', 'Too many.', {
        retryable: true,
        details: { retryAfterMs: waits[refused - 1] ?? waits.at(-1) },
      });
    });
  };
  return { clock, store, runner, tries, refuse };
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

describe.each([
  ['in memory', () => ({})],
  ['over a persister', () => ({ disk: createDisk() })],
])('a reply that a platform asks to receive later, %s', (_name, world) => {
  it('is tried again after that wait', async () => {
    const { runner, clock, tries, refuse } = start(world());
    refuse(2, 90_000, 30_000);
    await runner.say('ann', ['hi']);
    await clock.advance({ minutes: 5 });
    expect(tries).toEqual([
      ['hi', 0],
      ['hi', 90],
      ['hi', 120],
    ]);
  });

  it('is tried no earlier than any other failed reply', async () => {
    const { runner, clock, tries, refuse } = start(world());
    refuse(3, 10);
    await runner.say('ann', ['hi']);
    await clock.advance({ minutes: 5 });
    expect(tries).toEqual([
      ['hi', 0],
      ['hi', 1],
      ['hi', 3],
      ['hi', 7],
    ]);
  });

  it('keeps its time and its place before replies that are said meanwhile', async () => {
    const { runner, clock, tries, refuse } = start(world());
    refuse(1, 10 * MINUTE_MS);
    await runner.say('ann', ['first']);
    await clock.advance({ minutes: 1 });
    await runner.say('ann', ['second']);
    expect((await runner.handle('ann', 'well?')).outcome).toBe('replied');
    await clock.advance({ minutes: 8 });
    expect(tries).toEqual([['first', 0]]);
    await clock.advance({ minutes: 2 });
    expect(tries).toEqual([
      ['first', 0],
      ['first', 600],
      ['second', 600],
    ]);
  });

  it('does not hold up other users', async () => {
    const { runner, clock, tries, refuse } = start(world());
    refuse(1, 10 * MINUTE_MS);
    await runner.say('ann', ['for Ann']);
    await runner.say('bob', ['for Bob']);
    await clock.advance(0);
    expect(tries).toEqual([
      ['for Ann', 0],
      ['for Bob', 0],
    ]);
  });

  it('is tried after a day, although the platform asks for a longer wait', async () => {
    const { runner, clock, tries, refuse } = start(world());
    refuse(1, 30 * DAY_MS);
    await runner.say('ann', ['hi']);
    await clock.advance({ days: 2 });
    expect(tries).toEqual([
      ['hi', 0],
      ['hi', 86_400],
    ]);
  });

  it.each([['a minute'], [Number.NaN], [Number.POSITIVE_INFINITY], [-1], [null], [{}]])(
    'is tried like any other failed reply if the wait is %s',
    async (wait) => {
      const { runner, clock, tries, refuse } = start(world());
      refuse(1, wait);
      await runner.say('ann', ['hi']);
      await clock.advance({ minutes: 5 });
      expect(tries.map(([, seconds]) => seconds)).toEqual([0, 1]);
    },
  );

  it('waits for the longest wait of several listeners', async () => {
    const { runner, clock, tries, refuse } = start(world());
    refuse(1, 20_000);
    refuse(1, 50_000);
    await runner.say('ann', ['hi']);
    await clock.advance({ minutes: 5 });
    expect(tries.map(([, seconds]) => seconds)).toEqual([0, 0, 50, 50]);
  });
});

it('the next process, too, tries a reply no earlier than its platform asks', async () => {
  const disk = createDisk();
  const { runner, store, clock, tries, refuse } = start({ disk });
  refuse(1, 10 * MINUTE_MS);
  await runner.say('ann', ['first']);
  await clock.advance({ seconds: 1 });
  await runner.stop();
  await store.close();
  expect(tries).toHaveLength(1);

  const next = start({ disk, clock });
  next.refuse(0);
  await next.runner.start();
  await next.runner.say('ann', ['second']);
  await clock.advance({ minutes: 9 });
  expect(next.tries).toEqual([]);
  await clock.advance({ minutes: 2 });
  expect(next.tries.map(([text]) => text)).toEqual(['first', 'second']);
});
