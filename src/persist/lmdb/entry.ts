import { PersistError } from '../../errors.ts';
import type { LoadedRecord, Revision, StoredRecord } from '../persister.ts';
import { NUMBER_BYTES, fromOrderedBytes, toBytes, toText, writeOrdered } from './bytes.ts';
import type { Entry, Place } from './tables.ts';

/*
 * The value of a record is: the time at which it stands in the index of what is due, and its body. Between the two,
 * where it is due later than it stands there, a mark and the time at which it is due:
 *
 *     filedAt  body
 *     filedAt  LATER  wakeAt  body
 *
 * The version is its revision; half of one more once a look at the index has moved it on to its time.
 */

/** No text begins with it: see `toBytes`. */
const LATER = 0xfe;
const LATER_BYTES = 1 + NUMBER_BYTES;
const MOVED = 0.5;

/** What is known of a stored record without its body. */
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
    throw new PersistError('corrupt', 'What the database holds for this openid is no record.', {
      openid,
    });
  }
  const { wakeAt, revision } = headOf(entry);
  return { openid, body: toText(value.subarray(bodyAt(value))), wakeAt, revision };
}

/** The value of a record that stands in the index at `filedAt`. */
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

/** The same record, standing in the index at the time at which it is due. */
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
