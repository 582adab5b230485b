import type { Clock } from '../clock.ts';
import { ColloquyError, PersistError } from '../errors.ts';
import type { DueEntry, Persister } from '../persist/persister.ts';

/**
 * What is done with an answer, at once. `overtaken` says that a write of the same openid ended while the call was under
 * way: which of the two the persister carried out first is not known, so the answer may be out of date already.
 */
export type Settle<T, Result> = (answer: T, overtaken: boolean) => Result;

export interface CallOptions {
  /** The clock by which calls are given up. */
  readonly processClock: Clock;
  readonly persistTimeoutMs: number;
  /** What an answer waits for before it is judged by the times in it; undefined where there is nothing. */
  readonly timed: () => Promise<void> | undefined;
}

/** What is under way for one openid, and how many writes ended meanwhile. */
interface Traffic {
  calls: number;
  writes: number;
}

/** All calls of a persister: each bounded in time, its faults made errors of ours, its answers told apart from stale ones. */
export class PersisterCalls {
  readonly #persister: Persister;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #timed: CallOptions['timed'];
  readonly #traffic = new Map<string, Traffic>();
  readonly #pending = new Set<Promise<unknown>>();

  constructor(persister: Persister, { processClock, persistTimeoutMs, timed }: CallOptions) {
    this.#persister = persister;
    this.#clock = processClock;
    this.#timeoutMs = persistTimeoutMs;
    this.#timed = timed;
  }

  /**
   * @param onLate is told when a call that was given up comes to its end after all
   * @throws PersistError `unavailable`, `timeout`, and what the persister throws of our own
   */
  async read<T, Result>(
    openid: string,
    work: (persister: Persister) => Promise<T>,
    settle: Settle<T, Result>,
    onLate?: () => void,
  ): Promise<Result> {
    const traffic = this.#enter(openid);
    const before = traffic.writes;
    // At the same time as the call, so that the first one takes hardly longer.
    const timed = this.#timed();
    try {
      const answer = await this.#limited(work, openid, true, onLate);
      if (timed !== undefined) await timed;
      return settle(answer, traffic.writes !== before);
    } finally {
      this.#leave(openid, traffic);
    }
  }

  /**
   * The same for a call that changes the record.
   * @param onLate is told when a call that was given up comes to its end after all.
   */
  async write<T, Result>(
    openid: string,
    work: (persister: Persister) => Promise<T>,
    settle: Settle<T, Result>,
    onLate: () => void,
  ): Promise<Result> {
    const traffic = this.#enter(openid);
    const before = traffic.writes;
    try {
      const answer = await this.#limited(work, openid, true, () => {
        const current = this.#traffic.get(openid);
        if (current !== undefined) current.writes += 1;
        onLate();
      });
      return settle(answer, traffic.writes !== before);
    } finally {
      traffic.writes += 1;
      this.#leave(openid, traffic);
    }
  }

  due(until: number, limit: number): Promise<DueEntry[]> {
    return this.#limited((persister) => persister.due(until, limit), undefined, false);
  }

  now(): Promise<number> {
    return this.#limited(async (persister) => persister.now?.() ?? Number.NaN, undefined, true);
  }

  /** Waits for what is under way, each for its time at most, and closes the persister. */
  async close(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending);
    await this.#limited((persister) => persister.close(), undefined, true);
  }

  #enter(openid: string): Traffic {
    const traffic = this.#traffic.get(openid) ?? { calls: 0, writes: 0 };
    this.#traffic.set(openid, traffic);
    traffic.calls += 1;
    return traffic;
  }

  #leave(openid: string, traffic: Traffic): void {
    traffic.calls -= 1;
    if (traffic.calls === 0) this.#traffic.delete(openid);
  }

  #limited<T>(
    work: (persister: Persister) => Promise<T>,
    openid: string | undefined,
    holdsProcess: boolean,
    onLate?: () => void,
  ): Promise<T> {
    const call = new Promise<T>((resolve, reject) => {
      let open = true;
      const cancel = this.#clock.wake(
        this.#clock.now() + this.#timeoutMs,
        () => {
          open = false;
          reject(this.#timeout(openid));
        },
        { holdsProcess },
      );
      const end = (settle: () => void): void => {
        cancel();
        if (open) settle();
        else onLate?.();
      };
      const start = async (): Promise<T> => work(this.#persister);
      start().then(
        (answer) => end(() => resolve(answer)),
        (cause: unknown) => end(() => reject(asPersistError(cause, openid))),
      );
    });
    this.#pending.add(call);
    const leave = (): boolean => this.#pending.delete(call);
    call.then(leave, leave);
    return call;
  }

  #timeout(openid: string | undefined): PersistError {
    return new PersistError(
      'timeout',
      `The persister gave no answer for ${this.#timeoutMs} ms and was given up; whether a write came through is not known until the record is read again.`,
      { retryable: true, openid, details: { timeoutMs: this.#timeoutMs } },
    );
  }
}

function asPersistError(cause: unknown, openid: string | undefined): Error {
  if (ColloquyError.is(cause)) return cause;
  return new PersistError(
    'unavailable',
    'The persister could not be reached or refused the call; see the cause. Nothing was said to the user.',
    { retryable: true, openid, cause },
  );
}
