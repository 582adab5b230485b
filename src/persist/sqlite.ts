import { type KeysOf, checkOptions } from '../internal/closed.ts';
import { type Clock, systemClock } from '../clock.ts';
import { UsageError } from '../errors.ts';
import { checkKey } from '../openid.ts';
import { toListPage } from './page.ts';
import type { Leases, Persister } from './persister.ts';
import { Batches } from './sqlite/batches.ts';
import { type SqliteDatabase, checkDatabase, rowsOf } from './sqlite/database.ts';
import { toSqliteError } from './sqlite/faults.ts';
import { releaseLease, takeLease } from './sqlite/leases.ts';
import {
  deleteRecord,
  dueEntries,
  listOpenids,
  loadRecord,
  moveStoredRecord,
  saveRecord,
} from './sqlite/records.ts';
import { prepareTables } from './sqlite/tables.ts';

export type { SqliteDatabase, SqliteStatement, SqliteValue } from './sqlite/database.ts';

/** Options of `sqlite()`. */
export interface SqliteOptions {
  /** What the names of its tables begin with: letters, digits and `_`, a maximum of 40. Default: `colloquy`. */
  readonly prefix?: string | undefined;
  /**
   * Whether several processes of this machine serve users from this database at the same time. Then there are leases, which
   * cost a second commit for each turn. Default: one process at a time, and no leases.
   */
  readonly shared?: boolean | undefined;
  /** The clock by which leases expire, the same one for all processes that share a database. Default: the system clock. */
  readonly clock?: Clock | undefined;
}

const KEYS = { prefix: null, shared: null, clock: null } satisfies KeysOf<SqliteOptions>;

/**
 * Keeps records in an SQLite database on a disk of this machine, over the package that you have: `node:sqlite` (Node.js
 * 22.13 or later), `better-sqlite3`, `libsql` or `bun:sqlite`.
 *
 * ```ts
 * const database = new DatabaseSync('./bot.db');
 * const store = createContextStore({ persister: sqlite(database) });
 * ```
 *
 * The tables are made at once, so that a file that cannot be used fails here.
 *
 * - **Durable.** The database works in WAL mode with `synchronous = FULL`: a save resolves when it is on the disk. All writes of
 *   one turn of the event loop share a transaction, and its failure.
 * - **The event loop** waits for the disk: these packages have no other way. LMDB does not have this limit.
 * - **Processes.** Several processes of one machine may open it, `shared` or not: each revision is compared and replaced in
 *   one transaction. A lock of another process is waited for, for up to five seconds.
 * - **Damage.** Each record has a checksum. One that is not what was saved counts as absent, as a body that does not open.
 * - **Connection.** Give it a connection that nothing else uses, and close it after the store.
 *
 * Where the disk refuses a write, for example because it is full, the call throws a PersistError `unavailable`: nothing
 * was saved, and the same call may succeed later.
 *
 * @throws UsageError `bad_client`, `bad_option`
 * @throws PersistError `unavailable` or `refused` where the file cannot be used, `corrupt` where it is not a database,
 *   `incompatible` where a newer version of this library made the tables
 */
export function sqlite(database: SqliteDatabase, options: SqliteOptions = {}): Persister {
  checkOptions('sqlite()', options, KEYS);
  checkDatabase(database);
  const { prefix = 'colloquy', shared = false, clock = systemClock } = options;
  if (!/^[A-Za-z_]\w{0,39}$/u.test(prefix)) {
    throw new UsageError(
      'bad_option',
      '`prefix` has up to 40 letters, digits and `_`, and begins with no digit.',
    );
  }
  const statements = attempt(() => prepareTables(database, prefix));
  const batches = new Batches(database);
  const read = async <Result>(openid: string, work: () => Result): Promise<Result> => {
    checkKey(openid);
    return batches.read(openid, work);
  };
  const write = async <Result>(openid: string, work: () => Result): Promise<Result> => {
    checkKey(openid);
    return batches.write(openid, work);
  };
  const lease: Leases = {
    take: (openid, owner, ttlMs) =>
      write(openid, () => {
        const heldForMs = takeLease(statements, openid, { owner, ttlMs }, clock.now());
        if (heldForMs > 0) return { taken: false, heldForMs };
        return { taken: true, record: loadRecord(statements, openid) };
      }),
    save: (record, expected, owner) =>
      write(record.openid, () => {
        const revision = saveRecord(statements, record, expected);
        releaseLease(statements, record.openid, owner);
        return revision;
      }),
    release: (openid, owner) => write(openid, () => releaseLease(statements, openid, owner)),
  };
  // Their owners are gone. Leases that cannot be dropped now do no harm.
  if (shared) {
    batches.write(undefined, () => rowsOf(statements.dropLeases, clock.now())).catch(() => {});
  }
  return {
    load: (openid) => read(openid, () => loadRecord(statements, openid)),
    save: (record, expected) =>
      write(record.openid, () => saveRecord(statements, record, expected)),
    delete: (openid, expected) => write(openid, () => deleteRecord(statements, openid, expected)),
    move: async (from, expected, record) => {
      checkKey(from);
      return write(record.openid, () => moveStoredRecord(statements, from, expected, record));
    },
    due: async (until, limit) =>
      batches.read(undefined, () => dueEntries(statements, until, limit)),
    list: async (cursor = '', limit) =>
      batches.read(undefined, () => toListPage(listOpenids(statements, cursor, limit), limit)),
    close: () => batches.close(),
    ...(shared && { lease }),
  };
}

function attempt<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (fault) {
    throw toSqliteError(fault, undefined);
  }
}
