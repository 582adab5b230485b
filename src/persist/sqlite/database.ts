import { UsageError } from '../../errors.ts';
import { toBytes, toText } from '../text-bytes.ts';

/** A value that a statement takes. */
export type SqliteValue = string | number | null | Uint8Array;

/** The used part of a statement, the same in all four packages. */
export interface SqliteStatement {
  /** Runs it and gives the first row; undefined or null if there is none. */
  get(...values: SqliteValue[]): unknown;
  /** Runs it and gives all rows. */
  all(...values: SqliteValue[]): unknown[];
}

/**
 * Your connection: a `DatabaseSync` of `node:sqlite`, a `Database` of `better-sqlite3`, `libsql` or `bun:sqlite`. You open and
 * close it. It belongs to the persister: a transaction that other code has open on it would be in the way.
 */
export interface SqliteDatabase {
  /** Runs statements that take no values. */
  exec(sql: string): unknown;
  /** Prepares one statement. */
  prepare(sql: string): SqliteStatement;
}

/** A row, with the names of its columns. */
export type SqliteRow = Readonly<Record<string, unknown>>;

/** @throws UsageError `bad_client` */
export function checkDatabase(database: SqliteDatabase): void {
  const { exec, prepare } = (database ?? {}) as Partial<SqliteDatabase>;
  if (typeof exec === 'function' && typeof prepare === 'function') return;
  throw new UsageError(
    'bad_client',
    'sqlite() takes an open database: `new DatabaseSync(path)` of node:sqlite, or `new Database(path)` of better-sqlite3, libsql or bun:sqlite. This value has no `exec` and `prepare`.',
  );
}

export function firstRow(
  statement: SqliteStatement,
  ...values: SqliteValue[]
): SqliteRow | undefined {
  // Without a row, it is undefined in some packages and null in others.
  return (statement.get(...values) as SqliteRow | null | undefined) ?? undefined;
}

export function rowsOf(statement: SqliteStatement, ...values: SqliteValue[]): readonly SqliteRow[] {
  return statement.all(...values) as readonly SqliteRow[];
}

/** A text is kept as bytes: a text of SQLite ends at a zero character for some packages, and has no half surrogate pair. */
export function toBlob(text: string): Uint8Array {
  return toBytes(text);
}

export function fromBlob(value: unknown): string {
  return toText(bytesOf(value));
}

/** libsql has an ArrayBuffer where the others have bytes. */
export function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  return value instanceof ArrayBuffer ? new Uint8Array(value) : new Uint8Array();
}
