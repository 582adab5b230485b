import { createAgent } from 'colloquy/model';

/** The model may cancel an order without a question to the user. */
export const unapprovedEffect = createAgent({
  id: 'support',
  model: { name: 'none', generate: () => Promise.reject(new Error('No model is asked.')) },
  instructions: 'Help with the order.',
  tools: {
    status: { description: 'Where the order is.', readOnly: true, run: () => 'packed' },
    refund: { description: 'Gives the money back.', approve: true, run: () => 'done' },
    cancelOrder: { description: 'Cancels the order.', run: () => 'cancelled' },
  },
});
