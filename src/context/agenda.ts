import type { Cancel, Clock } from '../clock.ts';
import { captureContext } from '../internal/async-context.ts';
import { type Due, DueHeap } from '../internal/due-heap.ts';
import type { CachedRecord } from './storage/cache.ts';
import type { Records } from './storage/records.ts';

/** An openid whose record is not in memory, while this process works on one of its services. */
interface Heartbeat extends Due {
  readonly openid: string;
}

export type AgendaEntry = CachedRecord | Heartbeat;

interface AgendaOptions {
  readonly records: Records;
  readonly clock: Clock;
  /** The timer for the first entry has fired. */
  readonly onTime: () => void;
}

/** The pause before another attempt, after a fault or for a record that stays due. */
export const RETRY_MS = 1000;

/**
 * When this process has to look at which openid: at records in memory, at heartbeats of others, and at the stored records. It
 * arms a single timer, for what comes first.
 */
export class Agenda {
  readonly #records: Records;
  readonly #clock: Clock;
  readonly #onTime: () => void;
  readonly #heap = new DueHeap<AgendaEntry>();
  readonly #heartbeats = new Map<string, Heartbeat>();
  /** Records in memory whose timers are due while no runner is connected. */
  readonly #deferred = new Set<CachedRecord>();
  /** That of the program that made the store: what is due belongs to none of the requests that run. */
  readonly #inContext = captureContext();
  /** When to look through the stored records. */
  #scanAt = Number.POSITIVE_INFINITY;
  #armedAt = Number.POSITIVE_INFINITY;
  #cancel: Cancel | undefined;
  #closed = false;

  constructor({ records, clock, onTime }: AgendaOptions) {
    this.#records = records;
    this.#clock = clock;
    this.#onTime = onTime;
  }

  /** The number of records in memory in which something falls due. */
  get size(): number {
    return this.#heap.size - this.#heartbeats.size;
  }

  heartbeats(): string[] {
    return [...this.#heartbeats.keys()];
  }

  /** Something in a record in memory falls due at `dueAt`. If it is later than before, that is found out when it comes up. */
  expect(cached: CachedRecord, dueAt: number): void {
    this.#deleteHeartbeat(cached.record.openid);
    if (this.#closed || dueAt >= this.#heap.at(cached)) return;
    this.#heap.set(cached, dueAt);
    if (dueAt < this.#armedAt) this.arm();
  }

  forget(cached: CachedRecord): void {
    this.#heap.delete(cached);
    this.#deferred.delete(cached);
  }

  /** A record that is only stored falls due at `dueAt`. One that is due already waits a little, or it would never rest. */
  expectStored(dueAt: number): void {
    const now = this.#clock.now();
    this.scanAt(dueAt > now ? dueAt : now + RETRY_MS);
  }

  /** The stored records are to be looked through at this time, if not before. */
  scanAt(at: number): void {
    if (at >= this.#scanAt) return;
    this.#scanAt = at;
    this.arm();
  }

  /** A record left memory while one of its services runs here: other processes have to be informed again at `at`. */
  expectHeartbeat(openid: string, at: number): void {
    if (this.#closed) return;
    const heartbeat = this.#heartbeats.get(openid) ?? { slot: -1, openid };
    this.#heartbeats.set(openid, heartbeat);
    this.#heap.set(heartbeat, at);
    this.arm();
  }

  /** A record could not be attended to now: it comes up again after a pause. */
  retry(openid: string): void {
    const now = this.#clock.now();
    const cached = this.#records.cached(openid);
    if (cached === undefined) this.expectStored(now);
    else this.expect(cached, now + RETRY_MS);
  }

  /** Leaves a record to the next runner. Until then it may expire. */
  defer(record: CachedRecord['record']): void {
    const cached = this.#records.cached(record.openid);
    if (cached === undefined) return;
    this.#deferred.add(cached);
    this.expect(cached, this.#records.dueTimes.expiresAt(record));
  }

  isDeferred(cached: CachedRecord): boolean {
    return this.#deferred.has(cached);
  }

  /** A runner is connected: what was left to it is due now. */
  resumeDeferred(): void {
    for (const cached of this.#deferred) this.#heap.set(cached, this.#clock.now());
    this.#deferred.clear();
    this.arm();
  }

  /** Takes out the entries that are due, a maximum of `limit`. */
  takeDue(limit: number): AgendaEntry[] {
    const now = this.#clock.now();
    const due: AgendaEntry[] = [];
    while (due.length < limit) {
      const { first } = this.#heap;
      if (first === undefined || this.#heap.firstAt > now) break;
      this.#heap.delete(first);
      if (!('record' in first)) this.#heartbeats.delete(first.openid);
      due.push(first);
    }
    return due;
  }

  /** Puts a record off that is due later now. It need not be loaded, which would count as a use of it. @returns whether it is */
  putOff(entry: AgendaEntry): boolean {
    if (!('record' in entry) || entry.record.services.length > 0) return false;
    const dueAt = this.#records.dueTimes.dueAt(entry.record);
    if (dueAt <= this.#clock.now()) return false;
    this.#heap.set(entry, dueAt);
    return true;
  }

  /** Takes out the entries that are due, but those of records that are due later now: these are put off. */
  takeReallyDue(limit: number): AgendaEntry[] {
    const due: AgendaEntry[] = [];
    while (due.length < limit) {
      const [entry] = this.takeDue(1);
      if (entry === undefined) break;
      if (!this.putOff(entry)) due.push(entry);
    }
    return due;
  }

  /** Whether a record in memory is due that no caller has begun to attend to. */
  hasDue(): boolean {
    const [entry] = this.takeReallyDue(1);
    if (entry !== undefined) this.putBack(entry);
    return entry !== undefined;
  }

  putBack(entry: AgendaEntry): void {
    if (!('record' in entry)) this.expectHeartbeat(entry.openid, this.#clock.now());
    else if (this.#records.cached(entry.record.openid) === entry) {
      this.expect(entry, this.#records.dueTimes.dueAt(entry.record));
    }
  }

  /** Whether the stored records are to be looked through now. It says so once. */
  takeScan(): boolean {
    if (this.#scanAt > this.#clock.now()) return false;
    this.#scanAt = Number.POSITIVE_INFINITY;
    return true;
  }

  /** Arms the timer for what comes first, unless it is armed for that already. */
  arm(): void {
    if (this.#closed) return;
    const at = Math.min(this.#heap.firstAt, this.#scanAt);
    if (at === this.#armedAt) return;
    this.#cancel?.();
    this.#armedAt = at;
    this.#cancel = Number.isFinite(at)
      ? this.#clock.wake(at, () => this.#inContext(() => this.#wake()))
      : undefined;
  }

  /** The clock was set: arms the timer by the new time. */
  rearm(scansNow: boolean): void {
    if (scansNow && Number.isFinite(this.#scanAt)) this.#scanAt = this.#clock.now();
    this.#armedAt = Number.NaN;
    this.arm();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
    this.#heap.clear();
    this.#heartbeats.clear();
    this.#deferred.clear();
  }

  #wake(): void {
    this.#armedAt = Number.POSITIVE_INFINITY;
    this.#cancel = undefined;
    if (this.#closed) return;
    this.#onTime();
    this.arm();
  }

  /** The record of an openid is in memory again. */
  #deleteHeartbeat(openid: string): void {
    if (this.#heartbeats.size === 0) return;
    const heartbeat = this.#heartbeats.get(openid);
    if (heartbeat === undefined) return;
    this.#heap.delete(heartbeat);
    this.#heartbeats.delete(openid);
  }
}
