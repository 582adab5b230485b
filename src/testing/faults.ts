import type { Clock } from '../clock.ts';
import { ConflictError, UsageError } from '../errors.ts';
import { sleep } from '../internal/async.ts';
import type { Leased, Leases, Persister, Revision } from '../persist/persister.ts';

/** A call of a persister, before anything has come of it. */
export interface PersisterCall {
  readonly method:
    | 'load'
    | 'save'
    | 'delete'
    | 'move'
    | 'due'
    | 'now'
    | 'close'
    | 'lease.take'
    | 'lease.save'
    | 'lease.release';
  /** Undefined where the call is not about one user: `due`, `now`, `close`. */
  readonly openid: string | undefined;
}

/** What comes of a call instead of what should. */
export interface Fault {
  /** Milliseconds until it reaches the persister; a later call may get there first. Default: at once. */
  readonly beforeMs?: number;
  /** Milliseconds from there until the caller is told. Default: at once. */
  readonly afterMs?: number;
  /**
   * - `answered`, the default: what the persister answers or throws.
   * - `refused`: an error, and nothing was done.
   * - `lost`: an error, though it was done; the answer did not come through.
   * - `conflict`: it is said that somebody else was faster, and nothing was done. A save or a move throws a ConflictError, a
   *   `delete` with an expected revision finds nothing to delete, a `lease.take` finds it taken. Of any other call it is
   *   a UsageError `bad_fault`.
   * - `dropped`: no answer ever, and nothing was done.
   * - `unanswered`: no answer ever, though it was done.
   */
  readonly outcome?: 'answered' | 'refused' | 'lost' | 'conflict' | 'dropped' | 'unanswered';
}

export interface FaultsOptions {
  /** By whose time calls are slow. */
  readonly clock: Clock;
  /** Asked once for each call, in their order; undefined lets it through. */
  readonly choose: (call: PersisterCall) => Fault | undefined;
}

/** For how long a lease is said to be somebody else's. */
const HELD_FOR_MS = 1000;

/**
 * A persister on a bad day: `choose` says what comes of each call, so that one test picks a fault by hand and a property
 * test tries them all. None of them breaks a rule of the port: each is what a sound driver shows over a poor network.
 */
export function faulty(persister: Persister, { clock, choose }: FaultsOptions): Persister {
  /** @param beaten what the call comes to where somebody else was faster */
  const call = async <T>(
    about: PersisterCall,
    work: () => Promise<T>,
    beaten: () => T = () => {
      throw badFault(about);
    },
  ): Promise<T> => {
    const { beforeMs = 0, afterMs = 0, outcome = 'answered' } = choose(about) ?? {};
    if (beforeMs > 0) await sleep(clock, beforeMs);
    const end = await ending(outcome, about, work, beaten);
    if (afterMs > 0) await sleep(clock, afterMs);
    return end();
  };
  const { lease } = persister;
  const now = persister.now?.bind(persister);
  const move = persister.move?.bind(persister);
  return {
    load: (openid) => call({ method: 'load', openid }, () => persister.load(openid)),
    save: (record, expected) =>
      call(
        { method: 'save', openid: record.openid },
        () => persister.save(record, expected),
        () => conflict(record.openid),
      ),
    delete: (openid, expected) =>
      call(
        { method: 'delete', openid },
        () => persister.delete(openid, expected),
        expected === undefined ? undefined : () => false,
      ),
    due: (until, limit) =>
      call({ method: 'due', openid: undefined }, () => persister.due(until, limit)),
    close: () => call({ method: 'close', openid: undefined }, () => persister.close()),
    ...(move && {
      move: (from, expected, record) =>
        call(
          { method: 'move', openid: record.openid },
          () => move(from, expected, record),
          () => conflict(from),
        ),
    }),
    ...(now && { now: () => call({ method: 'now', openid: undefined }, now) }),
    ...(lease && { lease: faultyLeases(lease, call) }),
  };
}

type Call = <T>(about: PersisterCall, work: () => Promise<T>, beaten?: () => T) => Promise<T>;

function faultyLeases(lease: Leases, call: Call): Leases {
  return {
    take: (openid, owner, ttlMs) =>
      call<Leased>(
        { method: 'lease.take', openid },
        () => lease.take(openid, owner, ttlMs),
        () => ({ taken: false, heldForMs: HELD_FOR_MS }),
      ),
    save: (record, expected, owner) =>
      call(
        { method: 'lease.save', openid: record.openid },
        () => lease.save(record, expected, owner),
        () => conflict(record.openid),
      ),
    release: (openid, owner) =>
      call({ method: 'lease.release', openid }, () => lease.release(openid, owner)),
  };
}

/** Does what is to be done, and gives what the caller is told of it when the time has come. */
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

function conflict(openid: string): Revision {
  throw new ConflictError(openid);
}

function badFault({ method }: PersisterCall): UsageError {
  return new UsageError(
    'bad_fault',
    `Nobody can be faster than a call of ${method}: the outcome 'conflict' is for saves, for moves, for deletes with an expected revision and for the taking of a lease.`,
  );
}
