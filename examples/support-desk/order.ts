import { words } from './setup.ts';

const { ask, assign, reply } = words;

/** Four digits anywhere in a text. */
export const numberIn = ({ text }: { readonly text: string }): string | undefined =>
  /\b\d{4}\b/u.exec(text)?.[0];

/** Finds the order of the conversation; asks for its number, unless the wish came with one. */
export const order = words.createStateConfig({
  initial: 'begin',
  states: {
    begin: {
      always: [
        { guard: ({ context }) => context.number !== undefined, target: 'finding' },
        { target: 'which' },
      ],
    },
    which: ask({
      question: 'What is the number of the order?',
      parse: (message) => {
        const number = message.type === 'message.text' ? numberIn(message) : undefined;
        return number === undefined ? { issue: 'It has four digits, as 1042.' } : { value: number };
      },
      assign: 'number',
      target: 'finding',
      attempts: 3,
      otherwise: '#human',
    }),
    finding: {
      id: 'finding',
      invoke: {
        src: 'findOrder',
        input: ({ context }) => ({ number: context.number ?? '' }),
        onDone: { target: 'found', actions: assign({ order: ({ event }) => event.output }) },
        onError: {
          target: 'which',
          actions: reply(({ context }) => `I find no order ${context.number}.`),
        },
      },
    },
    found: { type: 'final' },
  },
});
