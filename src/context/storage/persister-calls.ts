import type { Clock } from '../../clock.ts';
import { ColloquyError, PersistError } from '../../errors.ts';
import type {
  DueEntry,
  LoadedRecord,
  Persister,
  Revision,
  StoredRecord,
} from '../../persist/persister.ts';
import { Deadlines } from './deadlines.ts';

/**
 * What is done with an answer, at once. `overtaken` says that a write of the same openid ended while the call was under
 * way: which of the two the persister carried out first is not known, so the answer may be out of date already.
 */
export type Settle<T, Result> = (answer: T, overtaken: boolean) => Result;

export interface CallOptions {
  /** The clock by which calls are given up. */
  readonly processClock: Clock;
  readonly persistTimeoutMs: number;
}

/** What is under way for one openid, and how many writes ended meanwhile. */
interface Traffic {
  calls: number;
  writes: number;
}

/** What becomes of a call. */
interface Ends<T, Result> {
  /** Is called as soon as the answer is there. */
  readonly settle: (answer: T) => Result;
  /** Is called when nobody waits any more: after the answer, or instead of it. */
  readonly onEnd?: (isAnswered: boolean) => void;
  /** Is called when a call that was given up comes to its end after all. */
  readonly onLate?: (() => void) | undefined;
}

/** All calls of a persister: each bounded in time, its faults made errors of ours, its answers told apart from stale ones. */
export class PersisterCalls {
  readonly #persister: Persister;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #traffic = new Map<string, Traffic>();
  /** When the calls that somebody waits for are given up, and those that nobody does. */
  readonly #awaited: Deadlines;
  readonly #unawaited: Deadlines;
  #onIdle: (() => void)[] = [];

  constructor(persister: Persister, { processClock, persistTimeoutMs }: CallOptions) {
    this.#persister = persister;
    this.#clock = processClock;
    this.#timeoutMs = persistTimeoutMs;
    this.#awaited = new Deadlines(processClock, { holdsProcess: true });
    this.#unawaited = new Deadlines(processClock, { holdsProcess: false });
  }

  /**
   * @param onLate is told when a call that was given up comes to its end after all
   * @throws PersistError `unavailable`, `timeout`, and what the persister throws of our own
   */
  read<T, Result>(
    openid: string,
    work: (persister: Persister) => Promise<T>,
    settle: Settle<T, Result>,
    onLate?: () => void,
  ): Promise<Result> {
    const traffic = this.#enter(openid);
    const before = traffic.writes;
    return this.#limited(work, openid, this.#awaited, {
      settle: (answer) => settle(answer, traffic.writes !== before),
      onEnd: () => this.#leave(openid, traffic),
      onLate,
    });
  }

  /**
   * The same for a call that changes the record.
   * @param onDoubt is told when memory may not know what is stored: after a fault, and when a call that was given up
   *   comes to its end after all
   */
  write<T, Result>(
    openid: string,
    work: (persister: Persister) => Promise<T>,
    settle: Settle<T, Result>,
    onDoubt: () => void,
  ): Promise<Result> {
    const traffic = this.#enter(openid);
    const before = traffic.writes;
    return this.#limited(work, openid, this.#awaited, {
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

  /** Whether the persister moves a record in one write. */
  get moves(): boolean {
    return this.#persister.move !== undefined;
  }

  due(until: number, limit: number): Promise<DueEntry[]> {
    return this.#limited((persister) => persister.due(until, limit), undefined, this.#unawaited, {
      settle: (entries) => entries,
    });
  }

  now(): Promise<number> {
    return this.#limited(
      async (persister) => persister.now?.() ?? Number.NaN,
      undefined,
      this.#awaited,
      { settle: (now) => now },
    );
  }

  /** Waits for what is under way, each for its time at most, and closes the persister. */
  async close(): Promise<void> {
    while (this.#awaited.size + this.#unawaited.size > 0) {
      await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    }
    await this.#limited((persister) => persister.close(), undefined, this.#awaited, {
      settle: () => undefined,
    });
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

  /** One promise a call, whatever it comes to: each more of them would be felt in every turn. */
  #limited<T, Result>(
    work: (persister: Persister) => Promise<T>,
    openid: string | undefined,
    deadlines: Deadlines,
    { settle, onEnd, onLate }: Ends<T, Result>,
  ): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const fail = (error: unknown): void => {
        onEnd?.(false);
        reject(error as Error);
        this.#ended();
      };
      const deadline = {
        at: this.#clock.now() + this.#timeoutMs,
        onPass: () => fail(this.#timeout(openid)),
      };
      deadlines.add(deadline);
      start(work, this.#persister).then(
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
          return this.#ended();
        },
        (cause: unknown) => {
          if (deadlines.delete(deadline)) fail(asPersistError(cause, openid));
          else onLate?.();
        },
      );
    });
  }

  #ended(): void {
    if (this.#onIdle.length === 0 || this.#awaited.size + this.#unawaited.size > 0) return;
    const waiting = this.#onIdle;
    this.#onIdle = [];
    for (const resolve of waiting) resolve();
  }

  #timeout(openid: string | undefined): PersistError {
    return new PersistError(
      'timeout',
      `The persister gave no answer for ${this.#timeoutMs} ms and was given up; whether a write came through is not known until the record is read again.`,
      { retryable: true, openid, details: { timeoutMs: this.#timeoutMs } },
    );
  }
}

/** A native promise of what a driver gives or throws. */
function start<T>(work: (persister: Persister) => Promise<T>, persister: Persister): Promise<T> {
  try {
    return Promise.resolve(work(persister));
  } catch (fault) {
    return Promise.reject(fault as Error);
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

/** The move of a persister that has one; see `moves`. */
export function moveBy(
  persister: Persister,
  { openid, revision }: Pick<LoadedRecord, 'openid' | 'revision'>,
  record: StoredRecord,
): Promise<Revision> {
  if (persister.move === undefined) throw new TypeError('The persister has lost its `move`.');
  return persister.move(openid, revision, record);
}
