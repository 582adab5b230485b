import { LRUCache } from 'lru-cache';
import { type Clock, systemClock } from '../clock.ts';
import { ColloquyError, ConflictError, PersistError, UsageError } from '../errors.ts';
import { captureContext } from '../internal/async-context.ts';
import { Barrier, backoff, sleep, withDeadline } from '../internal/async.ts';
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

/** How long a write and a wait for room may take without a store, which says it. */
const TIMEOUT_MS = 4000;

/** A record whose last save is not in the persister yet. */
interface Unwritten {
  readonly openid: string;
  latest: LoadedRecord;
  /** What a write has sent, until its answer is known: nothing else is written before. */
  sent: LoadedRecord | undefined;
  /** The revision that the persister has; undefined where it has no record. */
  stored: Revision | undefined;
  /** Epoch ms at which `latest` has to be written. */
  dueAt: number;
  writing: Promise<void> | undefined;
}

/** A record that is in the persister: the revision that the store knows, and the persister's own. */
interface Known {
  readonly exposed: Revision | undefined;
  /** Undefined where the persister has no record; `unknown` after a delete that may take effect later. */
  readonly stored: Revision | undefined | 'unknown';
}

/** With more unwritten records, or more characters in them, a save waits for a write. */
const MAX_RECORDS = 10_000;
const MAX_CHARACTERS = 64 * 1024 * 1024;
/** The most records whose revision in the persister is remembered; that of another is looked up. */
const MAX_KNOWN = 100_000;
/** The most records that are written at the same time. */
const SLICE = 256;
const pauseMs = backoff({ firstMs: 1000, longestMs: 30_000 });

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
  #clock: Clock = systemClock;
  #timeoutMs = TIMEOUT_MS;
  readonly #inContext = captureContext();
  readonly #unwritten = new Map<string, Unwritten>();
  readonly #known = new LRUCache<string, Known>({ max: MAX_KNOWN });
  /** The deletes under way: a save of the same openid waits for them. */
  readonly #deleting = new Map<string, Promise<unknown>>();
  readonly #room = new Barrier();
  #listener: WriteListener | undefined;
  #characters = 0;
  #lastRevision: Revision = 0;
  #round: Promise<void> | undefined;
  #wakesAt = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | undefined;
  /** How many rounds of writes have failed since the last one that did not. */
  #failures = 0;
  #closed = false;

  constructor(persister: Persister, behindMs: number) {
    this.#persister = persister;
    this.#behindMs = behindMs;
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
    if (this.#listener !== undefined) {
      throw new UsageError(
        'bad_option',
        'Another store uses this persister of writeBehind() already; each store needs one of its own.',
      );
    }
    this.#listener = listener;
    this.#clock = listener.clock;
    this.#timeoutMs = listener.timeoutMs;
  }

  async load(openid: string): Promise<LoadedRecord | undefined> {
    for (;;) {
      this.#check();
      await this.#deleting.get(openid);
      const unwritten = this.#unwritten.get(openid);
      if (unwritten !== undefined) return unwritten.latest;
      const before = this.#known.get(openid);
      const found = await this.#persister.load(openid);
      if (this.#unwritten.has(openid) || this.#deleting.has(openid)) continue;
      const known = this.#known.get(openid);
      if (known !== undefined && known.stored === found?.revision) {
        return found && { ...found, revision: known.exposed ?? found.revision };
      }
      // It was saved or deleted after the persister was asked. A save over that answer would be lost when it is written.
      if (known !== before) continue;
      this.#know(openid, found?.revision);
      return found;
    }
  }

  async save(record: StoredRecord, expected: Revision | undefined): Promise<Revision> {
    const { openid } = record;
    const clock = this.#clock;
    const until = clock.now() + this.#timeoutMs;
    let wait = this.#waitFor(openid, until);
    while (wait !== undefined) {
      await wait;
      // The caller has given up by now, and knows that nothing was saved.
      if (clock.now() >= until) throw noRoom(openid, this.#unwritten.size);
      wait = this.#waitFor(openid, until);
    }
    const entry = this.#unwritten.get(openid);
    const known = this.#certain(openid);
    const exposed = entry === undefined ? known?.exposed : entry.latest.revision;
    if (exposed !== expected) throw new ConflictError(openid);
    const revision = Math.floor(Math.max(this.#lastRevision, exposed ?? 0)) + 1.5;
    this.#lastRevision = revision;
    const latest = { ...record, revision };
    const dueAt = clock.now() + this.#behindMs;
    this.#characters += record.body.length - (entry?.latest.body.length ?? 0);
    if (entry === undefined) {
      this.#known.delete(openid);
      const { stored } = known as { readonly stored: Revision | undefined };
      const fresh = { openid, latest, sent: undefined, stored, dueAt, writing: undefined };
      this.#unwritten.set(openid, fresh);
    } else {
      // The first save that the write under way does not include.
      if (entry.sent === entry.latest) entry.dueAt = dueAt;
      entry.latest = latest;
    }
    if (this.#failures === 0) this.#wakeAt(dueAt);
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
    for (const { openid, latest } of this.#unwritten.values()) {
      if (latest.wakeAt <= until) due.push({ openid, wakeAt: latest.wakeAt });
    }
    return due.sort((a, b) => a.wakeAt - b.wakeAt).slice(0, limit);
  }

  /**
   * Writes everything now, and tries again for `timeoutMs`.
   * @throws PersistError `unwritten`, retryable, where something is left
   */
  async flush(): Promise<void> {
    const [clock, timeoutMs] = [this.#clock, this.#timeoutMs];
    const until = clock.now() + timeoutMs;
    while (this.#unwritten.size > 0) {
      await this.#writeAll();
      if (this.#unwritten.size === 0) return;
      if (clock.now() >= until) throw unwritten(this.#unwritten.size);
      if (this.#failures > 0) await sleep(clock, Math.min(this.#pauseMs, timeoutMs / 4));
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#persister.close();
  }

  get #pauseMs(): number {
    return pauseMs(this.#failures - 1);
  }

  get #isFull(): boolean {
    return this.#unwritten.size >= MAX_RECORDS || this.#characters >= MAX_CHARACTERS;
  }

  /** What has to end before a save of this openid can be decided. */
  #waitFor(openid: string, until: number): Promise<unknown> | undefined {
    this.#check();
    const deleting = this.#deleting.get(openid);
    if (deleting !== undefined) return deleting;
    if (this.#isFull) {
      if (this.#failures === 0) void this.#writeAll();
      return this.#room.until(() => !this.#isFull, { clock: this.#clock, at: until });
    }
    if (this.#unwritten.has(openid) || this.#certain(openid) !== undefined) return undefined;
    return this.load(openid);
  }

  #certain(openid: string): Known | undefined {
    const known = this.#known.get(openid);
    return known?.stored === 'unknown' ? undefined : known;
  }

  #know(openid: string, stored: Revision | undefined): void {
    this.#known.set(openid, { exposed: stored, stored });
  }

  async #delete(openid: string, expected: Revision | undefined): Promise<boolean> {
    const entry = this.#unwritten.get(openid);
    const exposed = entry?.latest.revision ?? this.#known.get(openid)?.exposed;
    if (expected !== undefined && exposed !== undefined && exposed !== expected) return false;
    // A revision of this class that it does not remember: it tells the persister nothing.
    if (exposed === undefined && expected !== undefined && !Number.isInteger(expected)) {
      return false;
    }
    // Only what has been written is gone for certain when it has been deleted.
    while (this.#unwritten.has(openid)) await this.#write(this.#unwritten.get(openid) as Unwritten);
    const stored = expected === undefined ? undefined : this.#certain(openid)?.stored;
    let deleted = false;
    try {
      const revision = typeof stored === 'number' ? stored : expected;
      deleted = await this.#inTime(this.#persister.delete(openid, revision));
      return deleted;
    } finally {
      // One that failed may take effect later: what is there is looked up again.
      this.#known.set(openid, { exposed: undefined, stored: deleted ? undefined : 'unknown' });
    }
  }

  #wakeAt(at: number): void {
    if (this.#closed || at >= this.#wakesAt) return;
    this.#cancel?.();
    this.#wakesAt = at;
    // It keeps the process alive, whose end would lose what is not written yet.
    this.#cancel = this.#clock.wake(
      at,
      () => {
        this.#wakesAt = Number.POSITIVE_INFINITY;
        void this.#inContext(() => this.#writeAll());
      },
      { holdsProcess: true },
    );
  }

  /** Writes everything that waits now, in the order of the first saves. Never rejects. */
  #writeAll(): Promise<void> {
    this.#round ??= this.#writeSlices().finally(() => {
      this.#round = undefined;
      if (this.#unwritten.size === 0) return;
      if (this.#failures > 0) return this.#wakeAt(this.#clock.now() + this.#pauseMs);
      let first = Number.POSITIVE_INFINITY;
      for (const { dueAt } of this.#unwritten.values()) first = Math.min(first, dueAt);
      this.#wakeAt(first);
    });
    return this.#round;
  }

  async #writeSlices(): Promise<void> {
    const entries = [...this.#unwritten.values()];
    let fault: { readonly error: unknown; readonly openid: string } | undefined;
    for (let start = 0; start < entries.length; start += SLICE) {
      const writes = entries.slice(start, start + SLICE).map((entry) =>
        this.#write(entry).catch((error: unknown) => {
          fault ??= { error, openid: entry.openid };
        }),
      );
      await Promise.all(writes);
    }
    this.#failures = fault === undefined ? 0 : this.#failures + 1;
    // One error for all that failed with it: the persister is down, and each of them is tried again.
    if (fault !== undefined) this.#listener?.onError(fault.error, fault.openid);
  }

  #write(entry: Unwritten): Promise<void> {
    if (this.#unwritten.get(entry.openid) !== entry) return Promise.resolve();
    return (entry.writing ??= this.#writeNow(entry).finally(() => (entry.writing = undefined)));
  }

  async #writeNow(entry: Unwritten): Promise<void> {
    const { openid } = entry;
    const sent = (entry.sent ??= entry.latest);
    const { body, wakeAt, revision } = sent;
    try {
      const call = this.#persister.save({ openid, body, wakeAt }, entry.stored);
      entry.stored = await this.#inTime(call);
    } catch (error) {
      if (!ColloquyError.is(error, 'conflict')) throw error;
      const found = await this.#inTime(this.#persister.load(openid));
      if (found?.revision === entry.stored) throw error;
      if (found?.body !== body || found.wakeAt !== wakeAt) return this.#drop(entry, found);
      // An earlier attempt took effect after all.
      entry.stored = found.revision;
    }
    entry.sent = undefined;
    if (entry.latest === sent) {
      this.#unwritten.delete(openid);
      this.#characters -= body.length;
      this.#known.set(openid, { exposed: revision, stored: entry.stored });
    }
    this.#listener?.onDurable(openid, revision);
    this.#room.check();
  }

  /** Another process has written the record: that stays, and everything that was saved here over it is lost. */
  #drop({ openid, latest }: Unwritten, found: LoadedRecord | undefined): void {
    this.#unwritten.delete(openid);
    this.#characters -= latest.body.length;
    this.#know(openid, found?.revision);
    this.#room.check();
    const error = new PersistError(
      'overwritten',
      'Another process changed a record in the persister before the commits of this process were written; they are lost. Below `writeBehind()`, no other process may use the persister.',
      { openid },
    );
    this.#listener?.onOverwritten(openid, error);
  }

  #inTime<T>(call: Promise<T>): Promise<T> {
    const [clock, timeoutMs] = [this.#clock, this.#timeoutMs];
    const onPass = (): Promise<never> => Promise.reject(noAnswer(timeoutMs));
    return withDeadline(call, { clock, at: clock.now() + timeoutMs, onPass });
  }

  #check(): void {
    if (!this.#closed) return;
    throw new PersistError('closed', 'The store is closed, and its persister with it.');
  }
}

function noAnswer(timeoutMs: number): PersistError {
  return new PersistError(
    'timeout',
    `The persister gave no answer to a write for ${timeoutMs} ms; it is tried again.`,
    { retryable: true, details: { timeoutMs } },
  );
}

function noRoom(openid: string, records: number): PersistError {
  return new PersistError(
    'unavailable',
    `${records} records wait to be written to the persister, and there is no room for another one; see why its writes fail or are slow. The user received no answer.`,
    { retryable: true, openid, details: { records } },
  );
}

function unwritten(records: number): PersistError {
  return new PersistError(
    'unwritten',
    `${records} records could not be written to the persister in time. They are lost if the process ends now.`,
    { retryable: true, details: { records } },
  );
}
