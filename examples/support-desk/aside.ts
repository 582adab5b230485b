import { numberIn } from './order.ts';
import { words } from './setup.ts';

const { assign, reply, repeat } = words;

/**
 * The region for questions in between: “where is order 1042?” calls a service while the conversation beside it
 * waits. Then the open question of that conversation is asked again.
 */
export const aside = words.createStateConfig({
  initial: 'listening',
  states: {
    listening: {
      on: {
        'intent.status': {
          // A model may find the question where no number is.
          guard: ({ event }) => numberIn(event) !== undefined,
          target: 'looking',
          actions: assign({ asked: ({ event }) => numberIn(event) }),
        },
      },
    },
    looking: {
      id: 'looking',
      invoke: {
        src: 'findOrder',
        input: ({ context }) => ({ number: context.asked ?? '' }),
        onDone: {
          target: 'listening',
          actions: [
            reply(({ event: { output } }) => `Order ${output.number} is ${output.state}.`),
            repeat(),
          ],
        },
        onError: {
          target: 'listening',
          actions: [reply(({ context }) => `I find no order ${context.asked}.`), repeat()],
        },
      },
    },
  },
});
