import { ConflictError, PersistError, UsageError } from '../errors.ts';
import { noRoom } from './late-write-faults.ts';
import type {
  DueEntry,
  ListPage,
  LoadedRecord,
  Persister,
  Revision,
  StoredRecord,
  WriteListener,
  WritesLater,
} from './persister.ts';
import { RecordWriter } from './record-writer.ts';
import { type Unwritten, UnwrittenRecords } from './unwritten-records.ts';

/**
 * Decorates a persister: a save is answered from memory and written a little later, and of several saves of one openid
 * only the last is written. What it loads is what was saved last, written or not. No other process may use the persister.
 *
 * It gives its own revisions, halves between whole numbers, so that none of the persister's is taken for one of them.
 */
export class LateWrites implements Persister, WritesLater {
  readonly now?: () => Promise<number>;
  readonly list?: (cursor: string | undefined, limit: number) => Promise<ListPage>;
  readonly later: WritesLater = this;
  readonly #persister: Persister;
  readonly #behindMs: number;
  readonly #unwritten = new UnwrittenRecords();
  readonly #writer: RecordWriter;
  /** The deletes under way: a save of the same openid waits for them. */
  readonly #deleting = new Map<string, Promise<unknown>>();
  #lastRevision: Revision = 0;
  #closed = false;

  constructor(persister: Persister, behindMs: number) {
    this.#persister = persister;
    this.#behindMs = behindMs;
    this.#writer = new RecordWriter(persister, this.#unwritten);
    const now = persister.now?.bind(persister);
    if (now !== undefined) this.now = now;
    const list = persister.list?.bind(persister);
    if (list !== undefined) {
      this.list = async (cursor, limit) => {
        this.#check();
        // What was saved before the first page has a place in the persister's order then.
        if (cursor === undefined) await this.flush();
        return list(cursor, limit);
      };
    }
  }

  get unwritten(): number {
    return this.#unwritten.size;
  }

  listen(listener: WriteListener): void {
    if (this.#writer.hasListener) {
      throw new UsageError(
        'bad_option',
        'Another store uses this persister of writeBehind() already; each store needs one of its own.',
      );
    }
    this.#writer.listen(listener);
  }

  async load(openid: string): Promise<LoadedRecord | undefined> {
    for (;;) {
      this.#check();
      await this.#deleting.get(openid);
      const unwritten = this.#unwritten.get(openid);
      if (unwritten !== undefined) return unwritten.latest;
      const before = this.#unwritten.known(openid);
      const found = await this.#persister.load(openid);
      if (this.#unwritten.has(openid) || this.#deleting.has(openid)) continue;
      const known = this.#unwritten.known(openid);
      if (known !== undefined && known.stored === found?.revision) {
        return found && { ...found, revision: known.exposed ?? found.revision };
      }
      // It was saved or deleted after the persister was asked. A save over that answer would be lost when it is written.
      if (known !== before) continue;
      this.#unwritten.know(openid, { exposed: found?.revision, stored: found?.revision });
      return found;
    }
  }

  async save(record: StoredRecord, expected: Revision | undefined): Promise<Revision> {
    const { openid } = record;
    const { clock, timeoutMs } = this.#writer;
    const until = clock.now() + timeoutMs;
    let wait = this.#waitFor(openid, until);
    while (wait !== undefined) {
      await wait;
      // The caller has given up by now, and knows that nothing was saved.
      if (clock.now() >= until) throw noRoom(openid, this.#unwritten.size);
      wait = this.#waitFor(openid, until);
    }
    const entry = this.#unwritten.get(openid);
    const exposed =
      entry === undefined ? this.#unwritten.certain(openid)?.exposed : entry.latest.revision;
    if (exposed !== expected) throw new ConflictError(openid);
    const revision = Math.floor(Math.max(this.#lastRevision, exposed ?? 0)) + 1.5;
    this.#lastRevision = revision;
    const dueAt = clock.now() + this.#behindMs;
    this.#unwritten.add(record, revision, dueAt);
    if (!this.#writer.isFailing) this.#writer.wakeAt(dueAt);
    return revision;
  }

  /** Deletes in the persister before it answers. */
  async delete(openid: string, expected?: Revision): Promise<boolean> {
    this.#check();
    while (this.#deleting.has(openid)) await this.#deleting.get(openid);
    const deleting = this.#delete(openid, expected);
    const leave = (): boolean => this.#deleting.delete(openid);
    this.#deleting.set(openid, deleting.then(leave, leave));
    return deleting;
  }

  async due(until: number, limit: number): Promise<DueEntry[]> {
    this.#check();
    const asked = limit + this.#unwritten.size;
    const stored = await this.#persister.due(until, asked);
    const due = stored.filter(({ openid }) => !this.#unwritten.has(openid));
    // More records were saved since then than `asked` left room for: another one may be due earlier.
    if (due.length < limit && stored.length >= asked) return this.due(until, limit);
    for (const { openid, latest } of this.#unwritten.all()) {
      if (latest.wakeAt <= until) due.push({ openid, wakeAt: latest.wakeAt });
    }
    return due.sort((a, b) => a.wakeAt - b.wakeAt).slice(0, limit);
  }

  /**
   * Writes everything now, and tries again for `timeoutMs`.
   * @throws PersistError `unwritten`, retryable, where something is left
   */
  flush(): Promise<void> {
    return this.#writer.flush();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#writer.close();
    await this.#persister.close();
  }

  /** What has to end before a save of this openid can be decided. */
  #waitFor(openid: string, until: number): Promise<unknown> | undefined {
    this.#check();
    const deleting = this.#deleting.get(openid);
    if (deleting !== undefined) return deleting;
    if (this.#unwritten.isFull) {
      if (!this.#writer.isFailing) void this.#writer.writeAll();
      return this.#unwritten.room(this.#writer.clock, until);
    }
    const isKnown = this.#unwritten.has(openid) || this.#unwritten.certain(openid) !== undefined;
    return isKnown ? undefined : this.load(openid);
  }

  async #delete(openid: string, expected: Revision | undefined): Promise<boolean> {
    const entry = this.#unwritten.get(openid);
    const exposed = entry?.latest.revision ?? this.#unwritten.known(openid)?.exposed;
    if (expected !== undefined && exposed !== undefined && exposed !== expected) return false;
    // A revision of this class that it does not remember: it tells the persister nothing.
    if (exposed === undefined && expected !== undefined && !Number.isInteger(expected)) {
      return false;
    }
    // Only what has been written is gone for certain when it has been deleted.
    while (this.#unwritten.has(openid))
      await this.#writer.write(this.#unwritten.get(openid) as Unwritten);
    const stored = expected === undefined ? undefined : this.#unwritten.certain(openid)?.stored;
    let deleted = false;
    try {
      const revision = typeof stored === 'number' ? stored : expected;
      deleted = await this.#writer.inTime(this.#persister.delete(openid, revision));
      return deleted;
    } finally {
      // One that failed may take effect later: what is there is looked up again.
      this.#unwritten.know(openid, { exposed: undefined, stored: deleted ? undefined : 'unknown' });
    }
  }

  #check(): void {
    if (!this.#closed) return;
    throw new PersistError('closed', 'The store is closed, and its persister with it.');
  }
}
