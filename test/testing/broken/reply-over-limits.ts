import { setupDialogue } from 'colloquy';

const words = setupDialogue({ types: {} as { context: {} } });

/** Reads out the terms. */
export const replyOverLimits = words.createDialogue({
  id: 'terms',
  context: {},
  initial: 'open',
  states: {
    open: {
      on: {
        'message.text': { actions: words.reply('We promise. '.repeat(100)) },
        'message.*': { actions: words.reply('Say “terms”.') },
      },
    },
  },
});
