import { email, setupDialogue } from 'colloquy';

const words = setupDialogue({ types: {} as { context: { email?: string } } });

/** The address is read and thrown away: `assign` was forgotten. */
export const unusedAnswer = words.createDialogue({
  id: 'news',
  context: {},
  initial: 'address',
  states: {
    address: words.ask({
      question: 'Which address shall I write to?',
      parse: email(),
      target: 'over',
      otherwise: 'over',
    }),
    over: words.done('Thank you.'),
  },
});
