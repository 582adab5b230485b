import { crc32 } from 'node:zlib';
import { ConflictError } from '../../errors.ts';
import type { DueEntry, LoadedRecord, Revision, StoredRecord } from '../persister.ts';
import { bytesOf, firstRow, fromBlob, rowsOf, toBlob } from './database.ts';
import type { Statements } from './tables.ts';

/** The calls on records. Each runs in a transaction of `Batches`, or reads. */

export function loadRecord(statements: Statements, openid: string): LoadedRecord | undefined {
  const key = toBlob(openid);
  const row = firstRow(statements.load, key, 1);
  if (row === undefined) return undefined;
  const bytes = bytesOf(row['body']);
  const wakeAt = Number(row['wake_at']);
  const record = { openid, body: fromBlob(bytes), wakeAt, revision: Number(row['revision']) };
  const isIntact = Number(row['checksum']) === checksumOf(key, bytes) && !Number.isNaN(wakeAt);
  return isIntact ? record : { ...record, wakeAt: 0, damaged: true };
}

/** @throws ConflictError */
export function saveRecord(
  statements: Statements,
  { openid, body, wakeAt }: StoredRecord,
  expected: Revision | undefined,
): Revision {
  const key = toBlob(openid);
  const bytes = toBlob(body);
  const checksum = checksumOf(key, bytes);
  const saved =
    expected === undefined
      ? firstRow(statements.insert, key, floorOf(statements) + 1, wakeAt, checksum, bytes)
      : firstRow(statements.update, wakeAt, checksum, bytes, key, expected);
  if (saved === undefined) throw new ConflictError(openid);
  return Number(saved['revision']);
}

/** @returns whether a record was deleted */
export function deleteRecord(
  statements: Statements,
  openid: string,
  expected: Revision | undefined,
): boolean {
  const removed = firstRow(statements.remove, toBlob(openid), expected ?? null);
  if (removed === undefined) return false;
  firstRow(statements.raise, Number(removed['revision']));
  return true;
}

/** @throws ConflictError where nothing was changed */
export function moveStoredRecord(
  statements: Statements,
  from: string,
  expected: Revision,
  record: StoredRecord,
): Revision {
  const found = firstRow(statements.load, toBlob(from), 1);
  if (found === undefined || Number(found['revision']) !== expected) throw new ConflictError(from);
  const revision = saveRecord(statements, record, undefined);
  deleteRecord(statements, from, expected);
  return revision;
}

export function dueEntries(statements: Statements, until: number, limit: number): DueEntry[] {
  return rowsOf(statements.due, until, limit).map((row) => ({
    openid: fromBlob(row['openid']),
    wakeAt: Number(row['wake_at']),
  }));
}

/** The openids behind `after`, in the order of their bytes. An empty `after` is before all of them. */
export function listOpenids(statements: Statements, after: string, limit: number): string[] {
  return rowsOf(statements.list, toBlob(after), limit).map((row) => fromBlob(row['openid']));
}

function floorOf(statements: Statements): Revision {
  return Number(firstRow(statements.floor)?.['value']);
}

/** SQLite has no checksums: a changed bit on the disk would change a record. */
function checksumOf(key: Uint8Array, body: Uint8Array): number {
  // Of the empty bytes that node:sqlite gives, Node 22 makes 0.
  return body.length === 0 ? crc32(key) : crc32(body, crc32(key));
}
