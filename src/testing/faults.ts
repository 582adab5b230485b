import { type KeysOf, checkOptions } from '../internal/closed.ts';
import type { Clock } from '../clock.ts';
import { ConflictError, UsageError } from '../errors.ts';
import { sleep } from '../internal/async.ts';
import type { Leased, Persister } from '../persist/persister.ts';
import { type PersisterCall, wrapPersister } from '../persist/wrap.ts';

export type { PersisterCall };

/** What comes of a call instead of what should. */
export interface Fault {
  /** Milliseconds until it reaches the persister; a later call may get there first. Default: at once. */
  readonly beforeMs?: number;
  /** Milliseconds from there until the caller receives the answer. Default: at once. */
  readonly afterMs?: number;
  /**
   * - `answered`, the default: what the persister answers or throws.
   * - `refused`: an error, and nothing was done.
   * - `lost`: an error, though it was done; the answer did not come through.
   * - `conflict`: as if another process had been faster; nothing was done. A save or a move throws a ConflictError, a
   *   `delete` with an expected revision finds nothing to delete, a `lease.take` finds it taken. Of any other call it is
   *   a UsageError `bad_fault`.
   * - `dropped`: no answer ever, and nothing was done.
   * - `unanswered`: no answer ever, though it was done.
   */
  readonly outcome?: 'answered' | 'refused' | 'lost' | 'conflict' | 'dropped' | 'unanswered';
}

/** Options of `faulty()`: which calls of a persister fail, and how. */
export interface FaultsOptions {
  /** By whose time calls are slow. */
  readonly clock: Clock;
  /** Asked once for each call, in their order; undefined lets it through. */
  readonly choose: (call: PersisterCall) => Fault | undefined;
}

const KEYS = { clock: null, choose: null } satisfies KeysOf<FaultsOptions>;

/** How long another process holds a lease, as a `conflict` says. */
const HELD_FOR_MS = 1000;

/**
 * A persister on a bad day: `choose` says what comes of each call, so that one test picks a fault by hand and a property
 * test tries them all. None of them breaks a rule of the port: each is what a sound driver shows over a poor network.
 * @example
 * const persister = faulty(memory(), {
 *   clock: createManualClock(),
 *   choose: ({ method }) => (method === 'save' ? { outcome: 'refused' } : undefined),
 * });
 */
export function faulty(persister: Persister, options: FaultsOptions): Persister {
  checkOptions('faulty()', options, KEYS);
  const { clock, choose } = options;
  return wrapPersister(persister, async (call, work, args) => {
    const { beforeMs = 0, afterMs = 0, outcome = 'answered' } = choose(call) ?? {};
    if (beforeMs > 0) await sleep(clock, beforeMs);
    const end = await ending(outcome, call, work, () => beaten(call, args) as never);
    if (afterMs > 0) await sleep(clock, afterMs);
    return end();
  });
}

/** What a call answers where another process was faster. */
function beaten(call: PersisterCall, [first, expected]: readonly unknown[]): unknown {
  switch (call.method) {
    case 'save':
    case 'lease.save':
      throw new ConflictError(call.openid as string);
    case 'move':
      throw new ConflictError(first as string);
    case 'delete':
      if (expected === undefined) throw badFault(call);
      return false;
    case 'lease.take':
      return { taken: false, heldForMs: HELD_FOR_MS } satisfies Leased;
    default:
      throw badFault(call);
  }
}

/** Makes the call as the outcome says, and gives its end for the caller. */
async function ending<T>(
  outcome: NonNullable<Fault['outcome']>,
  about: PersisterCall,
  work: () => Promise<T>,
  beaten: () => T,
): Promise<() => T | Promise<T>> {
  const fail = (): never => {
    throw new Error(`The call of ${about.method} was ${outcome}.`);
  };
  switch (outcome) {
    case 'answered':
      return settled(work);
    case 'refused':
      return fail;
    case 'lost':
      await settled(work);
      return fail;
    case 'conflict':
      return beaten;
    case 'dropped':
      return never;
    case 'unanswered':
      await settled(work);
      return never;
  }
}

/** What came of it, to be given or thrown later. */
function settled<T>(work: () => Promise<T>): Promise<() => T> {
  return work().then(
    (answer) => () => answer,
    (error: unknown) => () => {
      throw error as Error;
    },
  );
}

function never(): Promise<never> {
  return new Promise(() => {});
}

function badFault({ method }: PersisterCall): UsageError {
  return new UsageError(
    'bad_fault',
    `No other process can be faster than a call of ${method}: the outcome 'conflict' is for saves, for moves, for deletes with an expected revision and for the taking of a lease.`,
  );
}
