import { setupDialogue } from 'colloquy';

const words = setupDialogue({
  types: {} as { context: {} },
  words: { locale: 'fr', prompts: { fr: { 'answer.yes': 'Oui', 'answer.no': 'Non' } } },
});

/** Speaks French, but for what it says to an answer that it does not understand. */
export const missingTranslation = words.createDialogue({
  id: 'accord',
  context: {},
  initial: 'agreed',
  states: {
    agreed: words.confirm({
      question: 'Vous êtes d’accord ?',
      yes: 'over',
      no: 'over',
      attempts: 2,
      otherwise: 'over',
    }),
    over: words.done('Merci.'),
  },
});
