import { setupDialogue } from 'colloquy';

const words = setupDialogue({ types: {} as { context: { cities: string[]; city?: string } } });

/** More cities than there is room for buttons. */
export const manyOptions = words.createDialogue({
  id: 'trip',
  context: { cities: Array.from({ length: 27 }, (_, index) => `city ${index + 1}`) },
  initial: 'where',
  states: {
    where: words.choose({
      question: 'Where to?',
      options: ({ context }) => context.cities,
      assign: 'city',
      otherwise: 'human',
      target: 'booked',
    }),
    booked: words.done('Booked.'),
    human: words.done('A colleague will call you.'),
  },
});
