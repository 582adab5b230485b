import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import { ColloquyError, ConflictError } from '../errors.ts';
import { type MaybePromise, chain } from '../internal/maybe.ts';
import type { LoadedRecord, Persister, Revision } from '../persist/persister.ts';
import { PersisterCalls } from './calls.ts';
import { type Codec, openRecord, sealRecord } from './codec.ts';
import { type Data, sizeOf, thaw } from './data.ts';
import type { Due } from './due.ts';
import { type ConversationRecord, absentRecord, recordDueAt, recordExpiresAt } from './record.ts';

/** A record in memory, and its place in the index of what falls due. */
export interface Resident extends Due {
  record: ConversationRecord;
}

export interface RecordsOptions {
  readonly max: number;
  /** The most that all contexts in memory may weigh together, in bytes of JSON. */
  readonly maxWeight: number | undefined;
  readonly ageSeconds: number;
  readonly clock: Clock;
  readonly codec: Codec;
  readonly persister: Persister | undefined;
  readonly persistTimeoutMs: number;
}

/** What the working set tells its owner. */
export interface RecordsListener {
  onSave(record: ConversationRecord): void;
  onLoad(record: ConversationRecord): void;
  onExpire(record: ConversationRecord): void;
  /** A record left memory; `dueAt` is when something in it falls due. */
  onEvict(resident: Resident, dueAt: number): void;
  /** A resident's due time may have changed. */
  onDue(resident: Resident, dueAt: number): void;
  /** A record that is only stored, as far as is known, falls due at `dueAt`. */
  onStray(dueAt: number): void;
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
  readonly #residents: LRUCache<string, Resident>;
  readonly #weighs: boolean;
  readonly #maxWeight: number;
  readonly #codec: Codec;
  readonly #calls: PersisterCalls | undefined;
  readonly #listener: RecordsListener;
  #lastRevision: Revision = 0;

  constructor(options: RecordsOptions, listener: RecordsListener) {
    this.ageSeconds = options.ageSeconds;
    this.clock = options.clock;
    this.#codec = options.codec;
    this.#calls =
      options.persister &&
      new PersisterCalls(options.persister, options.clock, options.persistTimeoutMs);
    this.#listener = listener;
    this.#weighs = options.maxWeight !== undefined;
    this.#maxWeight = options.maxWeight ?? Number.POSITIVE_INFINITY;
    this.#residents = new LRUCache<string, Resident>({
      max: options.max,
      ...(options.maxWeight !== undefined && { maxSize: options.maxWeight }),
      disposeAfter: (resident, _openid, reason) => {
        if (reason === 'evict') this.#evicted(resident);
      },
    });
  }

  /** Whether records outlive this process. */
  get durable(): boolean {
    return this.#calls !== undefined;
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

  /** The record as last committed, or undefined where there is none or it has expired. */
  load(
    openid: string,
    now: number = this.clock.now(),
  ): MaybePromise<ConversationRecord | undefined> {
    const resident = this.#residents.get(openid);
    if (resident === undefined) return this.#fetch(openid);
    if (recordExpiresAt(resident.record, this.ageSeconds) > now) return resident.record;
    return chain(this.expire(resident.record), (removed) =>
      // Where it could not be removed, somebody else has moved it on.
      removed ? undefined : this.#fetch(openid),
    );
  }

  /**
   * Commits `next` if the record still stands at `base`, as one write.
   * @throws ConflictError where it does not; `next` is dropped.
   */
  commit(
    next: ConversationRecord,
    base: ConversationRecord | undefined,
  ): MaybePromise<ConversationRecord> {
    const { openid } = next;
    const weight = this.#weigh(next);
    if (weight > this.#maxWeight) throw this.#tooHeavy(openid, weight);
    if (this.#calls === undefined) {
      const resident = this.#residents.get(openid);
      if (resident?.record.revision !== base?.revision) throw new ConflictError(openid);
      this.#lastRevision += 1;
      next.revision = this.#lastRevision;
      this.#keep(next, resident, weight);
      this.#listener.onSave(next);
      return next;
    }
    const stored = sealRecord(next, this.#wakeAt(next), this.#codec);
    const lose = (): void => this.#lose(openid, stored.wakeAt);
    return this.#calls
      .write(
        openid,
        (persister) => persister.save(stored, base?.revision),
        (revision, overtaken) => {
          next.revision = revision;
          if (overtaken) lose();
          else this.#keep(next, this.#residents.get(openid), weight);
          this.#listener.onSave(next);
          return next;
        },
        lose,
      )
      .catch((error: unknown) => {
        // Whatever went wrong, the persister knows better now than memory does.
        lose();
        throw error;
      });
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
    return this.#calls
      .write(
        openid,
        (persister) => persister.delete(openid, expected?.revision),
        (deleted, overtaken) => {
          const isSame = this.#residents.peek(openid)?.record === before;
          if (deleted && isSame && !overtaken) this.forget(openid);
          else lose();
          return deleted;
        },
        lose,
      )
      .catch((error: unknown) => {
        lose();
        throw error;
      });
  }

  /** Removes an expired record and tells of it, once. */
  expire(record: ConversationRecord): MaybePromise<boolean> {
    return chain(this.remove(record.openid, record), (removed) => {
      if (removed && record.absent === undefined) this.#listener.onExpire(record);
      return removed;
    });
  }

  isExpired(record: ConversationRecord): boolean {
    return recordExpiresAt(record, this.ageSeconds) <= this.clock.now();
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

  async close(): Promise<void> {
    await this.#calls?.close();
    this.#residents.clear();
  }

  #fetch(openid: string): MaybePromise<ConversationRecord | undefined> {
    if (this.#calls === undefined) return undefined;
    return this.#calls
      .read(
        openid,
        (persister) => persister.load(openid),
        (stored, overtaken) => stored && this.#admit(stored, overtaken),
      )
      .then((record) => {
        if (record === undefined || !this.isExpired(record)) return record;
        return chain(this.expire(record), () => undefined);
      });
  }

  #admit(stored: LoadedRecord, overtaken: boolean): ConversationRecord {
    const { openid } = stored;
    const resident = this.#residents.get(openid);
    if (resident !== undefined && resident.record.revision >= stored.revision) {
      return resident.record;
    }
    const record = this.#open(stored);
    const weight = this.#weigh(record);
    if (!overtaken && weight <= this.#maxWeight) this.#keep(record, resident, weight);
    else this.#lose(openid, recordDueAt(record, this.ageSeconds));
    if (record.absent === undefined) this.#listener.onLoad(record);
    return record;
  }

  #open(stored: LoadedRecord): ConversationRecord {
    try {
      return openRecord(stored, this.#codec);
    } catch (error) {
      this.#listener.onError(error, stored.openid);
      const { openid, revision } = stored;
      return absentRecord({ absent: 'corrupt', openid, revision, savedAt: this.clock.now() });
    }
  }

  #keep(record: ConversationRecord, resident: Resident | undefined, weight: number): void {
    let kept = resident;
    if (kept === undefined) {
      kept = { at: 0, slot: -1, record };
      this.#residents.set(record.openid, kept, this.#weighs ? { size: weight } : undefined);
    } else {
      kept.record = record;
      if (this.#weighs) {
        // To set the same value again would keep the old weight.
        this.#residents.delete(record.openid);
        this.#residents.set(record.openid, kept, { size: weight });
      }
    }
    this.#listener.onDue(kept, recordDueAt(record, this.ageSeconds));
  }

  /** Drops the copy in memory because it may not be what is stored; what is stored still falls due. */
  #lose(openid: string, storedDueAt = Number.POSITIVE_INFINITY): void {
    const resident = this.#residents.peek(openid);
    let dueAt = storedDueAt;
    if (resident !== undefined) {
      dueAt = Math.min(dueAt, this.#wakeAt(resident.record));
      this.forget(openid);
    }
    if (Number.isFinite(dueAt)) this.#listener.onStray(dueAt);
  }

  #evicted(resident: Resident): void {
    this.#listener.onEvict(resident, recordDueAt(resident.record, this.ageSeconds));
  }

  /** When somebody has to look at a stored record: a service that nobody finished is due at once. */
  #wakeAt(record: ConversationRecord): number {
    return record.services.length > 0
      ? record.savedAt
      : Math.min(recordDueAt(record, this.ageSeconds), Number.MAX_SAFE_INTEGER);
  }

  #weigh(record: ConversationRecord): number {
    return this.#weighs ? Math.max(sizeOf(record.data), 1) : 0;
  }

  #tooHeavy(openid: string, weight: number): ColloquyError {
    return new ColloquyError(
      'context_too_big',
      `The context weighs ${weight} bytes of JSON, more than the store's maxWeight of ${this.#maxWeight}, so it can never be kept.`,
      { openid, details: { size: weight, limit: this.#maxWeight } },
    );
  }
}

/** The dictionary of a record as something that may be handed out. */
export function handOut(record: ConversationRecord): Data {
  return record.shareable ? record.data : thaw(record.data);
}
