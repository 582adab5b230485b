import { commandIntents, setupDialogue, text } from 'colloquy';
import { z } from 'zod';

export interface Account {
  readonly holder: string;
  readonly iban: string;
}

const iban = z
  .string()
  .transform((words) => words.replaceAll(' ', '').toUpperCase())
  .refine(hasRightChecksum, 'Something is mistyped in that IBAN. Could you check it?');

const words = setupDialogue({
  types: {} as {
    context: Partial<Account> & { amount: number };
    input: { amount: number };
    output: Account | undefined;
  },
  intents: { ...commandIntents },
});

/** Asks for a bank account; its output has none if the customer could not give one. */
export const bank = words.createDialogue({
  id: 'bank',
  version: '1',
  context: ({ input: { amount } }) => ({ amount }),
  initial: 'iban',
  // The innermost dialogue that takes a command gets it: this help comes before the desk's.
  on: words.commands({ help: { say: 'The IBAN stands on your bank card: NO93 8601 1117 947.' } }),
  states: {
    iban: words.ask({
      question: ({ context }) => `Which IBAN shall the ${context.amount.toFixed(2)} € go to?`,
      parse: iban,
      assign: 'iban',
      target: 'holder',
      attempts: 3,
      otherwise: 'unknown',
    }),
    holder: words.ask({
      question: 'And who holds the account?',
      parse: text({ minLength: 2 }),
      assign: 'holder',
      target: 'known',
      on: { 'intent.back': 'iban' },
    }),
    known: { type: 'final' },
    unknown: { type: 'final' },
  },
  output: ({ context: { iban, holder } }) => (iban && holder ? { iban, holder } : undefined),
});

/** ISO 13616: with its first four characters at the end and letters as numbers, it leaves 1 when divided by 97. */
function hasRightChecksum(account: string): boolean {
  if (!/^[A-Z]{2}\d{2}[A-Z\d]{8,30}$/.test(account)) return false;
  const moved = account.slice(4) + account.slice(0, 4);
  const digits = moved.replaceAll(/[A-Z]/g, (letter) => String(Number.parseInt(letter, 36)));
  return BigInt(digits) % 97n === 1n;
}
