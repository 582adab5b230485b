import type { IntentMessage } from 'colloquy';
import { aside } from './aside.ts';
import { delivery } from './delivery.ts';
import { numberIn, order } from './order.ts';
import { words } from './setup.ts';
import { typing } from './typing.ts';

const { assign, choose, reply } = words;

/** Begins with a wish, and with the number of the order if the message names it. */
const want = (wish: 'refund' | 'delivery') => ({
  target: '#order',
  actions: assign<IntentMessage>({ wish, number: ({ event }) => numberIn(event) }),
});
const wishes = { 'intent.refund': want('refund'), 'intent.delivery': want('delivery') };

/** A support desk. Three regions run side by side: the conversation, questions in between, and the typing indicator. */
export default words.createDialogue({
  id: 'desk',
  version: '1',
  context: {},
  type: 'parallel',
  states: {
    talk: {
      initial: 'start',
      // These work in every state, even while a sub-dialogue asks: what the sub-dialogue does not take comes here.
      on: {
        ...words.commands({
          help: { say: 'Answer the question, or say “back”, “cancel”, “restart” or “human”.' },
          cancel: { target: '.ready', say: 'All right, cancelled.' },
          restart: { target: '.ready', say: 'From the beginning, then.' },
          back: '.ready',
          // Without a target it is an interruption: the open question is asked again.
          hours: {
            say: 'People are here from 9 to 5, and I am always.',
            // An answer that merely mentions it is an answer.
            guard: ({ event }) => event.score > 0.4,
          },
        }),
        'intent.human': '.human',
        // If no question is open, a service runs.
        'message.*': { actions: reply('I am still at it.') },
      },
      states: {
        // Says nothing, so that the dialogue reads the first message, which may name a wish.
        start: { on: { ...wishes, 'message.*': 'ready', 'event.*': 'ready' } },
        ready: choose({
          question: 'What can I do for you?',
          retry: 'I did not get that. Is it one of these?',
          options: [
            { value: 'refund', label: 'A refund' },
            { value: 'delivery', label: 'Another delivery time or address' },
            { value: 'status', label: 'Where my order is' },
          ],
          assign: ({ value }) => ({ wish: value, number: undefined }),
          target: 'order',
          attempts: 3,
          otherwise: 'human',
          on: wishes,
        }),
        order: {
          ...order,
          id: 'order',
          onDone: [
            { guard: ({ context }) => context.wish === 'refund', target: 'refund' },
            { guard: ({ context }) => context.wish === 'delivery', target: 'delivery' },
            {
              target: 'anythingElse',
              actions: reply(({ context }) => `It is ${context.order?.state}.`),
            },
          ],
        },
        refund: {
          // A child machine: invoked by its name, with an input and an output.
          invoke: {
            src: 'refund',
            input: ({ context: { order } }) => ({
              order: order?.number ?? '',
              total: order?.total ?? 0,
            }),
            onDone: [
              {
                guard: ({ event }) => event.output !== undefined,
                target: 'paying',
                actions: assign({ refund: ({ event }) => event.output }),
              },
              { target: 'human' },
            ],
          },
        },
        paying: {
          id: 'paying',
          invoke: {
            src: 'payBack',
            input: ({ context }) => ({ refund: context.refund }),
            onDone: {
              target: 'anythingElse',
              actions: reply(({ event }) => `It is done, under the number ${event.output}.`),
            },
            onError: { target: 'human' },
          },
        },
        delivery: { ...delivery, onDone: 'anythingElse' },
        anythingElse: words.confirm({
          question: 'Is there anything else?',
          yes: 'ready',
          no: 'bye',
          on: wishes,
        }),
        bye: { entry: reply('Have a good day.'), always: 'start' },
        human: {
          id: 'human',
          entry: [
            reply('I am passing you on to a colleague. Say “restart” to be back with me.'),
            reply({ type: 'handoff' }),
          ],
          // From now on, the customer talks to the colleague.
          on: { 'message.*': { actions: reply({ type: 'handoff' }) } },
          after: { [30 * 60_000]: 'start' },
        },
      },
    },
    aside,
    typing,
  },
});
