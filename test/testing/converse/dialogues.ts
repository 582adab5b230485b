import { integer, setupDialogue, text } from 'colloquy';
import { fromPromise } from 'xstate';

const { ask, choose, createDialogue, done, reply, assign } = setupDialogue({
  types: {} as { context: { city?: string; days?: number; list?: readonly string[] } },
  actors: {
    forecast: fromPromise<string, { readonly city: string }>(
      async ({ input }) => `rain in ${input.city}`,
    ),
    log: fromPromise<void, string>(async () => {}),
  },
});

/** Asks for a city and days, looks the weather up, and offers to do so again. */
export const weather = createDialogue({
  id: 'weather',
  context: {},
  initial: 'city',
  on: { 'event.unfollow': '.gone' },
  states: {
    city: ask({
      question: 'Which city?',
      parse: text({ maxLength: 30 }),
      assign: 'city',
      target: 'days',
      timeout: { after: { minutes: 10 }, say: 'Are you still there?' },
    }),
    days: ask({
      question: 'How many days?',
      parse: integer({ min: 1, max: 9 }),
      assign: 'days',
      target: 'asking',
    }),
    asking: {
      invoke: {
        src: 'forecast',
        input: ({ context }) => ({ city: context.city ?? '' }),
        onDone: {
          target: 'again',
          actions: reply(({ event }) => `There will be ${event.output}.`),
        },
        onError: { target: 'again', actions: reply('I do not know.') },
      },
    },
    again: choose({
      question: 'Once more?',
      options: [
        { value: 'yes', label: 'Yes, please' },
        { value: 'no', label: 'No' },
      ],
      target: 'told',
    }),
    told: done('Bye.'),
    gone: {},
  },
});

/** Says every text back, and throws or changes its context in place on a command. */
export const echo = createDialogue({
  id: 'echo',
  context: { list: [] },
  initial: 'open',
  states: {
    open: {
      on: {
        'message.text': [
          {
            guard: ({ event }) => event.text === 'throw',
            actions: assign(() => {
              throw new Error('thrown');
            }),
          },
          {
            guard: ({ event }) => event.text === 'push',
            actions: assign(({ context }) => {
              (context.list as string[]).push('more');
              return {};
            }),
          },
          { actions: reply(({ event }) => `You said ${event.text}.`) },
        ],
      },
    },
  },
});

/** Asks in a sub-dialogue, beside a region that knows nothing of it. */
const inner = setupDialogue({ types: {} as { context: { days?: number } } });
const days = inner.createDialogue({
  id: 'days',
  context: {},
  initial: 'days',
  states: {
    days: inner.ask({ question: 'How many?', parse: integer(), assign: 'days', target: 'over' }),
    over: inner.done(),
  },
});
const outer = setupDialogue({ types: {} as { context: {} }, actors: { days } });
export const errand = outer.createDialogue({
  id: 'errand',
  context: {},
  type: 'parallel',
  states: {
    talk: {
      initial: 'asking',
      states: { asking: { invoke: { src: 'days', onDone: 'over' } }, over: {} },
    },
    typing: { initial: 'idle', states: { idle: {}, busy: {} } },
  },
});

/** Says something every day, and throws at the end of the next on a command. */
const daily = setupDialogue({ types: {} as { context: { breaks?: boolean } } });
export const desk = daily.createDialogue({
  id: 'desk',
  context: {},
  initial: 'open',
  states: {
    open: {
      on: {
        'message.text': {
          guard: ({ event }) => event.text === 'break',
          actions: daily.assign({ breaks: true }),
        },
      },
      after: {
        86_400_000: {
          target: 'open',
          reenter: true,
          actions: [
            daily.reply('A day is over.'),
            daily.assign(({ context }) => {
              if (context.breaks === true) throw new Error('broken');
              return {};
            }),
          ],
        },
      },
    },
  },
});

/** Has a hundred things to say to everything. */
export const chatter = daily.createDialogue({
  id: 'chatter',
  context: {},
  on: { 'message.*': { actions: Array.from({ length: 100 }, () => daily.reply('And so on.')) } },
});
