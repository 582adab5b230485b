import type { Clock } from '../clock.ts';

/**
 * Resolves after `ms` of the clock's time, and keeps the process alive until then: a caller waits for it. An aborted
 * signal ends the sleep at once: it rejects with the reason of the signal.
 */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason as Error);
    };
    const onTime = (): void => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    };
    const cancel = clock.wake(clock.now() + ms, onTime, { holdsProcess: true });
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
  });
}

/** Resolves when all work that waits only for the event loop has run. */
export function atRest(): Promise<void> {
  // A browser has no setImmediate. A timer also waits for the event loop, but longer.
  const next = typeof setImmediate === 'function' ? setImmediate : setTimeout;
  return new Promise((resolve) => next(resolve));
}

interface Deadline {
  readonly clock: Clock;
  /** Epoch ms. */
  readonly at: number;
}

interface DeadlineOptions<T> extends Deadline {
  /** Gives the result if the work has not ended by then, or throws. To continue waiting, it returns the work itself. */
  readonly onPass: () => T | Promise<T>;
  /** Whether the deadline keeps the process alive. Default true: a caller waits for the result. */
  readonly holdsProcess?: boolean;
}

/**
 * The result of `work` if it ends before the deadline, otherwise what `onPass` gives or throws. The work is not
 * stopped at the deadline; what it gives or throws later is dropped. Its end takes the timer back.
 */
export function withDeadline<T>(
  work: Promise<T>,
  { clock, at, onPass, holdsProcess = true }: DeadlineOptions<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const pass = (): void => {
      try {
        resolve(onPass());
      } catch (error) {
        reject(error as Error);
      }
    };
    const cancel = clock.wake(at, pass, { holdsProcess });
    work.then(
      (result) => {
        cancel();
        resolve(result);
      },
      (error: unknown) => {
        cancel();
        reject(error as Error);
      },
    );
  });
}

/**
 * The result of `work`, unless the signal is aborted first: then the reason of the signal is thrown. It is for work
 * that may ignore the signal.
 */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

interface Waiter {
  readonly isOpen: () => boolean;
  readonly release: () => void;
}

/** Holds callers until a condition is true. The owner calls `check` after each change that may make one true. */
export class Barrier {
  readonly #waiters = new Set<Waiter>();

  /**
   * Resolves when `isOpen` is true, or at the deadline.
   * @returns whether `isOpen` is true
   */
  async until(isOpen: () => boolean, deadline?: Deadline): Promise<boolean> {
    let isInTime = true;
    // Between the check and the moment when the caller continues, the condition may become false again.
    while (!isOpen() && isInTime) isInTime = await this.#next(isOpen, deadline);
    return isInTime || isOpen();
  }

  /** Releases the callers whose condition is true, in the order in which they came. */
  check(): void {
    for (const waiter of this.#waiters) {
      if (!waiter.isOpen()) continue;
      this.#waiters.delete(waiter);
      waiter.release();
    }
  }

  #next(isOpen: () => boolean, deadline: Deadline | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      const onTime = (): void => {
        this.#waiters.delete(waiter);
        resolve(false);
      };
      const cancel = deadline?.clock.wake(deadline.at, onTime, { holdsProcess: true });
      const release = (): void => {
        cancel?.();
        resolve(true);
      };
      const waiter: Waiter = { isOpen, release };
      this.#waiters.add(waiter);
    });
  }
}

/** How long to pause before another attempt: `firstMs` before attempt 0, twice as long before each next one. */
export function backoff({
  firstMs,
  longestMs,
}: {
  readonly firstMs: number;
  readonly longestMs: number;
}): (attempt: number) => number {
  return (attempt) => Math.min(firstMs * 2 ** attempt, longestMs);
}

/** A signal that is aborted when one of the two is. */
export function eitherOf(one: AbortSignal, other: AbortSignal | undefined): AbortSignal {
  return other === undefined ? one : AbortSignal.any([one, other]);
}
