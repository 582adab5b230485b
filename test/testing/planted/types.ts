import { fromPromise } from 'xstate';
import { commandIntents, setupDialogue } from 'colloquy';

/** Planted bugs that do not compile; `npm run types` sees that each line is an error. */

const words = setupDialogue({
  types: {} as { context: { size?: string; sum?: number } },
  intents: commandIntents,
  actors: { price: fromPromise<number>(async () => 9) },
});
const { assign, choose, createDialogue, done } = words;

createDialogue({
  id: 'target',
  context: {},
  initial: 'first',
  states: {
    // @ts-expect-error 1: a typo in a target
    first: { on: { 'message.*': 'ovr' } },
    over: done('Bye.'),
  },
});

createDialogue({
  id: 'intent',
  context: {},
  initial: 'first',
  // @ts-expect-error 16: a typo in the name of an intent
  on: { 'intent.cansel': '.over' },
  states: { first: { on: { 'message.*': 'over' } }, over: done('Bye.') },
});

choose({
  question: 'Which size?',
  options: ['small', 'large'],
  // @ts-expect-error 17: an option without a way
  target: { small: 'over' },
});

// @ts-expect-error 24: a wrong key in `assign`
assign({ szie: 'large' });

createDialogue({
  id: 'output',
  context: {},
  initial: 'first',
  states: {
    first: {
      invoke: {
        src: 'price',
        // @ts-expect-error 25: a wrong type of the output of a service
        onDone: { target: 'over', actions: assign({ size: ({ event }) => event.output.size }) },
        onError: 'over',
      },
    },
    over: done('Bye.'),
  },
});
