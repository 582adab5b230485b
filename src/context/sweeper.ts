import type { Cancel, Clock } from '../clock.ts';
import { type MaybePromise, attempt, chain } from '../internal/maybe.ts';
import { DueIndex } from './due.ts';
import type { Lanes } from './lane.ts';
import { type ConversationRecord, recordDueAt } from './record.ts';
import type { Records, Resident } from './records.ts';

/** What a runner does in the lane of a record that has something due other than its expiry. */
export type Attend = (record: ConversationRecord) => MaybePromise<void>;

/** So many are attended in one go before the event loop has its turn. */
const SLICE = 256;
/** After a fault, or for a record that nobody could attend, try again after so long. */
const RETRY_MS = 1000;
/** So many stored records are fetched at a time. */
const BATCH = 1000;

/**
 * The one scheduler: looks after every record in which something falls due, in memory or only stored, each in the lane
 * of its openid. It arms a single timer, for whatever comes first.
 */
export class Sweeper {
  readonly #records: Records;
  readonly #lanes: Lanes;
  readonly #clock: Clock;
  readonly #onError: (error: unknown, openid?: string) => void;
  readonly #index = new DueIndex<Resident>();
  /** Residents whose timers are due while there is no runner to fire them. */
  readonly #parked = new Set<Resident>();
  #attend: Attend | undefined;
  #armedAt = Number.POSITIVE_INFINITY;
  #cancel: Cancel | undefined;
  /** When the first record that is only stored falls due, as far as is known. */
  #coldAt = Number.POSITIVE_INFINITY;
  #scanning: Promise<void> | undefined;
  #closed = false;

  constructor(
    records: Records,
    lanes: Lanes,
    clock: Clock,
    onError: (error: unknown, openid?: string) => void,
  ) {
    this.#records = records;
    this.#lanes = lanes;
    this.#clock = clock;
    this.#onError = onError;
  }

  /** How many records are in the index. */
  get size(): number {
    return this.#index.size;
  }

  get attended(): boolean {
    return this.#attend !== undefined;
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
    if (resident.slot !== -1 && dueAt >= resident.at) return;
    this.#index.set(resident, dueAt);
    if (dueAt < this.#armedAt) this.#arm();
  }

  forget(resident: Resident): void {
    this.#index.delete(resident);
    this.#parked.delete(resident);
  }

  /** Looks for due work among stored records at `at`. */
  watch(at: number): void {
    if (at >= this.#coldAt) return;
    this.#coldAt = at;
    this.#arm();
  }

  /** Has everything attended to that a former runner or process left behind. */
  async resume(): Promise<void> {
    for (const record of this.#records.unfinished()) await this.#attendTo(record.openid);
    if (this.#records.durable) await this.#scan();
  }

  /** Expires whatever has expired by now, in memory and only stored. Due timers are left to their time. */
  async clearExpired(): Promise<void> {
    const expire = (openid: string): Promise<unknown> =>
      // To load an expired record is to expire it.
      Promise.resolve(this.#lanes.run(openid, () => this.#records.load(openid)));
    const others: Resident[] = [];
    const pending: Promise<unknown>[] = [];
    for (const resident of this.#takeDue(this.#index.size)) {
      if (this.#records.isExpired(resident.record)) pending.push(expire(resident.record.openid));
      else others.push(resident);
    }
    for (const resident of others) {
      this.note(resident, recordDueAt(resident.record, this.#records.ageSeconds));
    }
    await Promise.all(pending);
    if (!this.#records.durable) return;
    let due: readonly { openid: string }[];
    let removed: number;
    do {
      due = await this.#records.due(this.#clock.now(), BATCH);
      removed = 0;
      for (const { openid } of due) if ((await expire(openid)) === undefined) removed += 1;
    } while (due.length === BATCH && removed > 0);
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
    this.#index.clear();
    this.#parked.clear();
  }

  #arm(): void {
    if (this.#closed) return;
    const at = Math.min(this.#index.first?.at ?? Number.POSITIVE_INFINITY, this.#coldAt);
    if (at === this.#armedAt) return;
    this.#cancel?.();
    this.#armedAt = at;
    this.#cancel = Number.isFinite(at) ? this.#clock.wake(at, () => this.#wake()) : undefined;
  }

  #wake(): void {
    this.#armedAt = Number.POSITIVE_INFINITY;
    this.#cancel = undefined;
    if (this.#closed) return;
    for (const { record } of this.#takeDue(SLICE)) void this.#attendTo(record.openid);
    if (this.#coldAt <= this.#clock.now()) {
      this.#coldAt = Number.POSITIVE_INFINITY;
      void this.#scan();
    }
    this.#arm();
  }

  *#takeDue(limit: number): Generator<Resident> {
    const now = this.#clock.now();
    for (let taken = 0; taken < limit; taken += 1) {
      const resident = this.#index.first;
      if (resident === undefined || resident.at > now) return;
      this.#index.delete(resident);
      yield resident;
    }
  }

  /** Runs in the lane, so that what is due never falls into a running turn. Never throws. */
  #attendTo(openid: string): MaybePromise<void> {
    return attempt<void>(
      () =>
        this.#lanes.run(openid, () =>
          chain(this.#records.load(openid), (record) => {
            if (record === undefined || this.#closed) return;
            return this.#attendRecord(record);
          }),
        ),
      (error) => {
        this.#onError(error, openid);
        const resident = this.#residentOf(openid);
        if (resident === undefined) this.watch(this.#clock.now() + RETRY_MS);
        else this.note(resident, this.#clock.now() + RETRY_MS);
      },
    );
  }

  #attendRecord(record: ConversationRecord): MaybePromise<void> {
    const dueAt = recordDueAt(record, this.#records.ageSeconds);
    const due = dueAt <= this.#clock.now() || record.services.length > 0;
    if (due && this.#attend === undefined) {
      const resident = this.#residentOf(record.openid);
      if (resident !== undefined) this.#parked.add(resident);
      return;
    }
    return chain(due ? this.#attend?.(record) : undefined, () => {
      const resident = this.#residentOf(record.openid);
      if (resident === undefined) return;
      this.note(resident, recordDueAt(resident.record, this.#records.ageSeconds));
    });
  }

  #residentOf(openid: string): Resident | undefined {
    return this.#records.resident(openid);
  }

  /** Goes through the stored records that are due and not in memory. */
  #scan(): Promise<void> {
    this.#scanning ??= this.#scanOnce().finally(() => {
      this.#scanning = undefined;
    });
    return this.#scanning;
  }

  async #scanOnce(): Promise<void> {
    try {
      const entries = await this.#records.due(this.#clock.now(), BATCH);
      for (const { openid } of entries) {
        if (this.#closed) return;
        await this.#attendTo(openid);
      }
      const [next] = await this.#records.due(Number.MAX_SAFE_INTEGER, 1);
      if (next === undefined) return;
      const now = this.#clock.now();
      const stuck = next.wakeAt <= now && entries.length < BATCH;
      this.watch(stuck ? now + RETRY_MS : Math.max(next.wakeAt, now));
    } catch (error) {
      this.#onError(error);
      this.watch(this.#clock.now() + RETRY_MS);
    }
  }
}
