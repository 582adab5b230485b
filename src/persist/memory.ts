import { type KeysOf, checkOptions } from '../internal/closed.ts';
import { type Clock, systemClock } from '../clock.ts';
import { ConflictError, PersistError } from '../errors.ts';
import { leastAfter } from '../internal/least-after.ts';
import { checkKey } from '../openid.ts';
import { toListPage } from './page.ts';
import type {
  DueEntry,
  Leases,
  LoadedRecord,
  Persister,
  Revision,
  StoredRecord,
} from './persister.ts';

/** A lease on the disk. It has expired as soon as the clock shows `until`. */
export interface HeldLease {
  /** The name of the process that holds it. */
  readonly owner: string;
  /** Epoch ms. */
  readonly until: number;
}

/** The part of a memory persister that outlives it: give it to the next one to play a restart. */
export interface Disk {
  /** The records by openid. */
  readonly records: Map<string, LoadedRecord>;
  /** In the order in which they were taken. The first persister that shares the disk creates the map. */
  leases?: Map<string, HeldLease>;
  /** The revision that was given last, to any record. */
  lastRevision: Revision;
}

const disks = new WeakMap<Persister, Disk>();

/** The disk of a persister that `memory()` made: a test reads it without a call of the persister. */
export function diskOf(persister: Persister): Disk | undefined {
  return disks.get(persister);
}

/** An empty disk. */
export function createDisk(): Disk {
  return { records: new Map(), lastRevision: 0 };
}

/** Options of `memory()`. */
export interface MemoryOptions {
  /**
   * Whether several persisters use the disk at the same time, as several processes would. Then they have leases. Default:
   * one at a time, and no leases.
   */
  readonly shared?: boolean | undefined;
  /**
   * The clock of the disk, the same one for all persisters that share it: leases expire by it, and `now` gives its time.
   * Default: leases expire by the system clock, and there is no `now`.
   */
  readonly clock?: Clock | undefined;
}

const KEYS = { shared: null, clock: null } satisfies KeysOf<MemoryOptions>;

/**
 * Keeps encoded records in this process, for a test whose records have to outlive a store. It keeps everything, as a disk
 * would, and `due` and `list` look at every record.
 * @example
 * const disk = createDisk();
 * const store = createContextStore({ persister: memory(disk) });
 * await store.update('ann', (context) => context.set('visits', 1));
 * await store.close();
 * const next = createContextStore({ persister: memory(disk) });
 * console.log((await next.open('ann')).get('visits')); // → 1
 * await next.close();
 * @throws UsageError `bad_option`
 */
export function memory(disk: Disk = createDisk(), options: MemoryOptions = {}): Persister {
  checkOptions('memory()', options, KEYS);
  const { shared = false, clock } = options;
  const { records } = disk;
  let closed = false;

  const check = (): void => {
    if (!closed) return;
    throw new PersistError('closed', 'The memory persister is closed; make a new one.');
  };
  const put = (record: StoredRecord, expected: Revision | undefined): Revision => {
    check();
    const { openid, body, wakeAt } = record;
    checkKey(openid);
    if (records.get(openid)?.revision !== expected) throw new ConflictError(openid);
    disk.lastRevision += 1;
    records.set(openid, Object.freeze({ openid, body, wakeAt, revision: disk.lastRevision }));
    return disk.lastRevision;
  };
  const save = async (record: StoredRecord, expected: Revision | undefined): Promise<Revision> =>
    put(record, expected);

  const persister: Persister = {
    async load(openid) {
      check();
      checkKey(openid);
      return records.get(openid);
    },
    save,
    async delete(openid, expected) {
      check();
      checkKey(openid);
      const found = records.get(openid);
      if (found === undefined || (expected !== undefined && found.revision !== expected)) {
        return false;
      }
      return records.delete(openid);
    },
    async move(from, expected, record) {
      check();
      checkKey(from);
      if (records.get(from)?.revision !== expected) throw new ConflictError(from);
      const revision = put(record, undefined);
      records.delete(from);
      return revision;
    },
    async due(until, limit) {
      check();
      const due: DueEntry[] = [];
      for (const { openid, wakeAt } of records.values()) {
        if (wakeAt <= until) due.push({ openid, wakeAt });
      }
      return due.sort((a, b) => a.wakeAt - b.wakeAt).slice(0, limit);
    },
    async list(cursor, limit) {
      check();
      return toListPage(leastAfter(records.keys(), cursor, limit), limit);
    },
    async close() {
      closed = true;
    },
    ...(clock && {
      async now() {
        check();
        return clock.now();
      },
    }),
    ...(shared && { lease: createLeases(disk, clock ?? systemClock, check, save) }),
  };
  disks.set(persister, disk);
  return persister;
}

function createLeases(
  disk: Disk,
  clock: Clock,
  check: () => void,
  save: Persister['save'],
): Leases {
  const { records } = disk;
  const leases = (disk.leases ??= new Map());
  const giveBack = (openid: string, owner: string): void => {
    if (leases.get(openid)?.owner === owner) leases.delete(openid);
  };
  /** Drops expired leases, which are at the front: no process asks for a lease that a dead process left. */
  const tidy = (now: number): void => {
    for (const [openid, { until }] of leases) {
      if (until > now) return;
      leases.delete(openid);
    }
  };

  return {
    async take(openid, owner, ttlMs) {
      check();
      checkKey(openid);
      const now = clock.now();
      tidy(now);
      const held = leases.get(openid);
      if (held !== undefined && held.owner !== owner && held.until > now) {
        return { taken: false, heldForMs: held.until - now };
      }
      leases.delete(openid);
      leases.set(openid, { owner, until: now + ttlMs });
      return { taken: true, record: records.get(openid) };
    },
    async save(record, expected, owner) {
      const revision = await save(record, expected);
      giveBack(record.openid, owner);
      return revision;
    },
    async release(openid, owner) {
      check();
      checkKey(openid);
      giveBack(openid, owner);
    },
  };
}
