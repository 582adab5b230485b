import { defineConfig } from 'colloquy/cli';
import { type Stub, takes } from 'colloquy/testing';
import { type Quote, priceOf } from './kitchen.ts';
import type { Pizza } from './pizza.ts';

/** The kitchen of a transcript: it takes a second. */
export const price: Stub<{ readonly cart: readonly Pizza[] }, Quote> = takes(
  { seconds: 1 },
  ({ cart }) => ({ id: 'q-1', total: cart.reduce((sum, each) => sum + priceOf(each), 0) }),
);

export default defineConfig({
  dialogue: './dialogue.ts',
  transcripts: ['*.chat'],
  converse: { services: { price } },
  explore: {
    samples: [{ type: 'event.paid', quote: 'q-1' }],
    services: { price: [{ id: 'q-1', total: 24 }] },
    budget: 4000,
  },
});
