import { type Clock, systemClock } from '../clock.ts';
import { ColloquyError } from '../errors.ts';
import { captureContext } from '../internal/async-context.ts';
import { backoff, sleep, withDeadline } from '../internal/async.ts';
import { leftUnwritten, noAnswer, overwritten } from './late-write-faults.ts';
import type { Persister, Revision, WriteListener } from './persister.ts';
import type { Unwritten, UnwrittenRecords } from './unwritten-records.ts';

/** How long a write and a wait for room may take without a store, which says it. */
const TIMEOUT_MS = 4000;
/** The most records that are written at the same time. */
const SLICE = 256;
const pauseMs = backoff({ firstMs: 1000, longestMs: 30_000 });

/** Writes unwritten records to the persister, at their time, and again after a pause where that fails. */
export class RecordWriter {
  readonly #persister: Persister;
  readonly #unwritten: UnwrittenRecords;
  readonly #inContext = captureContext();
  #clock: Clock = systemClock;
  #timeoutMs = TIMEOUT_MS;
  #listener: WriteListener | undefined;
  #round: Promise<void> | undefined;
  #wakesAt = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | undefined;
  /** How many rounds of writes have failed since the last one that did not. */
  #failures = 0;
  #closed = false;

  constructor(persister: Persister, unwritten: UnwrittenRecords) {
    this.#persister = persister;
    this.#unwritten = unwritten;
  }

  get clock(): Clock {
    return this.#clock;
  }

  get timeoutMs(): number {
    return this.#timeoutMs;
  }

  get hasListener(): boolean {
    return this.#listener !== undefined;
  }

  /** Whether the last round of writes failed: the next one waits for its time. */
  get isFailing(): boolean {
    return this.#failures > 0;
  }

  get #pauseMs(): number {
    return pauseMs(this.#failures - 1);
  }

  listen(listener: WriteListener): void {
    this.#listener = listener;
    this.#clock = listener.clock;
    this.#timeoutMs = listener.timeoutMs;
  }

  wakeAt(at: number): void {
    if (this.#closed || at >= this.#wakesAt) return;
    this.#cancel?.();
    this.#wakesAt = at;
    // It keeps the process alive, whose end would lose what is not written yet.
    this.#cancel = this.#clock.wake(
      at,
      () => {
        this.#wakesAt = Number.POSITIVE_INFINITY;
        void this.#inContext(() => this.writeAll());
      },
      { holdsProcess: true },
    );
  }

  /**
   * Writes everything now, and tries again for `timeoutMs`.
   * @throws PersistError `unwritten`, retryable, where something is left
   */
  async flush(): Promise<void> {
    const [clock, timeoutMs] = [this.#clock, this.#timeoutMs];
    const until = clock.now() + timeoutMs;
    while (this.#unwritten.size > 0) {
      await this.writeAll();
      if (this.#unwritten.size === 0) return;
      if (clock.now() >= until) throw leftUnwritten(this.#unwritten.size);
      if (this.#failures > 0) await sleep(clock, Math.min(this.#pauseMs, timeoutMs / 4));
    }
  }

  /** Writes everything that waits now, in the order of the first saves. Never rejects. */
  writeAll(): Promise<void> {
    this.#round ??= this.#writeSlices().finally(() => {
      this.#round = undefined;
      if (this.#unwritten.size === 0) return;
      if (this.#failures > 0) return this.wakeAt(this.#clock.now() + this.#pauseMs);
      let first = Number.POSITIVE_INFINITY;
      for (const { dueAt } of this.#unwritten.all()) first = Math.min(first, dueAt);
      this.wakeAt(first);
    });
    return this.#round;
  }

  async #writeSlices(): Promise<void> {
    const entries = this.#unwritten.all();
    let fault: { readonly error: unknown; readonly openid: string } | undefined;
    for (let start = 0; start < entries.length; start += SLICE) {
      const writes = entries.slice(start, start + SLICE).map((entry) =>
        this.write(entry).catch((error: unknown) => {
          fault ??= { error, openid: entry.openid };
        }),
      );
      await Promise.all(writes);
    }
    this.#failures = fault === undefined ? 0 : this.#failures + 1;
    // One error for all that failed with it: the persister is down, and each of them is tried again.
    if (fault !== undefined) this.#listener?.onError(fault.error, fault.openid);
  }

  /** Writes one record now, unless that is done. */
  write(entry: Unwritten): Promise<void> {
    if (this.#unwritten.get(entry.openid) !== entry) return Promise.resolve();
    return (entry.writing ??= this.#writeNow(entry).finally(() => (entry.writing = undefined)));
  }

  async #writeNow(entry: Unwritten): Promise<void> {
    const { openid } = entry;
    const sent = (entry.sent ??= entry.latest);
    const { body, wakeAt, revision } = sent;
    try {
      const call = this.#persister.save({ openid, body, wakeAt }, entry.stored);
      entry.stored = await this.inTime(call);
    } catch (error) {
      if (!ColloquyError.is(error, 'conflict')) throw error;
      const found = await this.inTime(this.#persister.load(openid));
      if (found?.revision === entry.stored) throw error;
      if (found?.body !== body || found.wakeAt !== wakeAt)
        return this.#drop(entry, found?.revision);
      // An earlier attempt took effect after all.
      entry.stored = found.revision;
    }
    entry.sent = undefined;
    if (entry.latest === sent) {
      this.#unwritten.remove(entry, { exposed: revision, stored: entry.stored });
    }
    this.#listener?.onDurable(openid, revision);
  }

  /** Another process has written the record: that stays, and everything that was saved here over it is lost. */
  #drop(entry: Unwritten, stored: Revision | undefined): void {
    this.#unwritten.remove(entry, { exposed: stored, stored });
    this.#listener?.onOverwritten(entry.openid, overwritten(entry.openid));
  }

  /** @throws PersistError `timeout`, retryable, where the persister does not answer in time */
  inTime<T>(call: Promise<T>): Promise<T> {
    const [clock, timeoutMs] = [this.#clock, this.#timeoutMs];
    const onPass = (): Promise<never> => Promise.reject(noAnswer(timeoutMs));
    return withDeadline(call, { clock, at: clock.now() + timeoutMs, onPass });
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }
}
