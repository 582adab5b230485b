import type { Clock } from '../../clock.ts';
import { ColloquyError, PersistError, UsageError } from '../../errors.ts';
import { Barrier } from '../../internal/async.ts';
import type { DueEntry, ListPage, Persister } from '../../persist/persister.ts';
import { Deadlines } from './deadlines.ts';

/**
 * What is done with an answer, at once. `mayBeStale` says that a write of the same openid ended during the call: it is not
 * known which of the two the persister carried out first.
 */
export type Settle<T, Result> = (answer: T, mayBeStale: boolean) => Result;

interface CallOptions {
  /** The clock by which calls are given up. */
  readonly processClock: Clock;
  readonly persistTimeoutMs: number;
}

/** The calls of one openid that are under way, and the number of writes that ended since the first of them. */
interface Traffic {
  calls: number;
  writes: number;
}

/** What happens at the end of a call. */
interface Ends<T, Result> {
  /** Is called as soon as the answer is there. */
  readonly settle: (answer: T) => Result;
  /** Is called when the call has ended for its caller, with an answer or without one. */
  readonly onEnd?: (isAnswered: boolean) => void;
  /** Is called when a call that was given up ends after all. */
  readonly onLate?: (() => void) | undefined;
}

/** Bounds all calls of a persister in time, turns their faults into our errors, and tells stale answers from others. */
export class PersisterCalls {
  readonly #persister: Persister;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #traffic = new Map<string, Traffic>();
  /** When calls are given up: those with a caller keep the process alive, the scheduler's do not. */
  readonly #called: Deadlines;
  readonly #scheduled: Deadlines;
  /** A close does not wait for the persister's time, which nothing needs any more. */
  readonly #unawaited: Deadlines;
  readonly #idle = new Barrier();

  constructor(persister: Persister, { processClock, persistTimeoutMs }: CallOptions) {
    this.#persister = persister;
    this.#clock = processClock;
    this.#timeoutMs = persistTimeoutMs;
    this.#called = new Deadlines(processClock, { holdsProcess: true });
    this.#scheduled = new Deadlines(processClock, { holdsProcess: false });
    this.#unawaited = new Deadlines(processClock, { holdsProcess: true });
  }

  /**
   * Makes a call that changes nothing.
   * @param onLate is called when a call that was given up ends after all
   * @throws PersistError `unavailable`, `timeout`, and our own errors that the persister throws
   */
  read<T, Result>(
    openid: string,
    work: () => Promise<T>,
    settle: Settle<T, Result>,
    onLate?: () => void,
  ): Promise<Result> {
    const traffic = this.#enter(openid);
    const before = traffic.writes;
    return this.#limited(work, openid, this.#called, {
      settle: (answer) => settle(answer, traffic.writes !== before),
      onEnd: () => this.#leave(openid, traffic),
      onLate,
    });
  }

  /**
   * Makes a call that changes the record.
   * @param onDoubt is called when memory may differ from what is stored: after a fault, and when a call that was given up
   *   ends after all
   */
  write<T, Result>(
    openid: string,
    work: () => Promise<T>,
    settle: Settle<T, Result>,
    onDoubt: () => void,
  ): Promise<Result> {
    const traffic = this.#enter(openid);
    const before = traffic.writes;
    return this.#limited(work, openid, this.#called, {
      settle: (answer) => settle(answer, traffic.writes !== before),
      onEnd: (isAnswered) => {
        traffic.writes += 1;
        this.#leave(openid, traffic);
        if (!isAnswered) onDoubt();
      },
      onLate: () => {
        const current = this.#traffic.get(openid);
        if (current !== undefined) current.writes += 1;
        onDoubt();
      },
    });
  }

  due(until: number, limit: number): Promise<DueEntry[]> {
    const work = (): Promise<DueEntry[]> => this.#persister.due(until, limit);
    return this.#limited(work, undefined, this.#scheduled, { settle: (entries) => entries });
  }

  list(cursor: string | undefined, limit: number): Promise<ListPage> {
    const { list } = this.#persister;
    if (list === undefined) return Promise.reject(noList());
    const work = (): Promise<ListPage> => list.call(this.#persister, cursor, limit);
    return this.#limited(work, undefined, this.#called, { settle: (page) => page });
  }

  now(): Promise<number> {
    const work = async (): Promise<number> => this.#persister.now?.() ?? Number.NaN;
    return this.#limited(work, undefined, this.#unawaited, { settle: (now) => now });
  }

  /** Waits for the calls that are under way, each until its deadline, and closes the persister. */
  async close(): Promise<void> {
    await this.#idle.until(() => this.#isIdle);
    const work = (): Promise<void> => this.#persister.close();
    await this.#limited(work, undefined, this.#called, { settle: () => undefined });
  }

  get #isIdle(): boolean {
    return this.#called.size + this.#scheduled.size === 0;
  }

  #enter(openid: string): Traffic {
    let traffic = this.#traffic.get(openid);
    if (traffic === undefined) {
      traffic = { calls: 0, writes: 0 };
      this.#traffic.set(openid, traffic);
    }
    traffic.calls += 1;
    return traffic;
  }

  #leave(openid: string, traffic: Traffic): void {
    traffic.calls -= 1;
    if (traffic.calls === 0) this.#traffic.delete(openid);
  }

  /** One promise for each call: another one would be felt in every turn. */
  #limited<T, Result>(
    work: () => Promise<T>,
    openid: string | undefined,
    deadlines: Deadlines,
    { settle, onEnd, onLate }: Ends<T, Result>,
  ): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const fail = (error: unknown): void => {
        onEnd?.(false);
        reject(error as Error);
        this.#idle.check();
      };
      const deadline = {
        at: this.#clock.now() + this.#timeoutMs,
        onPass: () => fail(this.#timeout(openid)),
      };
      deadlines.add(deadline);
      start(work).then(
        (answer) => {
          if (!deadlines.delete(deadline)) return onLate?.();
          let result: Result;
          try {
            result = settle(answer);
          } catch (error) {
            return fail(error);
          }
          onEnd?.(true);
          resolve(result);
          return this.#idle.check();
        },
        (cause: unknown) => {
          if (deadlines.delete(deadline)) fail(asPersistError(cause, openid));
          else onLate?.();
        },
      );
    });
  }

  #timeout(openid: string | undefined): PersistError {
    return new PersistError(
      'timeout',
      `The persister gave no answer for ${this.#timeoutMs} ms and was given up. Whether a write took effect is not known until the record is read again.`,
      { retryable: true, openid, details: { timeoutMs: this.#timeoutMs } },
    );
  }
}

/** A native promise of what a driver gives or throws. */
function start<T>(work: () => Promise<T>): Promise<T> {
  try {
    return Promise.resolve(work());
  } catch (fault) {
    return Promise.reject(fault as Error);
  }
}

function noList(): UsageError {
  return new UsageError(
    'cannot_list',
    'The persister has no `list`: give it one that holds to persisterContract.',
  );
}

function asPersistError(cause: unknown, openid: string | undefined): Error {
  if (ColloquyError.is(cause)) return cause;
  return new PersistError(
    'unavailable',
    'The persister could not be reached or refused the call; see the cause. The user received no answer.',
    { retryable: true, openid, cause },
  );
}
