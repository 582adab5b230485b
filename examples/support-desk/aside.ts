import { numberIn } from './order.ts';
import { words } from './setup.ts';

const { assign, reply, repeat } = words;

/**
 * The region for what is asked in between: “where is order 1042?” calls a service while the conversation beside it
 * stands still, and then the question that is open there is asked again.
 */
export const aside = words.createStateConfig({
  initial: 'listening',
  states: {
    listening: {
      on: {
        'intent.status': {
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
