import type { Persister } from '../persist/persister.ts';
import { type PersisterCall, wrapPersister } from '../persist/wrap.ts';
import type { Stub } from './services.ts';

interface Order {
  readonly what: string;
  readonly stub: Stub;
  left: number;
}

/** What the next calls of services and of the persister are to do, in the order in which it was asked for. */
export class Orders {
  readonly #orders: Order[] = [];

  add(what: string, stub: Stub, times = 1): void {
    this.#orders.push({ what, stub, left: times });
  }

  take(what: string): Stub | undefined {
    const index = this.#orders.findIndex((order) => order.what === what);
    const order = this.#orders[index];
    if (order === undefined) return undefined;
    order.left -= 1;
    if (order.left <= 0) this.#orders.splice(index, 1);
    return order.stub;
  }
}

/** A call of the persister tells what it was ordered to do nothing. */
const NO_CALL = [] as unknown as Parameters<Stub>;

/** Which order a call of the persister takes, where there is one. */
const ORDERED: Partial<Record<PersisterCall['method'], 'load' | 'save'>> = {
  load: 'load',
  'lease.take': 'load',
  save: 'save',
  move: 'save',
  'lease.save': 'save',
};

/** The same persister, with a `load` and a `save` that go by orders where there are any. */
export function obeying(
  persister: Persister,
  take: (what: 'load' | 'save') => Stub | undefined,
): Persister {
  return wrapPersister(persister, async (call, work) => {
    const what = ORDERED[call.method];
    const ordered = what && take(what);
    return ordered === undefined ? work() : (ordered(...NO_CALL) as never);
  });
}
