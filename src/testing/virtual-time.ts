import { type Clock, type Duration, systemClock, toMilliseconds } from '../clock.ts';
import { UsageError } from '../errors.ts';
import { atRest, withDeadline } from '../internal/async.ts';
import type { Persister } from '../persist/persister.ts';
import { wrapPersister } from '../persist/wrap.ts';
import type { ManualClock } from './clock.ts';
import { realWork } from './real-work.ts';

/** How long virtual time waits for a call of a persister that takes real time. */
const LONGEST_CALL_MS = 2000;

/** Virtual time that waits for what takes real time, as the calls of a persister that writes to a disk. */
export class VirtualTime implements Clock {
  readonly #clock: ManualClock;
  readonly #wakes = new Map<object, number>();
  readonly #calls = new Set<Promise<unknown>>();

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  wake(at: number, callback: () => void): () => void {
    const wake = {};
    this.#wakes.set(wake, at);
    const cancel = this.#clock.wake(at, () => {
      this.#wakes.delete(wake);
      callback();
    });
    return () => {
      this.#wakes.delete(wake);
      cancel();
    };
  }

  /** The next moment at which something wakes up. */
  next(until: number): number | undefined {
    let next: number | undefined;
    for (const at of this.#wakes.values()) {
      if (at <= until && (next === undefined || at < next)) next = at;
    }
    return next;
  }

  /** Advances to the next wake-up, or to `until` where that comes first. */
  async step(until: number): Promise<void> {
    const at = Math.max(this.next(until) ?? until, this.now());
    await this.#clock.advance(at - this.now());
    await this.rest();
  }

  /** @throws UsageError `bad_duration` for less than nothing */
  async advance(by: number | Duration): Promise<void> {
    const span = toMilliseconds(by);
    if (span < 0) throw new UsageError('bad_duration', 'Time only goes forward.');
    const until = this.now() + span;
    while (this.next(until) !== undefined) await this.step(until);
    if (this.now() < until) await this.step(until);
  }

  /**
   * Lets time pass until something is so: from one wake-up to the next, as long as there are any.
   * @param until epoch ms; not any further
   */
  async pass(until: number, isSo: () => boolean): Promise<void> {
    while (!isSo() && this.next(until) !== undefined) await this.step(until);
  }

  /** Resolves when all work has ended or waits for virtual time. */
  async rest(): Promise<void> {
    await atRest();
    while (this.#calls.size > 0 || realWork.size > 0) {
      await Promise.allSettled(realWork);
      await this.#settled();
      await atRest();
    }
  }

  /** The same persister, whose calls are waited for. */
  watched(persister: Persister): Persister {
    return wrapPersister(persister, (_call, work) => this.awaiting(work()));
  }

  /** The same work, which takes real time. Virtual time waits for it. */
  awaiting<T>(work: Promise<T>): Promise<T> {
    this.#calls.add(work);
    const end = (): void => void this.#calls.delete(work);
    work.then(end, end);
    return work;
  }

  /** A call that gives no answer in real time waits for virtual time: `rest` does not wait for it again. */
  async #settled(): Promise<void> {
    const calls = [...this.#calls];
    await withDeadline<unknown>(Promise.allSettled(calls), {
      clock: systemClock,
      at: systemClock.now() + LONGEST_CALL_MS,
      onPass: () => calls.forEach((call) => this.#calls.delete(call)),
    });
  }
}
