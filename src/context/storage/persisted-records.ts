import { ConflictError } from '../../errors.ts';
import { type MaybePromise, chain } from '../../internal/maybe.ts';
import type {
  DueEntry,
  ListPage,
  LoadedRecord,
  Persister,
  Revision,
  StoredRecord,
} from '../../persist/persister.ts';
import { DueTimes } from '../record/due-time.ts';
import { type Codec, sealRecord } from '../record/envelope.ts';
import type { ConversationRecord } from '../record/record.ts';
import type { PersisterCalls } from './persister-calls.ts';
import { type QuarantineOptions, RecordOpener, carryOver } from './quarantine.ts';
import { type NextScan, Records, type RecordsListener, type RecordsOptions } from './records.ts';

export interface PersistedOptions extends RecordsOptions, QuarantineOptions {
  readonly persister: Persister;
  readonly calls: PersisterCalls;
}

/** Sends a sealed record to the persister. */
type Send = (stored: StoredRecord) => Promise<Revision>;

/** Records over a persister that only this process uses. Reads are answered from memory where the record is there. */
export class PersistedRecords extends Records {
  readonly isPersistent = true;
  protected readonly persister: Persister;
  protected readonly calls: PersisterCalls;
  readonly #codec: Codec;
  readonly #opener: RecordOpener;

  constructor(
    options: PersistedOptions,
    listener: RecordsListener,
    dueTimes: DueTimes = new DueTimes(options),
  ) {
    super(options, dueTimes, listener);
    this.persister = options.persister;
    this.calls = options.calls;
    this.#codec = options.codec;
    this.#opener = new RecordOpener(options, (error, openid) => listener.onError(error, openid));
  }

  load(
    openid: string,
    now: number = this.clock.now(),
    _waits = true,
  ): MaybePromise<ConversationRecord | undefined> {
    return this.read(openid, now);
  }

  read(
    openid: string,
    now: number = this.clock.now(),
  ): MaybePromise<ConversationRecord | undefined> {
    const record = this.cache.get(openid)?.record;
    if (record === undefined || !this.isCurrent(openid)) return this.#fetch(openid);
    if (this.dueTimes.expiresAt(record) > now) return record;
    // Where it could not be removed, it is no longer the record that is stored.
    return chain(this.expire(record), (removed) => (removed ? undefined : this.#fetch(openid)));
  }

  commit(
    next: ConversationRecord,
    base: ConversationRecord | undefined,
    keepsLease = false,
  ): Promise<ConversationRecord> {
    const send: Send = (stored) => this.save(stored, base?.revision, keepsLease);
    // Of a user who is to be forgotten, not even a record that does not open is kept.
    if (base !== undefined && next.absent === undefined) {
      if (base.absent === 'corrupt') return this.#commitOverCorrupt(next, base, send);
      carryOver(base, next);
    }
    return this.#write(next, base, send);
  }

  async move(next: ConversationRecord, base: ConversationRecord): Promise<ConversationRecord> {
    const move = this.persister.move?.bind(this.persister);
    if (move !== undefined) {
      return this.#writeBoth(next, base, (stored) => move(base.openid, base.revision, stored));
    }
    // The new record is there before the old one goes, so that a crash in between leaves both.
    next.movedFrom = { openid: base.openid, savedAt: base.savedAt };
    const moved = await this.commit(next, undefined, true);
    await this.flush();
    if (await this.remove(base.openid, base)) return moved;
    await this.remove(next.openid, moved);
    throw new ConflictError(base.openid);
  }

  remove(openid: string, expected?: ConversationRecord): Promise<boolean> {
    const before = this.cached(openid)?.record;
    const invalidate = (): void => this.invalidate(openid);
    return this.calls.write(
      openid,
      () => this.persister.delete(openid, expected?.revision),
      (deleted, mayBeStale) => {
        if (deleted && !mayBeStale && this.cached(openid)?.record === before) this.forget(openid);
        else invalidate();
        return deleted;
      },
      invalidate,
    );
  }

  /** @param storedDueAt when what is stored falls due, where that is known */
  invalidate(openid: string, storedDueAt: number = Number.POSITIVE_INFINITY): void {
    const record = this.cached(openid)?.record;
    let dueAt = storedDueAt;
    if (record !== undefined) {
      dueAt = Math.min(dueAt, this.dueTimes.wakeAt(record));
      this.forget(openid);
    }
    if (Number.isFinite(dueAt)) this.listener.onUncached(dueAt, record);
  }

  due(until: number, limit: number): Promise<readonly DueEntry[]> {
    return this.calls.due(until, limit);
  }

  list(cursor: string | undefined, limit: number): Promise<ListPage> {
    return this.calls.list(cursor, limit);
  }

  async nextScan(now: number, stuck: number): Promise<NextScan | undefined> {
    const entries = await this.due(Number.MAX_SAFE_INTEGER, stuck + 1);
    const next = entries.find(({ wakeAt }) => wakeAt > now);
    if (next !== undefined) return { at: next.wakeAt, lagMs: 0 };
    return entries.length > stuck ? { at: now, lagMs: 0 } : undefined;
  }

  async flush(): Promise<void> {
    await this.persister.flush?.();
  }

  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.calls.close();
      this.cache.clear();
    }
  }

  protected storedDueAt(record: ConversationRecord): number | undefined {
    return this.dueTimes.dueAt(record);
  }

  protected save(
    stored: StoredRecord,
    expected: Revision | undefined,
    _keepsLease: boolean,
  ): Promise<Revision> {
    return this.persister.save(stored, expected);
  }

  /**
   * Takes a record that the persister gave into memory.
   * @param mayBeStale whether a write ended while the persister was asked
   */
  protected admit(
    openid: string,
    stored: LoadedRecord | undefined,
    mayBeStale: boolean,
  ): ConversationRecord | undefined {
    if (stored === undefined) {
      if (!mayBeStale) this.forget(openid);
      return undefined;
    }
    const cached = this.cache.get(openid);
    if (cached !== undefined && cached.record.revision >= stored.revision) return cached.record;
    const record = this.#opener.open(stored);
    const weight = this.cache.weigh(record);
    const dueAt = this.dueTimes.loadedDueAt(record);
    if (mayBeStale || !this.cache.fits(weight)) this.invalidate(openid, dueAt);
    else this.listener.onDue(this.cache.set(record, cached, weight), dueAt);
    if (record.absent === undefined) this.listener.onLoad(record);
    return record;
  }

  protected unlessExpired(
    record: ConversationRecord | undefined,
  ): MaybePromise<ConversationRecord | undefined> {
    if (record === undefined || !this.dueTimes.isExpired(record)) return record;
    return chain(this.expire(record), () => undefined);
  }

  #fetch(openid: string): Promise<ConversationRecord | undefined> {
    return this.calls
      .read(
        openid,
        () => this.persister.load(openid),
        (stored, mayBeStale) => this.admit(openid, stored, mayBeStale),
      )
      .then((record) => this.unlessExpired(record));
  }

  async #commitOverCorrupt(
    next: ConversationRecord,
    base: ConversationRecord,
    send: Send,
  ): Promise<ConversationRecord> {
    try {
      const aside = await this.#opener.quarantine(this.persister, this.calls, base);
      if (aside !== undefined) next.aside = aside;
    } catch (error) {
      this.invalidate(next.openid);
      throw error;
    }
    return this.#write(next, base, send);
  }

  #write(
    next: ConversationRecord,
    base: ConversationRecord | undefined,
    send: Send,
  ): Promise<ConversationRecord> {
    const { openid } = next;
    const weight = this.cache.weighForCommit(next);
    const stored = sealRecord(next, this.dueTimes.wakeAt(next), this.#codec);
    const invalidate = (): void => this.invalidate(openid, stored.wakeAt);
    return this.calls.write(
      openid,
      () => send(stored),
      (revision, mayBeStale) => {
        next.revision = revision;
        const cached = this.cache.get(openid);
        // The record that the commit is based on has left memory, or never was there.
        const isLoaded = base !== undefined && cached === undefined;
        const dueAt = isLoaded ? this.dueTimes.loadedDueAt(next) : this.dueTimes.dueAt(next);
        if (mayBeStale) invalidate();
        else this.listener.onDue(this.cache.set(next, cached, weight), dueAt);
        this.listener.onSave(next, this.persister.flush === undefined);
        return next;
      },
      // After any fault, the persister may have another record than memory.
      invalidate,
    );
  }

  /** Writes `next` and removes `base` at once. It is a write of both openids: a read of either meanwhile may be stale. */
  #writeBoth(
    next: ConversationRecord,
    base: ConversationRecord,
    send: Send,
  ): Promise<ConversationRecord> {
    const { openid } = base;
    const invalidate = (): void => this.invalidate(openid, this.dueTimes.wakeAt(base));
    return this.calls.write(
      openid,
      () => this.#write(next, base, send),
      (moved, mayBeStale) => {
        if (mayBeStale) invalidate();
        else this.forget(openid);
        return moved;
      },
      invalidate,
    );
  }
}
