import type { Clock } from '../clock.ts';
import { sleep } from '../internal/async.ts';
import { type MaybePromise, attempt, chain } from '../internal/maybe.ts';
import { Agenda, type AgendaEntry, RETRY_MS } from './agenda.ts';
import type { Lanes } from './lanes.ts';
import type { ConversationRecord } from './record/record.ts';
import type { Records } from './storage/records.ts';
import { StoredScan } from './storage/stored-scan.ts';

/** Does what is due in a record other than its expiry, in its lane. */
type Attend = (record: ConversationRecord) => MaybePromise<void>;

interface Attended {
  /** The record as it was before; undefined if there was none, or if it had expired. */
  readonly before: ConversationRecord | undefined;
}

interface SchedulerOptions {
  readonly records: Records;
  readonly lanes: Lanes;
  readonly clock: Clock;
  /** What the first look at what is due waits for; undefined where there is nothing to wait for. */
  readonly ready: () => Promise<void> | undefined;
  readonly onError: (error: unknown, openid?: string) => void;
}

/** The most records that are attended to before the event loop has its turn. */
const SLICE = 256;

/**
 * The one scheduler of a store. It attends to each record in which something falls due, in memory or only stored, in the
 * lane of its openid, at the times of its agenda.
 */
export class Scheduler {
  readonly agenda: Agenda;
  readonly #options: SchedulerOptions;
  readonly #records: Records;
  readonly #clock: Clock;
  /** The openids that are being attended to, or wait for their lane. */
  readonly #attending = new Set<string>();
  #attend: Attend | undefined;
  #scanning: Promise<void> | undefined;
  #scanAgain = false;
  /** The next scan leaves out what has been due for less. */
  #lagMs = 0;
  #closed = false;

  constructor(options: SchedulerOptions) {
    const { records, clock } = options;
    this.#options = options;
    this.#records = records;
    this.#clock = clock;
    this.agenda = new Agenda({ records, clock, onTime: () => this.#onTime() });
  }

  /** The number of records in memory in which something falls due. */
  get size(): number {
    return this.agenda.size;
  }

  /** Resolves when times may be compared with those of the persister. */
  async ready(): Promise<void> {
    await this.#options.ready();
  }

  /** The openids whose services other processes leave to this one. */
  openidsAtWork(): string[] {
    return [...this.#records.openidsAtWork(), ...this.agenda.heartbeats()];
  }

  /** Sets what attends to due timers and unfinished services; undefined removes it. */
  setWorker(attend: Attend | undefined): void {
    this.#attend = attend;
    if (attend !== undefined) this.agenda.resumeDeferred();
  }

  /** Looks for stored records that fell due before this process began. A runner does so in `resume`. */
  async lookForStored(): Promise<void> {
    await this.#options.ready();
    if (this.#attend === undefined) this.agenda.scanAt(this.#clock.now());
  }

  /** Attends to all due work that a former runner or process left. */
  async resume(): Promise<void> {
    await this.#options.ready();
    if (this.#attend === undefined) return;
    for (const record of this.#records.unfinished()) await this.attendTo(record.openid);
    // A scan under way may have passed over what only the new runner can attend to.
    await this.#scanning;
    this.#lagMs = 0;
    await this.#scanStored();
  }

  /**
   * Expires all records that have expired by now, in memory and stored. Due timers wait for the next wake-up.
   * @throws the first error of those that could not be removed; the others are gone
   */
  async clearExpired(): Promise<void> {
    await this.#options.ready();
    const faults: unknown[] = [];
    const expire = (openid: string): MaybePromise<unknown> =>
      attempt<unknown>(
        // To load an expired record is to expire it.
        () => this.#options.lanes.run(openid, () => this.#records.load(openid)),
        (error) => {
          faults.push(error);
          this.agenda.retry(openid);
        },
      );
    const others: AgendaEntry[] = [];
    const take = (): AgendaEntry[] => this.agenda.takeDue(SLICE);
    for (let slice = take(); slice.length > 0; slice = take()) {
      const expired: string[] = [];
      for (const entry of slice) {
        const isExpired = 'record' in entry && this.#records.dueTimes.isExpired(entry.record);
        if (isExpired) expired.push(entry.record.openid);
        else others.push(entry);
      }
      await Promise.all(expired.map(expire));
      if (slice.length === SLICE) await sleep(this.#clock, 0);
    }
    for (const entry of others) this.agenda.putBack(entry);
    await this.#eachStored(expire);
    if (faults.length > 0) throw faults[0];
  }

  /** The clock was set: goes by the new time, and looks through the stored records. */
  rearm(): void {
    if (this.#scanning !== undefined) this.#scanAgain = true;
    this.agenda.rearm(this.#scanning === undefined);
  }

  close(): void {
    this.#closed = true;
    this.agenda.close();
  }

  #onTime(): void {
    for (const entry of this.agenda.takeDue(SLICE)) {
      if (!this.agenda.putOff(entry)) void this.attendTo(openidOf(entry));
    }
    if (!this.agenda.takeScan()) return;
    if (this.#scanning === undefined) void this.#scanStored();
    else this.#scanAgain = true;
  }

  /**
   * Takes the openids of up to `limit` records in memory that are due out of the agenda. The caller has to call `attendTo` or
   * `retry` for each.
   */
  takeDue(limit: number): string[] {
    return this.agenda.takeReallyDue(limit).map(openidOf);
  }

  /**
   * Attends to a record in its lane, so that nothing due falls into a running turn. Never throws.
   * @returns undefined if the record could not be loaded, or if it is being attended to already
   */
  attendTo(openid: string): MaybePromise<Attended | undefined> {
    // To load a due record is to put it into the heap: once is enough.
    if (this.#attending.has(openid)) return undefined;
    this.#attending.add(openid);
    const found: { attended?: Attended } = {};
    const work = (): MaybePromise<void> =>
      this.#closed
        ? undefined
        : chain(this.#records.load(openid, this.#clock.now(), false), (record) => {
            found.attended = { before: record };
            return record === undefined ? undefined : this.#attendRecord(record);
          });
    const ended = attempt<void>(
      () => this.#options.lanes.run(openid, work),
      (error) => {
        // That is no fault: the conversation is looked at again.
        if (!this.#records.isByOther(error)) this.#options.onError(error, openid);
        if (this.#records.cached(openid) === undefined) this.agenda.expectStored(this.#clock.now());
      },
    );
    return chain(ended, () => {
      this.#attending.delete(openid);
      this.#expectAgain(openid, found.attended?.before);
      return found.attended;
    });
  }

  #attendRecord(record: ConversationRecord): MaybePromise<void> {
    if (this.#closed) return;
    const isDue = this.#records.dueTimes.dueAt(record) <= this.#clock.now();
    if (!isDue && record.services.length === 0) return;
    return this.#attend === undefined ? this.agenda.defer(record) : this.#attend(record);
  }

  /** Puts a record into the heap again. One that is due and did not change waits a little. */
  #expectAgain(openid: string, before: ConversationRecord | undefined): void {
    const cached = this.#records.cached(openid);
    if (cached === undefined || this.agenda.isDeferred(cached)) return;
    // If `before` is undefined, the record could not be loaded: another process works on it, or the persister is down.
    const isStuck = before === undefined || this.isStuck(openid, before);
    const dueAt = this.#records.dueTimes.dueAt(cached.record);
    this.agenda.expect(cached, isStuck ? this.#clock.now() + RETRY_MS : dueAt);
  }

  /** Whether a record is in memory, due, and as it was before. */
  isStuck(openid: string, before: ConversationRecord | undefined): boolean {
    const record = this.#records.cached(openid)?.record;
    if (record === undefined || before === undefined) return false;
    // By revision: after a failed write, the same record is in memory as another object.
    const isAsBefore = record.revision === before.revision;
    return isAsBefore && this.#records.dueTimes.dueAt(record) <= this.#clock.now();
  }

  /** Attends to the stored records that are due and not in memory. */
  #scanStored(): Promise<void> {
    this.#scanning ??= this.#scanOnce().finally(() => {
      this.#scanning = undefined;
      if (!this.#scanAgain) return;
      this.#scanAgain = false;
      this.agenda.scanAt(this.#clock.now());
    });
    return this.#scanning;
  }

  async #scanOnce(): Promise<void> {
    const now = this.#clock.now();
    try {
      const stuck = await this.#eachStored((openid) => this.#attendToStored(openid));
      if (this.#closed) return;
      const next = await this.#records.nextScan(now, stuck);
      if (next === undefined) return;
      this.#lagMs = next.lagMs;
      this.agenda.expectStored(next.at);
    } catch (error) {
      if (this.#closed) return;
      this.#options.onError(error);
      this.agenda.expectStored(now);
    }
  }

  #attendToStored(openid: string): MaybePromise<unknown> {
    // What is in memory is in the heap, unless another process has changed it.
    if (this.#records.cached(openid) !== undefined && this.#records.isCurrent(openid)) return;
    // A busy user must not delay the others. The work in that lane loads the record, or fails to.
    if (this.#options.lanes.isBusy(openid)) return this.agenda.expectStored(this.#clock.now());
    return this.attendTo(openid);
  }

  /** Visits the stored records that are due. @returns how many seem to have stayed due */
  async #eachStored(visit: (openid: string) => MaybePromise<unknown>): Promise<number> {
    const scan = new StoredScan(this.#records, this.#clock);
    const until = this.#clock.now() - this.#lagMs;
    for await (const openids of scan.slices(until, () => this.#closed)) {
      await Promise.all(openids.map(visit));
    }
    return scan.stuck;
  }
}

function openidOf(entry: AgendaEntry): string {
  return 'record' in entry ? entry.record.openid : entry.openid;
}
