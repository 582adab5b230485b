import { setupDialogue } from 'colloquy';
import { z } from 'zod';

const span = z
  .string()
  .regex(/^\d{1,3} ?(?:s|min)$/u, 'In seconds or minutes, please: “90 s”, “3 min”.')
  .transform((words) => Number.parseInt(words, 10) * (words.endsWith('min') ? 60_000 : 1000));

const { ask, createDialogue, done, reply } = setupDialogue({
  types: {} as { context: { steepMs?: number; cups: number } },
  delays: { steeping: ({ context }) => context.steepMs ?? 0 },
});

/** Calls when the tea is ready, even if the process that set the timer has ended. */
export default createDialogue({
  id: 'tea',
  version: '1',
  context: { cups: 0 },
  initial: 'asking',
  states: {
    asking: ask({
      question: ({ context }) => `How long shall cup no. ${context.cups + 1} steep?`,
      parse: span,
      assign: ({ context, value }) => ({ steepMs: value, cups: context.cups + 1 }),
      target: 'steeping',
      otherwise: 'unclear',
    }),
    steeping: {
      entry: reply('I will call you.'),
      after: { steeping: 'ready' },
      on: { 'message.*': { actions: reply('Not yet.') } },
    },
    unclear: done('Ask me again when you know.'),
    ready: done(({ context }) => `Cup no. ${context.cups} is ready.`),
  },
});
