import { fromPromise } from 'xstate';
import type { Pizza } from './pizza.ts';

export interface Quote {
  id: string;
  total: number;
}

let calls = 0;

/** A kitchen that answers every second time. Yours would ask a server, and pass the `signal` on. */
export const price = fromPromise<Quote, { cart: readonly Pizza[]; address: string | undefined }>(
  async ({ input: { cart } }) => {
    calls += 1;
    if (calls % 2 === 1) throw new Error('The kitchen does not answer.');
    return { id: `q-${calls}`, total: cart.reduce((sum, each) => sum + priceOf(each), 0) };
  },
);

export function priceOf({ size, toppings, count }: Pizza): number {
  return count * ((size === 'large' ? 11 : 8) + toppings.length);
}
