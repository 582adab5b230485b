import type { Persister } from '../persist/persister.ts';
import { type PersisterCall, wrapPersister } from '../persist/wrap.ts';
import type { Stub } from './services.ts';

interface QueuedStub {
  readonly what: string;
  readonly stub: Stub;
  left: number;
}

/** Stubs for the next calls of services or of the persister, in the order in which the test added them. */
export class StubQueue {
  readonly #stubs: QueuedStub[] = [];

  add(what: string, stub: Stub, times = 1): void {
    this.#stubs.push({ what, stub, left: times });
  }

  take(what: string): Stub | undefined {
    const index = this.#stubs.findIndex((each) => each.what === what);
    const queued = this.#stubs[index];
    if (queued === undefined) return undefined;
    queued.left -= 1;
    if (queued.left <= 0) this.#stubs.splice(index, 1);
    return queued.stub;
  }
}

/** A stub for a call of the persister gets no input. */
const NO_CALL = [] as unknown as Parameters<Stub>;

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
  take: (what: 'load' | 'save') => Stub | undefined,
): Persister {
  return wrapPersister(persister, async (call, work) => {
    const what = QUEUE_OF[call.method];
    const queued = what && take(what);
    return queued === undefined ? work() : (queued(...NO_CALL) as never);
  });
}
