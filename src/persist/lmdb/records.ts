import { PersistError } from '../../errors.ts';
import type { DueEntry, LoadedRecord, Revision, StoredRecord } from '../persister.ts';
import { NUMBER_BYTES, fromOrderedBytes, toBytes, toOrderedBytes, toText } from './bytes.ts';
import { type Entry, NOTHING, type Table, type Tables } from './tables.ts';

export function loadRecord({ records }: Tables, openid: string): LoadedRecord | undefined {
  const found = records.getEntry(toBytes(openid));
  if (found === undefined) return undefined;
  if (found.value.length < NUMBER_BYTES) {
    throw new PersistError('corrupt', 'What the database holds for this openid is no record.', {
      openid,
    });
  }
  const body = toText(found.value.subarray(NUMBER_BYTES));
  return { openid, body, wakeAt: wakeAtOf(found), revision: revisionOf(found) };
}

/**
 * Saves `record` if the stored revision is `expected`.
 * @param also what else is put or removed with it, at the end of its block
 * @returns the new revision, or undefined where the stored one was another
 */
export async function saveRecord(
  tables: Tables,
  record: StoredRecord,
  expected: Revision | undefined,
  also: () => void = () => {},
): Promise<Revision | undefined> {
  const { records, due } = tables;
  const key = toBytes(record.openid);
  const found = records.getEntry(key);
  if ((found && revisionOf(found)) !== expected) return undefined;
  const value = Buffer.concat([toOrderedBytes(record.wakeAt), toBytes(record.body)]);
  const dueKey = toDueKey(key, record.wakeAt);
  const put = (revision: Revision): void => {
    const dueBefore = found && toDueKey(key, wakeAtOf(found));
    if (dueBefore?.equals(dueKey) !== true) {
      if (dueBefore !== undefined) due.remove(dueBefore);
      due.put(dueKey, NOTHING);
    }
    records.put(key, value, revision);
    also();
  };
  if (expected === undefined) return addRecord(tables, key, put);
  const revision = expected + 1;
  return (await records.ifVersion(key, expected, () => put(revision))) ? revision : undefined;
}

/**
 * Deletes a record, where `expected` is given only if that is its revision.
 * @returns whether there was one to delete
 */
export async function deleteRecord(
  tables: Tables,
  openid: string,
  expected: Revision | undefined,
): Promise<boolean> {
  const { records, due, meta } = tables;
  const key = toBytes(openid);
  for (;;) {
    const found = records.getEntry(key);
    if (found === undefined) return false;
    const revision = revisionOf(found);
    if (expected !== undefined && revision !== expected) return false;
    const remove = (): void => {
      records.remove(key);
      due.remove(toDueKey(key, wakeAtOf(found)));
    };
    const generation = generationOf(meta);
    const next = Math.floor(revision / SPAN) + 1;
    let isRaised = Promise.resolve(true);
    const isSame = records.ifVersion(key, revision, () => {
      if (generation >= next) return remove();
      isRaised = meta.ifVersion(GENERATION, generation, () => {
        remove();
        meta.put(GENERATION, NOTHING, next);
      });
    });
    const done = await Promise.all([isSame, isRaised]);
    if (done.every(Boolean)) return true;
    tables.refresh();
  }
}

/** Up to `limit` entries with `wakeAt <= until`, the earliest first, those of one time by openid. */
export function dueEntries({ due }: Tables, until: number, limit: number): DueEntry[] {
  const entries: DueEntry[] = [];
  if (!(limit > 0)) return entries;
  for (const dueKey of due.getKeys()) {
    const wakeAt = fromOrderedBytes(dueKey);
    if (!(wakeAt <= until)) break;
    entries.push({ openid: toText(dueKey.subarray(NUMBER_BYTES)), wakeAt });
    if (entries.length >= limit) break;
  }
  return entries;
}

/**
 * Revisions of an openid have to grow over deletes, and nothing is kept of what was deleted. So a record begins with a
 * revision of the database's generation, grows by one with each save, and may only be deleted once the database is of a
 * later generation than its revision. The first of a crop of records to be deleted brings that about; the others then
 * find it so.
 */
const GENERATION = toBytes('generation');
/** So many revisions begin with one generation: enough for 8 800 000 000 000 of them. */
const SPAN = 1024;

/** Begins the count in a new database. */
export function beginGenerations(meta: Table): void {
  if (meta.getEntry(GENERATION) === undefined) meta.put(GENERATION, NOTHING, 1);
}

function generationOf(meta: Table): number {
  return meta.getEntry(GENERATION)?.version ?? 0;
}

async function addRecord(
  tables: Tables,
  key: Buffer,
  put: (revision: Revision) => void,
): Promise<Revision | undefined> {
  const { records, meta } = tables;
  for (;;) {
    const generation = generationOf(meta);
    const revision = generation * SPAN;
    let isCurrent = Promise.resolve(false);
    const isNew = records.ifNoExists(key, () => {
      isCurrent = meta.ifVersion(GENERATION, generation, () => put(revision));
    });
    const [added, current] = await Promise.all([isNew, isCurrent]);
    if (!added) return undefined;
    if (current) return revision;
    tables.refresh();
  }
}

/** The place of a record in the index of what is due: by time, then by openid. */
function toDueKey(key: Buffer, wakeAt: number): Buffer {
  return Buffer.concat([toOrderedBytes(wakeAt), key]);
}

function wakeAtOf({ value }: Entry): number {
  return fromOrderedBytes(value);
}

function revisionOf({ version = 0 }: Entry): Revision {
  return version;
}
