import { commandIntents, setupDialogue } from 'colloquy';

const words = setupDialogue({
  types: {} as { context: Record<string, never> },
  intents: commandIntents,
});

/** Nothing that the user answers leads on from the offer: a transition to the end was forgotten. */
export const leftByCommands = words.createDialogue({
  id: 'offer',
  context: {},
  initial: 'open',
  on: words.commands({ cancel: { target: '.over', say: 'Never mind.' } }),
  states: {
    open: { on: { 'message.*': 'offered' } },
    offered: {
      entry: words.reply('Tea for 2 €. Shall it be?'),
      on: { 'message.*': { actions: words.reply('Pardon?') } },
    },
    over: words.done('Bye.'),
  },
});
