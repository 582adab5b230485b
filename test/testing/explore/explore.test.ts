import { fromPromise } from 'xstate';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hear, integer, keywords, setupDialogue } from 'colloquy';
import fc from 'fast-check';
import {
  type ExploreProgress,
  createCoverage,
  explore,
  formatExploration,
  playTranscript,
  walkDialogue,
} from 'colloquy/testing';
import { createRestaurant } from '../../../examples/web-chat/dialogue.ts';
import { createTables } from '../../../examples/web-chat/tables.ts';
import { noFallback } from '../broken/no-fallback.ts';
import { noWayOut } from '../broken/no-way-out.ts';
import { unreachableState } from '../broken/unreachable-state.ts';

const words = setupDialogue({
  types: {} as { context: { age?: number; stock?: number } },
  actors: { count: fromPromise(async () => 0) },
  intents: { stop: keywords('stop') },
});

const shop = words.createDialogue({
  id: 'shop',
  context: {},
  initial: 'age',
  on: { 'intent.stop': '.over' },
  states: {
    age: words.ask({
      question: 'How old are you?',
      parse: integer({ min: 18, max: 99 }),
      assign: 'age',
      target: 'counting',
      attempts: 2,
      otherwise: 'over',
      timeout: [{ after: { minutes: 1 } }, { after: { minutes: 2 }, target: 'over' }],
    }),
    counting: {
      invoke: {
        src: 'count',
        onDone: [
          { guard: ({ event }) => event.output > 5, target: 'many' },
          {
            target: 'few',
            actions: words.assign({ stock: ({ event }) => (event as { output?: number }).output }),
          },
        ],
        onError: 'over',
      },
      on: { 'message.*': { actions: words.reply('I count.') } },
    },
    many: words.done('There are many.'),
    few: {
      entry: words.reply('There are few. Say “hurry”.'),
      on: {
        'message.text': { guard: hear('hurry'), target: 'over' },
        'message.image': { actions: words.reply('A picture!') },
        'message.*': { actions: words.reply('Pardon?') },
      },
    },
    over: words.done('Bye.'),
  },
});

const samples = { services: { count: [9, 3] } };

describe('explore', () => {
  it('finds answers good and bad, silence, what a guard listens for, and how services end', async () => {
    const { coverage, unreached, failures } = await explore(shop, samples);
    expect(unreached).toEqual([]);
    expect(failures).toEqual([]);
    expect(coverage.summary()).toMatchObject({
      states: { percent: 100 },
      transitions: { percent: 100 },
      guards: { percent: 100 },
      failures: { walked: 1 },
    });
  });

  it('presses what the dialogue offers, by questions and by other actions', async () => {
    const menu = words.createDialogue({
      id: 'menu',
      context: {},
      initial: 'home',
      states: {
        home: {
          entry: words.reply({ type: 'choices', text: 'Menu', options: [{ value: 'a-7' }] }),
          on: {
            'message.action': { guard: ({ event }) => event.value === 'a-7', target: 'age' },
            'message.*': { actions: words.reply('Press it.') },
          },
        },
        age: words.ask({
          question: { type: 'choices', text: 'How old?', options: [{ value: '43' }] },
          parse: (message) =>
            message.type === 'message.action' ? { value: 43 } : { issue: 'Press it.' },
          assign: 'age',
          target: 'over',
        }),
        over: words.done('Bye.'),
      },
    });
    const exploration = await explore(menu);
    expect(exploration.unreached).toEqual([]);
    const { same, diff } = await playTranscript(
      '> hi\n< Menu\n  1. a-7\n> [button a-7]\n< How old?\n  1. 43\n> [button 43]\n< Bye.\n',
      menu,
    );
    expect([same, diff]).toEqual([true, '']);
  });

  it('says what it found as transcripts, the shortest way to each', async () => {
    const { conversations } = await explore(shop, samples);
    const failing = conversations.find(({ calls }) =>
      calls.some(({ ending }) => ending !== undefined && 'error' in ending),
    );
    expect(failing?.transcript).toBe(
      ['~ count fails', '> hello', '< How old are you?', '> 99', '< Bye.', ''].join('\n'),
    );
  });

  it('says what it found as transcripts that go as they are written, however services end', async () => {
    const { conversations } = await explore(shop, samples);
    expect(conversations.some(({ calls }) => calls.some(({ ms }) => ms !== 0))).toBe(true);
    for (const { transcript } of conversations) {
      expect(await playTranscript(transcript, shop)).toMatchObject({ same: true, diff: '' });
    }
  });

  it('finds the same for the same seed', async () => {
    const [first, second] = [await explore(shop, samples), await explore(shop, samples)];
    const transcriptsOf = ({ conversations }: typeof first): readonly string[] =>
      conversations.map(({ transcript }) => transcript);
    expect(transcriptsOf(second)).toEqual(transcriptsOf(first));
    expect(first.steps).toBe(second.steps);
  });

  it('is not counted as what the tests walk through', async () => {
    const coverage = createCoverage(shop);
    onTestFinished(() => coverage.stop());
    await explore(shop, { ...samples, budget: 50 });
    expect(coverage.summary().states.walked).toBe(0);
  });

  it('names what nothing leads to, and why', async () => {
    const { unreached } = await explore(unreachableState);
    expect(unreached.map(({ path }) => path)).toContain('city');
    expect(unreached[0]?.why).toBe(
      'Nothing that was tried led to it; give `samples` or outputs of `services` that do.',
    );
    const few = await explore(shop, { ...samples, budget: 3 });
    expect(few.steps).toBe(3);
    expect(few.unreached[0]?.why).toContain('within 3 steps; raise `budget`');
  });

  it('tries services by a function of their input, which may fail', async () => {
    const sold = { services: { count: () => Promise.reject(new Error('sold')) } };
    const { unreached } = await explore(shop, sold);
    expect(unreached.filter(({ path }) => path === 'few' || path === 'many')).not.toEqual([]);
    const { coverage } = await explore(shop, { services: { count: async () => 7 } });
    expect(coverage.summary().failures.percent).toBe(100);
  });

  it('refuses a service that the dialogue does not have, and a budget of nothing', async () => {
    await expect(explore(shop, { services: { typo: [1] } })).rejects.toThrow(
      "The dialogue has no service 'typo'; it has 'count'.",
    );
    await expect(explore(shop, { budget: 0 })).rejects.toThrow(
      '`budget` is a whole number over 0.',
    );
  });
});

describe('an exploration', () => {
  it('tells how far it is, now and then', async () => {
    const told: ExploreProgress[] = [];
    const dialogue = createRestaurant(createTables());
    const { steps } = await explore(dialogue, {
      budget: 600,
      onProgress: (progress) => void told.push(progress),
    });
    expect(steps).toBe(600);
    const [first, second] = told;
    expect(told).toMatchObject([
      { steps: 250, budget: 600 },
      { steps: 500, budget: 600 },
    ]);
    expect(first?.reached).toBeLessThanOrEqual(second?.reached ?? 0);
    expect(second?.reached).toBeLessThan(second?.places ?? 0);
  });

  it('ends soon where all that is left lies behind outputs that it needs', async () => {
    const order = (onDone: object) =>
      words.createDialogue({
        id: 'order',
        context: { stock: 0 },
        initial: 'open',
        states: {
          open: {
            on: {
              'message.text': 'counting',
              'message.*': {
                actions: [
                  words.assign({ stock: ({ context }) => (context.stock ?? 0) + 1 }),
                  words.reply('One more.'),
                ],
              },
            },
          },
          counting: {
            invoke: { src: 'count', onDone, onError: 'over' },
            on: { 'message.*': { actions: words.reply('I count.') } },
          },
          told: { entry: words.reply('Again?'), on: { 'message.*': 'over' } },
          over: words.done('Bye.'),
        },
      } as never);
    const looking = {
      target: 'told',
      actions: words.assign({ stock: ({ event }) => (event as { output?: number }).output }),
    };
    const { needs, steps, unreached } = await explore(order(looking) as never, { maxDepth: 1000 });
    expect(needs).toEqual(['count']);
    expect(unreached.map(({ path }) => path)).toContain('told');
    expect(steps).toBeLessThan(400);
  });
});

describe('a broken dialogue fails with the conversation that shows it', () => {
  it('by a message that no state takes', async () => {
    const { failures } = await explore(noFallback);
    expect(failures).toMatchObject([{ kind: 'silent', message: 'No state takes the message.' }]);
    expect(failures[0]?.transcript).toMatch(/^> hello\n< Say “start”\.\n> .+\n! unhandled\n$/u);
    expect((await explore(noFallback, { silence: 'none' })).failures).toEqual([]);
  });

  it('by a state from which nothing leads out', async () => {
    const { failures } = await explore(noWayOut);
    expect(failures).toMatchObject([
      { kind: 'stuck', message: 'From here no end can be reached, nor the beginning.' },
    ]);
    expect(failures[0]?.transcript).toContain('< [handoff]');
  });

  it('by a throw, with what was thrown', async () => {
    const throwing = words.createDialogue({
      id: 'throwing',
      context: {},
      initial: 'open',
      states: {
        open: {
          entry: words.reply('Send me a picture.'),
          on: {
            'message.image': {
              actions: words.assign(() => {
                throw new Error('I have no eyes.');
              }),
            },
            'message.*': { actions: words.reply('A picture.') },
          },
        },
      },
    });
    const exploration = await explore(throwing);
    expect(exploration.failures).toMatchObject([
      { kind: 'threw', message: "The dialogue threw in state 'open': I have no eyes." },
    ]);
    expect(formatExploration(exploration)).toContain(
      "threw: The dialogue threw in state 'open': I have no eyes.",
    );
    expect(exploration.failures[0]?.transcript).toContain('! failed: step_failed: I have no eyes.');
  });

  it.each([
    ['after a message', 'open'],
    ['before it hears anything', 'first'],
  ])('by circles %s, with the states', async (_, initial) => {
    const circles = words.createDialogue({
      id: 'circles',
      context: {},
      initial: initial as never,
      states: {
        open: { on: { 'message.*': { target: 'first', actions: words.reply('Let me see.') } } },
        first: {
          always: [{ guard: ({ context }) => context.age === undefined, target: 'second' }],
        },
        second: { always: 'first' },
      },
    });
    const { failures } = await explore(circles);
    expect(failures).toEqual([
      expect.objectContaining({
        kind: 'threw',
        message: expect.stringMatching(
          /^Dialogue 'circles' went in circles through 'first', 'second' /u,
        ) as string,
        transcript: '> hello\n! failed: not_stable\n',
      }),
    ]);
    await expect(walkDialogue(circles, { fc, runs: 3 })).rejects.toThrow(/went in circles/u);
  });

  it('by a service whose failure no state takes, with its name', async () => {
    const careless = words.createDialogue({
      id: 'careless',
      context: {},
      initial: 'counting',
      states: { counting: { invoke: { src: 'count', onDone: 'over' } }, over: words.done() },
    });
    const { failures } = await explore(careless, { services: { count: [1] }, silence: 'none' });
    expect(failures.map(({ message }) => message)).toEqual([
      "The service 'count' failed in state 'counting', which has no `onError` for it: The service 'count' failed.",
    ]);
  });

  it('by a context that cannot be kept', async () => {
    const keeping = words.createDialogue({
      id: 'keeping',
      context: {},
      initial: 'open',
      states: {
        open: {
          entry: words.reply('Yes?'),
          on: {
            'message.*': {
              actions: [words.assign(() => ({ age: (() => 1) as never })), words.reply('Kept.')],
            },
          },
        },
      },
    });
    const { failures } = await explore(keeping);
    expect(failures).toMatchObject([
      { kind: 'threw', message: expect.stringContaining("at 'age' it held a function") },
    ]);
  });
});
