import { setupDialogue } from 'colloquy';
import { fromPromise } from 'xstate';

const words = setupDialogue({
  types: {} as { context: {} },
  actors: { lookUp: fromPromise(async () => 'sunny') },
});

/** Nothing is said when the weather service is down. */
export const serviceWithoutError = words.createDialogue({
  id: 'weather',
  context: {},
  initial: 'looking',
  states: {
    looking: {
      invoke: {
        src: 'lookUp',
        onDone: { target: 'told', actions: words.reply(({ event }) => `It is ${event.output}.`) },
      },
      after: { 60_000: 'told' },
      on: { 'message.*': { actions: words.reply('One moment.') } },
    },
    told: words.done(),
  },
});
