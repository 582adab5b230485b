import { createContextStore, createRunner, integer, setupDialogue, text } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { texts } from './world.ts';

const HOUR = 3_600_000;
const words = setupDialogue({
  types: {} as { context: { n?: number; a?: string } },
  events: { paid: {} },
});
const { ask, createDialogue, done, reply } = words;

/** An offer that is over after a quarter of an hour. */
const offer = createDialogue({
  id: 'offer',
  context: {},
  initial: 'offered',
  states: {
    offered: ask({
      question: '100, for 15 minutes.',
      parse: text(),
      assign: 'a',
      target: 'bought',
      timeout: { after: { minutes: 15 }, target: 'over' },
    }),
    over: {
      entry: reply('It is over.'),
      on: {
        'message.text': { actions: reply('Too late.') },
        'event.paid': { actions: reply('Paid too late.') },
        'event.location': { guard: () => false, actions: [] },
        'message.file': {
          actions: words.assign(() => {
            throw new Error('boom');
          }),
        },
      },
    },
    bought: done('Bought for 100.'),
  },
});

/** A process over a disk that is looked at an hour, or `afterMs`, later. None of them calls `start()`. */
async function later(afterMs: number = HOUR, shared = false) {
  const disk = createDisk();
  const clock = createManualClock();
  const process = (at: typeof clock) => {
    const persister = memory(disk, shared ? { shared: true, clock: at } : {});
    const store = createContextStore({ clock: at, persister, age: 86_400 });
    return createRunner(offer, { store, seen: { ageMs: 24 * HOUR } });
  };
  await process(clock).handle('ann', 'hi', { id: '1' });
  const now = createManualClock({ now: clock.now() + afterMs });
  const runner = process(now);
  const said: string[] = [];
  runner.on('reply', ({ reply: each }) => void said.push(...texts([each])));
  return { runner, said, clock: now, again: () => process(now) };
}

describe('what was overdue when a message came', () => {
  it.each([false, true])(
    'comes first, in its answer, without a call of start()',
    async (shared) => {
      const { runner, said, clock } = await later(HOUR, shared);
      const turn = await runner.handle('ann', 'yes', { id: '2' });
      expect(texts(turn.replies)).toEqual(['It is over.', 'Too late.']);
      await clock.advance({ minutes: 1 });
      expect(said).toEqual([]);
      const again = await runner.handle('ann', 'yes', { id: '2' });
      expect([again.outcome, texts(again.replies)]).toEqual(['duplicate', texts(turn.replies)]);
    },
  );

  it('does not come before a message that counted already', async () => {
    const { runner, clock, said } = await later();
    const turn = await runner.handle('ann', 'hi', { id: '1' });
    expect([turn.outcome, texts(turn.replies)]).toEqual(['duplicate', ['100, for 15 minutes.']]);
    await clock.advance({ minutes: 1 });
    expect(said).toEqual(['It is over.']);
  });

  it.each([false, true])(
    'comes first as events where the message is one from outside (shared: %s)',
    async (shared) => {
      const { runner, said, clock } = await later(HOUR, shared);
      const turn = await runner.send('ann', { type: 'event.paid' });
      expect(turn.outcome).toBe('replied');
      await clock.advance(0);
      expect(said).toEqual(['It is over.', 'Paid too late.']);
    },
  );

  it.each([false, true])(
    'comes as events where the caller has left (shared: %s)',
    async (shared) => {
      const { runner, said, clock } = await later(HOUR, shared);
      const turn = runner.handle('ann', 'yes', { deadlineMs: 0 });
      await clock.advance({ seconds: 1 });
      const { replies } = await turn;
      expect([...texts(replies), ...said]).toEqual(['It is over.', 'Too late.']);
    },
  );

  it.each(
    (
      [
        ['no state takes it', { type: 'message.image', mediaId: '7' }, 'unhandled'],
        [
          'it is an event that no state takes',
          { type: 'event.location', latitude: 1, longitude: 1 },
          'unhandled',
        ],
        ['its button is over', { type: 'message.action', value: 'yes', asking: '0' }, 'stale'],
        ['its turn fails', { type: 'message.file', mediaId: '7' }, 'failed'],
      ] as const
    ).flatMap(([why, message, outcome]) =>
      [false, true].map((shared) => ({ why, message, outcome, shared })),
    ),
  )('comes at once where $why (shared: $shared)', async ({ message, outcome, shared }) => {
    const { runner, said, clock } = await later(HOUR, shared);
    const turn = await runner.handle('ann', message, { id: '2' });
    await clock.advance({ seconds: 1 });
    expect([turn.outcome, ...texts(turn.replies), ...said]).toEqual([outcome, 'It is over.']);
  });

  it('comes first in memory, too, where the process slept', async () => {
    let now = 0;
    const clock = { ...createManualClock(), now: () => now, wake: () => () => {} };
    const runner = createRunner(offer, { clock });
    await runner.handle('ann', 'hi');
    now = HOUR;
    const turn = await runner.handle('ann', 'yes');
    expect(texts(turn.replies)).toEqual(['It is over.', 'Too late.']);
  });

  it('is tried once where it fails, and the message is taken', async () => {
    const broken = createDialogue({
      id: 'broken',
      context: {},
      initial: 'a',
      states: {
        a: {
          entry: reply('Hello.'),
          after: {
            60_000: {
              target: 'b',
              actions: words.assign(() => {
                throw new Error('boom');
              }),
            },
          },
          on: { 'message.text': { actions: reply('Still here.') } },
        },
        b: {},
      },
    });
    let now = 0;
    const clock = { ...createManualClock(), now: () => now, wake: () => () => {} };
    const runner = createRunner(broken, { clock });
    const errors: unknown[] = [];
    runner.on('error', ({ error }) => errors.push(error));
    await runner.handle('ann', 'hi');
    now = HOUR;
    expect(texts((await runner.handle('ann', 'x')).replies)).toEqual(['Still here.']);
    expect(errors).toHaveLength(1);
  });
});

it('a conversation that has expired begins again, and its timers do not fire', async () => {
  const asking = createDialogue({
    id: 'asking',
    context: {},
    initial: 'n',
    states: {
      n: ask({ question: 'How many?', parse: integer(), assign: 'n', target: 'end' }),
      end: done(({ context }) => `${context.n}.`),
    },
  });
  const disk = createDisk();
  const at = (now: number) =>
    createRunner(asking, {
      store: createContextStore({
        clock: createManualClock({ now }),
        persister: memory(disk),
        age: 60,
      }),
    });
  await at(0).handle('ann', 'hi');
  expect(texts((await at(HOUR).handle('ann', '4')).replies)).toEqual(['How many?']);
});
