import type { Clock } from 'colloquy';
import { type PromiseActorLogic, fromPromise } from 'xstate';
import type { Address } from './address.ts';
import type { Refund } from './refund.ts';

export interface Order {
  readonly number: string;
  readonly state: string;
  readonly total: number;
}

/** The services that the desk calls, by the names under which it invokes them. */
export interface Shop {
  /** Fails if there is no such order. */
  readonly findOrder: PromiseActorLogic<Order, { readonly number: string }>;
  /** Returns the number of the refund. */
  readonly payBack: PromiseActorLogic<string, { readonly refund: Refund | undefined }>;
  readonly redirect: PromiseActorLogic<void, Redirection>;
}

/** Another time, or another place, for a parcel. */
export interface Redirection {
  readonly number: string;
  readonly time: string;
  readonly address: Address | undefined;
}

const ORDERS: readonly Order[] = [
  { number: '1042', state: 'on its way', total: 35 },
  { number: '1043', state: 'delivered', total: 80 },
  { number: '1044', state: 'packed', total: 12.5 },
];

/** A shop that pays slowly, by the clock in its argument. Yours would ask a server, and pass the `signal` on. */
export function createShop(clock: Clock): Shop {
  const wait = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => void clock.wake(clock.now() + milliseconds, resolve));
  return {
    findOrder: fromPromise(async ({ input }) => {
      const order = ORDERS.find(({ number }) => number === input.number);
      if (order === undefined) throw new Error('There is no such order.');
      return order;
    }),
    payBack: fromPromise(async ({ input: { refund } }) => {
      if (refund === undefined) throw new Error('Nothing was agreed on.');
      await wait(6000);
      return `R-${refund.order}`;
    }),
    redirect: fromPromise(async () => {}),
  };
}
