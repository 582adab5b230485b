import { type Clock, systemClock } from '../../clock.ts';
import { PersistError } from '../../errors.ts';
import { atRest, sleep } from '../../internal/async.ts';
import type { SqliteDatabase } from './database.ts';
import { isBusy, toSqliteError } from './faults.ts';

/** Milliseconds for which a transaction waits for a lock of another connection. */
const LONGEST_LOCK_MS = 5000;
const LONGEST_PAUSE_MS = 50;

interface Call {
  readonly openid: string | undefined;
  readonly writes: boolean;
  readonly work: () => unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** What became of a call in a transaction that is not committed yet. */
type Settle = () => void;

/**
 * Runs the calls of one turn of the event loop in one transaction, and so with one wait for the disk: in order, and either
 * all of them are kept or none.
 */
export class Batches {
  readonly #database: SqliteDatabase;
  readonly #clock: Clock;
  #waiting: Call[] = [];
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor(database: SqliteDatabase, clock: Clock = systemClock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** A call that changes nothing. It sees what all calls before it have changed. */
  read<Result>(openid: string | undefined, work: () => Result): Promise<Result> {
    return this.#add(openid, work, false);
  }

  /** A call that changes something, whose promise resolves when that is on the disk. */
  write<Result>(openid: string | undefined, work: () => Result): Promise<Result> {
    return this.#add(openid, work, true);
  }

  /** Ends it when all calls have ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running;
  }

  #add<Result>(openid: string | undefined, work: () => Result, writes: boolean): Promise<Result> {
    return new Promise<unknown>((resolve, reject) => {
      if (this.#isClosed) {
        throw new PersistError('closed', 'The SQLite persister is closed; make a new one.');
      }
      this.#waiting.push({ openid, writes, work, resolve, reject });
      this.#running ??= this.#run();
    }) as Promise<Result>;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      await atRest();
      const calls = this.#waiting;
      this.#waiting = [];
      try {
        const isWrite = calls.some(({ writes }) => writes);
        const settled = isWrite ? await this.#inTransaction(calls) : calls.map(runOne);
        for (const settle of settled) settle();
      } catch (fault) {
        for (const { openid, reject } of calls) reject(toSqliteError(fault, openid));
      }
    }
    this.#running = undefined;
  }

  async #inTransaction(calls: readonly Call[]): Promise<readonly Settle[]> {
    await this.#begin();
    try {
      const settled = calls.map(runOne);
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
function runOne({ work, openid, resolve, reject }: Call): Settle {
  try {
    const result = work();
    return () => resolve(result);
  } catch (error) {
    const own = toSqliteError(error, openid);
    if (own !== error) throw error;
    return () => reject(own);
  }
}
