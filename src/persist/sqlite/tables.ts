import { PersistError } from '../../errors.ts';
import { type SqliteDatabase, type SqliteStatement, firstRow } from './database.ts';

/** The format of the tables. */
const FORMAT = 1;

type Verb =
  | 'load'
  | 'insert'
  | 'update'
  | 'remove'
  | 'floor'
  | 'raise'
  | 'due'
  | 'list'
  | 'lease'
  | 'putLease'
  | 'dropLease'
  | 'dropLeases';

export type Statements = Readonly<Record<Verb, SqliteStatement>>;

/**
 * Makes the tables where there are none.
 *
 *     PREFIX_records   openid, revision, wake_at, checksum, body; indexed by wake_at
 *     PREFIX_leases    openid, owner, until, ttl
 *     PREFIX_meta      the format; the floor: a revision that is at least the last one of every record that was deleted
 *
 * A new record gets a revision above the floor, so that none is given twice to an openid.
 * @throws PersistError `incompatible`
 */
export function prepareTables(database: SqliteDatabase, prefix: string): Statements {
  const records = `"${prefix}_records"`;
  const leases = `"${prefix}_leases"`;
  const meta = `"${prefix}_meta"`;
  // A commit is on the disk when it is answered.
  for (const pragma of ['busy_timeout = 5000', 'journal_mode = WAL', 'synchronous = FULL']) {
    database.exec(`PRAGMA ${pragma}`);
  }
  // Where the tables are, another process may be writing: to open them needs no lock.
  if (!hasTable(database, `${prefix}_meta`))
    createTables(database, { prefix, records, leases, meta });
  // From here on, locks are waited for outside of SQLite, which would block the event loop.
  database.exec('PRAGMA busy_timeout = 0');
  const found = firstRow(database.prepare(`SELECT value FROM ${meta} WHERE name = 'format'`));
  const format = Number(found?.['value']);
  if (format !== FORMAT) {
    throw new PersistError(
      'incompatible',
      `The tables have the format ${format}, and this version of the library knows the format ${FORMAT}. Open them with the version that made them, or a newer one.`,
      { details: { format } },
    );
  }
  // No statement has a single value: libsql takes bytes that stand alone for names and values.
  const texts: Readonly<Record<Verb, string>> = {
    load: `SELECT revision, wake_at, checksum, body FROM ${records} WHERE openid = ? LIMIT ?`,
    insert: `INSERT INTO ${records} (openid, revision, wake_at, checksum, body) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (openid) DO NOTHING RETURNING revision`,
    update: `UPDATE ${records} SET revision = revision + 1, wake_at = ?, checksum = ?, body = ?
      WHERE openid = ? AND revision = ? RETURNING revision`,
    remove: `DELETE FROM ${records} WHERE openid = ? AND revision = coalesce(?, revision) RETURNING revision`,
    floor: `SELECT value FROM ${meta} WHERE name = 'floor'`,
    raise: `UPDATE ${meta} SET value = max(value, ?) WHERE name = 'floor' RETURNING value`,
    due: `SELECT openid, wake_at FROM ${records} WHERE wake_at <= ? ORDER BY wake_at, openid LIMIT ?`,
    list: `SELECT openid FROM ${records} WHERE openid > ? ORDER BY openid LIMIT ?`,
    lease: `SELECT owner, until, ttl FROM ${leases} WHERE openid = ? LIMIT ?`,
    putLease: `INSERT INTO ${leases} (openid, owner, until, ttl) VALUES (?, ?, ?, ?)
      ON CONFLICT (openid) DO UPDATE SET owner = excluded.owner, until = excluded.until, ttl = excluded.ttl
      RETURNING until`,
    dropLease: `DELETE FROM ${leases} WHERE openid = ? AND owner = ? RETURNING until`,
    dropLeases: `DELETE FROM ${leases} WHERE until <= ? RETURNING until`,
  };
  const statements = Object.entries(texts).map(([verb, text]) => [verb, database.prepare(text)]);
  return Object.fromEntries(statements) as Statements;
}

function hasTable(database: SqliteDatabase, name: string): boolean {
  const found = database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?");
  return firstRow(found, name) !== undefined;
}

/** All of them in one transaction, so that there are all of them or none. Another process may make them at the same time. */
function createTables(
  database: SqliteDatabase,
  {
    prefix,
    records,
    leases,
    meta,
  }: Readonly<Record<'prefix' | 'records' | 'leases' | 'meta', string>>,
): void {
  const schema = `
    CREATE TABLE IF NOT EXISTS ${records} (
      openid BLOB NOT NULL UNIQUE,
      revision INTEGER NOT NULL,
      wake_at REAL NOT NULL,
      checksum INTEGER NOT NULL,
      body BLOB NOT NULL
    );
    CREATE INDEX IF NOT EXISTS "${prefix}_due" ON ${records} (wake_at, openid);
    CREATE TABLE IF NOT EXISTS ${leases} (
      openid BLOB NOT NULL PRIMARY KEY,
      owner TEXT NOT NULL,
      until REAL NOT NULL,
      ttl REAL NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS ${meta} (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    INSERT OR IGNORE INTO ${meta} VALUES ('format', ${FORMAT}), ('floor', 0);
  `;
  database.exec('BEGIN IMMEDIATE');
  try {
    database.exec(schema);
    database.exec('COMMIT');
  } catch (fault) {
    database.exec('ROLLBACK');
    throw fault;
  }
}
