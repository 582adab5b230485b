import { setupDialogue, text } from 'colloquy';

const words = setupDialogue({ types: {} as { context: { name?: string; city?: string } } });

/** No user is ever asked for a city: the target was forgotten when the question was added. */
export const unreachableState = words.createDialogue({
  id: 'introduction',
  context: {},
  initial: 'name',
  states: {
    name: words.ask({
      question: 'Your name?',
      parse: text(),
      assign: 'name',
      target: 'bye',
      attempts: 2,
      otherwise: 'bye',
    }),
    city: words.ask({
      question: 'Your city?',
      parse: text(),
      assign: 'city',
      target: 'bye',
      attempts: 2,
      otherwise: 'bye',
    }),
    bye: words.done('Bye.'),
  },
});
