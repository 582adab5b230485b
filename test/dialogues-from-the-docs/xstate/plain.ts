import { type Message, type ReplyEvent, hear } from 'colloquy';
import {
  assign,
  cancel,
  emit,
  enqueueActions,
  fromPromise,
  not,
  raise,
  setup,
  stateIn,
} from 'xstate';

const machine = setup({
  types: {} as {
    context: { openid: string; people: number; total: number; tries: number };
    input: { openid: string };
    events: Message | { type: 'remind' };
    emitted: ReplyEvent;
    output: { total: number };
  },
  actors: { price: fromPromise(async ({ input }: { input: number }) => input * 10) },
  delays: { backoff: ({ context }) => 1000 * context.tries },
  guards: {
    isNumber: ({ event }) => event.type === 'message.text' && /^[1-9]$/.test(event.text),
    isLast: ({ context }) => context.tries >= 2,
    isAsking: stateIn({ booking: 'people' }),
  },
});
const say = (text: string) => machine.emit({ type: 'reply', reply: { type: 'text', text } });
const again = machine.assign({ tries: ({ context }) => context.tries + 1 });

/** Books a table by XState's own `setup`. */
export default machine.createMachine({
  id: 'plain',
  context: ({ input }) => ({ openid: input.openid, people: 0, total: 0, tries: 0 }),
  initial: 'booking',
  states: {
    booking: {
      initial: 'people',
      onDone: 'over',
      states: {
        people: {
          tags: 'asks',
          entry: [
            say('For how many?'),
            machine.assign({ tries: 0 }),
            raise({ type: 'remind' }, { delay: 600_000, id: 'reminder' }),
          ],
          exit: cancel('reminder'),
          on: {
            'message.text': [
              { guard: hear('help'), target: '#plain.help' },
              {
                guard: 'isNumber',
                target: 'pricing',
                actions: enqueueActions(({ enqueue, event }) => {
                  if (event.type === 'message.text') enqueue.assign({ people: Number(event.text) });
                }),
              },
              { guard: 'isLast', target: '#plain.human' },
              { actions: [again, say('A number from 1 to 9, please.')] },
            ],
            'message.*': { actions: say('A number from 1 to 9, please.') },
            remind: { guard: 'isAsking', actions: say('Are you still there?') },
          },
        },
        pricing: {
          invoke: {
            src: 'price',
            input: ({ context }) => context.people,
            onDone: {
              target: 'sure',
              actions: assign({ total: ({ event }) => event.output }),
            },
            onError: [
              {
                guard: not('isLast'),
                target: 'waiting',
                actions: assign({ tries: ({ context }) => context.tries + 1 }),
              },
              { target: '#plain.human' },
            ],
          },
          after: { 30_000: '#plain.human' },
          on: { 'message.*': { actions: say('One moment.') } },
        },
        waiting: {
          after: { backoff: 'pricing' },
          on: { 'message.*': { actions: say('One moment.') } },
        },
        sure: {
          entry: emit(({ context }) => ({
            type: 'reply',
            reply: { type: 'text', text: `That is ${context.total}. Yes?` },
          })),
          on: {
            'message.text': [
              { guard: hear('yes'), target: 'booked' },
              { guard: hear('no'), target: 'people' },
              { guard: hear('help'), target: '#plain.help' },
              { target: 'sure', reenter: true },
            ],
            'message.*': { target: 'sure', reenter: true },
          },
        },
        booked: { type: 'final' },
        last: { type: 'history' },
      },
    },
    help: { entry: say('Say a number, or “yes” or “no”.'), always: 'booking.last' },
    over: { type: 'final', entry: say('Booked.') },
    human: { type: 'final', entry: say('A colleague will help you.') },
  },
  output: ({ context }) => ({ total: context.total }),
});
