import { createRunner, formatReply, setupDialogue } from 'colloquy';
import { fromPromise } from 'xstate';

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
