import { createDisk, memory } from '../persist/memory.ts';
import type { Persister } from '../persist/persister.ts';
import type { AnyStateMachine } from 'xstate';
import type { ConverseOptions } from './converse-options.ts';
import { faulty } from './faults.ts';
import { type CallFault, StubQueue, withQueuedFaults } from './stub-queue.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Where a conversation in a test is stored. Its calls fail as the test asked for; a look of the test never does. */
export class TestDisk {
  readonly persister: Persister;
  readonly #faults = new StubQueue<CallFault>();
  #looking = 0;

  constructor(
    time: VirtualTime,
    { persister, faults }: Pick<ConverseOptions<AnyStateMachine>, 'persister' | 'faults'>,
  ) {
    const watched = time.watched(persister ?? memory(createDisk()));
    const failing =
      faults === undefined
        ? watched
        : faulty(watched, {
            clock: time,
            choose: (call) => (this.#looking > 0 ? undefined : faults(call)),
          });
    this.persister = withQueuedFaults(failing, (what) =>
      this.#looking > 0 ? undefined : this.#faults.take(what),
    );
  }

  /** The next `times` saves, or loads, do this instead. */
  fail(what: 'save' | 'load', act: CallFault, times: number): void {
    this.#faults.add(what, act, times);
  }

  /** Does something that reads without a fault. */
  async look<T>(read: () => Promise<T>): Promise<T> {
    this.#looking += 1;
    try {
      return await read();
    } finally {
      this.#looking -= 1;
    }
  }
}
