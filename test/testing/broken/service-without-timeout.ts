import { fromPromise } from 'xstate';
import { setupDialogue } from 'colloquy';

const words = setupDialogue({
  types: {} as { context: Record<string, never> },
  actors: { forecast: fromPromise(async () => 'sunny') },
});

/** Where the service hangs, the user hears “One moment” until the conversation expires. */
export const serviceWithoutTimeout = words.createDialogue({
  id: 'weather',
  context: {},
  initial: 'looking',
  states: {
    looking: {
      invoke: { src: 'forecast', onDone: 'over', onError: 'over' },
      on: { 'message.*': { actions: words.reply('One moment.') } },
    },
    over: words.done('Look out of the window.'),
  },
});
