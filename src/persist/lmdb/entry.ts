import { PersistError } from '../../errors.ts';
import type { LoadedRecord, Revision, StoredRecord } from '../persister.ts';
import { NUMBER_BYTES, fromOrderedBytes, toBytes, toText, writeOrdered } from './bytes.ts';
import type { Entry, Place } from './tables.ts';

/*
 * The value of a record is its time in the index of due records, and its body. Where the record is due later than that, a
 * mark and the due time are between the two:
 *
 *     filedAt  body
 *     filedAt  LATER  wakeAt  body
 *
 * The version is its revision, plus a half if a look at the index has moved it to its due time.
 */

/** No text begins with this byte: see `toBytes`. */
const LATER = 0xfe;
const LATER_BYTES = 1 + NUMBER_BYTES;
const MOVED = 0.5;

/** A stored record without its body. */
export interface Head extends Place {
  readonly revision: Revision;
  readonly wakeAt: number;
}

export function headOf({ value, version = 0 }: Entry): Head {
  const filedAt = fromOrderedBytes(value);
  const wakeAt = isLater(value) ? fromOrderedBytes(value, NUMBER_BYTES + 1) : filedAt;
  return { version, revision: Math.floor(version), filedAt, wakeAt };
}

/** @throws PersistError `corrupt` */
export function recordOf(openid: string, entry: Entry): LoadedRecord {
  const { value } = entry;
  if (value.length < NUMBER_BYTES) {
    const problem = 'The database has something other than a record for this openid.';
    throw new PersistError('corrupt', problem, { openid });
  }
  const { wakeAt, revision } = headOf(entry);
  return { openid, body: toText(value.subarray(bodyAt(value))), wakeAt, revision };
}

/** The value of a record whose time in the index is `filedAt`. */
export function toValue({ wakeAt, body }: StoredRecord, filedAt: number): Buffer {
  const start = wakeAt === filedAt ? NUMBER_BYTES : NUMBER_BYTES + LATER_BYTES;
  const value = toBytes(body, start);
  writeOrdered(value, filedAt, 0);
  if (wakeAt !== filedAt) {
    value[NUMBER_BYTES] = LATER;
    writeOrdered(value, wakeAt, NUMBER_BYTES + 1);
  }
  return value;
}

/** The same record, with its due time as its time in the index. */
export function moved({ value, version = 0 }: Entry): Required<Entry> {
  const start = bodyAt(value);
  const next = Buffer.from(value.subarray(start - NUMBER_BYTES));
  writeOrdered(next, headOf({ value }).wakeAt, 0);
  return { value: next, version: version + MOVED };
}

function isLater(value: Buffer): boolean {
  return value[NUMBER_BYTES] === LATER;
}

function bodyAt(value: Buffer): number {
  return isLater(value) ? NUMBER_BYTES + LATER_BYTES : NUMBER_BYTES;
}
