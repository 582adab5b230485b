import { type EventOf, createRunner, keywords, setupDialogue } from 'colloquy';
import { converse, playTranscript } from 'colloquy/testing';
import { expectTypeOf } from 'vitest';
import { setup } from 'xstate';

const { assign, createDialogue, reply, emit } = setupDialogue({
  types: {} as {
    context: { order?: string; state?: string };
    emitted: { type: 'brewed'; cups: number };
    values: { delivered: { state: string } };
  },
  events: { paid: {} as { orderId: string; cents: number }, 'human.left': {} },
  intents: { delivered: {}, menu: keywords('menu') },
  guards: { isLarge: ({ event }) => event.type === 'event.paid' && event.cents > 1000 },
});

const dialogue = createDialogue({
  id: 'shop',
  context: {},
  on: {
    'event.paid': [
      {
        guard: ({ event }) => event.cents > 0,
        actions: [
          assign({ order: ({ event }) => event.orderId }),
          reply(({ event }) => event.orderId.trim()),
          emit({ type: 'brewed', cups: 1 }),
        ],
      },
      { guard: 'isLarge', actions: reply('So much!') },
    ],
    'event.human.left': { actions: reply('Bye.') },
    'event.human.*': { actions: reply('Bye.') },
    'intent.delivered': { actions: assign({ state: ({ event }) => event.values.state }) },
    'intent.menu': { actions: reply(({ event }) => String(event.values['dish'])) },
    // @ts-expect-error an event that is not declared
    'event.piad': {},
  },
});
createDialogue({
  id: 'wrong',
  context: {},
  on: {
    'event.paid': {
      // @ts-expect-error a number is no order
      actions: assign({ order: ({ event }) => event.cents }),
    },
  },
});
createDialogue({
  id: 'wrong',
  context: {},
  // @ts-expect-error cups are counted
  entry: emit({ type: 'brewed', cups: 'two' }),
});

const runner = createRunner(dialogue);
void runner.send('ann', { type: 'event.paid', orderId: '7', cents: 100 }, { id: 'p-1' });
void runner.send('ann', { type: 'event.follow' });
void runner.send('ann', { type: 'intent.delivered', values: { state: 'lost' } });
// @ts-expect-error a field is missing
void runner.send('ann', { type: 'event.paid', orderId: '7' });
// @ts-expect-error an event that is not declared
void runner.send('ann', { type: 'event.piad' });
// @ts-expect-error a user says a text
void runner.send('ann', 'hi');

const chat = converse(dialogue);
void chat.event({ type: 'event.paid', orderId: '7', cents: 100 });
void chat.user('bob').event({ type: 'event.human.left' });
void chat.send({ type: 'event.paid', orderId: '7', cents: 100 });
void chat.say('hi');
// @ts-expect-error cents are counted
void chat.event({ type: 'event.paid', orderId: '7', cents: '100' });
// @ts-expect-error an event that is not declared
void chat.user('bob').event({ type: 'event.piad' });
// @ts-expect-error an event that is not declared
void chat.send({ type: 'event.piad' });
void playTranscript('> hi', chat);
void runner.handle('ann', { type: 'event.paid', orderId: '7', cents: 100, spoken: true });
void runner.handle('ann', { type: 'event.human.left' });
void runner.handle('ann', { type: 'event.follow' });
void runner.handle('ann', { type: 'intent.delivered', text: '', values: { state: 'lost' } });
// @ts-expect-error an order has an id
void runner.handle('ann', { type: 'event.paid', cents: 100 });
// @ts-expect-error an event that is not declared
void runner.handle('ann', { type: 'event.piad', orderId: '7', cents: 100 });
expectTypeOf<EventOf<typeof dialogue>['type']>().toEqualTypeOf<'event.paid' | 'event.human.left'>();

// A machine of XState's own takes what its types say; without any, whatever it names in its `on`.
const typed = setup({ types: {} as { events: { type: 'event.paid'; total: number } } });
void createRunner(typed.createMachine({})).handle('ann', { type: 'event.paid', total: 3 });
void createRunner(setup({}).createMachine({})).handle('ann', { type: 'event.any', total: 3 });
