import { ConflictError } from '../../errors.ts';
import type { DueEntry, LoadedRecord, Revision, StoredRecord } from '../persister.ts';
import { toBytes, toText } from '../text-bytes.ts';
import { NUMBER_BYTES, fromOrderedBytes, writeOrdered } from './bytes.ts';
import { headOf, moved, recordOf, toValue } from './entry.ts';
import { NOTHING, type Table, type Tables } from './tables.ts';

export function loadRecord({ records }: Tables, openid: string): LoadedRecord | undefined {
  const key = toBytes(openid);
  const found = records.getEntry(key);
  return found && recordOf(openid, key, found);
}

/**
 * Saves `record` if the stored revision is `expected`. A record that is due later than before keeps its place in the
 * index, because its next turn will make it later again; `dueEntries` moves it.
 * @param also puts or removes something else with it, at the end of its block
 * @returns the new revision
 * @throws ConflictError where the stored revision is another one
 */
export function saveRecord(
  tables: Tables,
  record: StoredRecord,
  expected: Revision | undefined,
  also?: () => void,
): Promise<Revision> {
  const { records, places } = tables;
  const { openid, wakeAt } = record;
  const place = expected === undefined ? undefined : places.get(openid);
  if (place === undefined || place.version !== expected || wakeAt < place.filedAt || also) {
    return findAndSave(tables, record, expected, also);
  }
  const { filedAt } = place;
  const revision = expected + 1;
  const key = toBytes(openid);
  return records.putIf(key, toValue(key, record, filedAt), revision, expected).then((isSaved) => {
    if (!isSaved) return findAndSave(tables, record, expected, also);
    places.set(openid, { version: revision, filedAt });
    return revision;
  });
}

/** The same for a record whose place is not known. */
async function findAndSave(
  tables: Tables,
  record: StoredRecord,
  expected: Revision | undefined,
  also: (() => void) | undefined,
): Promise<Revision> {
  const { records, due, places } = tables;
  const { openid, wakeAt } = record;
  const key = toBytes(openid);
  tables.refresh();
  if (expected === undefined) return addRecord(tables, key, record, also);
  const revision = expected + 1;
  for (;;) {
    const found = records.peek(key);
    const head = found && headOf(found);
    if (head?.revision !== expected) throw new ConflictError(openid);
    const { version, filedAt } = head;
    let at = filedAt;
    let isSaved: Promise<boolean>;
    if (wakeAt >= filedAt && also === undefined) {
      isSaved = records.putIf(key, toValue(key, record, filedAt), revision, version);
    } else {
      at = Math.min(filedAt, wakeAt);
      isSaved = records.ifVersion(key, version, () => {
        if (at !== filedAt) {
          due.remove(toDueKey(key, filedAt));
          due.put(toDueKey(key, at), NOTHING);
        }
        records.put(key, toValue(key, record, at), revision);
        also?.();
      });
    }
    if (await isSaved) {
      places.set(openid, { version: revision, filedAt: at });
      return revision;
    }
    // It is another revision now, or the same one has been moved in the index.
    tables.refresh();
  }
}

/**
 * Deletes a record. If `expected` is given, it deletes only a record with that revision.
 * @returns whether a record was deleted
 */
export async function deleteRecord(
  tables: Tables,
  openid: string,
  expected: Revision | undefined,
): Promise<boolean> {
  const { records, due, meta } = tables;
  const key = toBytes(openid);
  for (;;) {
    const found = records.peek(key);
    if (found === undefined) return false;
    const { version, revision, filedAt } = headOf(found);
    if (expected !== undefined && revision !== expected) return false;
    const remove = (): void => {
      records.remove(key);
      due.remove(toDueKey(key, filedAt));
    };
    const generation = generationOf(meta);
    const next = Math.floor(revision / SPAN) + 1;
    let isRaised = Promise.resolve(true);
    const isSame = records.ifVersion(key, version, () => {
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

/**
 * Keeps `record`, whose openid has no record, and deletes the record of `from`, if its revision is `expected`.
 * @returns the revision of `record`
 * @throws ConflictError where one of the two does not hold
 */
export async function moveStoredRecord(
  tables: Tables,
  from: string,
  expected: Revision,
  record: StoredRecord,
): Promise<Revision> {
  const { records, due, meta, places } = tables;
  const { openid, wakeAt } = record;
  const source = toBytes(from);
  const key = toBytes(openid);
  for (;;) {
    const found = records.peek(source);
    const head = found && headOf(found);
    if (head?.revision !== expected) throw new ConflictError(from);
    if (records.peek(key) !== undefined) throw new ConflictError(openid);
    const generation = generationOf(meta);
    // A generation in which the moved record may be deleted.
    const next = Math.max(generation, Math.floor(expected / SPAN) + 1);
    const revision = next * SPAN;
    let isNew = Promise.resolve(false);
    let isCurrent = Promise.resolve(false);
    const isSame = records.ifVersion(source, head.version, () => {
      isNew = records.ifNoExists(key, () => {
        isCurrent = meta.ifVersion(GENERATION, generation, () => {
          records.remove(source);
          due.remove(toDueKey(source, head.filedAt));
          due.put(toDueKey(key, wakeAt), NOTHING);
          records.put(key, toValue(key, record, wakeAt), revision);
          if (next > generation) meta.put(GENERATION, NOTHING, next);
        });
      });
    });
    const done = await Promise.all([isSame, isNew, isCurrent]);
    if (done.every(Boolean)) {
      places.delete(from);
      places.set(openid, { version: revision, filedAt: wakeAt });
      return revision;
    }
    // Another call was faster, at one of the two records or at the generation.
    tables.refresh();
  }
}

/** The most records that one commit moves. */
const BATCH = 1000;

/**
 * The entries with `wakeAt <= until`, a maximum of `limit`, the earliest first, those of one time by openid. Records among
 * them that are due later are moved to their due time, and the entries are looked up again.
 */
export async function dueEntries(
  tables: Tables,
  until: number,
  limit: number,
): Promise<DueEntry[]> {
  const { records, due } = tables;
  for (;;) {
    const entries: DueEntry[] = [];
    const late: Buffer[] = [];
    if (!(limit > 0)) return entries;
    for (const dueKey of due.getKeys()) {
      const filedAt = fromOrderedBytes(dueKey);
      if (!(filedAt <= until)) break;
      const key = dueKey.subarray(NUMBER_BYTES);
      const found = records.peek(key);
      if (found !== undefined && headOf(found).wakeAt > filedAt) late.push(key);
      else entries.push({ openid: toText(key), wakeAt: filedAt });
      if (entries.length >= limit || late.length >= BATCH) break;
    }
    if (late.length === 0) return entries;
    await Promise.all(late.map((key) => moveOn(tables, key)));
    tables.refresh();
  }
}

/** The openids behind `after`, in the order of their bytes. */
export function listOpenids(
  { records }: Tables,
  after: string | undefined,
  limit: number,
): string[] {
  // The least key behind another one is that key and a zero.
  const start = after === undefined ? undefined : Buffer.concat([toBytes(after), Buffer.of(0)]);
  return Array.from(records.getKeys({ limit, ...(start && { start }) }), toText);
}

/** Moves a record to its due time in the index, unless it was saved since. */
async function moveOn({ records, due }: Tables, key: Buffer): Promise<void> {
  const found = records.getEntry(key);
  if (found === undefined) return;
  const { version, filedAt, wakeAt } = headOf(found);
  if (wakeAt === filedAt) return;
  const next = moved(found);
  await records.ifVersion(key, version, () => {
    due.remove(toDueKey(key, filedAt));
    due.put(toDueKey(key, wakeAt), NOTHING);
    records.put(key, next.value, next.version);
  });
}

/**
 * The revisions of an openid have to grow also after a delete, of which nothing is kept. So a record begins with the first
 * revision of the database's generation and grows by one with each save. It may be deleted only when the database has a
 * later generation than its revision. The first delete of a generation raises it; later ones need not.
 */
const GENERATION = toBytes('generation');
/** The revisions of one generation. There is room for 8 800 000 000 000 generations. */
const SPAN = 1024;

/** Begins with the first generation in a new database. */
export function beginGenerations(meta: Table): void {
  if (meta.getEntry(GENERATION) === undefined) meta.put(GENERATION, NOTHING, 1);
}

function generationOf(meta: Table): number {
  return meta.getEntry(GENERATION)?.version ?? 0;
}

async function addRecord(
  tables: Tables,
  key: Buffer,
  record: StoredRecord,
  also: (() => void) | undefined,
): Promise<Revision> {
  const { records, due, meta, places } = tables;
  const { openid, wakeAt } = record;
  if (records.peek(key) !== undefined) throw new ConflictError(openid);
  for (;;) {
    const generation = generationOf(meta);
    const revision = generation * SPAN;
    let isCurrent = Promise.resolve(false);
    const isNew = records.ifNoExists(key, () => {
      isCurrent = meta.ifVersion(GENERATION, generation, () => {
        due.put(toDueKey(key, wakeAt), NOTHING);
        records.put(key, toValue(key, record, wakeAt), revision);
        also?.();
      });
    });
    const [added, current] = await Promise.all([isNew, isCurrent]);
    if (!added) throw new ConflictError(openid);
    if (current) {
      places.set(openid, { version: revision, filedAt: wakeAt });
      return revision;
    }
    tables.refresh();
  }
}

/** The key of a record in the index of due records: its time, then its openid. */
function toDueKey(key: Buffer, at: number): Buffer {
  const dueKey = Buffer.allocUnsafe(NUMBER_BYTES + key.length);
  writeOrdered(dueKey, at, 0);
  key.copy(dueKey, NUMBER_BYTES);
  return dueKey;
}
