import { setupDialogue, text } from 'colloquy';

const words = setupDialogue({ types: {} as { context: { name?: string } } });

/** Reminds of the first question, and of the second one never. */
export const noTimeout = words.createDialogue({
  id: 'patience',
  context: {},
  initial: 'start',
  states: {
    start: { on: { 'message.*': 'name' } },
    name: words.ask({
      question: 'Your name?',
      parse: text(),
      assign: 'name',
      target: 'sure',
      attempts: 3,
      otherwise: 'over',
      timeout: { after: { minutes: 5 }, target: 'over' },
    }),
    sure: words.confirm({
      question: 'Is that right?',
      yes: 'over',
      no: 'name',
      attempts: 3,
      otherwise: 'over',
    }),
    over: words.done('Bye.'),
  },
});
