import { crc32 } from 'node:zlib';
import type { LoadedRecord, Revision, StoredRecord } from '../persister.ts';
import { toBytes, toText } from '../text-bytes.ts';
import { NUMBER_BYTES, fromOrderedBytes, writeOrdered } from './bytes.ts';
import type { Entry, Place } from './tables.ts';

/*
 * The value of a record is its time in the index of due records, a mark, a checksum, the time at which it is due, and its
 * body:
 *
 *     filedAt  CHECKED  checksum  wakeAt  body
 *
 * The checksum is over the openid and all that follows: LMDB has no checksums, so a changed bit would change a record.
 * In the formats 1 and 2 there was none, and `wakeAt` only where it differs:
 *
 *     filedAt  body
 *     filedAt  LATER  wakeAt  body
 *
 * The version is its revision, plus a half if a look at the index has moved it to its due time.
 */

// No text begins with these bytes: see `toBytes`.
const CHECKED = 0xfd;
const LATER = 0xfe;
const MARK_AT = NUMBER_BYTES;
const CHECKSUM_AT = MARK_AT + 1;
const CHECKED_AT = CHECKSUM_AT + 4;
const CHECKED_BODY_AT = CHECKED_AT + NUMBER_BYTES;
const LATER_BODY_AT = MARK_AT + 1 + NUMBER_BYTES;
const MOVED = 0.5;

/** A stored record without its body. */
export interface Head extends Place {
  readonly revision: Revision;
  readonly wakeAt: number;
}

export function headOf({ value, version = 0 }: Entry): Head {
  const filedAt = fromOrderedBytes(value);
  const wakeAt = wakeAtOf(value) ?? filedAt;
  return { version, revision: Math.floor(version), filedAt, wakeAt };
}

/** The record under `key`, which says so where it is not what was saved. */
export function recordOf(openid: string, key: Uint8Array, entry: Entry): LoadedRecord {
  const { value } = entry;
  const { wakeAt, revision } = headOf(entry);
  const record = { openid, body: toText(value.subarray(bodyAt(value))), wakeAt, revision };
  // An empty page has no time, in no format.
  if (value.length < NUMBER_BYTES || Number.isNaN(wakeAt) || !isIntact(key, value)) {
    return { ...record, wakeAt: 0, damaged: true };
  }
  return record;
}

/** The value of the record under `key` whose time in the index is `filedAt`. */
export function toValue(
  key: Uint8Array,
  { wakeAt, body }: Pick<StoredRecord, 'wakeAt' | 'body'>,
  filedAt: number,
): Buffer {
  const value = toBytes(body, CHECKED_BODY_AT);
  writeOrdered(value, filedAt, 0);
  value[MARK_AT] = CHECKED;
  writeOrdered(value, wakeAt, CHECKED_AT);
  value.writeUInt32BE(checksumOf(key, value), CHECKSUM_AT);
  return value;
}

/** The same record, with its due time as its time in the index. */
export function moved(entry: Entry): Required<Entry> {
  const { value, version = 0 } = entry;
  const { wakeAt } = headOf(entry);
  const start = value[MARK_AT] === CHECKED ? 0 : bodyAt(value) - NUMBER_BYTES;
  const next = Buffer.from(value.subarray(start));
  writeOrdered(next, wakeAt, 0);
  return { value: next, version: version + MOVED };
}

function wakeAtOf(value: Buffer): number | undefined {
  if (value[MARK_AT] === CHECKED) return fromOrderedBytes(value, CHECKED_AT);
  return value[MARK_AT] === LATER ? fromOrderedBytes(value, MARK_AT + 1) : undefined;
}

function bodyAt(value: Buffer): number {
  if (value[MARK_AT] === CHECKED) return CHECKED_BODY_AT;
  return value[MARK_AT] === LATER ? LATER_BODY_AT : NUMBER_BYTES;
}

function isIntact(key: Uint8Array, value: Buffer): boolean {
  if (value[MARK_AT] !== CHECKED) return true;
  return (
    value.length >= CHECKED_BODY_AT && value.readUInt32BE(CHECKSUM_AT) === checksumOf(key, value)
  );
}

function checksumOf(key: Uint8Array, value: Uint8Array): number {
  return crc32(value.subarray(CHECKED_AT), crc32(key));
}
