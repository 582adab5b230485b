import type { Clock } from '../../clock.ts';
import { ConflictError } from '../../errors.ts';
import { type MaybePromise, chain } from '../../internal/maybe.ts';
import type { LoadedRecord, Revision } from '../../persist/persister.ts';
import { type OpenerOptions, RecordOpener, carryOn } from './quarantine.ts';
import { PersisterCalls, moveBy } from './persister-calls.ts';
import { type Codec, sealRecord } from '../record/envelope.ts';
import { type Data, clone } from '../../internal/plain-data.ts';
import { type DurabilityOptions, createWriteBehind } from './durability.ts';
import { LeaseHolder, type LeaseOptions } from './leases.ts';
import type { ConversationRecord } from '../record/record.ts';
import { type Resident, Residents, type ResidentsOptions } from './cache.ts';
import { DueTimes } from '../record/due-time.ts';
import type { WriteBehind } from './write-behind.ts';

export interface RecordsOptions extends OpenerOptions, ResidentsOptions, DurabilityOptions {
  /** How leases are held, where the persister has them. */
  readonly lease: LeaseOptions;
}

/** What the working set tells its owner. */
export interface RecordsListener {
  onSave(record: ConversationRecord): void;
  /** What was saved is in the persister, where that comes after the save. */
  onDurable(openid: string, revision: Revision): void;
  onLoad(record: ConversationRecord): void;
  onExpire(record: ConversationRecord): void;
  /** A record left memory; `dueAt` is when something in it falls due. */
  onEvict(resident: Resident, dueAt: number): void;
  /** A resident's due time may have changed. */
  onDue(resident: Resident, dueAt: number): void;
  /** A record that is only stored, as far as is known, falls due at `dueAt`; `record` is what was in memory of it. */
  onStray(dueAt: number, record?: ConversationRecord): void;
  /** A resident is gone for good. */
  onGone(resident: Resident): void;
  onError(error: unknown, openid: string): void;
}

/**
 * The bounded working set of committed records, over an optional persister. Synchronous wherever nothing has to be
 * read or written elsewhere.
 */
export class Records {
  readonly ageSeconds: number;
  readonly clock: Clock;
  readonly dueTimes: DueTimes;
  readonly patrolMs: number;
  readonly #behind: WriteBehind | undefined;
  readonly #residents: Residents;
  readonly #codec: Codec;
  readonly #opener: RecordOpener;
  readonly #calls: PersisterCalls | undefined;
  readonly #leases: LeaseHolder | undefined;
  readonly #listener: RecordsListener;
  #lastRevision: Revision = 0;

  constructor(options: RecordsOptions, listener: RecordsListener) {
    this.#listener = listener;
    this.ageSeconds = options.ageSeconds;
    this.clock = options.clock;
    this.#codec = options.codec;
    this.#opener = new RecordOpener(options, (error, openid) => listener.onError(error, openid));
    this.#behind = createWriteBehind(options, {
      onDurable: (openid, revision) => listener.onDurable(openid, revision),
      onOverwritten: (openid, error) => {
        this.#lose(openid);
        listener.onError(error, openid);
      },
      onError: (error, openid) => listener.onError(error, openid),
    });
    const persister = this.#behind ?? options.persister;
    this.#calls = persister && new PersisterCalls(persister, options);
    if (this.#calls !== undefined && options.persister?.lease !== undefined) {
      this.#leases = new LeaseHolder(this.#calls, options.processClock, options.lease);
    }
    this.patrolMs = options.lease.patrolMs;
    this.dueTimes = new DueTimes({ ...options, shared: this.shared });
    this.#residents = new Residents(options, (resident) => {
      listener.onEvict(resident, this.dueTimes.dueAt(resident.record));
    });
  }

  /** Whether records outlive this process. */
  get isPersistent(): boolean {
    return this.#calls !== undefined;
  }

  /** Whether a commit is in the persister when it is answered. */
  get lasting(): boolean {
    return this.isPersistent && this.#behind === undefined;
  }

  /** How many records wait to be written. */
  get unwritten(): number {
    return this.#behind?.size ?? 0;
  }

  /** Whether several processes share the persister: what is in memory may be out of date then. */
  get shared(): boolean {
    return this.#leases !== undefined;
  }

  /** Whether the persister moves a record in one write. */
  get moves(): boolean {
    return this.#calls?.moves === true;
  }

  /** How many leases this process holds. */
  get leases(): number {
    return this.#leases?.size ?? 0;
  }

  /** How many records are in memory. */
  get size(): number {
    return this.#residents.size;
  }

  /** The record in memory, without touching its recency. */
  resident(openid: string): Resident | undefined {
    return this.#residents.peek(openid);
  }

  /** The records in memory with a service that has not reported back. */
  unfinished(): ConversationRecord[] {
    const unfinished: ConversationRecord[] = [];
    for (const { record } of this.#residents.values()) {
      if (record.services.length > 0) unfinished.push(record);
    }
    return unfinished;
  }

  /**
   * The record as last committed, or undefined where there is none or it has expired. It is called in the lane of the
   * openid, for work that may end in a commit: where the persister is shared it takes the lease.
   * @param waits whether to wait for a lease that another process has
   * @throws PersistError `leased` where it could not be had
   */
  load(
    openid: string,
    now: number = this.clock.now(),
    waits = true,
  ): MaybePromise<ConversationRecord | undefined> {
    if (this.#leases === undefined || this.#isCurrent(openid)) return this.read(openid, now);
    return this.#leases
      .take(openid, (stored, overtaken) => this.#admit(openid, stored, overtaken), waits)
      .then((record) => this.#unlessExpired(record));
  }

  /** Gives back what `load` took and no commit gave back. */
  release(openid: string): void {
    this.#leases?.release(openid);
  }

  /** The same as `load`, only to look at it. */
  read(
    openid: string,
    now: number = this.clock.now(),
  ): MaybePromise<ConversationRecord | undefined> {
    const resident = this.#residents.get(openid);
    if (resident === undefined || (this.shared && !this.#isCurrent(openid))) {
      return this.#fetch(openid);
    }
    if (this.dueTimes.expiresAt(resident.record) > now) return resident.record;
    return chain(this.expire(resident.record), (removed) =>
      // Where it could not be removed, somebody else has moved it on.
      removed ? undefined : this.#fetch(openid),
    );
  }

  /**
   * Commits `next` if the record still stands at `base`, as one write, and gives the lease back with it.
   * @param keepsLease where the work in the lane goes on
   * @throws ConflictError where it does not; `next` is dropped.
   */
  commit(
    next: ConversationRecord,
    base: ConversationRecord | undefined,
    keepsLease = false,
  ): MaybePromise<ConversationRecord> {
    const { openid } = next;
    if (this.#calls === undefined) {
      const weight = this.#residents.weighed(next);
      const resident = this.#residents.get(openid);
      if (resident?.record.revision !== base?.revision) throw new ConflictError(openid);
      this.#lastRevision += 1;
      next.revision = this.#lastRevision;
      this.#keep(next, resident, weight);
      this.#listener.onSave(next);
      return next;
    }
    const calls = this.#calls;
    // Of a user who is to be forgotten, not even what does not open is kept.
    if (base?.absent === 'corrupt' && next.absent === undefined) {
      const put = this.#opener.putAside(calls, base).catch((error: unknown) => {
        this.#lose(openid);
        throw error;
      });
      return put.then((aside) => {
        if (aside !== undefined) next.aside = aside;
        return this.#write(calls, next, base, keepsLease);
      });
    }
    if (base !== undefined && next.absent === undefined) carryOn(base, next);
    return this.#write(calls, next, base, keepsLease);
  }

  /** @param base what it takes the place of; of another openid, it is gone with the same write */
  #write(
    calls: PersisterCalls,
    next: ConversationRecord,
    base: ConversationRecord | undefined,
    keepsLease: boolean,
  ): Promise<ConversationRecord> {
    const { openid } = next;
    const weight = this.#residents.weighed(next);
    const stored = sealRecord(next, this.dueTimes.wakeAt(next), this.#codec);
    const lose = (): void => this.#lose(openid, stored.wakeAt);
    const lease = !keepsLease && this.#leases?.holds(openid) ? this.#leases : undefined;
    return calls.write(
      openid,
      (persister) =>
        base !== undefined && base.openid !== openid
          ? moveBy(persister, base, stored)
          : (lease?.save(persister, stored, base?.revision) ??
            persister.save(stored, base?.revision)),
      (revision, overtaken) => {
        next.revision = revision;
        const resident = this.#residents.get(openid);
        // What the commit is based on has left memory, or never was in it.
        const arrives = base !== undefined && resident === undefined;
        const dueAt = arrives ? this.dueTimes.arrivesDueAt(next) : undefined;
        if (overtaken) lose();
        else this.#keep(next, resident, weight, dueAt);
        this.#listener.onSave(next);
        return next;
      },
      // Whatever went wrong, the persister knows better now than memory does.
      lose,
    );
  }

  /** The same as `commit` under an openid that has no record, and `base` is gone with it. For a persister that `moves`. */
  moveAtOnce(next: ConversationRecord, base: ConversationRecord): Promise<ConversationRecord> {
    const calls = this.#calls as PersisterCalls;
    const { openid } = base;
    const lose = (): void => this.#lose(openid, this.dueTimes.wakeAt(base));
    // A write of both: who reads either meanwhile is told that the answer may be out of date.
    return calls.write(
      openid,
      () => this.#write(calls, next, base, true),
      (moved, overtaken) => {
        if (overtaken) lose();
        else this.forget(openid);
        return moved;
      },
      lose,
    );
  }

  /**
   * Deletes the record everywhere; where `expected` is given, only if it still is that one.
   * @returns whether there was one
   */
  remove(openid: string, expected?: ConversationRecord): MaybePromise<boolean> {
    const before = this.#residents.peek(openid)?.record;
    if (this.#calls === undefined) {
      if (before === undefined) return false;
      if (expected !== undefined && before.revision !== expected.revision) return false;
      return this.forget(openid);
    }
    const lose = (): void => this.#lose(openid);
    return this.#calls.write(
      openid,
      (persister) => persister.delete(openid, expected?.revision),
      (deleted, overtaken) => {
        const isSame = this.#residents.peek(openid)?.record === before;
        if (deleted && isSame && !overtaken) this.forget(openid);
        else lose();
        return deleted;
      },
      lose,
    );
  }

  /** Says that this process works on the services of a record. @returns the record as it is then */
  claim(record: ConversationRecord): MaybePromise<ConversationRecord> {
    if (!this.shared) return record;
    return this.commit({ ...record, revision: 0, touchedAt: this.clock.now() }, record);
  }

  /** The openids of the records in memory on whose services this process may be at work, where others have to know. */
  openidsAtWork(): string[] {
    return this.shared ? this.unfinished().map(({ openid }) => openid) : [];
  }

  /** Removes an expired record and tells of it, once. */
  expire(record: ConversationRecord): MaybePromise<boolean> {
    return chain(this.remove(record.openid, record), (removed) => {
      if (removed && record.absent === undefined) this.#listener.onExpire(record);
      return removed;
    });
  }

  /** Drops the copy in memory. The persister keeps its own. */
  forget(openid: string): boolean {
    const resident = this.#residents.peek(openid);
    if (resident === undefined) return false;
    this.#residents.delete(openid);
    this.#listener.onGone(resident);
    return true;
  }

  /** The openids in which something is due, from the persister. */
  async due(until: number, limit: number): Promise<{ openid: string; wakeAt: number }[]> {
    return this.#calls?.due(until, limit) ?? [];
  }

  /**
   * Writes what waits to be written.
   * @throws PersistError `unwritten` where something is left
   */
  async flush(): Promise<void> {
    await this.#behind?.flush();
  }

  /** @throws PersistError `unwritten`, `timeout` and what the persister throws; it is closed in any case */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.#calls?.close();
      this.#residents.clear();
    }
  }

  #fetch(openid: string): MaybePromise<ConversationRecord | undefined> {
    if (this.#calls === undefined) return undefined;
    return this.#calls
      .read(
        openid,
        (persister) => persister.load(openid),
        (stored, overtaken) => this.#admit(openid, stored, overtaken),
      )
      .then((record) => this.#unlessExpired(record));
  }

  #unlessExpired(
    record: ConversationRecord | undefined,
  ): MaybePromise<ConversationRecord | undefined> {
    if (record === undefined || !this.dueTimes.isExpired(record)) return record;
    return chain(this.expire(record), () => undefined);
  }

  /** Whether the copy in memory cannot be out of date: nobody else commits while the lease is ours. */
  #isCurrent(openid: string): boolean {
    return this.#leases?.holds(openid) === true && this.#residents.peek(openid) !== undefined;
  }

  #admit(
    openid: string,
    stored: LoadedRecord | undefined,
    overtaken: boolean,
  ): ConversationRecord | undefined {
    if (stored === undefined) {
      // Another process has deleted what this one still remembers.
      if (this.shared && !overtaken) this.forget(openid);
      return undefined;
    }
    const resident = this.#residents.get(openid);
    if (resident !== undefined && resident.record.revision >= stored.revision) {
      return resident.record;
    }
    const record = this.#opener.open(stored);
    const weight = this.#residents.weigh(record);
    const dueAt = this.dueTimes.arrivesDueAt(record);
    if (!overtaken && this.#residents.fits(weight)) this.#keep(record, resident, weight, dueAt);
    else this.#lose(openid, dueAt);
    if (record.absent === undefined) this.#listener.onLoad(record);
    return record;
  }

  #keep(
    record: ConversationRecord,
    resident: Resident | undefined,
    weight: number,
    dueAt: number = this.dueTimes.dueAt(record),
  ): void {
    const kept = this.#residents.keep(record, resident, weight);
    this.#listener.onDue(kept, dueAt);
  }

  /** Drops the copy in memory because it may not be what is stored; what is stored still falls due. */
  #lose(openid: string, storedDueAt = Number.POSITIVE_INFINITY): void {
    const resident = this.#residents.peek(openid);
    let dueAt = storedDueAt;
    if (resident !== undefined) {
      dueAt = Math.min(dueAt, this.dueTimes.wakeAt(resident.record));
      this.forget(openid);
    }
    if (Number.isFinite(dueAt)) this.#listener.onStray(dueAt, resident?.record);
  }
}

/** The dictionary of a record as something that may be handed out. */
export function handOut(record: ConversationRecord): Data {
  return record.loose ? clone(record.data) : record.data;
}
