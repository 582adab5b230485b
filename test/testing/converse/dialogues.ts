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

/** Says every text back, and throws or changes its context in place when it is told to. */
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
