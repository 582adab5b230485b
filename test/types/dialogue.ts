import { createRunner, formatReply, integer, setupDialogue, text } from 'colloquy';
import { fromPromise } from 'xstate';
import * as z from 'zod';

const words = setupDialogue({
  types: {} as { context: { name?: string; count: number } },
  actors: {
    lookUp: fromPromise(async ({ input }: { input: { query: string } }) => ({
      found: input.query.length,
    })),
  },
  guards: { known: ({ context }) => context.name !== undefined },
  delays: { soon: 500 },
});

const dialogue = words.createDialogue({
  id: 'typed',
  context: { count: 0 },
  initial: 'open',
  states: {
    open: {
      on: {
        'message.text': {
          guard: 'known',
          target: 'search',
          actions: [
            words.assign({ name: ({ event }) => event.text }),
            words.reply(({ event, context }) => `${event.text} ${context.count}`),
          ],
        },
        'message.location': { actions: words.reply(({ event }) => event.latitude.toFixed(2)) },
        'message.*': { actions: words.reply('text, please') },
      },
    },
    search: {
      invoke: {
        src: 'lookUp',
        input: ({ context }) => ({ query: context.name ?? '' }),
        onDone: { actions: words.assign({ count: ({ event }) => event.output.found }) },
      },
      after: { soon: 'open' },
    },
  },
});
createRunner(dialogue).on('reply', ({ reply }) => formatReply(reply).trim());

// @ts-expect-error a key that the context does not have
words.assign({ nmae: 'x' });
// @ts-expect-error a value of another type
words.assign({ count: 'x' });
// @ts-expect-error not a reply
words.reply({ type: 'hologram' });
words.createDialogue({
  id: 'wrong',
  context: { count: 0 },
  initial: 'open',
  states: {
    open: {
      on: {
        // @ts-expect-error an event outside the closed set
        'message.telepathy': {},
      },
    },
  },
});
words.createDialogue({
  id: 'wrong',
  context: { count: 0 },
  initial: 'open',
  states: {
    open: {
      on: {
        'message.image': {
          // @ts-expect-error an image has no text
          actions: words.assign({ name: ({ event }) => event.text }),
        },
      },
    },
  },
});
words.createDialogue({
  id: 'wrong',
  context: { count: 0 },
  initial: 'open',
  states: {
    // @ts-expect-error a guard that is not provided
    open: { on: { 'message.text': { guard: 'unknown' } } },
  },
});

const runner = createRunner(dialogue);
void runner.handle('u', 'hi');
void runner.handle('u', { type: 'message.image', mediaId: 'm' });
void runner.handle('u', { type: 'event.payment', amount: 3 });
// @ts-expect-error a text message has a text
void runner.handle('u', { type: 'message.text' });
// @ts-expect-error an internal event
void runner.handle('u', { type: 'xstate.done.actor.x' });

// What reads an answer may depend on the context, by a function of the context or on the occasion.
interface Booking {
  seats: number;
  people?: number;
  dish?: 'soup' | 'rice';
  size?: 'cup' | 'plate';
}
const booking = setupDialogue({ types: {} as { context: Booking } });
const seats = ({ context }: { context: Booking }) => integer({ max: context.seats });
const sizes = ({ context }: { context: Booking }): ('cup' | 'plate')[] =>
  context.dish === 'soup' ? ['cup'] : ['plate'];

booking.ask({ question: '?', parseFor: seats, assign: 'people' });
booking.ask({
  question: '?',
  parseFor: ({ context }) => integer({ max: context.seats }),
  assign: 'people',
});
booking.ask({ question: '?', parseFor: () => z.coerce.number(), assign: 'people' });
booking.ask({
  question: '?',
  parse: (_message, { context, locale }) => ({ value: context.seats + locale.length }),
  assign: 'people',
});
booking.choose({ question: '?', options: sizes, assign: 'size' });
booking.form({
  target: 'x',
  slots: {
    people: { question: '?', parseFor: seats },
    size: {
      question: '?',
      options: ({ context }) => (context.dish === 'soup' ? ['cup'] : ['plate']),
      extract: (_message, { context }) =>
        context.dish === 'soup' ? { value: 'cup' } : { issue: 'no' },
      when: ({ context }) => context.dish !== undefined,
    },
    dish: {
      question: '?',
      parse: (_message, { context }) =>
        context.seats > 2 ? { value: 'soup' } : { issue: 'too few' },
    },
  },
});

// @ts-expect-error one of the two reads an answer
booking.ask({ question: '?', assign: 'people' });
// @ts-expect-error and not both
booking.ask({ question: '?', parse: integer(), parseFor: seats, assign: 'people' });
// @ts-expect-error a text is no number of people
booking.ask({ question: '?', parseFor: () => text(), assign: 'people' });
// @ts-expect-error a function of the context is no parser: it goes to `parseFor`
booking.ask({ question: '?', parse: ({ context }) => integer({ max: context.seats }) });
// @ts-expect-error there is no such key in the context
booking.ask({ question: '?', parseFor: ({ context }) => integer({ max: context.chairs }) });
booking.ask({
  question: '?',
  // @ts-expect-error there is no such key in the context
  parse: (_message, { context }) => ({ value: context.chairs }),
});
booking.form({
  target: 'x',
  slots: {
    // @ts-expect-error a bowl is no size
    size: { question: '?', options: () => ['bowl'] },
  },
});
booking.form({
  target: 'x',
  slots: {
    // @ts-expect-error a text is no number of people
    people: { question: '?', parseFor: () => text() },
  },
});
booking.form({
  target: 'x',
  slots: {
    // @ts-expect-error a slot is read in one way
    people: { question: '?', parse: integer(), parseFor: seats },
  },
});
