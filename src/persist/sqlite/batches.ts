import { type Clock, systemClock } from '../../clock.ts';
import { PersistError } from '../../errors.ts';
import { atRest, sleep } from '../../internal/async.ts';
import type { SqliteDatabase } from './database.ts';
import { isBusy, toSqliteError } from './faults.ts';

/** Milliseconds for which a transaction waits for a lock of another connection. */
const LONGEST_LOCK_MS = 5000;
const LONGEST_PAUSE_MS = 50;

interface Write {
  readonly openid: string | undefined;
  readonly work: () => unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** What became of a write in a transaction that is not committed yet. */
type Settle = () => void;

/**
 * Runs the writes of one turn of the event loop in one transaction, and so with one wait for the disk: in order, and either
 * all of them are kept or none. Reads wait for none of them: they see the last commit, as those of another process do.
 */
export class Batches {
  readonly #database: SqliteDatabase;
  readonly #clock: Clock;
  #waiting: Write[] = [];
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor(database: SqliteDatabase, clock: Clock = systemClock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** @throws PersistError */
  read<Result>(openid: string | undefined, work: () => Result): Result {
    this.#checkOpen();
    try {
      return work();
    } catch (fault) {
      throw toSqliteError(fault, openid);
    }
  }

  /** A call that changes something, whose promise resolves when that is on the disk. */
  write<Result>(openid: string | undefined, work: () => Result): Promise<Result> {
    this.#checkOpen();
    return new Promise<unknown>((resolve, reject) => {
      this.#waiting.push({ openid, work, resolve, reject });
      this.#running ??= this.#run();
    }) as Promise<Result>;
  }

  /** Ends it when all calls have ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running;
  }

  #checkOpen(): void {
    if (!this.#isClosed) return;
    throw new PersistError('closed', 'The SQLite persister is closed; make a new one.');
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      await atRest();
      const writes = this.#waiting;
      this.#waiting = [];
      try {
        for (const settle of await this.#inTransaction(writes)) settle();
      } catch (fault) {
        for (const { openid, reject } of writes) reject(toSqliteError(fault, openid));
      }
    }
    this.#running = undefined;
  }

  async #inTransaction(writes: readonly Write[]): Promise<readonly Settle[]> {
    await this.#begin();
    try {
      const settled = writes.map(runOne);
      this.#database.exec('COMMIT');
      return settled;
    } catch (fault) {
      try {
        this.#database.exec('ROLLBACK');
      } catch {
        // SQLite has rolled it back already. The first error says why.
      }
      throw fault;
    }
  }

  /** A lock of another connection is waited for outside of SQLite, which would block the event loop. */
  async #begin(): Promise<void> {
    const endsAt = this.#clock.now() + LONGEST_LOCK_MS;
    for (let pauseMs = 1; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        this.#database.exec('BEGIN IMMEDIATE');
        return;
      } catch (fault) {
        if (!isBusy(fault) || this.#clock.now() + pauseMs > endsAt) throw fault;
      }
      await sleep(this.#clock, pauseMs);
    }
  }
}

/** @throws what SQLite throws; a conflict is for the caller alone */
function runOne({ work, openid, resolve, reject }: Write): Settle {
  try {
    const result = work();
    return () => resolve(result);
  } catch (error) {
    const own = toSqliteError(error, openid);
    if (own !== error) throw error;
    return () => reject(own);
  }
}
