import { hear, setupDialogue } from 'colloquy';

const words = setupDialogue({ types: {} as { context: {} } });

/** Hears “start”, and nothing else. */
export const noFallback = words.createDialogue({
  id: 'quiz',
  context: {},
  initial: 'lobby',
  states: {
    lobby: {
      entry: words.reply('Say “start”.'),
      on: { 'message.text': { guard: hear('start'), target: 'over' } },
    },
    over: words.done('That was the quiz.'),
  },
});
