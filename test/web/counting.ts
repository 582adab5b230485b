import { setupDialogue } from 'colloquy';

const { assign, createDialogue, reply } = setupDialogue({
  types: {} as { context: { count: number } },
});

/** Counts the messages that it takes: one that counts twice, or comes too late, is seen in every reply after it. */
export const counting = createDialogue({
  id: 'counting',
  version: '1',
  context: { count: 0 },
  initial: 'open',
  states: {
    open: {
      on: {
        'message.text': {
          actions: [
            assign({ count: ({ context }) => context.count + 1 }),
            reply(({ context, event }) => `${context.count}: ${event.text}`),
          ],
        },
      },
    },
  },
});
