import { setupDialogue, text } from 'colloquy';

const words = setupDialogue({ types: {} as { context: { name?: string } } });

/** The user who gave the name waits for the picture that no state takes, and never hears the end. */
export const parallelNeverDone = words.createDialogue({
  id: 'badge',
  context: {},
  initial: 'collecting',
  states: {
    collecting: {
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
            known: { type: 'final' },
          },
        },
        picture: {
          initial: 'missing',
          states: { missing: { after: { 60_000: 'late' } }, late: {} },
        },
      },
      onDone: 'end',
      after: { 3_600_000: 'end' },
    },
    end: words.done('Here is your badge.'),
  },
});
