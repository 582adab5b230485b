import { postcode } from './address.ts';
import { words } from './setup.ts';

const { ask, assign, choose, reply } = words;

/**
 * Moves a delivery: a sub-dialogue as a compound state. It shares the context of the desk, and has a question that can
 * interrupt it.
 */
export const delivery = words.createStateConfig({
  initial: 'planning',
  states: {
    planning: {
      initial: 'time',
      // The data of an earlier delivery.
      entry: assign({ address: undefined }),
      on: { 'intent.coverage': 'coverage' },
      states: {
        time: choose({
          question: ({ context }) => `Order ${context.order?.number}: when are you at home?`,
          options: ['morning', 'evening'],
          assign: 'time',
          target: 'sameAddress',
        }),
        sameAddress: words.confirm({
          question: 'To the address you gave with the order?',
          yes: '#redirecting',
          no: '#newAddress',
          on: { 'intent.back': 'time' },
        }),
        /** The state that was interrupted; its question is asked again. */
        resume: { type: 'history' },
      },
    },
    coverage: ask({
      question: 'For which postcode?',
      parse: postcode,
      target: [
        {
          guard: ({ value }) => value.startsWith('9'),
          target: 'planning.resume',
          actions: reply('We do not get that far north.'),
        },
        { target: 'planning.resume', actions: reply('Yes, we deliver there.') },
      ],
      on: { 'intent.back': 'planning.resume' },
    }),
    address: {
      id: 'newAddress',
      invoke: {
        src: 'address',
        input: { purpose: 'for the delivery' },
        onDone: {
          target: 'redirecting',
          actions: assign({ address: ({ event }) => event.output }),
        },
      },
      on: { 'intent.back': 'planning' },
    },
    redirecting: {
      id: 'redirecting',
      invoke: {
        src: 'redirect',
        input: ({ context: { number = '', time = 'morning', address } }) => ({
          number,
          time,
          address,
        }),
        onDone: {
          target: 'moved',
          actions: reply(({ context: { time, address } }) =>
            address === undefined
              ? `It comes in the ${time}.`
              : `It comes in the ${time}, to ${address.street}, ${address.city}.`,
          ),
        },
        onError: { target: '#human' },
      },
    },
    moved: { type: 'final' },
  },
});
