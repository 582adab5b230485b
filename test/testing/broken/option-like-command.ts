import { commandIntents, setupDialogue } from 'colloquy';

const words = setupDialogue({
  types: {} as { context: { wish?: string } },
  intents: commandIntents,
});

/** Who chooses “Cancel an order” wants to, and who says “cancel” may want something else. */
export const optionLikeCommand = words.createDialogue({
  id: 'desk',
  context: {},
  initial: 'wish',
  on: { ...words.commands({ cancel: { target: '.over', say: 'Never mind.' } }) },
  states: {
    wish: words.choose({
      question: 'What would you like?',
      options: [{ value: 'stop-order', label: 'Cancel an order' }, { value: 'track' }],
      assign: 'wish',
      target: 'over',
    }),
    over: words.done('Bye.'),
  },
});
