import type { Clock } from '../clock.ts';
import { ConflictError, UsageError } from '../errors.ts';
import { type Events, createEvents } from '../internal/emitter.ts';
import { type MaybePromise, chain } from '../internal/maybe.ts';
import { warn } from '../internal/warn.ts';
import type { Message } from '../message.ts';
import type { Persister } from '../persist/persister.ts';
import type { OnCorrupt } from './storage/quarantine.ts';
import { PersisterCalls } from './storage/persister-calls.ts';
import type { Codec } from './record/envelope.ts';
import { type Data, freezeCopy } from '../internal/plain-data.ts';
import { Lanes } from './lanes.ts';
import type { LeaseOptions } from './storage/leases.ts';
import { moveRecord } from './storage/move.ts';
import { PersisterClock } from './storage/server-clock.ts';
import { type ConversationRecord, LOOSE, NONE } from './record/record.ts';
import { Records, handOut } from './storage/records.ts';
import { NOTHING_SEEN } from './record/seen-log.ts';
import { Scheduler } from './scheduler.ts';

/** What a store tells. Events are facts: by the time they are heard, it has happened. */
export type StoreEvents<D extends object = Data> = {
  /**
   * A record was committed, by a draft, an update or a turn. Where it is not `durable`, the end of this process would
   * lose it: for good without a persister, until the `durable` event of this revision or a later one where the persister
   * is written behind.
   */
  save: {
    readonly openid: string;
    readonly data: Readonly<D>;
    readonly revision: number;
    readonly durable: boolean;
  };
  /** What was committed for `openid` under `revision`, and all before it, is in the persister. Told where that comes after the save. */
  durable: { readonly openid: string; readonly revision: number };
  /** A record was read from the persister into memory. */
  load: { readonly openid: string; readonly data: Readonly<D>; readonly revision: number };
  /** A record reached its time and is gone; this was its last data. Once per record. */
  expire: { readonly openid: string; readonly data: Readonly<D> };
  /** A record left memory to make room. Where it is not `durable`, this was its last data. */
  evict: { readonly openid: string; readonly data: Readonly<D>; readonly durable: boolean };
  /** Everything kept for a user was deleted on request. */
  flush: { readonly openid: string };
  /** All that was kept under the openid `from` is kept under `openid` now. */
  move: { readonly openid: string; readonly from: string };
  /** Something failed that no caller was waiting for: a listener, a stored record that does not open, the scheduler. */
  error: { readonly error: unknown; readonly openid: string | undefined };
};

export interface CoreOptions {
  readonly max: number;
  readonly maxWeight: number | undefined;
  readonly ageSeconds: number;
  readonly maxContextBytes: number;
  readonly clock: Clock;
  readonly codec: Codec;
  readonly onCorrupt: OnCorrupt;
  readonly persister: Persister | undefined;
  readonly persistTimeoutMs: number;
  readonly behindMs: number | undefined;
  readonly lease: LeaseOptions;
}

/** What a runner does for the store of its conversations. */
export interface Worker {
  /** Does what is due in a record other than its expiry, in its lane. */
  attend(record: ConversationRecord): MaybePromise<void>;
  /** Whether a service of this conversation runs in this process. */
  isAtWork(record: ConversationRecord): boolean;
  /** A conversation is gone: what still works for it can end. */
  onGone(record: ConversationRecord, isDeleted: boolean): void;
  /** A conversation has another openid: what works for it continues there. */
  onMoved(record: ConversationRecord, from: string): void;
}

/** The parts of a store that a runner works with. */
export class StoreCore {
  /** The time of all that is stored: that of the persister where it tells it, else that of the process. */
  readonly clock: Clock;
  /** The time of spans in this process, and of what callers say. */
  readonly processClock: Clock;
  readonly maxContextBytes: number;
  readonly lanes: Lanes;
  readonly records: Records;
  readonly scheduler: Scheduler;
  readonly events: Events<StoreEvents>;
  #worker: Worker | undefined;
  readonly #persisterClock: PersisterClock | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: CoreOptions) {
    this.processClock = options.clock;
    this.#persisterClock = this.#setBy(options.persister, options.persistTimeoutMs);
    this.clock = this.#persisterClock ?? options.clock;
    this.maxContextBytes = options.maxContextBytes;
    this.events = createEvents<StoreEvents>((fault, name) => {
      if (name === 'error')
        warn('listener_threw', "A listener of the store's 'error' event threw.");
      else this.report(fault);
    });
    const { clock, processClock } = this;
    this.records = new Records(
      { ...options, clock, processClock },
      {
        onSave: (record) => {
          if (record.absent === 'forgotten') this.events.emit('flush', { openid: record.openid });
          else if (this.events.heard('save')) {
            this.events.emit('save', { ...described(record), durable: this.records.lasting });
          }
        },
        onDurable: (openid, revision) => this.events.emit('durable', { openid, revision }),
        onLoad: (record) => {
          if (this.events.heard('load')) this.events.emit('load', described(record));
        },
        onExpire: (record) => {
          this.#worker?.onGone(record, false);
          this.events.emit('expire', { openid: record.openid, data: handOut(record) });
        },
        onEvict: (resident, dueAt) => {
          const { openid } = resident.record;
          const durable = this.records.isPersistent;
          this.scheduler.forget(resident);
          if (durable) this.#strayed(resident.record, dueAt);
          else this.#worker?.onGone(resident.record, false);
          // Nothing is lost that anybody could know of.
          if (resident.record.absent === undefined && this.events.heard('evict')) {
            this.events.emit('evict', { openid, data: handOut(resident.record), durable });
          }
        },
        onDue: (resident, dueAt) => this.scheduler.note(resident, dueAt),
        onStray: (dueAt, record) => this.#strayed(record, dueAt),
        onGone: (resident) => this.scheduler.forget(resident),
        onError: (error, openid) => this.report(error, openid),
      },
    );
    const ready = (): Promise<void> | undefined => this.#persisterClock?.ready;
    this.lanes = new Lanes({ ready, onEnd: (openid) => this.records.release(openid) });
    this.scheduler = new Scheduler({
      records: this.records,
      lanes: this.lanes,
      clock,
      ready,
      onError: (error, openid) => this.report(error, openid),
    });
  }

  /** A clock that is set by the persister's, where that tells its time. */
  #setBy(persister: Persister | undefined, persistTimeoutMs: number): PersisterClock | undefined {
    if (persister?.now === undefined) return undefined;
    const { processClock } = this;
    const calls = new PersisterCalls(persister, { processClock, persistTimeoutMs });
    return new PersisterClock({
      processClock,
      ask: () => calls.now(),
      onSet: () => this.scheduler.rearm(),
      onError: (error) => this.report(error),
    });
  }

  get hasWorker(): boolean {
    return this.#worker !== undefined;
  }

  /** Connects the runner that works on this store; undefined disconnects it. */
  connect(worker: Worker | undefined): void {
    this.#worker = worker;
    this.scheduler.attendWith(worker && ((record) => worker.attend(record)));
  }

  /** A message whose time of arrival is by the clock of the process, with that time by `clock`. */
  inStoreTime(message: Message): Message {
    const offsetMs = this.#persisterClock?.offsetMs ?? 0;
    const { receivedAt } = message;
    if (offsetMs === 0 || receivedAt === undefined) return message;
    return { ...message, receivedAt: receivedAt + offsetMs };
  }

  /** The record of `openid`, only to look at it. It needs no lane. */
  async read(openid: string): Promise<ConversationRecord | undefined> {
    await this.#persisterClock?.ready;
    return this.records.read(openid);
  }

  /** Tells of a fault that no caller is waiting for. With nobody listening it becomes a process warning. */
  report(error: unknown, openid?: string): void {
    if (this.events.heard('error')) this.events.emit('error', { error, openid });
    else warn('unheard_error', `An error of the store went unheard: ${nameOf(error)}.`);
  }

  /** A record is only stored from now on. Where this process works on its services, it goes on saying so. */
  #strayed(record: ConversationRecord | undefined, dueAt: number): void {
    this.scheduler.stray(dueAt);
    if (record === undefined || !this.records.shared || this.#worker?.isAtWork(record) !== true)
      return;
    this.scheduler.mind(record.openid, this.records.dueTimes.dueAt(record));
  }

  /** Commits new data over `base`, and leaves the rest of the record as it is. */
  saveData(
    openid: string,
    base: ConversationRecord | undefined,
    data: Data,
    expiry: ConversationRecord['expiry'],
  ): ReturnType<Records['commit']> {
    const settled = freezeCopy(data, this.maxContextBytes);
    return this.records.commit(
      {
        openid,
        revision: 0,
        data: settled.data,
        savedAt: this.clock.now(),
        live: base?.live,
        timers: base?.timers ?? NONE,
        services: base?.services ?? NONE,
        seen: base?.seen ?? NOTHING_SEEN,
        outbox: base?.outbox ?? NONE,
        ...(settled.shareable ? undefined : LOOSE),
        ...(expiry && { expiry }),
        ...(base?.dialogue && { dialogue: base.dialogue }),
        ...(base?.offers && { offers: base.offers }),
        ...(base?.lastAsking !== undefined && { lastAsking: base.lastAsking }),
        // A change of the dictionary says nothing of services that another process may have been running.
        ...(base?.services.length && { touchedAt: base.touchedAt ?? base.savedAt }),
      },
      base,
    );
  }

  /** Commits what a turn came to. Of a record that forgets its user and has no message to remember, nothing is kept. */
  commitTurn(
    next: ConversationRecord,
    base: ConversationRecord | undefined,
    keepsLease = false,
  ): MaybePromise<unknown> {
    const isToBeKept = next.seen.length > 0 || next.lastAsking !== undefined;
    if (next.absent === undefined || isToBeKept) {
      return this.records.commit(next, base, keepsLease);
    }
    if (base === undefined) return undefined;
    return chain(this.records.remove(next.openid, base), (removed) => {
      if (!removed) throw new ConflictError(next.openid);
      this.events.emit('flush', { openid: next.openid });
    });
  }

  /** Deletes everything kept for a user. @returns whether there was anything */
  async flush(openid: string): Promise<boolean> {
    const record = this.records.resident(openid)?.record;
    const removed = await this.records.remove(openid);
    if (record !== undefined) this.#worker?.onGone(record, true);
    if (removed) this.events.emit('flush', { openid });
    return removed;
  }

  /**
   * Moves everything of `from` to the openid `to`, in the lanes of both.
   * @returns whether there was anything
   * @throws ColloquyError `target_exists`
   */
  async move(from: string, to: string): Promise<boolean> {
    if (from === to) return false;
    let arrive = (): void => {};
    let leave = (): void => {};
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const left = new Promise<void>((resolve) => (leave = resolve));
    // It queues up in both lanes at once: what comes from now on waits behind it in either, and of two moves that cross,
    // one is the first in both.
    void this.lanes.run(to, () => {
      arrive();
      return left;
    });
    return this.lanes.run(from, async () => {
      try {
        await arrived;
        const moved = await moveRecord(this.records, from, to);
        if (moved === undefined) return false;
        if (moved !== 'finished') this.#worker?.onMoved(moved, from);
        this.events.emit('move', { openid: to, from });
        return true;
      } finally {
        leave();
      }
    });
  }

  checkOpen(): void {
    if (this.#closing === undefined) return;
    throw new UsageError(
      'store_closed',
      'The context store is closed; create a new one, and stop the runner before its store.',
    );
  }

  /** Ends the scheduler, what is running, then the persister. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    this.scheduler.close();
    this.#persisterClock?.close();
    await this.lanes.drained();
    await this.records.close();
  }
}

function described(record: ConversationRecord): StoreEvents['load'] {
  return { openid: record.openid, data: handOut(record), revision: record.revision };
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return `a value of type ${typeof error}`;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? `${error.name} (${code})` : error.name;
}
