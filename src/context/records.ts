import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import { ColloquyError, ConflictError, PersistError } from '../errors.ts';
import { type MaybePromise, attempt, isPromise, chain } from '../internal/maybe.ts';
import type { LoadedRecord, Persister, Revision } from '../persist/persister.ts';
import { type Codec, openRecord, sealRecord } from './codec.ts';
import { type Data, sizeOf, thaw } from './data.ts';
import type { Due } from './due.ts';
import { type ConversationRecord, NONE, recordDueAt, recordExpiresAt } from './record.ts';

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
  readonly #persister: Persister | undefined;
  readonly #listener: RecordsListener;
  #lastRevision: Revision = 0;

  constructor(options: RecordsOptions, listener: RecordsListener) {
    this.ageSeconds = options.ageSeconds;
    this.clock = options.clock;
    this.#codec = options.codec;
    this.#persister = options.persister;
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
    return this.#persister !== undefined;
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
  load(openid: string): MaybePromise<ConversationRecord | undefined> {
    const resident = this.#residents.get(openid);
    if (resident !== undefined) return this.#alive(resident.record);
    if (this.#persister === undefined) return undefined;
    return this.#call(openid, (persister) => persister.load(openid)).then((stored) =>
      stored === undefined ? undefined : this.#alive(this.#admit(stored)),
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
    const weight = this.#weighs ? this.#weigh(next) : 0;
    if (this.#persister === undefined) {
      const resident = this.#residents.get(openid);
      if (resident?.record.revision !== base?.revision) throw new ConflictError(openid);
      this.#lastRevision += 1;
      next.revision = this.#lastRevision;
      this.#keep(next, resident, weight);
      this.#listener.onSave(next);
      return next;
    }
    const stored = sealRecord(next, this.#wakeAt(next), this.#codec);
    return attempt<ConversationRecord>(
      () =>
        this.#call(openid, (persister) => persister.save(stored, base?.revision)).then(
          (revision) => {
            next.revision = revision;
            this.#keep(next, this.#residents.get(openid), weight);
            this.#listener.onSave(next);
            return next;
          },
        ),
      (error) => {
        // Whatever went wrong, the persister knows better now than memory does.
        this.forget(openid);
        throw error;
      },
    );
  }

  /**
   * Deletes the record everywhere; where `expected` is given, only if it still is that one.
   * @returns whether there was one
   */
  remove(openid: string, expected?: ConversationRecord): MaybePromise<boolean> {
    const resident = this.#residents.peek(openid);
    if (this.#persister === undefined) {
      if (resident === undefined) return false;
      if (expected !== undefined && resident.record.revision !== expected.revision) return false;
      return this.forget(openid);
    }
    return this.#call(openid, (persister) => persister.delete(openid, expected?.revision)).then(
      (deleted) => {
        this.forget(openid);
        return deleted;
      },
    );
  }

  /** Removes an expired record and tells of it, once. */
  expire(record: ConversationRecord): MaybePromise<boolean> {
    return chain(this.remove(record.openid, record), (removed) => {
      if (removed) this.#listener.onExpire(record);
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
    return this.#persister?.due(until, limit) ?? [];
  }

  async close(): Promise<void> {
    this.#residents.clear();
    await this.#persister?.close();
  }

  #alive(record: ConversationRecord): MaybePromise<ConversationRecord | undefined> {
    if (!this.isExpired(record)) return record;
    const gone = this.expire(record);
    if (isPromise(gone)) return gone.then(() => undefined);
    return undefined;
  }

  #admit(stored: LoadedRecord): ConversationRecord {
    const resident = this.#residents.get(stored.openid);
    if (resident !== undefined && resident.record.revision >= stored.revision) {
      return resident.record;
    }
    const record = this.#open(stored);
    this.#keep(record, resident, this.#weighs ? this.#weigh(record) : 0);
    this.#listener.onLoad(record);
    return record;
  }

  #open(stored: LoadedRecord): ConversationRecord {
    try {
      return openRecord(stored, this.#codec);
    } catch (error) {
      this.#listener.onError(error, stored.openid);
      // Absent to everyone, but with the revision that a save over it has to name.
      return {
        openid: stored.openid,
        revision: stored.revision,
        data: Object.freeze({}),
        shareable: true,
        expiry: undefined,
        savedAt: this.clock.now(),
        live: undefined,
        dialogue: undefined,
        timers: NONE,
        services: NONE,
        seen: NONE,
      };
    }
  }

  #keep(record: ConversationRecord, resident: Resident | undefined, weight: number): void {
    let kept = resident;
    if (kept === undefined) {
      kept = { at: 0, slot: -1, record };
      this.#residents.set(record.openid, kept, this.#weighs ? { size: weight } : undefined);
    } else {
      kept.record = record;
      if (this.#weighs)
        this.#residents.set(record.openid, kept, { size: weight, noDisposeOnSet: true });
    }
    this.#listener.onDue(kept, recordDueAt(record, this.ageSeconds));
  }

  #evicted(resident: Resident): void {
    this.#listener.onEvict(resident, this.#wakeAt(resident.record));
  }

  /** When somebody has to look at a stored record: a service that nobody finished is due at once. */
  #wakeAt(record: ConversationRecord): number {
    return record.services.length > 0
      ? record.savedAt
      : Math.min(recordDueAt(record, this.ageSeconds), Number.MAX_SAFE_INTEGER);
  }

  #weigh(record: ConversationRecord): number {
    const weight = Math.max(sizeOf(record.data), 1);
    if (weight <= this.#maxWeight) return weight;
    throw new ColloquyError(
      'context_too_big',
      `The context weighs ${weight} bytes of JSON, more than the store's maxWeight of ${this.#maxWeight}, so it can never be kept.`,
      { openid: record.openid, details: { size: weight, limit: this.#maxWeight } },
    );
  }

  async #call<T>(openid: string, work: (persister: Persister) => Promise<T>): Promise<T> {
    try {
      return await work(this.#persister as Persister);
    } catch (cause) {
      if (ColloquyError.is(cause)) throw cause;
      throw new PersistError(
        'unavailable',
        'The persister could not be reached or refused the call; see the cause. Nothing was said to the user.',
        { retryable: true, openid, cause },
      );
    }
  }
}

/** The dictionary of a record as something that may be handed out. */
export function handOut(record: ConversationRecord): Data {
  return record.shareable ? record.data : thaw(record.data);
}
