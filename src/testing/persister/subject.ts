import { systemClock } from '../../clock.ts';
import { sleep } from '../../internal/async.ts';
import { ColloquyError, UsageError } from '../../errors.ts';
import type {
  Leases,
  LoadedRecord,
  Persister,
  Revision,
  StoredRecord,
} from '../../persist/persister.ts';
import {
  type ContractCase,
  ContractError,
  brief,
  checkNeeds,
  mustBe,
  mustEqual,
} from '../contract.ts';

/**
 * What a persister can do beside the five functions.
 * - `reopen`: what it keeps is there for the next one, as after a restart.
 * - `processes`: several of them may work on one place at the same time.
 * - `leases`: it has `lease`.
 * - `clock`: it has `now`.
 * - `moves`: it has `move`.
 */
export type PersisterCapability = 'reopen' | 'processes' | 'leases' | 'clock' | 'moves';

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

export type PersisterCase = ContractCase<PersisterSubject, PersisterCapability>;

/** What a case works with. */
export interface PersisterHarness {
  /** The persister on the empty place. */
  readonly persister: Persister;
  /** Its leases, which the subject declares. */
  readonly lease: Leases;
  /** Its `move`, which the subject declares. */
  readonly move: NonNullable<Persister['move']>;
  /** Whether the subject declares it. */
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
  return {
    persister,
    get lease() {
      return leasesOf(persister);
    },
    get move() {
      mustBe(persister.move !== undefined, 'moves are declared, and the persister has no `move`');
      return persister.move.bind(persister);
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

/** A record to save; what a case does not care about is filled in. */
export function sampleRecord(openid: string, body = 'body', wakeAt = 1_000): StoredRecord {
  return { openid, body, wakeAt };
}

/** That the record of `openid` is this one, and nothing else of it. */
export async function mustHold(
  persister: Persister,
  record: StoredRecord,
  revision: Revision,
  rule: string,
): Promise<void> {
  mustBeRecord(await persister.load(record.openid), record, revision, rule);
}

export function mustBeRecord(
  found: LoadedRecord | undefined,
  { openid, body, wakeAt }: StoredRecord,
  revision: Revision,
  rule: string,
): void {
  // A driver may hand out more than the port asks for; that is not looked at.
  const fields = found && {
    openid: found.openid,
    body: found.body,
    wakeAt: found.wakeAt,
    revision: found.revision,
  };
  mustEqual(fields, { openid, body, wakeAt, revision }, rule);
}

export async function mustHoldNone(
  persister: Persister,
  openid: string,
  rule: string,
): Promise<void> {
  mustEqual(await persister.load(openid), undefined, rule);
}

/** That a call is refused with an error of the library, of that code. */
export async function mustRefuse(
  call: () => Promise<unknown>,
  code: string,
  rule: string,
): Promise<void> {
  let answer: unknown;
  try {
    answer = await call();
  } catch (error) {
    if (ColloquyError.is(error, code)) return;
    throw new ContractError(
      `${rule}: expected a ColloquyError with the code '${code}', got ${errorText(error)}`,
      { cause: error },
    );
  }
  throw new ContractError(
    `${rule}: expected a ColloquyError with the code '${code}', and the call was answered with ${brief(answer)}`,
    { actual: answer },
  );
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

/** Of saves at the same time, with one expected revision: that one was let through, and is what is stored. */
export async function mustLetOneThrough(
  saves: readonly { readonly record: StoredRecord; readonly by: Persister }[],
  expected: Revision | undefined,
  reader: Persister,
): Promise<void> {
  const { won, lost } = await race(saves.map((each) => () => each.by.save(each.record, expected)));
  mustEqual(won.length, 1, `saves let through of ${saves.length} that expect the same revision`);
  for (const error of lost) {
    await mustConflict(() => Promise.reject(error as Error), 'a save that came too late');
  }
  const [winner] = won;
  const record = winner && saves[winner.index]?.record;
  mustBe(winner !== undefined && record !== undefined, 'one save was let through');
  await mustHold(reader, record, winner.value, 'the record that was let through');
}

/** The leases of a persister that declares them. */
export function leasesOf(persister: Persister): Leases {
  mustBe(persister.lease !== undefined, 'leases are declared, and the persister has no `lease`');
  return persister.lease;
}

const EVER = Number.MAX_SAFE_INTEGER;

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
