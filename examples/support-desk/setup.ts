import { commandIntents, keywords, mentions, pattern, setupDialogue, systemClock } from 'colloquy';
import { or, stateIn } from 'xstate';
import { type Address, address } from './address.ts';
import { type Refund, refund } from './refund.ts';
import { type Order, createShop } from './shop.ts';

interface Data {
  /** What the customer wants. */
  wish?: 'refund' | 'delivery' | 'status';
  /** The number of the order of the conversation. */
  number?: string | undefined;
  order?: Order;
  /** The number of an order in a question in between. */
  asked?: string | undefined;
  refund?: Refund | undefined;
  time?: 'morning' | 'evening';
  address?: Address | undefined;
}

/** The types and parts of the desk, which its files share. */
export const words = setupDialogue({
  types: {} as { context: Data; emitted: { type: 'typing'; on: boolean } },
  // For a shop on another clock: `desk.provide({ actors: createShop(clock) })`.
  actors: { refund, address, ...createShop(systemClock) },
  guards: {
    /** Whether the customer waits for a service. */
    isBusy: or([
      stateIn('#finding'),
      stateIn('#looking'),
      stateIn('#paying'),
      stateIn('#redirecting'),
    ]),
  },
  // How customers express their wishes. A model also finds these intents (`model.ts`).
  intents: {
    ...commandIntents,
    refund: mentions('refund', 'money back', 'return'),
    delivery: mentions('delivery', 'deliver', 'new address'),
    hours: mentions('opening hours', 'are you open', 'when do you open'),
    status: pattern(/^(?:where is|status of|what about)\b.*\b\d{4}\b/iu),
    coverage: keywords('do you deliver to me', 'do you deliver here'),
    human: keywords('human', 'agent', 'a human please', 'talk to a human'),
  },
});
