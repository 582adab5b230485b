import { commandIntents, setupDialogue, text } from 'colloquy';
import { z } from 'zod';

export interface Address {
  readonly name: string;
  readonly street: string;
  readonly postcode: string;
  readonly city: string;
}

export const postcode = z.string().regex(/^\d{4,5}$/, 'A postcode has four or five digits.');

const words = setupDialogue({
  types: {} as {
    context: Partial<Address> & { purpose: string };
    input: { purpose: string; name?: string | undefined };
    output: Address;
  },
  intents: { ...commandIntents },
});

/** Asks for an address. A form goes back, corrects and sums up by itself. */
export const address = words.createDialogue({
  id: 'address',
  version: '1',
  context: ({ input: { purpose, name } }) => ({ purpose, ...(name !== undefined && { name }) }),
  initial: 'form',
  states: {
    form: words.form({
      // Values from the input are not asked for again.
      keep: true,
      slots: {
        name: { question: 'In whose name?', parse: text({ maxLength: 80 }), label: 'Name' },
        street: {
          question: ({ context }) => `Street and number, ${context.purpose}?`,
          parse: text({ maxLength: 80 }),
          label: 'Street',
        },
        postcode: { question: 'Postcode?', parse: postcode, label: 'Postcode' },
        city: { question: 'City?', parse: text({ maxLength: 80 }), label: 'City' },
      },
      target: 'known',
    }),
    known: { type: 'final' },
  },
  output: ({ context: { name = '', street = '', postcode = '', city = '' } }) => ({
    name,
    street,
    postcode,
    city,
  }),
});
