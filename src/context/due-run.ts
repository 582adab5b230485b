import type { Clock } from '../clock.ts';
import { withDeadline } from '../internal/async.ts';
import type { Lanes } from './lanes.ts';
import type { Scheduler } from './scheduler.ts';
import type { Records } from './storage/records.ts';
import { StoredScan } from './storage/stored-scan.ts';

/** What one call of `runDue()` has done. */
export interface DuePlayed {
  /** Number of users for whom something due was done: timers, replies that waited, abandoned services, their expiry. */
  readonly played: number;
  /** Whether something is due for other users that this call did not reach: then call it again. */
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
  /** Resolves when nothing is running for a user. */
  readonly settled: (openid: string) => Promise<void>;
}

/** Milliseconds after which the run begins with no further user, and waits no longer for services and deliveries. */
const LONGEST_RUN_MS = 30_000;
/** The maximum of users who are played for at the same time. */
const AT_ONCE = 256;

/**
 * Does everything that is due, in memory and stored, once; a scheduler does it all the time. It is for a process that lives no
 * longer than a call. A record that stays due, because another process works on it, counts neither as played nor as more.
 * @throws PersistError if the persister cannot find the stored records that are due
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
      // A timer that this run played has set another one, which is due at once: the scheduler plays that one.
      for (const openid of openids) if (this.#visited.has(openid)) scheduler.agenda.retry(openid);
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
    if (scheduler.agenda.hasDue()) return true;
    const due = await records.due(clock.now(), this.#visited.size + 1);
    return due.some(({ openid }) => this.#isOnlyStored(openid));
  }

  /** Whether this run has not visited the user, and no current record in memory is left to the scheduler. */
  #isOnlyStored(openid: string): boolean {
    const { records } = this.#parts;
    if (this.#visited.has(openid)) return false;
    return records.cached(openid) === undefined || !records.isCurrent(openid);
  }
}
