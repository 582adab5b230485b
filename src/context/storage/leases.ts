import type { Clock } from '../../clock.ts';
import { PersistError } from '../../errors.ts';
import type {
  Leases,
  LoadedRecord,
  Persister,
  Revision,
  StoredRecord,
} from '../../persist/persister.ts';
import type { PersisterCalls } from './persister-calls.ts';

export interface LeaseOptions {
  /** One process, by a name of its own. */
  readonly owner: string;
  /** How long a lease lasts that nobody gives back. */
  readonly ttlMs: number;
  /** How long to wait for one that somebody else has. */
  readonly waitMs: number;
  /** How often to look for what another process has left lying. */
  readonly patrolMs: number;
}

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;

/** The leases that this process holds: one for each openid whose lane is at work, from the load to the commit. */
export class LeaseHolder {
  readonly #calls: PersisterCalls;
  readonly #clock: Clock;
  readonly #options: LeaseOptions;
  readonly #held = new Set<string>();
  /** What is being given back: to take it again before that is done would lose it. */
  readonly #releasing = new Map<string, Promise<void>>();

  constructor(calls: PersisterCalls, clock: Clock, options: LeaseOptions) {
    this.#calls = calls;
    this.#clock = clock;
    this.#options = options;
  }

  get size(): number {
    return this.#held.size;
  }

  get owner(): string {
    return this.#options.owner;
  }

  holds(openid: string): boolean {
    return this.#held.has(openid);
  }

  /**
   * Takes the lease together with the record.
   * @param settle is given the record as soon as it is there, and whether a write overtook it
   * @param waits whether to wait for a lease that somebody else has
   * @throws PersistError `leased`, retryable, where it could not be had in time
   */
  async take<Result>(
    openid: string,
    settle: (stored: LoadedRecord | undefined, overtaken: boolean) => Result,
    waits: boolean,
  ): Promise<Result> {
    const { owner, ttlMs, waitMs } = this.#options;
    await this.#releasing.get(openid);
    const until = this.#clock.now() + waitMs;
    for (let attempt = 0; ; attempt += 1) {
      const answer = await this.#calls.read(
        openid,
        (persister) => leaseOf(persister).take(openid, owner, ttlMs),
        (leased, overtaken) => {
          if (!leased.taken) return { heldForMs: leased.heldForMs };
          this.#held.add(openid);
          return { result: settle(leased.record, overtaken) };
        },
        () => this.#give(openid),
      );
      if ('result' in answer) return answer.result;
      if (!waits || this.#clock.now() >= until) throw this.#leased(openid);
      await this.#pause(pauseMs(owner, attempt, answer.heldForMs));
    }
  }

  /** Saves, and gives the lease back with it. */
  async save(
    persister: Persister,
    record: StoredRecord,
    expected: Revision | undefined,
  ): Promise<Revision> {
    const revision = await leaseOf(persister).save(record, expected, this.owner);
    this.#held.delete(record.openid);
    return revision;
  }

  /** Gives a lease back that is still held when the work in the lane has come to its end. */
  release(openid: string): void {
    if (this.#held.delete(openid)) this.#give(openid);
  }

  /** Gives back what is not held here, as far as is known: also what was taken when nobody waited for it any more. */
  #give(openid: string): void {
    if (this.#held.has(openid)) return;
    const released = this.#calls
      .read(
        openid,
        (persister) => leaseOf(persister).release(openid, this.owner),
        () => undefined,
      )
      // One that cannot be given back runs out by itself.
      .catch(() => undefined)
      .then(() => {
        // Unless another one has begun meanwhile.
        if (this.#releasing.get(openid) === released) this.#releasing.delete(openid);
      });
    this.#releasing.set(openid, released);
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.wake(this.#clock.now() + milliseconds, resolve, { holdsProcess: true });
    });
  }

  #leased(openid: string): PersistError {
    return new PersistError(
      'leased',
      'Another process works on this conversation and did not come to its end in time. Nothing was changed; the message may be sent again.',
      { retryable: true, openid, details: { waitMs: this.#options.waitMs } },
    );
  }
}

function leaseOf({ lease }: Persister): Leases {
  if (lease === undefined) throw new TypeError('The persister has lost its leases.');
  return lease;
}

/** Longer from attempt to attempt, and different from owner to owner, so that those who wait do not come all at once. */
function pauseMs(owner: string, attempt: number, heldForMs: number): number {
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS);
  const spread = (owner.charCodeAt(attempt % owner.length) % 16) / 16;
  return Math.max(1, Math.min(pause * (0.5 + spread), heldForMs));
}
