import type { Cancel, Clock, WakeOptions } from '../../clock.ts';
import { ColloquyError, PersistError } from '../../errors.ts';

interface ServerClockOptions {
  /** The clock of this process. */
  readonly processClock: Clock;
  /** Asks the persister for its time. It answers, or fails, within the time that a call may take. */
  readonly ask: () => Promise<number>;
  /** Is called when this clock was set: a timer that was armed by the old time has to be armed again. */
  readonly onSet: () => void;
  readonly onError: (error: ColloquyError) => void;
}

/**
 * The time between two comparisons. If the clock of a process is set by less, the process uses a wrong time until the next
 * one.
 */
const INTERVAL_MS = 60_000;
/** The same after a persister gave no time, or was slow to give it. */
const RETRY_MS = 5000;
/** A comparison that may be wrong by more is made again soon. */
const ROUGH_MS = 500;
/** The most answers of which the fastest counts. The first one may have waited for a connection. */
const SAMPLES = 4;
/** A faster answer would be no better than one within this time. */
const FINE_MS = 2;
/** After this time no further answer is asked for: a caller may be waiting. */
const LONG_MS = 500;
/** Both clocks are read in whole milliseconds. */
const GRAIN_MS = 1;
/** A larger difference between the clocks is reported. */
const MAX_SKEW_MS = 1000;

interface Sample {
  /** How far the persister's clock is ahead of that of the process. */
  readonly offsetMs: number;
  /** By how much that may be wrong. */
  readonly withinMs: number;
}

/**
 * The clock of the persister, so that all processes that share the persister mean the same moment by a stored time. It is
 * the clock of this process plus an offset, which is wrong by a maximum of half a round trip.
 *
 * A comparison whose difference from the one before is within its error changes nothing: time goes back only where a
 * clock was really set. The wake-ups that are armed then keep their distance, so that time spans stay the same; the
 * scheduler, which waits for moments, arms its timer again.
 */
export class ServerClock implements Clock {
  readonly #options: ServerClockOptions;
  #offsetMs = 0;
  /** The offset that was reported last; 0 where the clocks agree. */
  #reportedMs = 0;
  #hasFailed = false;
  #hasMeasured = false;
  /** When the last comparison ended, by the clock of the process. */
  #comparedAt = 0;
  #measuring: Promise<void> | undefined;
  #cancel: Cancel | undefined;
  #closed = false;

  constructor(options: ServerClockOptions) {
    this.#options = options;
  }

  /** This clock minus that of the process. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  now(): number {
    return this.#options.processClock.now() + this.#offsetMs;
  }

  /** If the clock of the process was set meanwhile, the moment may not have come: then the persister is asked first. */
  wake(at: number, callback: () => void, options?: WakeOptions): Cancel {
    let isOver = false;
    const onTime = (): void => {
      if (!this.#isOverdue || this.#closed) return callback();
      void this.#measure().then(() => {
        if (isOver) return;
        if (this.now() < at) cancel = this.#arm(at, onTime, options);
        else callback();
      });
    };
    let cancel = this.#arm(at, onTime, options);
    return () => {
      isOver = true;
      cancel();
    };
  }

  #arm(at: number, onTime: () => void, options?: WakeOptions): Cancel {
    return this.#options.processClock.wake(at - this.#offsetMs, onTime, options);
  }

  /**
   * Resolves when the clocks were compared, or could not be; undefined if that is done and the clock of the process was not
   * set since then. Every decision by a stored time has to wait for it, also while the store is being closed. Never rejects.
   */
  get ready(): Promise<void> | undefined {
    return this.#hasMeasured && !this.#isOverdue ? undefined : this.#measure();
  }

  /** Whether the next comparison should have been made: the clock of the process was set, or the process was stopped. */
  get #isOverdue(): boolean {
    const sinceMs = this.#options.processClock.now() - this.#comparedAt;
    return this.#hasMeasured && Math.abs(sinceMs) > INTERVAL_MS + RETRY_MS;
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #measure(): Promise<void> {
    this.#measuring ??= this.#compare().then((isDone) => {
      this.#measuring = undefined;
      this.#hasMeasured = true;
      const { processClock } = this.#options;
      this.#comparedAt = processClock.now();
      if (this.#closed) return;
      this.#cancel?.();
      const pauseMs = isDone ? INTERVAL_MS : RETRY_MS;
      const compare = (): void => void this.#measure();
      // A process that does nothing notices only by this that its clock was set back.
      this.#cancel = processClock.wake(processClock.now() + pauseMs, compare, { isSpan: true });
    });
    return this.#measuring;
  }

  /** @returns whether the persister's time is known well enough */
  async #compare(): Promise<boolean> {
    try {
      const sample = await this.#sample();
      this.#hasFailed = false;
      this.#take(sample);
      return sample.withinMs <= ROUGH_MS;
    } catch (error) {
      // Reported once until it succeeds again. Until then the offset stays what it was.
      if (!this.#hasFailed && !this.#closed) this.#options.onError(error as ColloquyError);
      this.#hasFailed = true;
      return false;
    }
  }

  async #sample(): Promise<Sample> {
    const { processClock, ask } = this.#options;
    const startedAt = processClock.now();
    let best: Sample | undefined;
    for (let count = 0; count < SAMPLES && !(this.#closed && best !== undefined); count += 1) {
      const before = processClock.now();
      const answer = await ask();
      if (!Number.isFinite(answer)) throw noTime(answer);
      const after = processClock.now();
      const tripMs = after - before;
      const offsetMs = Math.round(answer - (before + after) / 2);
      const withinMs = tripMs / 2 + GRAIN_MS;
      // The clock of the process was set back in between.
      if (tripMs < 0) continue;
      if (best === undefined || withinMs < best.withinMs) best = { offsetMs, withinMs };
      if (tripMs <= FINE_MS || after - startedAt >= LONG_MS) break;
    }
    return best ?? { offsetMs: this.#offsetMs, withinMs: Number.POSITIVE_INFINITY };
  }

  #take({ offsetMs, withinMs }: Sample): void {
    if (Math.abs(offsetMs - this.#offsetMs) > withinMs) {
      this.#offsetMs = offsetMs;
      // Before the first comparison nothing was armed.
      if (this.#hasMeasured && !this.#closed) this.#options.onSet();
    }
    if (!this.#closed) this.#report(withinMs);
  }

  /** Reports a clock that is wrong once, and again when it is twice as wrong. */
  #report(withinMs: number): void {
    const offsetMs = this.#offsetMs;
    const skewMs = Math.abs(offsetMs);
    if (skewMs <= MAX_SKEW_MS) this.#reportedMs = 0;
    else if (
      skewMs - withinMs > MAX_SKEW_MS &&
      Math.abs(offsetMs - this.#reportedMs) > Math.abs(this.#reportedMs)
    ) {
      this.#reportedMs = offsetMs;
      this.#options.onError(skewed(offsetMs));
    }
  }
}

function skewed(offsetMs: number): ColloquyError {
  const way = offsetMs > 0 ? 'behind' : 'ahead of';
  return new ColloquyError(
    'clock_skew',
    `The clock of this process is ${Math.abs(offsetMs)} ms ${way} that of the persister. The persister's clock decides what is due, so that is on time. Have the clock of one of the two machines set by NTP.`,
    { details: { offsetMs } },
  );
}

function noTime(answer: unknown): PersistError {
  return new PersistError(
    'bad_time',
    `now() of the persister has to give epoch milliseconds, and it gave ${typeof answer === 'number' ? answer : `a value of type ${typeof answer}`}. Until it does, this process uses its own clock.`,
  );
}
