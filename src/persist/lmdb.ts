import { mkdirSync } from 'node:fs';
import { LRUCache } from 'lru-cache';
import { type Database, type RootDatabase, getLastVersion, open } from 'lmdb';
import { type Clock, systemClock } from '../clock.ts';
import { PersistError, UsageError } from '../errors.ts';
import { toForeignError, toOpenError } from './lmdb/faults.ts';
import { holdsDatabase } from './lmdb/header.ts';
import { createPersister } from './lmdb/persister.ts';
import { beginGenerations } from './lmdb/records.ts';
import { type Entry, NOTHING, type Place, type Table, type Tables } from './lmdb/tables.ts';
import type { Persister } from './persister.ts';

export interface LmdbOptions {
  /**
   * Whether several processes of this machine serve users from this database at the same time. They have leases then,
   * at the price of a second commit for each turn. Default: one process at a time, and no leases.
   */
  readonly shared?: boolean;
  /** By whose time leases run out; all that share a database want the same one. Default: the clock on the wall. */
  readonly clock?: Clock;
}

/**
 * Keeps records in an LMDB database on a disk of this machine: durable, with no server to run.
 *
 *     const store = createContextStore({ persister: lmdb('./data') });
 *
 * The database is opened at once, so that a path that will not do fails where it is written.
 *
 * - **Durable.** `save` and `delete` resolve when their commit is on the disk: what was answered survives the end of the
 *   process and of the machine. Calls at the same time share a commit, and its failure.
 * - **Processes.** Several of one machine may have it open, `shared` or not: each revision is compared and replaced in
 *   one transaction, and there is one transaction at a time. One that is killed in the middle of it harms nobody.
 * - **Size.** The file grows as it has to and may outgrow memory. It does not shrink: what deleted records leave is used
 *   for others. A record of more than some 2000 bytes takes whole pages of 4096.
 * - **Place.** A directory on a local disk, made for the eyes of its owner alone where there is none. A network file
 *   system will not do. To back it up, copy the directory while no process has it open.
 *
 * Where the disk refuses a write, as a full one does, the call is a PersistError `unavailable`: nothing was saved, and
 * the same call may succeed later.
 *
 * @param path of the directory
 * @throws UsageError `bad_option`
 * @throws PersistError `unavailable` where the directory cannot be used, `corrupt` where what is in it is no database,
 *   `incompatible` where a newer version of this library made it
 */
export function lmdb(path: string, options: LmdbOptions = {}): Persister {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw new UsageError('bad_option', '`path` must be the path of a directory.');
  }
  const { shared = false, clock = systemClock } = options;
  try {
    const { tables, close } = openDatabase(path);
    return createPersister(tables, close, { shared, clock });
  } catch (error) {
    throw toOpenError(error, path);
  }
}

const BYTES = { encoding: 'binary', keyEncoding: 'binary' } as const;

const DATABASE = {
  ...BYTES,
  // The path is that of a directory, also with a dot in its name.
  noSubdir: false,
  // A commit is answered when it is on the disk. The other way is no faster here, and a machine that fails right after
  // a process was killed could find a damaged database.
  overlappingSync: false,
  // Gathers what is written in one turn of the event loop, as the option named here would; but with that one on, a commit
  // that fails is a rejection that nobody can handle.
  eventTurnBatching: false,
  // When so many writes wait, their commit begins: the disk is at work while the next turns are taken. With 64 messages in
  // flight that is 1.4 times the turns of one commit for all of them.
  txnStartThreshold: 16,
};

/** Of so many records it is remembered where they were: a save need not look. */
const MAX_PLACES = 10_000;

function openDatabase(path: string): { tables: Tables; close: () => Promise<void> } {
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
    return { tables, close: () => root.close() };
  } catch (error) {
    // What went wrong is told; that it could not be closed either would add nothing.
    root.close().catch(() => {});
    throw error;
  }
}

function toTable(database: Database<Buffer, Buffer>): Table {
  return Object.assign(database, {
    peek(key: Buffer): Entry | undefined {
      // What it gives is its own, and longer than it says.
      const bytes: Buffer | undefined = database.getBinaryFast(key);
      return bytes && { value: bytes.subarray(0, bytes.length), version: getLastVersion() };
    },
    putIf: (key: Buffer, value: Buffer, version: number, expected: number) =>
      database.put(key, value, version, expected),
  });
}

/** The format of what is in the tables. In 1, every record stands in the index at the very time at which it is due. */
const FORMAT = 2;
const FORMAT_KEY = Buffer.from('format');

/**
 * Makes a new database ready, and sees that an old one is of the format that is known here.
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
