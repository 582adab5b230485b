import { fromPromise } from 'xstate';
import { describe, expect, it } from 'vitest';
import { choice, commandIntents, setupDialogue, text } from 'colloquy';
import { explore, formatExploration } from 'colloquy/testing';

interface Order {
  readonly cart: readonly string[];
  readonly tries: number;
  readonly total?: number;
}

const shop = setupDialogue({
  types: {} as { context: Order },
  intents: commandIntents,
  actors: { price: fromPromise<{ sum: number }>(async () => ({ sum: 0 })) },
});
const pizza = shop.createDialogue({
  id: 'pizza',
  context: { cart: [], tries: 0 },
  initial: 'adding',
  on: shop.commands({ cancel: { target: '.over', say: 'Never mind.' } }),
  states: {
    adding: shop.choose({
      question: 'Which pizza?',
      options: ['margherita', 'funghi'],
      assign: ({ context, value }) => ({ cart: [...context.cart, value] }),
      target: 'cart',
      otherwise: 'over',
    }),
    cart: shop.choose({
      question: ({ context }) => `You have ${context.cart.length}. What now?`,
      options: ['add', 'remove', 'pay'],
      target: { add: 'full', remove: 'removing', pay: 'pricing' },
      otherwise: 'over',
    }),
    full: {
      always: [
        { guard: ({ context }) => context.cart.length >= 3, target: 'enough' },
        { target: 'adding' },
      ],
    },
    enough: { entry: shop.reply('Three are enough.'), always: 'cart' },
    removing: shop.choose({
      question: 'Which one?',
      options: ({ context }) => context.cart.map((_, index) => `number ${index + 1}`),
      assign: ({ context, value }) => ({
        cart: context.cart.filter((_, index) => value !== `number ${index + 1}`),
      }),
      target: 'removed',
      otherwise: 'cart',
    }),
    removed: {
      always: [
        { guard: ({ context }) => context.cart.length === 0, target: 'empty' },
        { target: 'cart' },
      ],
    },
    empty: { entry: shop.reply('Nothing is left.'), always: 'adding' },
    pricing: {
      invoke: {
        src: 'price',
        onDone: {
          target: 'over',
          actions: shop.assign({ total: ({ event }) => event.output.sum }),
        },
        onError: [
          {
            guard: ({ context }) => context.tries < 3,
            target: 'backingOff',
            actions: shop.assign({ tries: ({ context }) => context.tries + 1 }),
          },
          { target: 'unpriced' },
        ],
      },
      on: { 'message.*': { actions: shop.reply('One moment.') } },
    },
    backingOff: {
      after: { 1000: 'pricing' },
      on: { 'message.*': { actions: shop.reply('One moment.') } },
    },
    unpriced: shop.done('We cannot tell the price right now.'),
    over: shop.done('Bye.'),
  },
});

interface Game {
  readonly players: readonly string[];
  readonly asked: number;
}

const play = setupDialogue({ types: {} as { context: Game }, intents: commandIntents });
const quiz = play.createDialogue({
  id: 'quiz',
  context: { players: [], asked: 0 },
  initial: 'lobby',
  on: play.commands({ cancel: { target: '.over', say: 'Never mind.' } }),
  states: {
    lobby: play.ask({
      question: 'Who plays?',
      parse: text(),
      assign: ({ context, value }) => ({ players: [...context.players, value] }),
      target: [
        { guard: ({ context }) => context.players.length >= 1, target: 'asking' },
        { target: 'lobby' },
      ],
      otherwise: 'over',
    }),
    asking: play.ask({
      question: ({ context }) => `Question ${context.asked + 1}`,
      parse: choice(['left', 'right']),
      assign: ({ context }) => ({ asked: context.asked + 1 }),
      target: [
        { guard: ({ context }) => context.asked === 4, target: 'won' },
        { target: 'asking' },
      ],
      otherwise: 'over',
    }),
    won: play.done('That was the last question.'),
    over: play.done('Bye.'),
  },
});

describe('explore goes where counts and lists lead', () => {
  it('fills a cart with three, empties it again, and tries a service three times', async () => {
    const { unreached, failures, needs } = await explore(pizza, {
      services: { price: [{ sum: 9 }] },
    });
    expect(unreached).toEqual([]);
    expect(failures).toEqual([]);
    expect(needs).toEqual([]);
  });

  it('plays a whole game with more than one player', async () => {
    const { unreached, failures } = await explore(quiz);
    expect(unreached).toEqual([]);
    expect(failures).toEqual([]);
  });

  it('walks through a long questionnaire with many branches to its end', async () => {
    const words = setupDialogue({
      types: {} as { context: { answers?: Record<string, string> } },
      intents: commandIntents,
    });
    const questions = Array.from({ length: 30 }, (_, index) => ({
      key: `q${index}`,
      question: `Question ${index}?`,
      options: ['yes', 'no'],
      ...(index % 3 === 2 && {
        when: ({ context }: { context: { answers?: Record<string, string> } }) =>
          context.answers?.[`q${index - 1}`] === 'yes',
      }),
    }));
    const dialogue = words.createDialogue({
      id: 'long',
      context: {},
      initial: 'asking',
      states: {
        asking: words.questions({ questions, answers: 'answers', target: 'end' }),
        end: words.done('Thanks.'),
      },
    });
    const { coverage } = await explore(dialogue, { budget: 3000 });
    expect(coverage.summary().states.missing).toEqual([]);
  });

  it('goes on until nothing new is left, and not for longer', async () => {
    const counter = setupDialogue({ types: {} as { context: { n: number } } });
    const { steps, unreached } = await explore(
      counter.createDialogue({
        id: 'counter',
        context: { n: 0 },
        initial: 'counting',
        states: {
          counting: {
            on: {
              'message.text': [
                { guard: ({ context }) => context.n === 12, target: 'over' },
                {
                  actions: [
                    counter.assign({ n: ({ context }) => context.n + 1 }),
                    counter.reply('On.'),
                  ],
                },
              ],
              'message.*': { actions: counter.reply('Pardon?') },
            },
          },
          over: counter.done('Bye.'),
        },
      }),
    );
    expect(unreached).toEqual([]);
    expect(steps).toBeLessThan(100);
  });
});

describe('a service without outputs', () => {
  it('is asked for once, and fails nothing', async () => {
    const exploration = await explore(pizza);
    expect(exploration.needs).toEqual(['price']);
    expect(exploration.failures).toEqual([]);
    const told = formatExploration(exploration);
    expect(told).toBe(
      [
        `${exploration.conversations.length} conversations walk through 21 of 21 states and 29 of 30 transitions of pizza.`,
        "The service 'price' needs outputs under `services`.",
      ].join('\n'),
    );
  });

  it('hides what lies behind it, beside its name', async () => {
    const long = shop.createDialogue({
      id: 'long',
      context: { cart: [], tries: 0 },
      initial: 'pricing',
      states: {
        pricing: {
          invoke: {
            src: 'price',
            onDone: {
              target: 'sure',
              actions: shop.assign({ total: ({ event }) => event.output.sum }),
            },
            onError: 'failed',
          },
          on: { 'message.*': { actions: shop.reply('One moment.') } },
        },
        sure: shop.confirm({ question: 'Sure?', yes: 'failed', no: 'failed' }),
        failed: shop.done('Bye.'),
      },
    });
    const told = formatExploration(await explore(long));
    expect(told.split('\n').slice(1)).toEqual([
      "The service 'price' needs outputs under `services`.",
      expect.stringMatching(/^\d+ states and transitions lie behind what was not reached\.$/u),
    ]);
  });

  it('is not asked for where the dialogue does not look at the output', async () => {
    const quiet = shop.createDialogue({
      id: 'quiet',
      context: { cart: [], tries: 0 },
      initial: 'pricing',
      states: {
        pricing: {
          invoke: { src: 'price', onDone: 'over', onError: 'over' },
          on: { 'message.*': { actions: shop.reply('One moment.') } },
        },
        over: shop.done('Bye.'),
      },
    });
    const { needs, unreached } = await explore(quiet);
    expect([needs, unreached]).toEqual([[], []]);
  });
});
