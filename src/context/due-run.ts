import type { Clock } from '../clock.ts';
import { withDeadline } from '../internal/async.ts';
import type { Lanes } from './lanes.ts';
import type { Scheduler } from './scheduler.ts';
import type { Records } from './storage/records.ts';
import { StoredScan } from './storage/stored-scan.ts';

/** What one look at what is due has done. */
export interface DuePlayed {
  /** Number of users with something due that was done: timers, replies that waited, abandoned services, their expiry. */
  readonly played: number;
  /** Whether something of other users is due that this call did not reach. */
  readonly hasMore: boolean;
}

interface DueParts {
  readonly scheduler: Scheduler;
  readonly records: Records;
  readonly lanes: Lanes;
  readonly clock: Clock;
  readonly processClock: Clock;
}

interface DueRunOptions {
  /** The maximum of users to play for. */
  readonly limit: number;
  /** Resolves when nothing of a user is running. */
  readonly settled: (openid: string) => Promise<void>;
}

/** Milliseconds after which no other user is begun, and services and deliveries are not waited for any more. */
const LONGEST_RUN_MS = 30_000;
/** The maximum of users who are played for at the same time. */
const AT_ONCE = 256;

/**
 * Does once what a scheduler does all the time: what is due, in memory and stored. It is for a process that lives no longer
 * than a call. What stays due, as another process works on it, is passed over and counts neither as played nor as more.
 * @throws PersistError where the stored records that are due cannot be found
 */
export async function playDue(parts: DueParts, options: DueRunOptions): Promise<DuePlayed> {
  await parts.scheduler.ready();
  return new DueRun(parts, options).run();
}

class DueRun {
  readonly #parts: DueParts;
  readonly #options: DueRunOptions;
  readonly #endsAt: number;
  readonly #visited = new Set<string>();
  #played = 0;

  constructor(parts: DueParts, options: DueRunOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#endsAt = parts.processClock.now() + LONGEST_RUN_MS;
  }

  async run(): Promise<DuePlayed> {
    const { scheduler, records, clock } = this.#parts;
    while (!this.#isOver) {
      const openids = scheduler.takeDue(this.#room);
      if (openids.length === 0) break;
      // The timer of one who was played for set another one that is due at once: that is for the scheduler.
      for (const openid of openids) if (this.#visited.has(openid)) scheduler.retry(openid);
      await this.#playAll(openids);
    }
    const scan = new StoredScan(records, clock);
    for await (const openids of scan.slices(clock.now(), () => this.#isOver)) {
      const left = openids.filter((openid) => this.#isOnlyStored(openid));
      while (left.length > 0 && !this.#isOver) await this.#playAll(left.splice(0, this.#room));
    }
    return { played: this.#played, hasMore: await this.#hasMore() };
  }

  get #isOver(): boolean {
    const { processClock } = this.#parts;
    return this.#played >= this.#options.limit || processClock.now() >= this.#endsAt;
  }

  get #room(): number {
    return Math.min(AT_ONCE, this.#options.limit - this.#played);
  }

  async #playAll(openids: readonly string[]): Promise<void> {
    const fresh = openids.filter((openid) => !this.#visited.has(openid));
    for (const openid of fresh) this.#visited.add(openid);
    const played = await Promise.all(fresh.map((openid) => this.#play(openid)));
    this.#played += played.filter(Boolean).length;
  }

  /** @returns whether something was done for this user */
  #play(openid: string): Promise<boolean> {
    const { scheduler, lanes, processClock: clock } = this.#parts;
    // The work in that lane loads the record, and does what is due in it.
    if (lanes.isBusy(openid)) return Promise.resolve(false);
    let isAttended = false;
    const play = async (): Promise<boolean> => {
      const attended = await scheduler.attendTo(openid);
      if (attended === undefined) return false;
      isAttended = true;
      await this.#options.settled(openid);
      return !scheduler.isStuck(openid, attended.before);
    };
    return withDeadline(play(), { clock, at: this.#endsAt, onPass: () => isAttended });
  }

  async #hasMore(): Promise<boolean> {
    const { scheduler, records, clock } = this.#parts;
    if (scheduler.hasDue()) return true;
    const due = await records.due(clock.now(), this.#visited.size + 1);
    return due.some(({ openid }) => this.#isOnlyStored(openid));
  }

  /** Whether it is neither visited nor in memory, where the scheduler has it. */
  #isOnlyStored(openid: string): boolean {
    const { records } = this.#parts;
    if (this.#visited.has(openid)) return false;
    return records.cached(openid) === undefined || !records.isCurrent(openid);
  }
}
