import { commandIntents, setupDialogue } from 'colloquy';
import { type Address, address } from './address.ts';
import { type Account, bank } from './bank.ts';

/** What the customer and the desk agree on. */
export type Refund = { readonly order: string; readonly reason: Reason } & (
  | { readonly by: 'money'; readonly account: Account }
  | { readonly by: 'replacement'; readonly address: Address }
);

type Reason = 'broken' | 'wrong' | 'late';

interface Data {
  readonly order: string;
  readonly total: number;
  reason?: Reason;
  by?: Refund['by'];
  account?: Account | undefined;
  address?: Address;
  agreed?: boolean;
}

const words = setupDialogue({
  types: {} as {
    context: Data;
    input: { order: string; total: number };
    output: Refund | undefined;
  },
  actors: { address, bank },
  intents: { ...commandIntents },
});
const { assign, choose, confirm } = words;

/** Finds out what a refund is for and how to pay it. It only talks; the desk acts on its output. */
export const refund = words.createDialogue({
  id: 'refund',
  version: '1',
  context: ({ input: { order, total } }) => ({ order, total }),
  initial: 'reason',
  states: {
    reason: choose({
      question: ({ context }) => `What is the matter with order ${context.order}?`,
      options: [
        { value: 'broken', label: 'It is broken', synonyms: ['broken', 'damaged'] },
        { value: 'wrong', label: 'It is something else', synonyms: ['wrong', 'something else'] },
        { value: 'late', label: 'It came too late', synonyms: ['late', 'too late'] },
      ],
      assign: 'reason',
      target: 'by',
      attempts: 3,
      otherwise: 'done',
    }),
    by: choose({
      question: 'What would you like for it?',
      options: [
        { value: 'money', label: 'My money back', synonyms: ['money'] },
        { value: 'replacement', label: 'A replacement', synonyms: ['another one', 'a new one'] },
      ],
      assign: 'by',
      target: { money: 'account', replacement: 'address' },
      on: { 'intent.back': 'reason' },
    }),
    account: {
      invoke: {
        src: 'bank',
        input: ({ context }) => ({ amount: context.total }),
        onDone: [
          {
            guard: ({ event }) => event.output !== undefined,
            target: 'sure',
            actions: assign({ account: ({ event }) => event.output }),
          },
          'done',
        ],
      },
      on: { 'intent.back': 'by' },
    },
    address: {
      invoke: {
        src: 'address',
        input: { purpose: 'for the replacement' },
        onDone: { target: 'sure', actions: assign({ address: ({ event }) => event.output }) },
      },
      on: { 'intent.back': 'by' },
    },
    sure: confirm({
      question: ({ context: { total, account, address, by } }) =>
        by === 'money'
          ? `${total.toFixed(2)} € to ${account?.holder}, ${account?.iban}. Shall I?`
          : `A new one to ${address?.street}, ${address?.city}. Shall I?`,
      assign: 'agreed',
      yes: 'done',
      no: 'by',
      on: { 'intent.back': 'by' },
    }),
    done: { type: 'final' },
  },
  output: ({ context }) => resultOf(context),
});

function resultOf({ order, reason, by, account, address, agreed }: Data): Refund | undefined {
  if (!agreed || reason === undefined) return undefined;
  if (by === 'money' && account !== undefined) return { order, reason, by, account };
  if (by === 'replacement' && address !== undefined) return { order, reason, by, address };
  return undefined;
}
