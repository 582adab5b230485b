import { systemClock } from '../../clock.ts';
import { sleep } from '../../internal/async.ts';
import { ColloquyError, UsageError } from '../../errors.ts';
import type { Leases, Persister, Revision } from '../../persist/persister.ts';
import {
  type ContractCase,
  ContractError,
  brief,
  checkNeeds,
  mustBe,
  mustEqual,
} from '../contract.ts';
import { PlaceUser, leasesOf } from './user.ts';

/**
 * What a persister can do beside the five functions.
 * - `reopen`: what it keeps is there for the next one, as after a restart.
 * - `processes`: several of them may work on one place at the same time.
 * - `leases`: it has `lease`.
 * - `clock`: it has `now`.
 * - `moves`: it has `move`.
 * - `lists`: it has `list`.
 */
export type PersisterCapability = 'reopen' | 'processes' | 'leases' | 'clock' | 'moves' | 'lists';

/** A persister under test, for one run of one case. */
export interface PersisterSubject {
  /** Default: none. */
  readonly capabilities?: readonly PersisterCapability[];
  /** A persister on a new, empty place. Each run calls it once, before anything else. */
  open(): Promise<Persister>;
  /**
   * Another persister on that same place. With `reopen` it is called when the one before is closed, with `processes`
   * also while others are open.
   */
  reopen?(): Promise<Persister>;
  /**
   * Lets `ms` pass by the persister's time, by which leases run out. Default: it waits. No case asks for
   * more than 300 of them.
   */
  passTime?(ms: number): Promise<void>;
  /** Takes the place away. Called once at the end of each run, passed or failed, when all persisters are closed. */
  cleanUp?(): Promise<void>;
}

/** One rule of a persister, as `persisterContract` has them. */
export type PersisterCase = ContractCase<PersisterSubject, PersisterCapability>;

/** What a case works with. */
export interface PersisterHarness {
  /** The persister on the empty place. */
  readonly persister: Persister;
  /** A user of whom nothing is saved yet. */
  user(openid: string): PlaceUser;
  readonly ann: PlaceUser;
  /** Its leases, which the subject declares. */
  readonly lease: Leases;
  /** Its `move`, which the subject declares. */
  readonly move: NonNullable<Persister['move']>;
  /** Its `list`, which the subject declares. */
  readonly list: NonNullable<Persister['list']>;
  declares(capability: PersisterCapability): boolean;
  /** Opens one more on the same place, which stays open beside the others. */
  another(): Promise<Persister>;
  /** Closes all of them and opens the next. */
  restart(): Promise<Persister>;
  passTime(ms: number): Promise<void>;
}

/** Makes cases, by their names, of what they do on an empty place. */
export function persisterCases(
  needs: readonly PersisterCapability[],
  bodies: Readonly<Record<string, (bench: PersisterHarness) => Promise<void>>>,
): PersisterCase[] {
  return Object.entries(bodies).map(([name, body]) =>
    Object.freeze({
      name,
      needs,
      async run(subject: PersisterSubject) {
        checkNeeds(name, needs, subject);
        const opened: Persister[] = [];
        const closeAll = async (): Promise<void> => {
          for (const persister of opened.splice(0)) await persister.close();
        };
        try {
          await body(await setUp(name, subject, opened, closeAll));
          await closeAll();
        } catch (error) {
          // The first fault is the one to tell of.
          await closeAll().catch(() => {});
          await subject.cleanUp?.().catch(() => {});
          throw asFault(error);
        }
        await subject.cleanUp?.();
      },
    }),
  );
}

/** @param opened takes up every persister that is opened */
async function setUp(
  name: string,
  subject: PersisterSubject,
  opened: Persister[],
  closeAll: () => Promise<void>,
): Promise<PersisterHarness> {
  const keep = (persister: Persister): Persister => {
    opened.push(persister);
    return persister;
  };
  const another = async (): Promise<Persister> => {
    if (subject.reopen !== undefined) return keep(await subject.reopen());
    throw new UsageError('bad_subject', `The case "${name}" needs the subject's reopen().`);
  };
  const persister = keep(await subject.open());
  const user = (openid: string): PlaceUser => new PlaceUser(openid, persister);
  return {
    persister,
    user,
    ann: user('ann'),
    get lease() {
      return leasesOf(persister);
    },
    get move() {
      mustBe(persister.move !== undefined, 'moves are declared, and the persister has no `move`');
      return persister.move.bind(persister);
    },
    get list() {
      mustBe(persister.list !== undefined, 'lists are declared, and the persister has no `list`');
      return persister.list.bind(persister);
    },
    declares: (capability) => subject.capabilities?.includes(capability) ?? false,
    another,
    async restart() {
      await closeAll();
      return another();
    },
    passTime: async (ms) => subject.passTime?.(ms) ?? sleep(systemClock, ms),
  };
}

/** What a persister throws where no case expects it. */
function asFault(error: unknown): unknown {
  if (error instanceof ContractError || ColloquyError.is(error, 'bad_subject')) return error;
  const problem = `a call that should have come through was refused: ${errorText(error)}`;
  return new ContractError(problem, { cause: error });
}

/** That a call is refused with an error of the library, of that code. */
export async function mustRefuse(
  call: () => Promise<unknown>,
  code: string,
  rule: string,
): Promise<void> {
  const expected = `${rule}: expected a ColloquyError with the code '${code}'`;
  let answer: unknown;
  try {
    answer = await call();
  } catch (error) {
    if (ColloquyError.is(error, code)) return;
    throw new ContractError(`${expected}, got ${errorText(error)}`, { cause: error });
  }
  const problem = `${expected}, and the call was answered with ${brief(answer)}`;
  throw new ContractError(problem, { actual: answer });
}

/** That all calls about an openid are refused with an error of that code. */
export async function mustRefuseCalls(
  { persister, user, declares }: PersisterHarness,
  openid: string,
  code: string,
  when: string,
): Promise<void> {
  const about = user(openid);
  const calls: Record<string, () => Promise<unknown>> = {
    'load()': () => persister.load(openid),
    'save()': () => about.save(),
    'delete()': () => about.delete(),
    ...(declares('leases') && {
      'lease.take()': () => about.take('owner'),
      'lease.save()': () => about.saveAs('owner', undefined),
      'lease.release()': () => about.release('owner'),
    }),
  };
  for (const [name, call] of Object.entries(calls)) await mustRefuse(call, code, `${name} ${when}`);
}

/** That a call is refused because the record has another revision. */
export async function mustConflict(call: () => Promise<unknown>, rule: string): Promise<void> {
  await mustRefuse(call, 'conflict', rule);
}

function errorText(error: unknown): string {
  if (ColloquyError.is(error)) return `${error.name} '${error.code}'`;
  return error instanceof Error ? `${error.name}: ${error.message}` : brief(error);
}

/** What came of calls made at the same time: of those that were let through what they gave, of the others what they threw. */
export async function race<T>(calls: readonly (() => Promise<T>)[]): Promise<{
  readonly won: readonly { readonly index: number; readonly value: T }[];
  readonly lost: unknown[];
}> {
  const results = await Promise.allSettled(calls.map(async (call) => call()));
  return {
    won: results.flatMap((result, index) =>
      result.status === 'fulfilled' ? [{ index, value: result.value }] : [],
    ),
    lost: results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    ),
  };
}

/** Of fifty saves at once that expect the same revision: one was let through, and the first persister shows it. */
export async function mustLetOneThrough(
  persisters: readonly [Persister, ...Persister[]],
  expected: Revision | undefined,
): Promise<void> {
  const users = Array.from({ length: 50 }, (_, index) => {
    const by = persisters[index % persisters.length] ?? persisters[0];
    return new PlaceUser('ann', by);
  });
  const { won, lost } = await race(
    users.map((user, index) => () => user.saveOver(expected, `body ${index}`, index)),
  );
  mustEqual(won.length, 1, `saves let through of ${users.length} that expect the same revision`);
  for (const error of lost) {
    await mustConflict(() => Promise.reject(error as Error), 'a save that came too late');
  }
  const winner = users[won[0]?.index ?? -1];
  mustBe(winner !== undefined, 'one save was let through');
  await winner.mustHold('the record that was let through', persisters[0]);
}

/** The moment by which everything is due. */
export const EVER: number = Number.MAX_SAFE_INTEGER;

/** What is due, without anything that a driver adds. */
export async function dueOf(
  persister: Persister,
  until: number = EVER,
  limit = 1_000,
): Promise<{ openid: string; wakeAt: number }[]> {
  const entries = await persister.due(until, limit);
  return entries.map(({ openid, wakeAt }) => ({ openid, wakeAt }));
}

/** That these are due by `until`, in this order: the moment of each, by its openid. */
export async function mustBeDue(
  persister: Persister,
  moments: Readonly<Record<string, number>>,
  rule: string,
  until: number = EVER,
): Promise<void> {
  const entries = Object.entries(moments).map(([openid, wakeAt]) => ({ openid, wakeAt }));
  mustEqual(await dueOf(persister, until), entries, rule);
}
