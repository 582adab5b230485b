import { setupDialogue } from 'colloquy';

const menu = setupDialogue({ types: {} as { context: { messageId?: string } } });

/** A menu of two pages that turn in place; a payment changes the last one later, and what is below it stays. */
export const dialogue = menu.createDialogue({
  id: 'menu',
  version: '1',
  initial: 'first',
  context: {},
  states: {
    first: menu.choose({
      question: 'Tea',
      inPlace: true,
      options: ['More', 'Buy'],
      target: { More: 'second', Buy: 'paying' },
    }),
    second: menu.choose({
      question: 'Cake',
      inPlace: true,
      options: ['Back', 'Buy'],
      target: { Back: 'first', Buy: 'paying' },
    }),
    paying: {
      entry: [
        menu.assign({
          messageId: ({ event }) => (event.type === 'message.action' ? event.messageId : undefined),
        }),
        menu.reply(({ event }) => ({
          type: 'text',
          text: 'Waiting for your payment …',
          replaces: event.type === 'message.action' ? event.messageId : undefined,
        })),
      ],
      on: {
        'event.payment': {
          actions: menu.reply(({ context }) => ({
            type: 'text',
            text: 'Paid. Thank you!',
            replaces: context.messageId,
          })),
        },
      },
    },
  },
});
