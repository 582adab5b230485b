import { createRunner, createContextStore, keywords, now, setupDialogue } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { converse, createManualClock, explore, fails } from 'colloquy/testing';
import { fromPromise } from 'xstate';
import { describe, expect, it } from 'vitest';

const NOON = Date.parse('2026-03-02T12:00:00Z');
const HOUR = 3_600_000;

interface Times {
  readonly [what: string]: number;
}

const inner = setupDialogue({ types: {} as { context: Times; output: Times } });
const child = inner.createDialogue({
  id: 'child',
  context: () => ({ born: now() }),
  initial: 'open',
  states: {
    open: { on: { 'message.text': { target: 'end' } } },
    end: { type: 'final', entry: inner.assign({ left: () => now() }) },
  },
  output: ({ context }) => context,
});

const acted: number[] = [];
const words = setupDialogue({
  types: {} as { context: Times },
  actors: { child, lookUp: fromPromise(async () => {}) },
  intents: { stop: keywords('stop') },
  guards: { isAfternoon: () => now() > NOON },
  // Half past the hour, whenever it is set.
  delays: { untilHalfPast: () => NOON + HOUR / 2 - now() },
  actions: { act: () => void acted.push(now()) },
});

const noted = (what: string) => (): Times => ({ [what]: now() });

/** Writes down what time it is wherever a dialogue may ask. */
const clerk = words.createDialogue({
  id: 'clerk',
  context: {},
  initial: 'morning',
  states: {
    morning: {
      entry: words.assign(noted('entered')),
      on: {
        'message.text': {
          guard: 'isAfternoon',
          target: 'waiting',
          actions: words.assign(noted('heard')),
        },
      },
    },
    waiting: {
      after: { untilHalfPast: { target: 'asking', actions: words.assign(noted('rang')) } },
    },
    asking: {
      invoke: {
        src: 'lookUp',
        onDone: { target: 'child', actions: words.assign(noted('served')) },
        onError: { target: 'child', actions: words.assign(noted('failed')) },
      },
    },
    child: {
      invoke: {
        src: 'child',
        onDone: {
          target: 'over',
          actions: words.assign(({ event }) => event.output as Times),
        },
      },
    },
    over: { entry: ['act', words.assign(noted('over'))] },
  },
});

describe('now()', () => {
  it('is the time of the step, by the clock of the runner, wherever a dialogue asks', async () => {
    acted.length = 0;
    const chat = converse(clerk, { now: NOON, services: { lookUp: fails(1) } });
    await chat.say('hi');
    expect(chat.state).toBe('morning');
    await chat.advance({ minutes: 10 });
    await chat.say('hi');
    chat.expectTimer({ minutes: 20 });
    await chat.advance({ minutes: 20 });
    await chat.advance({ minutes: 5 });
    await chat.say('hi');
    const at = (minutes: number): number => NOON + minutes * 60_000;
    expect(chat.context).toEqual({
      entered: at(0),
      heard: at(10),
      rang: at(30),
      failed: at(30),
      born: at(30),
      left: at(35),
      over: at(35),
    });
    expect(acted).toEqual([at(35)]);
  });

  it('is that of the persister, where that tells the time', async () => {
    const disk = createDisk();
    const [clock, theirs] = [createManualClock({ now: NOON }), createManualClock({ now: 7000 })];
    const store = createContextStore({
      clock,
      persister: memory(disk, { shared: true, clock: theirs }),
    });
    const runner = createRunner(clerk, { store });
    store.on('error', () => {});
    await runner.handle('ann', 'hi');
    expect((await store.open('ann')).toJSON()).toEqual({ entered: 7000 });
    await runner.stop();
    await store.close();
  });

  it('is virtual where a conversation begins elsewhere, and where one is explored', async () => {
    const chat = converse(clerk, { now: NOON });
    await chat.seed('asking');
    expect(chat.context).toMatchObject({ served: NOON });
    const { coverage, conversations } = await explore(clerk, { now: NOON + 1 });
    expect(coverage.summary().states.percent).toBe(100);
    // With the second that its service takes.
    expect(conversations[0]?.steps[1]).toEqual({ type: 'advance', ms: HOUR / 2 - 1 + 1000 });
  });

  it('is the time on the wall outside of a step, also after one that threw', async () => {
    const throwing = words.createDialogue({
      id: 'throwing',
      context: {},
      on: {
        'message.text': {
          actions: words.assign(() => {
            throw new Error('no');
          }),
        },
      },
    });
    const chat = converse(throwing, { now: NOON });
    expect((await chat.send('hi')).outcome).toBe('failed');
    expect(now()).toBeGreaterThan(NOON + HOUR);
  });
});
