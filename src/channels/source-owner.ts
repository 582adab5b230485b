import type { Clock } from '../clock.ts';
import { ColloquyError } from '../errors.ts';
import { backoff, sleep } from '../internal/async.ts';
import type { Report } from './report.ts';
import { CALL_MS, answerInTime } from './source-call.ts';
import type { SourceKeeper, SourceLeases } from './turn-taker.ts';

/** How long a lease lasts that is not renewed. After its process was killed, a source waits for this time. */
const LEASE_MS = 6000;
const RENEW_MS = LEASE_MS / 3;
/** A process that could not renew its lease ends its source this long before another one may begin. */
const MARGIN_MS = 1000;
/** How often a process that waits looks whether the other one has ended. */
const LOOK_MS = 1000;

const pauseAfter = backoff({ firstMs: 500, longestMs: 10_000 });

export interface SourceOwnerOptions {
  /** Without one, or without leases of it, there is one process. */
  readonly keeper: SourceKeeper | undefined;
  readonly key: string;
  readonly clock: Clock;
  readonly report: Report;
}

/** Sees to it that of all processes that share a persister, one has a source. The others wait until it ends or dies. */
export class SourceOwner {
  readonly #options: SourceOwnerOptions;
  /**
   * The name under which this process has the source: another one each time, as a release that the persister carries out late must
   * not free what this process has taken since. It also spreads in time what several processes do at once.
   */
  #name: string = globalThis.crypto.randomUUID();

  constructor(options: SourceOwnerOptions) {
    this.#options = options;
  }

  /** A span, or down to half of it: another one for each process and each attempt. */
  spread(ms: number, attempt: number): number {
    const letter = this.#name.charCodeAt(attempt % this.#name.length);
    return ms * (0.5 + (letter % 16) / 32);
  }

  /**
   * Waits for the source, and does the work while this process has it.
   * @param stop ends the wait, and the work
   * @param work its signal is aborted when another process may have the source, too
   * @throws what the work throws; ColloquyError `source_taken`, retryable, after that
   */
  async hold(stop: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const leases = this.#options.keeper?.lease;
    // A new signal each time, so that its listeners end with it.
    if (leases === undefined) return work(AbortSignal.any([stop]));
    this.#name = globalThis.crypto.randomUUID();
    const takenAt = await this.#take(leases, stop);
    if (takenAt === undefined) return;
    const lost = new AbortController();
    const ended = new AbortController();
    const renewing = this.#renew(leases, takenAt, lost, ended.signal);
    try {
      await work(AbortSignal.any([stop, lost.signal]));
    } finally {
      ended.abort();
      // A renewal that came after the release would take a lease that no source uses.
      await renewing;
      await this.#release(leases);
    }
    lost.signal.throwIfAborted();
  }

  /** @returns when the lease was taken, by the clock of this process; undefined where it had to stop before */
  async #take(leases: SourceLeases, stop: AbortSignal): Promise<number | undefined> {
    const { clock, key, report } = this.#options;
    for (let attempt = 0; !stop.aborted; attempt += 1) {
      const askedAt = clock.now();
      let pauseMs = pauseAfter(attempt);
      try {
        const answer = await answerInTime(clock, leases.take(key, this.#name, LEASE_MS));
        if (answer.taken && !stop.aborted) return askedAt;
        if (answer.taken) await this.#release(leases);
        else pauseMs = Math.min(answer.heldForMs ?? LOOK_MS, LOOK_MS);
      } catch (error) {
        report(error);
      }
      await sleep(clock, this.spread(pauseMs, attempt), stop).catch(() => undefined);
    }
    return undefined;
  }

  /** Renews the lease until the work has ended. Where it cannot, the source is lost before another process takes it. */
  async #renew(
    leases: SourceLeases,
    takenAt: number,
    lost: AbortController,
    ended: AbortSignal,
  ): Promise<void> {
    const { clock, key, report } = this.#options;
    let endsAt = takenAt + LEASE_MS - MARGIN_MS;
    for (;;) {
      try {
        await sleep(clock, Math.min(RENEW_MS, Math.max(0, endsAt - clock.now())), ended);
      } catch {
        return;
      }
      const askedAt = clock.now();
      try {
        const callMs = Math.max(0, Math.min(CALL_MS, endsAt - askedAt));
        const answer = await answerInTime(clock, leases.take(key, this.#name, LEASE_MS), callMs);
        if (!answer.taken) return lost.abort(elsewhere());
        endsAt = askedAt + LEASE_MS - MARGIN_MS;
      } catch (error) {
        report(error);
        if (clock.now() >= endsAt) return lost.abort(elsewhere());
      }
    }
  }

  async #release(leases: SourceLeases): Promise<void> {
    // A lease that could not be given back expires.
    const { clock, key } = this.#options;
    await answerInTime(clock, leases.release(key, this.#name)).catch(() => undefined);
  }
}

function elsewhere(): ColloquyError {
  return new ColloquyError(
    'source_taken',
    'This process could not renew its right to the source, so another one may have it by now. It waits until the source is free.',
    { retryable: true },
  );
}
