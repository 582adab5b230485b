import { type KeysOf, checkOptions } from '../internal/closed.ts';
import { mkdirSync } from 'node:fs';
import { LRUCache } from 'lru-cache';
import { type Database, type RootDatabase, getLastVersion, open } from 'lmdb';
import { type Clock, systemClock } from '../clock.ts';
import { PersistError, UsageError } from '../errors.ts';
import { warn } from '../internal/warn.ts';
import { toForeignError, toOpenError } from './lmdb/faults.ts';
import { holdsDatabase } from './lmdb/header.ts';
import { createPersister } from './lmdb/persister.ts';
import { beginGenerations } from './lmdb/records.ts';
import { type Entry, NOTHING, type Place, type Table, type Tables } from './lmdb/tables.ts';
import type { Persister } from './persister.ts';

/** Options of `lmdb()`. */
export interface LmdbOptions {
  /**
   * Whether several processes of this machine serve users from this database at the same time. Then there are leases, which
   * cost a second commit for each turn. Default: one process at a time, and no leases.
   */
  readonly shared?: boolean | undefined;
  /** The clock by which leases expire, the same one for all processes that share a database. Default: the system clock. */
  readonly clock?: Clock | undefined;
}

const KEYS = { shared: null, clock: null } satisfies KeysOf<LmdbOptions>;

/**
 * Keeps records in an LMDB database on a disk of this machine: durable, with no server to run.
 *
 *     const store = createContextStore({ persister: lmdb('./data') });
 *
 * The database is opened at once, so that a wrong path fails here.
 *
 * - **Durable.** `save` and `delete` resolve when their commit is on the disk: it survives a crash of the process and of
 *   the machine. Calls at the same time share a commit, and its failure.
 * - **Processes.** Several processes of one machine may open it, `shared` or not: each revision is compared and replaced in
 *   one transaction, and there is one transaction at a time. A process that is killed in a transaction does no harm. One
 *   that opens it without `shared` while another has it open warns (`not_shared`).
 * - **Damage.** Each record has a checksum. One that is not what was saved counts as absent, as a body that does not open.
 * - **Place.** A directory on a local disk, which is created where there is none, readable by its owner only. A network
 *   file system does not work.
 *
 * Where the disk refuses a write, for example because it is full, the call throws a PersistError `unavailable`: nothing
 * was saved, and the same call may succeed later.
 *
 * @param path of the directory
 * @throws UsageError `bad_option`
 * @throws PersistError `unavailable` where the directory cannot be used, `corrupt` where its files are not a database,
 *   `incompatible` where a newer version of this library made it
 */
export function lmdb(path: string, options: LmdbOptions = {}): Persister {
  checkOptions('lmdb()', options, KEYS);
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw new UsageError('bad_option', '`path` must be the path of a directory.');
  }
  const { shared = false, clock = systemClock } = options;
  try {
    const { tables, close, hasOthers } = openDatabase(path);
    if (!shared && hasOthers()) {
      warn(
        'not_shared',
        `Another process has the database in "${path}" open, and this one opened it without \`shared: true\`. No count is lost, but timers and services of one user may run in both. Open it with lmdb(path, { shared: true }) in each of them; while one process takes over from another, nothing is wrong.`,
      );
    }
    return createPersister(tables, close, { shared, clock });
  } catch (error) {
    throw toOpenError(error, path);
  }
}

const BYTES = { encoding: 'binary', keyEncoding: 'binary' } as const;

const DATABASE = {
  ...BYTES,
  // The path is a directory, also if its name has a dot.
  noSubdir: false,
  // A commit is answered when it is on the disk. The alternative is no faster here, and a machine that fails right after
  // a process was killed could have a damaged database.
  overlappingSync: false,
  // All writes of one turn of the event loop are one commit even so. With this option, a commit that fails would be a
  // rejection that no caller can handle.
  eventTurnBatching: false,
  // The number of waiting writes at which their commit begins, so that the disk works during the next turns. With 64
  // messages in flight that gives 1.4 times the turns of one commit for all of them.
  txnStartThreshold: 16,
};

/** The most records whose place is remembered, so that a save need not look it up. */
const MAX_PLACES = 10_000;

interface OpenDatabase {
  readonly tables: Tables;
  readonly close: () => Promise<void>;
  /** Whether other living processes have it open. */
  readonly hasOthers: () => boolean;
}

function openDatabase(path: string): OpenDatabase {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (!holdsDatabase(path)) throw toForeignError(path);
  const root: RootDatabase<Buffer, Buffer> = open(path, DATABASE);
  try {
    const table = (name: string, useVersions = true): Table =>
      toTable(root.openDB(name, { ...BYTES, useVersions }));
    const meta = table('meta');
    root.transactionSync(() => prepare(meta));
    const tables = {
      meta,
      records: table('records'),
      due: table('due', false),
      leases: table('leases'),
      places: new LRUCache<string, Place>({ max: MAX_PLACES }),
      refresh: () => root.resetReadTxn(),
    };
    // From the first read on, other processes see that this one has it open.
    meta.getEntry(FORMAT_KEY);
    const hasOthers = (): boolean => {
      root.readerCheck(); // drops those of dead processes
      return readerPids(root.readerList()).some((pid) => pid !== process.pid);
    };
    return { tables, close: () => root.close(), hasOthers };
  } catch (error) {
    // The first error is thrown; a second one of the close would add nothing.
    root.close().catch(() => {});
    throw error;
  }
}

/** The process ids in LMDB's list of readers: a line each, below a headline. */
function readerPids(list: string): number[] {
  return [...list.matchAll(/^\s*(\d+)\s/gmu)].map(([, pid]) => Number(pid));
}

function toTable(database: Database<Buffer, Buffer>): Table {
  return Object.assign(database, {
    peek(key: Buffer): Entry | undefined {
      // LMDB reuses this buffer, which is longer than its length says.
      const bytes: Buffer | undefined = database.getBinaryFast(key);
      return bytes && { value: bytes.subarray(0, bytes.length), version: getLastVersion() };
    },
    putIf: (key: Buffer, value: Buffer, version: number, expected: number) =>
      database.put(key, value, version, expected),
  });
}

/**
 * The format of the tables. In format 1, every record was in the index at exactly the time at which it is due. Before format
 * 3, records had no checksum.
 */
const FORMAT = 3;
const FORMAT_KEY = Buffer.from('format');

/**
 * Prepares a new database, and checks the format of an old one.
 * @throws PersistError `incompatible`
 */
function prepare(meta: Table): void {
  const format = meta.getEntry(FORMAT_KEY)?.version ?? 0;
  if (format > FORMAT) {
    throw new PersistError(
      'incompatible',
      `The database has the format ${format}, and this version of the library knows the format ${FORMAT}. Open it with the version that made it, or a newer one.`,
      { details: { format } },
    );
  }
  if (format === FORMAT) return;
  meta.put(FORMAT_KEY, NOTHING, FORMAT);
  beginGenerations(meta);
}
