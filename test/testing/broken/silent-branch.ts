import { hear, setupDialogue } from 'colloquy';

const words = setupDialogue({ types: {} as { context: { wants?: string } } });

/** To “tea” the bot says nothing: the reply of one branch was forgotten. */
export const silentBranch = words.createDialogue({
  id: 'bar',
  context: {},
  initial: 'open',
  states: {
    open: {
      on: {
        'message.*': [
          { guard: hear('tea'), target: 'noted', actions: words.assign({ wants: 'tea' }) },
          { target: 'noted', actions: [words.assign({ wants: 'beer' }), words.reply('A beer.')] },
        ],
      },
    },
    noted: { on: { 'message.*': { target: 'open', actions: words.reply('What else?') } } },
  },
});
