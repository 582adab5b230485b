import { describe, expect, it } from 'vitest';
import { MessageError, createRunner, setupDialogue } from 'colloquy';
import { converse } from 'colloquy/testing';

const words = setupDialogue({
  types: {} as { context: { order?: string } },
  events: { paid: {} as { orderId: string }, 'human.left': {} },
});
const shop = words.createDialogue({
  id: 'shop',
  context: {},
  on: {
    'event.paid': {
      actions: [
        words.assign({ order: ({ event }) => event.orderId }),
        words.reply(({ event }) => `Order ${event.orderId} is paid.`),
      ],
    },
    'event.human.*': { actions: words.reply('You talk to the bot again.') },
    'message.*': { actions: words.reply(({ context }) => context.order ?? 'No order.') },
  },
});

describe('an event that a dialogue declares', () => {
  it('reaches the states that name it, with its fields', async () => {
    const chat = converse(shop);
    const paid = await chat.send({ type: 'event.paid', orderId: '7' });
    expect(paid.replies).toEqual([{ type: 'text', text: 'Order 7 is paid.' }]);
    expect(await chat.say('hi')).toEqual(['7']);
  });

  it('is taken under a part of its name, too', async () => {
    const chat = converse(shop);
    const { replies } = await chat.send({ type: 'event.human.left' });
    expect(replies).toEqual([{ type: 'text', text: 'You talk to the bot again.' }]);
  });

  it('is the only one that a runner takes besides those of the library', async () => {
    const runner = createRunner(shop);
    await expect(runner.handle('ann', { type: 'event.piad' } as never)).rejects.toThrow(
      MessageError,
    );
    expect(await runner.handle('ann', { type: 'event.follow' })).toMatchObject({
      outcome: 'unhandled',
    });
    await runner.stop();
  });

  it('that no state names is accepted, and unhandled', async () => {
    const quiet = words.createDialogue({ id: 'quiet', context: {} });
    const chat = converse(quiet);
    const sent = await chat.send({ type: 'event.paid', orderId: '7' });
    expect(sent.outcome).toBe('unhandled');
  });
});
