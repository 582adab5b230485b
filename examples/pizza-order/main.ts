import { talkInTerminal } from '../terminal.ts';
import order from './dialogue.ts';

// npx tsx examples/pizza-order/main.ts
await talkInTerminal(order, {}, (runner) => ({
  commands: {
    paid: {
      usage: '/paid q-2',
      does: 'has the bank report a payment, by the last part of its address',
      // Yours is a webhook of the bank.
      async run(quote) {
        const { outcome } = await runner.send('you', { type: 'event.paid', quote });
        return [outcome];
      },
    },
  },
}));
