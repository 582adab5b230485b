import { setupDialogue } from 'colloquy';

const words = setupDialogue({ types: {} as { context: { tries?: number } } });

/** Whoever says anything makes it look and look again, and never hears what it found. */
export const endlessLoop = words.createDialogue({
  id: 'lookup',
  context: {},
  initial: 'open',
  states: {
    open: { on: { 'message.*': { target: 'looking', actions: words.reply('I look.') } } },
    looking: { always: 'checking' },
    checking: { always: 'looking' },
  },
});
