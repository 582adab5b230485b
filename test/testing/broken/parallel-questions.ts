import { integer, setupDialogue, text } from 'colloquy';

const words = setupDialogue({ types: {} as { context: { name?: string; age?: number } } });

/** Two questions at once: to “Ann” the one has a name, and the other says that this is no number. */
export const parallelQuestions = words.createDialogue({
  id: 'survey',
  context: {},
  type: 'parallel',
  states: {
    name: {
      initial: 'asked',
      states: {
        asked: words.ask({
          question: 'Your name?',
          parse: text(),
          assign: 'name',
          otherwise: 'known',
          target: 'known',
        }),
        known: { on: { 'message.*': 'asked' } },
      },
    },
    age: {
      initial: 'asked',
      states: {
        asked: words.ask({
          question: 'Your age?',
          parse: integer(),
          assign: 'age',
          otherwise: 'known',
          target: 'known',
        }),
        known: { on: { 'message.*': 'asked' } },
      },
    },
  },
});
