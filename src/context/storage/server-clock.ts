import type { Cancel, Clock, WakeOptions } from '../../clock.ts';
import { ColloquyError, PersistError } from '../../errors.ts';

export interface ServerClockOptions {
  /** The clock of this process. */
  readonly processClock: Clock;
  /** Asks the persister for its time. It answers, or fails, within the time that a call may take. */
  readonly ask: () => Promise<number>;
  /** Called when this clock has been set: what was armed for a moment by the old time has to be armed anew. */
  readonly onSet: () => void;
  readonly onError: (error: ColloquyError) => void;
}

/** The clocks are compared again after so long: for that long a process whose clock is set goes by a wrong one. */
const INTERVAL_MS = 60_000;
/** After a persister did not tell its time, or took long to, it is asked again after so long. */
const RETRY_MS = 5000;
/** A comparison that may be wrong by more than that is made again soon. */
const ROUGH_MS = 500;
/** Of so many answers the one that came back soonest counts; the first may have waited for a connection. */
const SAMPLES = 4;
/** An answer that comes within so long is as good as any. */
const FINE_MS = 2;
/** No further answer is asked for after so long: somebody may be waiting. */
const LONG_MS = 500;
/** Both clocks are read in whole milliseconds. */
const GRAIN_MS = 1;
/** A clock that is off by more than that is told of. */
const MAX_SKEW_MS = 1000;

interface Sample {
  /** How far the persister's clock is ahead of that of the process. */
  readonly offsetMs: number;
  /** By how much that may be wrong. */
  readonly withinMs: number;
}

/**
 * The clock of the process, set by that of the persister, so that all who share it mean the same moment by what they
 * store in it. It is off by half a round trip at most.
 *
 * A comparison that tells no difference from the one before, to within what it can tell, changes nothing: time goes back
 * only where a clock was really set. A wake-up keeps its distance then, as it would under a clock that nobody sets, so
 * that spans stay what they are; who waits for a moment is told, and arms it again.
 */
export class ServerClock implements Clock {
  readonly #options: ServerClockOptions;
  #offsetMs = 0;
  /** The offset that was told of last; 0 where the clocks agree. */
  #toldMs = 0;
  #hasFailed = false;
  #hasMeasured = false;
  #measuring: Promise<void> | undefined;
  #cancel: Cancel | undefined;
  #closed = false;

  constructor(options: ServerClockOptions) {
    this.#options = options;
  }

  /** What has to be added to a moment by the clock of this process. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  now(): number {
    return this.#options.processClock.now() + this.#offsetMs;
  }

  wake(at: number, callback: () => void, options?: WakeOptions): Cancel {
    return this.#options.processClock.wake(at - this.#offsetMs, callback, options);
  }

  /**
   * Resolves when the clocks have been compared, or could not be; undefined where they have been before. Whatever is
   * decided by the time of what is stored has to come after it, also what a store still does that is being closed. Never
   * rejects.
   */
  get ready(): Promise<void> | undefined {
    return this.#hasMeasured ? undefined : this.#measure();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #measure(): Promise<void> {
    this.#measuring ??= this.#compare().then((isDone) => {
      this.#measuring = undefined;
      this.#hasMeasured = true;
      if (this.#closed) return;
      const { processClock } = this.#options;
      const pauseMs = isDone ? INTERVAL_MS : RETRY_MS;
      this.#cancel = processClock.wake(processClock.now() + pauseMs, () => void this.#measure());
    });
    return this.#measuring;
  }

  /** @returns whether it is known what the persister's time is */
  async #compare(): Promise<boolean> {
    try {
      const sample = await this.#sample();
      this.#hasFailed = false;
      this.#take(sample);
      return sample.withinMs <= ROUGH_MS;
    } catch (error) {
      // Once for as long as it goes on; the time is what it was before.
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
      const told = await ask();
      if (!Number.isFinite(told)) throw noTime(told);
      const after = processClock.now();
      const tripMs = after - before;
      const offsetMs = Math.round(told - (before + after) / 2);
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
    if (!this.#closed) this.#tell(withinMs);
  }

  /** Tells of a clock that is wrong once, and again where it has become twice as wrong. */
  #tell(withinMs: number): void {
    const offsetMs = this.#offsetMs;
    const skewMs = Math.abs(offsetMs);
    if (skewMs <= MAX_SKEW_MS) this.#toldMs = 0;
    else if (
      skewMs - withinMs > MAX_SKEW_MS &&
      Math.abs(offsetMs - this.#toldMs) > Math.abs(this.#toldMs)
    ) {
      this.#toldMs = offsetMs;
      this.#options.onError(skewed(offsetMs));
    }
  }
}

function skewed(offsetMs: number): ColloquyError {
  const way = offsetMs > 0 ? 'behind' : 'ahead of';
  return new ColloquyError(
    'clock_skew',
    `The clock of this process is ${Math.abs(offsetMs)} ms ${way} that of the persister. What is due goes by the persister's clock and is on time; have the clock of one machine or the other set, by NTP.`,
    { details: { offsetMs } },
  );
}

function noTime(told: unknown): PersistError {
  return new PersistError(
    'bad_time',
    `now() of the persister has to give epoch milliseconds, and it gave ${typeof told === 'number' ? told : `a value of type ${typeof told}`}. Until it does, this process goes by its own clock.`,
  );
}
