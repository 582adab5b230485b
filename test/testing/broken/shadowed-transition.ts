import { hear, setupDialogue, text } from 'colloquy';

const words = setupDialogue({ types: {} as { context: { dish?: string } } });

/** “nothing” was meant to be heard before everything else, and lost its guard. */
export const shadowedTransition = words.createDialogue({
  id: 'order',
  context: {},
  initial: 'dish',
  states: {
    dish: words.ask({
      question: 'What would you like?',
      parse: text(),
      assign: 'dish',
      target: 'sure',
      on: { 'message.*': 'over' },
    }),
    sure: {
      on: {
        'message.text': [{ guard: hear('yes'), target: 'over' }, 'dish'],
        'message.*': 'dish',
      },
    },
    over: words.done('Bye.'),
  },
});
