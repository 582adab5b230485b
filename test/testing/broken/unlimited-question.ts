import { integer, setupDialogue } from 'colloquy';

const words = setupDialogue({ types: {} as { context: { age?: number } } });

/** Asks until the user goes away. */
export const unlimitedQuestion = words.createDialogue({
  id: 'stubborn',
  context: {},
  initial: 'age',
  states: {
    age: words.ask({
      question: 'How old are you?',
      parse: integer({ min: 1 }),
      assign: 'age',
      target: 'over',
    }),
    over: words.done('Thank you.'),
  },
});
