import { ConflictError, PersistError } from '../errors.ts';
import type { DueEntry, LoadedRecord, Persister, Revision, StoredRecord } from './persister.ts';

/** What outlives a memory persister: hand it to the next one to play a restart. */
export interface Disk {
  readonly records: Map<string, LoadedRecord>;
  lastRevision: Revision;
}

/** An empty disk. */
export function createDisk(): Disk {
  return { records: new Map(), lastRevision: 0 };
}

/**
 * Keeps encoded records in this process: what a test puts behind a store to see them survive the store. It holds
 * everything it is given, as a disk would, and finds what is due by looking at all of it.
 */
export function memory(disk: Disk = createDisk()): Persister {
  const { records } = disk;
  let closed = false;

  const check = (): void => {
    if (!closed) return;
    throw new PersistError('closed', 'The memory persister is closed; make a new one.');
  };

  return {
    async load(openid) {
      check();
      return records.get(openid);
    },
    async save(record: StoredRecord, expected: Revision | undefined) {
      check();
      const { openid, body, wakeAt } = record;
      if (records.get(openid)?.revision !== expected) throw new ConflictError(openid);
      disk.lastRevision += 1;
      records.set(openid, Object.freeze({ openid, body, wakeAt, revision: disk.lastRevision }));
      return disk.lastRevision;
    },
    async delete(openid, expected) {
      check();
      const found = records.get(openid);
      if (found === undefined || (expected !== undefined && found.revision !== expected)) {
        return false;
      }
      return records.delete(openid);
    },
    async due(until, limit) {
      check();
      const due: DueEntry[] = [];
      for (const { openid, wakeAt } of records.values()) {
        if (wakeAt <= until) due.push({ openid, wakeAt });
      }
      return due.sort((a, b) => a.wakeAt - b.wakeAt).slice(0, limit);
    },
    async close() {
      closed = true;
    },
  };
}
