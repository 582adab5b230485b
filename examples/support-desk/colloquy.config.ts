import { defineConfig } from 'colloquy/cli';
import { type Stub, takes } from 'colloquy/testing';
import { recognizerOf } from './model.ts';
import type { Refund } from './refund.ts';

/** Pays slowly, in virtual time. */
const payBack: Stub<{ readonly refund: Refund }> = takes(
  { seconds: 6 },
  ({ refund }) => `R-${refund.order}`,
);

export default defineConfig({
  dialogue: './dialogue.ts',
  transcripts: ['*.chat'],
  // As on a channel that can push: the result of a service is said later.
  converse: () => ({
    recognize: recognizerOf(process.env),
    deadlineMs: 1000,
    services: { payBack },
  }),
  explore: {
    samples: ['refund 1042', '9000', 'NO93 8601 1117 947', 'where is order 1044?'],
    services: {
      findOrder: [{ number: '1042', state: 'packed', total: 35 }],
      payBack: ['R-1'],
    },
    budget: 4000,
  },
});
