import type { Clock } from '../../clock.ts';
import { type MaybePromise, chain } from '../../internal/maybe.ts';
import type { DueEntry, ListPage } from '../../persist/persister.ts';
import type { DueTimes } from '../record/due-time.ts';
import type { ConversationRecord } from '../record/record.ts';
import type { OwnLease } from './leases.ts';
import { type CacheOptions, type CachedRecord, RecordCache } from './cache.ts';

export interface RecordsOptions extends CacheOptions {
  readonly ageSeconds: number;
  readonly clock: Clock;
}

/** Is informed of what happens to records. */
export interface RecordsListener {
  /** @param isDurable whether it outlives this process already */
  onSave(record: ConversationRecord, isDurable: boolean): void;
  onLoad(record: ConversationRecord): void;
  /** This is what the record is, after another process may have changed or deleted it. */
  onCurrent(openid: string, record: ConversationRecord | undefined): void;
  onExpire(record: ConversationRecord): void;
  /** A record left memory to make room. `storedDueAt` is when the stored one falls due; undefined where none is stored. */
  onEvict(cached: CachedRecord, storedDueAt: number | undefined): void;
  /** Something in a record in memory falls due at `dueAt`. */
  onDue(cached: CachedRecord, dueAt: number): void;
  /** A record falls due at `dueAt` that is stored and no longer in memory; `record` is the copy that was. */
  onUncached(dueAt: number, record?: ConversationRecord): void;
  /** A record is no longer in memory, for another reason than to make room. */
  onForget(cached: CachedRecord): void;
  onError(error: unknown, openid: string): void;
}

/** When to look through the stored records again. */
export interface NextScan {
  /** Epoch ms. */
  readonly at: number;
  /** Records that have been due for less are left to the processes that committed them. */
  readonly lagMs: number;
}

/**
 * Where the committed records are. It is the port between the store and its three kinds of storage: in memory, over a
 * persister of this process alone, and over one that several processes share. `load`, `commit` and `remove` are called
 * in the lane of the openid.
 */
export abstract class Records {
  readonly clock: Clock;
  readonly dueTimes: DueTimes;
  /** Whether records outlive this process. */
  abstract readonly isPersistent: boolean;
  protected readonly cache: RecordCache;
  protected readonly listener: RecordsListener;

  constructor(options: RecordsOptions, dueTimes: DueTimes, listener: RecordsListener) {
    this.clock = options.clock;
    this.dueTimes = dueTimes;
    this.listener = listener;
    this.cache = new RecordCache(options, (cached) =>
      listener.onEvict(cached, this.storedDueAt(cached.record)),
    );
  }

  /** The number of records in memory. */
  get size(): number {
    return this.cache.size;
  }

  /** The number of leases that this process holds. */
  get leases(): number {
    return 0;
  }

  /** The lease that this process holds of an openid. */
  leaseOf(_openid: string): OwnLease | undefined {
    return undefined;
  }

  /** The record in memory. This does not count as a use of it. */
  cached(openid: string): CachedRecord | undefined {
    return this.cache.peek(openid);
  }

  /** Whether what is in memory of an openid cannot be out of date. */
  isCurrent(_openid: string): boolean {
    return true;
  }

  /** Whether an error says that another process works on the conversation, or was quicker to write. */
  isByOther(_error: unknown): boolean {
    return false;
  }

  /** The records in memory with a service that has not reported back, or with a burst. */
  unfinished(): ConversationRecord[] {
    const unfinished: ConversationRecord[] = [];
    for (const { record } of this.cache.values()) {
      if (record.services.length > 0 || record.burst !== undefined) unfinished.push(record);
    }
    return unfinished;
  }

  /**
   * The record as last committed, for work that may end in a commit; undefined where there is none, or it has expired.
   * @param waits whether to wait while another process works on it
   * @throws PersistError `leased` where another process works on it
   */
  abstract load(
    openid: string,
    now?: number,
    waits?: boolean,
  ): MaybePromise<ConversationRecord | undefined>;

  /** The record as last committed, only to look at it. It needs no lane. */
  abstract read(openid: string, now?: number): MaybePromise<ConversationRecord | undefined>;

  /**
   * Commits `next` in one write, if the record is still `base`.
   * @param keepsLease whether the lane has more work after it; if not, the lease is given back with the write
   * @throws ConflictError where it is not; `next` is dropped
   */
  abstract commit(
    next: ConversationRecord,
    base: ConversationRecord | undefined,
    keepsLease?: boolean,
  ): MaybePromise<ConversationRecord>;

  /**
   * Commits `next`, whose openid has no record, and removes `base`.
   * @throws ConflictError where `base` is no longer the record of its openid
   */
  abstract move(
    next: ConversationRecord,
    base: ConversationRecord,
  ): MaybePromise<ConversationRecord>;

  /**
   * Deletes a record; if `expected` is given, only that revision of it.
   * @returns whether there was one
   */
  abstract remove(openid: string, expected?: ConversationRecord): MaybePromise<boolean>;

  /** Removes an expired record and reports it, once. @returns whether it was still there */
  protected expire(record: ConversationRecord): MaybePromise<boolean> {
    return chain(this.remove(record.openid, record), (removed) => {
      if (removed && record.absent === undefined) this.listener.onExpire(record);
      return removed;
    });
  }

  /** When the stored copy of a record in memory falls due; undefined where none is stored. */
  protected abstract storedDueAt(record: ConversationRecord): number | undefined;

  /** Drops the copy in memory. @returns whether there was one */
  forget(openid: string): boolean {
    const cached = this.cache.peek(openid);
    if (cached === undefined) return false;
    this.cache.delete(openid);
    this.listener.onForget(cached);
    return true;
  }

  /** Drops the copy in memory, which may differ from what is stored. */
  abstract invalidate(openid: string): void;

  /** Ends the work on an openid: gives back what `load` took, if no commit did. */
  release(_openid: string): void {}

  /** Informs other processes that this one works on the services of a record. @returns the record after that */
  claim(record: ConversationRecord): MaybePromise<ConversationRecord> {
    return record;
  }

  /** The openids of the records in memory whose services other processes leave to this one. */
  openidsAtWork(): string[] {
    return [];
  }

  /** The stored records in which something is due. */
  abstract due(until: number, limit: number): Promise<readonly DueEntry[]>;

  /**
   * The openids that have a record, as `list` of a persister gives them.
   * @throws UsageError `cannot_list`
   */
  abstract list(cursor: string | undefined, limit: number): Promise<ListPage>;

  /**
   * When to look through the stored records again, after they were looked through at `now`.
   * @param stuck how many of them are still due
   */
  abstract nextScan(now: number, stuck: number): Promise<NextScan | undefined>;

  /**
   * Makes everything durable that was committed.
   * @throws PersistError `unwritten` where something could not be written
   */
  abstract flush(): Promise<void>;

  /** @throws PersistError `unwritten`, `timeout`, and what the persister throws; it is closed in any case */
  abstract close(): Promise<void>;
}
