import type { Cancel, Clock } from '../clock.ts';
import { ColloquyError } from '../errors.ts';
import { type MaybePromise, attempt, chain } from '../internal/maybe.ts';
import { DueIndex } from '../internal/due-heap.ts';
import { Heartbeats } from './heartbeats.ts';
import type { Lanes } from './lanes.ts';
import type { ConversationRecord } from './record/record.ts';
import type { Records } from './storage/records.ts';
import type { Resident } from './storage/cache.ts';

/** Does what is due in a record other than its expiry, in its lane. */
export type Attend = (record: ConversationRecord) => MaybePromise<void>;

export interface SchedulerOptions {
  readonly records: Records;
  readonly lanes: Lanes;
  readonly clock: Clock;
  /** What the first look at what is due waits for; undefined where there is nothing to wait for. */
  readonly ready: () => Promise<void> | undefined;
  readonly onError: (error: unknown, openid?: string) => void;
}

/** So many are attended in one go before the event loop has its turn. */
const SLICE = 256;
/** After a fault, or for what could not be attended to, try again after so long. */
const RETRY_MS = 1000;
/** So many stored records are asked for at a time. */
const BATCH = 1000;
/** So many stored records that stay due are looked past; what stands behind more than that waits. */
const MAX_STUCK = 10_000;
/**
 * Where several processes share the persister, each looks now and then for what another has left lying for so long: at
 * its time it is attended to by the process that committed it.
 */
const PATROL_LAG_MS = 1000;

/**
 * The one scheduler: looks after every record in which something falls due, in memory or only stored, each in the lane
 * of its openid. It arms a single timer, for whatever comes first.
 */
export class Scheduler {
  readonly #records: Records;
  readonly #lanes: Lanes;
  readonly #clock: Clock;
  readonly #ready: SchedulerOptions['ready'];
  readonly #onError: (error: unknown, openid?: string) => void;
  readonly #index = new DueIndex<Resident>();
  /** Residents whose timers are due while there is no runner to fire them. */
  readonly #parked = new Set<Resident>();
  /** The openids that are being attended to, or wait for their lane. */
  readonly #attending = new Set<string>();
  readonly #heartbeats: Heartbeats;
  #attend: Attend | undefined;
  #armedAt = Number.POSITIVE_INFINITY;
  #cancel: Cancel | undefined;
  /** When the first record that is only stored falls due, as far as is known. */
  #coldAt = Number.POSITIVE_INFINITY;
  #scanning: Promise<void> | undefined;
  #scanAgain = false;
  /** What has been due for less than that is left alone by the next scan. */
  #lagMs = 0;
  #closed = false;

  constructor({ records, lanes, clock, ready, onError }: SchedulerOptions) {
    this.#records = records;
    this.#lanes = lanes;
    this.#clock = clock;
    this.#ready = ready;
    this.#onError = onError;
    this.#heartbeats = new Heartbeats(clock, (openid) => void this.#attendTo(openid));
  }

  /** How many records are in the index. */
  get size(): number {
    return this.#index.size;
  }

  /** Sets who attends to due timers and unfinished services; undefined takes them off. */
  attendWith(attend: Attend | undefined): void {
    this.#attend = attend;
    if (attend === undefined) return;
    for (const resident of this.#parked) this.#index.set(resident, this.#clock.now());
    this.#parked.clear();
    this.#arm();
  }

  /** Notes when something in a resident falls due. One that moves to later is only looked at again when it comes up. */
  note(resident: Resident, dueAt: number): void {
    this.#heartbeats.forget(resident.record.openid);
    if (this.#closed || dueAt >= this.#index.at(resident)) return;
    this.#index.set(resident, dueAt);
    if (dueAt < this.#armedAt) this.#arm();
  }

  forget(resident: Resident): void {
    this.#index.delete(resident);
    this.#parked.delete(resident);
  }

  /** Looks for due work among stored records at `at`. */
  watch(at: number): void {
    if (this.#closed || at >= this.#coldAt) return;
    this.#coldAt = at;
    this.#arm();
  }

  /** Looks for what fell due among stored records before this process began, where no runner will. */
  async lookForStored(): Promise<void> {
    await this.#ready();
    if (this.#attend === undefined) this.watch(this.#clock.now());
  }

  /** The same for a record that left memory. One that is due already is in no hurry: it would come round and round. */
  stray(dueAt: number): void {
    const now = this.#clock.now();
    this.watch(dueAt > now ? dueAt : now + RETRY_MS);
  }

  /** Comes back at `at` to a record that left memory while one of its services runs in this process. */
  mind(openid: string, at: number): void {
    if (!this.#closed) this.#heartbeats.expect(openid, at);
  }

  /** The openids whose services run in this process, where others have to know. */
  openidsAtWork(): string[] {
    return [...this.#records.openidsAtWork(), ...this.#heartbeats.openids];
  }

  /** Comes back to a record that could not be attended to, after a while. */
  retry(openid: string): void {
    const now = this.#clock.now();
    const resident = this.#records.resident(openid);
    if (resident === undefined) this.stray(now);
    else this.note(resident, now + RETRY_MS);
  }

  /** Has everything attended to that a former runner or process left behind. */
  async resume(): Promise<void> {
    await this.#ready();
    if (this.#attend === undefined) return;
    for (const record of this.#records.unfinished()) await this.#attendTo(record.openid);
    if (!this.#records.isPersistent) return;
    // One that is under way may have passed by what only the new runner can attend to.
    await this.#scanning;
    this.#lagMs = 0;
    await this.#scan();
  }

  /**
   * Expires whatever has expired by now, in memory and only stored. Due timers are left to their time.
   * @throws what the first of those threw that could not be removed; the others are gone
   */
  async clearExpired(): Promise<void> {
    await this.#ready();
    const faults: unknown[] = [];
    const expire = (openid: string): MaybePromise<unknown> =>
      attempt<unknown>(
        // To load an expired record is to expire it.
        () => this.#lanes.run(openid, () => this.#records.load(openid)),
        (error) => {
          faults.push(error);
          this.retry(openid);
        },
      );
    const others: Resident[] = [];
    for (let slice = this.#takeDue(); slice.length > 0; slice = this.#takeDue()) {
      const expired = slice.filter((resident) => {
        if (this.#records.dueTimes.isExpired(resident.record)) return true;
        others.push(resident);
        return false;
      });
      await Promise.all(expired.map(({ record }) => expire(record.openid)));
      if (slice.length === SLICE) await this.#breathe();
    }
    for (const resident of others) {
      if (this.#records.resident(resident.record.openid) !== resident) continue;
      this.note(resident, this.#records.dueTimes.dueAt(resident.record));
    }
    if (this.#records.isPersistent)
      await this.#eachStored((openids) => Promise.all(openids.map(expire)));
    if (faults.length > 0) throw faults[0];
  }

  /** The clock was set: whatever waits for a moment waits for it by the new time, and stored records are looked at. */
  rearm(): void {
    if (this.#scanning !== undefined) this.#scanAgain = true;
    else if (Number.isFinite(this.#coldAt)) this.#coldAt = this.#clock.now();
    this.#armedAt = Number.NaN;
    this.#arm();
  }

  close(): void {
    this.#closed = true;
    this.#heartbeats.close();
    this.#cancel?.();
    this.#index.clear();
    this.#parked.clear();
  }

  #arm(): void {
    if (this.#closed) return;
    const at = Math.min(this.#index.firstAt, this.#coldAt);
    if (at === this.#armedAt) return;
    this.#cancel?.();
    this.#armedAt = at;
    this.#cancel = Number.isFinite(at) ? this.#clock.wake(at, () => this.#wake()) : undefined;
  }

  #wake(): void {
    this.#armedAt = Number.POSITIVE_INFINITY;
    this.#cancel = undefined;
    if (this.#closed) return;
    const now = this.#clock.now();
    for (const resident of this.#takeDue()) {
      const { record } = resident;
      const dueAt = this.#records.dueTimes.dueAt(record);
      // One that moved to later is only filed again: to load it would count as using it.
      if (dueAt > now && record.services.length === 0) this.#index.set(resident, dueAt);
      else void this.#attendTo(record.openid);
    }
    if (this.#coldAt <= now) {
      this.#coldAt = Number.POSITIVE_INFINITY;
      if (this.#scanning === undefined) void this.#scan();
      else this.#scanAgain = true;
    }
    this.#arm();
  }

  /** The next slice of residents that are due by the index, which are no longer in it. */
  #takeDue(): Resident[] {
    const now = this.#clock.now();
    const due: Resident[] = [];
    while (due.length < SLICE) {
      const resident = this.#index.first;
      if (resident === undefined || this.#index.firstAt > now) break;
      this.#index.delete(resident);
      due.push(resident);
    }
    return due;
  }

  /** Lets the event loop have its turn. */
  #breathe(): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.wake(this.#clock.now(), resolve, { holdsProcess: true });
    });
  }

  /** Runs in the lane, so that what is due never falls into a running turn. Never throws. */
  #attendTo(openid: string): MaybePromise<void> {
    // To load a record that is due is to find it in the index: once is enough.
    if (this.#attending.has(openid)) return;
    this.#attending.add(openid);
    let before: ConversationRecord | undefined;
    return chain(
      attempt<void>(
        () =>
          this.#lanes.run(openid, () =>
            this.#closed
              ? undefined
              : chain(this.#records.load(openid, this.#clock.now(), false), (record) => {
                  before = record;
                  return record === undefined || this.#closed
                    ? undefined
                    : this.#attendRecord(record);
                }),
          ),
        (error) => {
          // Another process is at it.
          if (!ColloquyError.is(error, 'leased')) this.#onError(error, openid);
          if (this.#records.resident(openid) === undefined) this.stray(this.#clock.now());
        },
      ),
      () => {
        this.#attending.delete(openid);
        this.#fileAgain(openid, before);
      },
    );
  }

  #attendRecord(record: ConversationRecord): MaybePromise<void> {
    const isDue =
      this.#records.dueTimes.dueAt(record) <= this.#clock.now() || record.services.length > 0;
    if (!isDue) return;
    return this.#attend === undefined ? this.#park(record) : this.#attend(record);
  }

  /** One that is due and has not moved is not looked at again at once. */
  #fileAgain(openid: string, before: ConversationRecord | undefined): void {
    const resident = this.#records.resident(openid);
    if (resident === undefined || this.#parked.has(resident)) return;
    const now = this.#clock.now();
    const dueAt = this.#records.dueTimes.dueAt(resident.record);
    // One that could not even be loaded: another process is at it, or the persister is down.
    if (before === undefined) return this.note(resident, now + RETRY_MS);
    // By revision: after a write that failed the same record is in memory as another object.
    const isStuck = dueAt <= now && resident.record.revision === before.revision;
    this.note(resident, isStuck ? now + RETRY_MS : dueAt);
  }

  /** Keeps a record for the runner to come. It may expire before. */
  #park(record: ConversationRecord): void {
    const resident = this.#records.resident(record.openid);
    if (resident === undefined) return;
    this.#parked.add(resident);
    this.note(resident, this.#records.dueTimes.expiresAt(record));
  }

  /** Goes through the stored records that are due and not in memory. */
  #scan(): Promise<void> {
    this.#scanning ??= this.#scanOnce().finally(() => {
      this.#scanning = undefined;
      if (!this.#scanAgain) return;
      this.#scanAgain = false;
      this.watch(this.#clock.now());
    });
    return this.#scanning;
  }

  async #scanOnce(): Promise<void> {
    const now = this.#clock.now();
    try {
      const stuck = await this.#eachStored((openids) =>
        Promise.all(openids.map(async (openid) => this.#attendToStored(openid))),
      );
      if (this.#closed) return;
      const entries = this.#records.shared
        ? []
        : await this.#records.due(Number.MAX_SAFE_INTEGER, stuck + 1);
      const next = entries.find(({ wakeAt }) => wakeAt > now);
      if (this.#records.shared) {
        this.#lagMs = PATROL_LAG_MS;
        this.watch(now + this.#records.patrolMs);
      } else if (next !== undefined) this.watch(next.wakeAt);
      else if (entries.length > stuck) this.stray(now);
    } catch (error) {
      if (this.#closed) return;
      this.#onError(error);
      this.stray(now);
    }
  }

  #attendToStored(openid: string): MaybePromise<void> {
    // What is in memory is in the index, unless another process has moved it on.
    if (!this.#records.shared && this.#records.resident(openid) !== undefined) return;
    // One busy user is not to hold up the others; what runs there loads the record, or fails to.
    if (this.#lanes.isBusy(openid)) return this.stray(this.#clock.now());
    return this.#attendTo(openid);
  }

  /**
   * Visits the stored records that are due, slice by slice, each once, also those that stay due.
   * @returns how many seem to have stayed
   */
  async #eachStored(visit: (openids: string[]) => Promise<unknown>): Promise<number> {
    const now = this.#clock.now() - this.#lagMs;
    let visited = new Set<string>();
    while (!this.#closed) {
      const limit = visited.size + BATCH;
      const openids = (await this.#records.due(now, limit)).map(({ openid }) => openid);
      const fresh = openids.filter((openid) => !visited.has(openid)).slice(0, BATCH);
      for (let start = 0; start < fresh.length && !this.#closed; start += SLICE) {
        if (start > 0) await this.#breathe();
        await visit(fresh.slice(start, start + SLICE));
      }
      // Only what was still there has to be looked past.
      visited = new Set([...openids.filter((openid) => visited.has(openid)), ...fresh]);
      if (openids.length < limit || visited.size > MAX_STUCK) break;
      await this.#breathe();
    }
    return visited.size;
  }
}
