import { commandIntents, integer, setupDialogue } from 'colloquy';
import { fromPromise } from 'xstate';

const { ask, commands, confirm, createDialogue, done, service } = setupDialogue({
  types: {} as {
    context: { openid: string; people: number; total: number };
    input: { openid: string };
    output: { total: number };
  },
  intents: commandIntents,
  actors: { price: fromPromise(async ({ input }: { input: number }) => input * 10) },
});

/** The same by the words of this library. */
export default createDialogue({
  id: 'words',
  context: ({ input }) => ({ openid: input.openid, people: 0, total: 0 }),
  initial: 'people',
  on: commands({ help: { say: 'Say a number, or “yes” or “no”.' } }),
  states: {
    people: ask({
      question: 'For how many?',
      parse: integer({ min: 1, max: 9 }),
      assign: 'people',
      target: 'pricing',
      otherwise: 'human',
      timeout: { after: { minutes: 10 }, say: 'Are you still there?' },
    }),
    pricing: service({
      src: 'price',
      input: ({ context }) => context.people,
      assign: 'total',
      retries: 2,
      timeout: { seconds: 30 },
      busy: 'One moment.',
      done: 'sure',
      failed: 'human',
    }),
    sure: confirm({
      question: ({ context }) => `That is ${context.total}.`,
      yes: 'over',
      no: 'people',
      otherwise: 'human',
    }),
    over: done('Booked.'),
    human: done('A colleague will help you.'),
  },
  output: ({ context }) => ({ total: context.total }),
});
