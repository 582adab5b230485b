import { commandIntents, integer, setupDialogue } from 'colloquy';

export interface Pizza {
  size: 'small' | 'large';
  toppings: string[];
  count: number;
}

const words = setupDialogue({
  types: {} as { context: Partial<Pizza>; input: Partial<Pizza>; output: Pizza },
  intents: commandIntents,
});

/** Asks for one pizza. A pizza as its input is shown first, for the user to correct. */
export const pizza = words.createDialogue({
  id: 'pizza',
  context: ({ input }) => input,
  initial: 'asking',
  states: {
    asking: words.form({
      slots: {
        size: {
          label: 'Size',
          question: 'Which size?',
          options: [
            { value: 'small', synonyms: ['小'] },
            { value: 'large', synonyms: ['big', '大'] },
          ],
        },
        toppings: {
          label: 'Toppings',
          question: 'Which toppings?',
          options: ['ham', 'olives', 'mushrooms', { value: 'cheese', synonyms: ['芝士', '奶酪'] }],
          list: true,
          min: 0,
        },
        count: { label: 'Number', question: 'How many?', parse: integer({ min: 1, max: 20 }) },
      },
      keep: true,
      target: 'known',
    }),
    known: words.done(),
  },
  output: ({ context }) => ({ size: 'small', toppings: [], count: 1, ...context }),
});
