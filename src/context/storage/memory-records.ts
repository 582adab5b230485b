import { ConflictError } from '../../errors.ts';
import { leastAfter } from '../../internal/least-after.ts';
import type { DueEntry, ListPage, Revision } from '../../persist/persister.ts';
import { DueTimes } from '../record/due-time.ts';
import type { ConversationRecord } from '../record/record.ts';
import { carryOver } from './quarantine.ts';
import { Records, type RecordsListener, type RecordsOptions } from './records.ts';

/** Records that are only in memory. Everything is synchronous. */
export class MemoryRecords extends Records {
  readonly isPersistent = false;
  #lastRevision: Revision = 0;

  constructor(options: RecordsOptions, listener: RecordsListener) {
    super(options, new DueTimes(options), listener);
  }

  load(openid: string, now: number = this.clock.now()): ConversationRecord | undefined {
    return this.read(openid, now);
  }

  read(openid: string, now: number = this.clock.now()): ConversationRecord | undefined {
    const record = this.cache.get(openid)?.record;
    if (record === undefined || this.dueTimes.expiresAt(record) > now) return record;
    void this.expire(record);
    return undefined;
  }

  commit(next: ConversationRecord, base: ConversationRecord | undefined): ConversationRecord {
    const weight = this.cache.weighForCommit(next);
    const cached = this.cache.get(next.openid);
    if (cached?.record.revision !== base?.revision) throw new ConflictError(next.openid);
    if (base !== undefined && next.absent === undefined) carryOver(base, next);
    this.#lastRevision += 1;
    next.revision = this.#lastRevision;
    this.listener.onDue(this.cache.set(next, cached, weight), this.dueTimes.dueAt(next));
    this.listener.onSave(next, false);
    return next;
  }

  move(next: ConversationRecord, base: ConversationRecord): ConversationRecord {
    const { openid } = base;
    if (this.cached(openid)?.record.revision !== base.revision) throw new ConflictError(openid);
    const moved = this.commit(next, undefined);
    this.forget(openid);
    return moved;
  }

  remove(openid: string, expected?: ConversationRecord): boolean {
    const record = this.cached(openid)?.record;
    if (record === undefined) return false;
    if (expected !== undefined && record.revision !== expected.revision) return false;
    return this.forget(openid);
  }

  protected storedDueAt(): undefined {
    return undefined;
  }

  /** What is in memory is all there is. */
  invalidate(): void {}

  async due(): Promise<readonly DueEntry[]> {
    return [];
  }

  async list(cursor: string | undefined, limit: number): Promise<ListPage> {
    const openids = leastAfter(this.cache.openids(), cursor, limit);
    return openids.length < limit ? { openids } : { openids, next: openids.at(-1) };
  }

  async nextScan(): Promise<undefined> {
    return undefined;
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {
    this.cache.clear();
  }
}
