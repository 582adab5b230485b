import type { Clock } from '../../clock.ts';
import { PersistError } from '../../errors.ts';
import { backoff, sleep } from '../../internal/async.ts';
import type { Leases, LoadedRecord, Revision, StoredRecord } from '../../persist/persister.ts';
import type { PersisterCalls, Settle } from './persister-calls.ts';

/** How conversations are leased where several processes share a persister. All spans are in milliseconds. */
export interface LeaseOptions {
  /** The name of this process. No other process has the same one. */
  readonly owner: string;
  /** How long a lease lasts if it is not given back. */
  readonly ttlMs: number;
  /** How long to wait for a lease that another process holds. */
  readonly waitMs: number;
  /** The time between two looks for work that another process has left undone. */
  readonly patrolMs: number;
}

/** Those options as they were given, or their defaults. Without an `owner`, the holder takes a random name. */
export type LeaseSettings = Omit<LeaseOptions, 'owner'> & { readonly owner: string | undefined };

/** A lease of this process. */
export interface OwnLease {
  /** The name of the process. */
  readonly holder: string;
  /** Epoch ms by the clock of the process. */
  readonly until: number;
}

interface HolderOptions {
  readonly leases: Leases;
  readonly calls: PersisterCalls;
  readonly lease: LeaseSettings;
  readonly processClock: Clock;
}

const pauseBefore = backoff({ firstMs: 5, longestMs: 200 });

/** The leases that this process holds: one for each openid whose lane is at work, from the load to the commit. */
export class LeaseHolder {
  readonly #leases: Leases;
  readonly #calls: PersisterCalls;
  readonly #clock: Clock;
  readonly #options: LeaseOptions;
  /** Until when, by the clock of this process. */
  readonly #held = new Map<string, number>();
  /** The leases that are being given back. One that is taken before that has ended would be lost. */
  readonly #releasing = new Map<string, Promise<void>>();

  constructor({ leases, calls, lease, processClock }: HolderOptions) {
    this.#leases = leases;
    this.#calls = calls;
    this.#clock = processClock;
    // A store without leases needs no name: the first random one of a process takes 3 ms.
    this.#options = { ...lease, owner: lease.owner ?? globalThis.crypto.randomUUID() };
  }

  get size(): number {
    return this.#held.size;
  }

  holds(openid: string): boolean {
    return this.#held.has(openid);
  }

  /** The lease that this process holds of an openid. */
  leaseOf(openid: string): OwnLease | undefined {
    const until = this.#held.get(openid);
    return until === undefined ? undefined : { holder: this.#options.owner, until };
  }

  /**
   * Takes the lease together with the record.
   * @param settle is called with the record as soon as it is there
   * @param waits whether to wait for a lease that another process holds
   * @throws PersistError `leased`, retryable, where another process held it until the end
   */
  async take<Result>(
    openid: string,
    settle: Settle<LoadedRecord | undefined, Result>,
    waits: boolean,
  ): Promise<Result> {
    const { owner, ttlMs, waitMs } = this.#options;
    await this.#releasing.get(openid);
    const until = this.#clock.now() + waitMs;
    for (let attempt = 0; ; attempt += 1) {
      const answer = await this.#calls.read(
        openid,
        () => this.#leases.take(openid, owner, ttlMs),
        (leased, mayBeStale) => {
          if (!leased.taken) return { heldForMs: leased.heldForMs };
          this.#held.set(openid, this.#clock.now() + ttlMs);
          return { result: settle(leased.record, mayBeStale) };
        },
        () => this.#give(openid),
      );
      if ('result' in answer) return answer.result;
      if (!waits || this.#clock.now() >= until) throw leased(openid, waitMs);
      await sleep(this.#clock, pauseMs(owner, attempt, answer.heldForMs));
    }
  }

  /** Saves, and gives the lease back with it. */
  async save(record: StoredRecord, expected: Revision | undefined): Promise<Revision> {
    const revision = await this.#leases.save(record, expected, this.#options.owner);
    this.#held.delete(record.openid);
    return revision;
  }

  /** Gives back a lease that is still held when the work in the lane has ended. */
  release(openid: string): void {
    if (this.#held.delete(openid)) this.#give(openid);
  }

  /** Gives back a lease that is not in use here: also one that was taken after its caller had given up. */
  #give(openid: string): void {
    if (this.#held.has(openid)) return;
    const released = this.#calls
      .read(
        openid,
        () => this.#leases.release(openid, this.#options.owner),
        () => undefined,
      )
      // A lease that could not be given back expires.
      .catch(() => undefined)
      .then(() => {
        // Unless another release has begun since.
        if (this.#releasing.get(openid) === released) this.#releasing.delete(openid);
      });
    this.#releasing.set(openid, released);
  }
}

function leased(openid: string, waitMs: number): PersistError {
  return new PersistError(
    'leased',
    'Another process works on this conversation and did not finish in time. Nothing was changed; the message may be sent again.',
    { retryable: true, openid, details: { waitMs } },
  );
}

/** Longer from attempt to attempt, and different for each owner, so that processes that wait do not come all at once. */
function pauseMs(owner: string, attempt: number, heldForMs: number): number {
  const spread = (owner.charCodeAt(attempt % owner.length) % 16) / 16;
  return Math.max(1, Math.min(pauseBefore(attempt) * (0.5 + spread), heldForMs));
}
