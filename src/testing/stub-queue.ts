import type { Persister } from '../persist/persister.ts';
import { type PersisterCall, wrapPersister } from '../persist/wrap.ts';
/** What a call of the persister does where it fails. */
export type CallFault = () => Promise<never>;

interface Queued<Act> {
  readonly what: string;
  readonly act: Act;
  left: number;
}

/** What the next calls of services, or of the persister, do instead, in the order in which the test added it. */
export class StubQueue<Act> {
  readonly #queued: Queued<Act>[] = [];

  add(what: string, act: Act, times = 1): void {
    this.#queued.push({ what, act, left: times });
  }

  take(what: string): Act | undefined {
    const index = this.#queued.findIndex((each) => each.what === what);
    const queued = this.#queued[index];
    if (queued === undefined) return undefined;
    queued.left -= 1;
    if (queued.left <= 0) this.#queued.splice(index, 1);
    return queued.act;
  }
}

/** The queue that a call of the persister takes its stub from. */
const QUEUE_OF: Partial<Record<PersisterCall['method'], 'load' | 'save'>> = {
  load: 'load',
  'lease.take': 'load',
  save: 'save',
  move: 'save',
  'lease.save': 'save',
};

/** The same persister: its loads and saves do what queued stubs say, where there are any. */
export function withQueuedFaults(
  persister: Persister,
  take: (what: 'load' | 'save') => CallFault | undefined,
): Persister {
  return wrapPersister(persister, async (call, work) => {
    const what = QUEUE_OF[call.method];
    const queued = what && take(what);
    return queued === undefined ? work() : queued();
  });
}
