import type { Clock } from '../clock.ts';
import { ConflictError, UsageError } from '../errors.ts';
import { type Events, createEvents } from '../internal/emitter.ts';
import { type MaybePromise, chain } from '../internal/maybe.ts';
import { warn } from '../internal/warn.ts';
import type { Message } from '../message.ts';
import type { Persister } from '../persist/persister.ts';
import { type HeldCall, HeldCalls } from './held-calls.ts';
import { Holders } from './holders.ts';
import { Lanes } from './lanes.ts';
import { type ConversationRecord, handOut } from './record/record.ts';
import { isEncrypting } from './record/sealed.ts';
import { Scheduler } from './scheduler.ts';
import { heldBy } from './storage/quarantine.ts';
import { moveRecord } from './storage/move.ts';
import { PersisterCalls } from './storage/persister-calls.ts';
import type { Records, RecordsListener } from './storage/records.ts';
import { ServerClock } from './storage/server-clock.ts';
import { type StoreEvents, recordEvent } from './store-events.ts';
import { type CoreOptions, createRecords } from './storage/create-records.ts';
import { type SavedDraft, recordOfDraft } from './record/draft-record.ts';

/** What a runner does for the store of its conversations. */
interface Worker {
  /**
   * Does what is due in a record other than its expiry, in its lane.
   * @param leavesReplies whether the replies stay in the outbox, for the turn of a message that is in the lane already
   */
  attend(record: ConversationRecord, leavesReplies: boolean): MaybePromise<void>;
  /** Whether a service of this conversation runs in this process. */
  isAtWork(record: ConversationRecord): boolean;
  /** This is what the record of a conversation is, after another process may have changed it: it names what works for it. */
  onCurrent(openid: string, record: ConversationRecord | undefined): void;
  /** A conversation is gone: what still works for it can end. */
  onGone(record: ConversationRecord, isDeleted: boolean): void;
  /** A conversation has another openid: what works for it continues there. */
  onMoved(record: ConversationRecord, from: string): void;
}

/** The parts of a store that a runner works with. */
export class StoreCore {
  /** The time of everything that is stored: by the persister's clock where it has one, else by that of the process. */
  readonly clock: Clock;
  /** The clock of this process, for time spans and for the times that callers give. */
  readonly processClock: Clock;
  readonly persister: Persister | undefined;
  readonly maxContextBytes: number;
  /** Whether stored records can be read with a key only. */
  readonly isEncrypted: boolean;
  readonly lanes: Lanes;
  readonly holders: Holders = new Holders();
  readonly calls: HeldCalls = new HeldCalls(this.holders);
  readonly records: Records;
  readonly scheduler: Scheduler;
  readonly events: Events<StoreEvents>;
  readonly #serverClock: ServerClock | undefined;
  #worker: Worker | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: Omit<CoreOptions, 'clock'>) {
    const { processClock, persister } = options;
    this.processClock = processClock;
    this.persister = persister;
    this.maxContextBytes = options.maxContextBytes;
    this.isEncrypted = isEncrypting(options.codec);
    this.events = createEvents<StoreEvents>((fault, name) => {
      if (name !== 'error') this.report(fault);
      else warn('listener_threw', "A listener of the store's 'error' event threw.");
    });
    const calls = persister && new PersisterCalls(persister, options);
    if (calls !== undefined && persister?.now !== undefined) {
      this.#serverClock = new ServerClock({
        processClock,
        ask: () => calls.now(),
        onSet: () => this.scheduler.rearm(),
        onError: (error) => this.report(error),
      });
    }
    const clock = this.#serverClock ?? processClock;
    this.clock = clock;
    const onCorrupt = heldBy(this.holders, options.onCorrupt);
    this.records = createRecords({ ...options, onCorrupt, clock, calls }, this.#recordsListener());
    const { records } = this;
    const ready = (): Promise<void> | undefined => this.#serverClock?.ready;
    this.lanes = new Lanes({ ready, onEnd: (openid) => records.release(openid) });
    this.scheduler = new Scheduler({
      records,
      lanes: this.lanes,
      clock,
      ready,
      onError: (error, openid) => this.report(error, openid),
    });
  }

  #recordsListener(): RecordsListener {
    const { events } = this;
    return {
      onSave: (record, durable) => {
        // Of a user who is forgotten, the turn that forgot them tells.
        if (record.absent === undefined && events.heard('save')) {
          events.emit('save', { ...recordEvent(record), durable });
        }
      },
      onLoad: (record) => {
        if (events.heard('load')) events.emit('load', recordEvent(record));
      },
      onCurrent: (openid, record) => this.#worker?.onCurrent(openid, record),
      onExpire: (record) => {
        this.#worker?.onGone(record, false);
        events.emit('expire', { openid: record.openid, data: handOut(record) });
      },
      onEvict: (cached, storedDueAt) => {
        const { record } = cached;
        const durable = storedDueAt !== undefined;
        this.scheduler.agenda.forget(cached);
        if (durable) this.#onUncached(storedDueAt, record);
        else this.#worker?.onGone(record, false);
        // Of a record that counts as absent, nothing was lost.
        if (record.absent === undefined && events.heard('evict')) {
          events.emit('evict', { openid: record.openid, data: handOut(record), durable });
        }
      },
      onDue: (cached, dueAt) => this.scheduler.agenda.expect(cached, dueAt),
      onUncached: (dueAt, record) => this.#onUncached(dueAt, record),
      onForget: (cached) => this.scheduler.agenda.forget(cached),
      onError: (error, openid) => this.report(error, openid),
    };
  }

  get hasWorker(): boolean {
    return this.#worker !== undefined;
  }

  /** Connects the runner that works on this store; undefined disconnects it. */
  connect(worker: Worker | undefined): void {
    this.#worker = worker;
    this.scheduler.setWorker(worker && ((record) => worker.attend(record, false)));
  }

  /** Has the runner do what is due in a record, in its lane. */
  attend(record: ConversationRecord, leavesReplies: boolean): MaybePromise<void> {
    return this.#worker?.attend(record, leavesReplies);
  }

  /** A message whose time of arrival is by the clock of the process, with that time by `clock`. */
  inStoreTime(message: Message): Message {
    const offsetMs = this.#serverClock?.offsetMs ?? 0;
    const { receivedAt } = message;
    if (offsetMs === 0 || receivedAt === undefined) return message;
    return { ...message, receivedAt: receivedAt + offsetMs };
  }

  /** The record of `openid`, only to look at it. It needs no lane. */
  async read(openid: string): Promise<ConversationRecord | undefined> {
    await this.#serverClock?.ready;
    return this.records.read(openid);
  }

  /** The same, after the work that waits in its lane already. */
  async readInLane(openid: string): Promise<ConversationRecord | undefined> {
    return this.lanes.run(openid, () => this.records.read(openid));
  }

  /** Reports an error that no caller receives. Without a listener it becomes a process warning. */
  report(error: unknown, openid?: string): void {
    if (this.events.heard('error')) this.events.emit('error', { error, openid });
    else warn('unheard_error', `An error of the store went unheard: ${nameOf(error)}.`);
  }

  /** A record is stored and no longer in memory. If one of its services runs here, other processes are still informed. */
  #onUncached(dueAt: number, record: ConversationRecord | undefined): void {
    this.scheduler.agenda.expectStored(dueAt);
    if (record === undefined || this.#worker?.isAtWork(record) !== true) return;
    const { dueTimes } = this.records;
    if (dueTimes.heartbeatAt(record) === undefined) return;
    this.scheduler.agenda.expectHeartbeat(record.openid, dueTimes.dueAt(record));
  }

  /**
   * Commits new data over the base of a draft, and leaves the rest of the record as it is.
   * @param keepsLease whether a task of the lane needs the lease after it
   */
  saveData(
    draft: SavedDraft,
    { keepsLease, erased }: { readonly keepsLease: boolean; readonly erased?: string | undefined },
  ): ReturnType<Records['commit']> {
    const now = this.clock.now();
    return this.records.commit(
      recordOfDraft(draft, { now, maxContextBytes: this.maxContextBytes, erased }),
      draft.base,
      keepsLease,
    );
  }

  /**
   * Commits the record of a turn. A record that forgets its user and remembers no message is removed instead. What was
   * forgotten before is no news.
   */
  commitTurn(
    next: ConversationRecord,
    base: ConversationRecord | undefined,
    keepsLease = false,
  ): MaybePromise<unknown> {
    if (next.absent === undefined) return this.records.commit(next, base, keepsLease);
    return chain(this.#commitForgotten(next, base), () => {
      if (base !== undefined && base.absent !== 'forgotten') {
        this.events.emit('flush', { openid: next.openid });
      }
    });
  }

  #commitForgotten(
    next: ConversationRecord,
    base: ConversationRecord | undefined,
  ): MaybePromise<unknown> {
    if (next.seen.length > 0 || next.lastAsking !== undefined || next.burst !== undefined) {
      return this.records.commit(next, base);
    }
    if (base === undefined) return undefined;
    return chain(this.records.remove(next.openid, base), (removed) => {
      if (!removed) throw new ConflictError(next.openid);
    });
  }

  /** Deletes everything that is kept for a user. @returns whether there was anything */
  async flush(openid: string): Promise<boolean> {
    const record = this.records.cached(openid)?.record;
    const removed = await this.records.remove(openid);
    if (record !== undefined) this.#worker?.onGone(record, true);
    if (removed) this.events.emit('flush', { openid });
    return removed;
  }

  /**
   * Moves everything of `from` to the openid `to`, in the lanes of both.
   * @returns whether there was anything
   * @throws ColloquyError `target_exists`, UsageError `would_deadlock`
   */
  async move(from: string, to: string, call?: HeldCall): Promise<boolean> {
    if (from === to) return false;
    return this.lanes.runInBoth(from, to, async () => {
      call?.begin();
      const moved = await moveRecord(this.records, from, to);
      if (moved === undefined) return false;
      if (moved !== 'finished') this.#worker?.onMoved(moved, from);
      this.events.emit('move', { openid: to, from });
      return true;
    });
  }

  checkOpen(): void {
    if (this.#closing === undefined) return;
    throw new UsageError(
      'store_closed',
      'The context store is closed; create a new one, and stop the runner before its store.',
    );
  }

  /** Ends the scheduler, then the work in all lanes, then the persister. */
  close(): Promise<void> {
    return (this.#closing ??= this.#end());
  }

  async #end(): Promise<void> {
    this.scheduler.close();
    this.#serverClock?.close();
    await this.lanes.drained();
    await this.records.close();
  }
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return `a value of type ${typeof error}`;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? `${error.name} (${code})` : error.name;
}
