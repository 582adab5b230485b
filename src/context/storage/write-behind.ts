import { LRUCache } from 'lru-cache';
import type { Clock } from '../../clock.ts';
import { ColloquyError, ConflictError, PersistError } from '../../errors.ts';
import type {
  DueEntry,
  LoadedRecord,
  Persister,
  Revision,
  StoredRecord,
} from '../../persist/persister.ts';
import { Lookups } from './lookups.ts';

export interface WriteBehindOptions {
  /** How long after its commit a record is written, at the latest, in milliseconds. */
  readonly behindMs: number;
  /** How long a write may take before it is tried again, and how long a commit waits for room. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

export interface WriteBehindListener {
  /** What was committed under `revision`, and all before it of that openid, is in the persister. */
  onDurable(openid: string, revision: Revision): void;
  /** What was committed will never be there: somebody else has changed the record in the persister. */
  onOverwritten(openid: string, error: unknown): void;
  onError(error: unknown, openid: string): void;
}

/** A record whose last commit is not in the persister yet. */
interface Unwritten {
  readonly openid: string;
  latest: LoadedRecord;
  /** What is being written, or was sent and not answered: until that is known, nothing else is. */
  sent: LoadedRecord | undefined;
  /** The revision that the persister has; undefined where it has no record. */
  stored: Revision | undefined;
  /** Epoch ms at which `latest` has to be written. */
  dueAt: number;
  writing: Promise<void> | undefined;
}

/** Of a record that is in the persister: the revision that the store knows it by, and the persister's own. */
interface Known {
  readonly told: Revision | undefined;
  readonly stored: Revision | undefined;
}

/** More than so many records, or characters of them, do not wait: commits do. */
const MAX_RECORDS = 10_000;
const MAX_CHARACTERS = 64 * 1024 * 1024;
/** Of so many records it is remembered under which revision the persister has them; of another it is looked up. */
const MAX_KNOWN = 100_000;
/** So many are written at the same time. */
const SLICE = 256;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * A persister that answers a save from memory and writes it a little later, only the last of several of one openid. To
 * the store it is like any other: what it loads is what was saved last, written or not. It has to be alone on the
 * persister behind it.
 *
 * Revisions that it gives are its own, halves between whole numbers: none of the persister's is ever taken for one.
 */
export class WriteBehind implements Persister {
  readonly #persister: Persister;
  readonly #options: WriteBehindOptions;
  readonly #listener: WriteBehindListener;
  readonly #unwritten = new Map<string, Unwritten>();
  readonly #known = new LRUCache<string, Known>({ max: MAX_KNOWN });
  readonly #lookups = new Lookups();
  /** What is being deleted: whatever is saved there has to wait. */
  readonly #deleting = new Map<string, Promise<unknown>>();
  #characters = 0;
  #lastRevision: Revision = 0;
  #round: Promise<void> | undefined;
  #wakesAt = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | undefined;
  #pauseMs = 0;
  #waiting: (() => void)[] = [];
  #closed = false;

  constructor(persister: Persister, options: WriteBehindOptions, listener: WriteBehindListener) {
    this.#persister = persister;
    this.#options = options;
    this.#listener = listener;
  }

  /** How many records wait to be written. */
  get size(): number {
    return this.#unwritten.size;
  }

  /**
   * What was saved last; what the persister has is known afterwards. It is asked again where something was saved or
   * deleted meanwhile: a commit over an answer from before that would be taken in, and lost when it is written.
   */
  async load(openid: string): Promise<LoadedRecord | undefined> {
    for (;;) {
      this.#check();
      await this.#deleting.get(openid);
      const before = this.#unwritten.get(openid);
      if (before !== undefined) return before.latest;
      const found = await this.#lookups.ask(openid, () => this.#persister.load(openid));
      if (found === 'overtaken') continue;
      const known = this.#known.get(openid);
      if (known === undefined || known.stored !== found?.revision) {
        this.#know(openid, found?.revision);
        return found;
      }
      return found && { ...found, revision: known.told ?? found.revision };
    }
  }

  async save(record: StoredRecord, expected: Revision | undefined): Promise<Revision> {
    const { openid } = record;
    const { clock, timeoutMs, behindMs } = this.#options;
    const givenUpAt = clock.now() + timeoutMs;
    for (let wait = this.#waitFor(openid); wait !== undefined; wait = this.#waitFor(openid)) {
      await wait;
      // Nobody waits for it any more, and it was said that nothing came of it.
      if (clock.now() >= givenUpAt) throw noRoom(openid, this.#unwritten.size);
    }
    const entry = this.#unwritten.get(openid);
    const known = this.#known.get(openid);
    const told = entry === undefined ? known?.told : entry.latest.revision;
    if (told !== expected) throw new ConflictError(openid);
    const revision = Math.floor(Math.max(this.#lastRevision, told ?? 0)) + 1.5;
    this.#lastRevision = revision;
    const latest = { ...record, revision };
    const dueAt = clock.now() + behindMs;
    this.#characters += record.body.length - (entry?.latest.body.length ?? 0);
    if (entry === undefined) {
      this.#lookups.overtake(openid);
      this.#known.delete(openid);
      const stored = known?.stored;
      const fresh = { openid, latest, sent: undefined, stored, dueAt, writing: undefined };
      this.#unwritten.set(openid, fresh);
    } else {
      // The first commit that the write under way does not take along.
      if (entry.sent === entry.latest) entry.dueAt = dueAt;
      entry.latest = latest;
    }
    if (this.#pauseMs === 0) this.#wakeAt(dueAt);
    return revision;
  }

  /** Deletes in the persister before it answers. */
  async delete(openid: string, expected?: Revision): Promise<boolean> {
    this.#check();
    while (this.#deleting.has(openid)) await this.#deleting.get(openid);
    this.#lookups.overtake(openid);
    const deleting = this.#delete(openid, expected);
    const leave = (): boolean => this.#deleting.delete(openid);
    const over = deleting.then(leave, leave);
    this.#deleting.set(openid, over);
    return deleting;
  }

  async due(until: number, limit: number): Promise<DueEntry[]> {
    this.#check();
    const asked = limit + this.#unwritten.size;
    const stored = await this.#persister.due(until, asked);
    const due = stored.filter(({ openid }) => !this.#unwritten.has(openid));
    // More was saved meanwhile than was asked for beyond the limit: another may be due before that.
    if (due.length < limit && stored.length >= asked) return this.due(until, limit);
    for (const { openid, latest } of this.#unwritten.values()) {
      if (latest.wakeAt <= until) due.push({ openid, wakeAt: latest.wakeAt });
    }
    return due.sort((a, b) => a.wakeAt - b.wakeAt).slice(0, limit);
  }

  /**
   * Writes everything now, and tries again for as long as a call may take.
   * @throws PersistError `unwritten`, retryable, where something is left
   */
  async flush(): Promise<void> {
    const { clock, timeoutMs } = this.#options;
    const until = clock.now() + timeoutMs;
    while (this.#unwritten.size > 0) {
      await this.#writeAll();
      if (this.#unwritten.size === 0) return;
      if (clock.now() >= until) throw unwritten(this.#unwritten.size);
      if (this.#pauseMs > 0) await this.#sleep(Math.min(this.#pauseMs, timeoutMs / 4));
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#persister.close();
  }

  /** What has to come before a save of this openid can be decided on. */
  #waitFor(openid: string): Promise<unknown> | undefined {
    this.#check();
    const deleting = this.#deleting.get(openid);
    if (deleting !== undefined) return deleting;
    if (this.#unwritten.size >= MAX_RECORDS || this.#characters >= MAX_CHARACTERS) {
      return this.#room(openid);
    }
    if (this.#unwritten.has(openid) || this.#known.has(openid)) return undefined;
    return this.load(openid);
  }

  #know(openid: string, stored: Revision | undefined): void {
    this.#known.set(openid, { told: stored, stored });
  }

  async #delete(openid: string, expected: Revision | undefined): Promise<boolean> {
    const entry = this.#unwritten.get(openid);
    const told = entry?.latest.revision ?? this.#known.get(openid)?.told;
    if (expected !== undefined && told !== undefined && told !== expected) return false;
    // One of our own that was forgotten, which says nothing to the persister.
    if (told === undefined && expected !== undefined && !Number.isInteger(expected)) return false;
    // Only what has been written is known to be gone when it has been deleted.
    while (this.#unwritten.has(openid)) await this.#write(this.#unwritten.get(openid) as Unwritten);
    const stored = expected === undefined ? undefined : this.#known.get(openid)?.stored;
    const call = this.#persister.delete(openid, stored ?? expected);
    const deleted = await this.#inTime(call).catch((error: unknown) => {
      // It may come through yet: what is there is looked up again.
      this.#known.delete(openid);
      throw error;
    });
    if (deleted) this.#know(openid, undefined);
    else this.#known.delete(openid);
    return deleted;
  }

  #wakeAt(at: number): void {
    if (this.#closed || at >= this.#wakesAt) return;
    this.#cancel?.();
    this.#wakesAt = at;
    // What is not written yet holds the process: it would end with it.
    this.#cancel = this.#options.clock.wake(
      at,
      () => {
        this.#wakesAt = Number.POSITIVE_INFINITY;
        void this.#writeAll();
      },
      { holdsProcess: true },
    );
  }

  /** Writes all that waits now, what was committed first before the rest. Never rejects. */
  #writeAll(): Promise<void> {
    this.#round ??= this.#writeSlices().finally(() => {
      this.#round = undefined;
      if (this.#unwritten.size === 0) return;
      if (this.#pauseMs > 0) return this.#wakeAt(this.#options.clock.now() + this.#pauseMs);
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
      const slice = entries.slice(start, start + SLICE);
      const faults = await Promise.all(
        slice.map((entry) =>
          this.#write(entry).then(
            () => undefined,
            (error: unknown) => ({ error, openid: entry.openid }),
          ),
        ),
      );
      fault ??= faults.find((each) => each !== undefined);
    }
    if (fault === undefined) {
      this.#pauseMs = 0;
      return;
    }
    this.#pauseMs = Math.min(Math.max(this.#pauseMs * 2, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
    // One for all that failed with it: the persister is down, and each of them is tried again.
    this.#listener.onError(fault.error, fault.openid);
  }

  #write(entry: Unwritten): Promise<void> {
    if (this.#unwritten.get(entry.openid) !== entry) return Promise.resolve();
    entry.writing ??= this.#writeNow(entry).finally(() => {
      entry.writing = undefined;
    });
    return entry.writing;
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
      // An earlier attempt came through after all.
      entry.stored = found.revision;
    }
    entry.sent = undefined;
    if (entry.latest === sent) {
      this.#unwritten.delete(openid);
      this.#characters -= body.length;
      this.#known.set(openid, { told: revision, stored: entry.stored });
    }
    this.#listener.onDurable(openid, revision);
    this.#makeRoom();
  }

  /** Another has written: what stands there stands, and all that was committed here over it is lost. */
  #drop({ openid, latest }: Unwritten, found: LoadedRecord | undefined): void {
    this.#unwritten.delete(openid);
    this.#characters -= latest.body.length;
    this.#know(openid, found?.revision);
    this.#makeRoom();
    const error = new PersistError(
      'overwritten',
      'A record was changed in the persister by somebody else before the commits of this process were written; they are lost. With `durability: { behindMs }` a store has to be alone on its persister.',
      { openid },
    );
    this.#listener.onOverwritten(openid, error);
  }

  /** Resolves when something has been written, which is begun at once. */
  #room(openid: string): Promise<void> {
    const { clock, timeoutMs } = this.#options;
    if (this.#pauseMs === 0) void this.#writeAll();
    return new Promise((resolve, reject) => {
      const go = (): void => {
        cancel();
        resolve();
      };
      const cancel = clock.wake(
        clock.now() + timeoutMs,
        () => {
          this.#waiting = this.#waiting.filter((waiter) => waiter !== go);
          reject(noRoom(openid, this.#unwritten.size));
        },
        { holdsProcess: true },
      );
      this.#waiting.push(go);
    });
  }

  #makeRoom(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #inTime<T>(call: Promise<T>): Promise<T> {
    const { clock, timeoutMs } = this.#options;
    return new Promise<T>((resolve, reject) => {
      const cancel = clock.wake(clock.now() + timeoutMs, () => reject(noAnswer(timeoutMs)), {
        holdsProcess: true,
      });
      call.then(resolve, reject).finally(cancel);
    });
  }

  #sleep(milliseconds: number): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      clock.wake(clock.now() + milliseconds, resolve, { holdsProcess: true });
    });
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
    `So much waits to be written to the persister (${records} records) that no more is taken in; see why its writes fail or take long. Nothing was said to the user.`,
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
