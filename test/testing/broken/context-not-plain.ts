import { setupDialogue } from 'colloquy';

const words = setupDialogue({ types: {} as { context: { log: () => void } } });

/** Keeps a function with the user. */
export const contextNotPlain = words.createDialogue({
  id: 'logger',
  context: () => ({ log: () => {} }),
  initial: 'open',
  states: { open: { on: { 'message.*': { actions: words.reply('Noted.') } } } },
});
