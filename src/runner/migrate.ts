import { isService, isTimer } from '../context/record/envelope.ts';
import type { ConversationRecord, RunningService, Timer } from '../context/record/record.ts';
import type { StoredSnapshot } from '../dialogue/engine/snapshot.ts';
import { StepError, UsageError } from '../errors.ts';
import { clone, freezeCopy, isDictionary } from '../internal/plain-data.ts';
import { freezeContext } from '../context/record/frozen.ts';

/** A conversation as it is stored, for a function that brings it to another version of its dialogue. All plain data. */
export interface StoredConversation {
  /** The version of the dialogue that it belongs to. */
  version: string;
  /** Where the dialogue stands. The context of a sub-dialogue is part of its snapshot. */
  snapshot: StoredSnapshot;
  /** The user's dictionary. */
  context: Record<string, unknown>;
  /** What is delayed. The delays of a state are events `xstate.after.<milliseconds>.<id of the state>`. */
  timers: Timer[];
  /** Services that have not reported back. */
  services: RunningService[];
}

/**
 * Functions that migrate stored conversations, by the version that a conversation is stored with. Each may change what
 * it is given or return a new conversation, and sets the `version` that it is now. If there is a function for that
 * version, that one is called next. `undefined` gives up: see `onIncompatible`. A version without a function is taken
 * as it is.
 *
 * A function does nothing else: it is called again each time such a conversation is loaded before its next commit.
 */
export type Migrations = Readonly<
  Record<string, (conversation: StoredConversation) => StoredConversation | undefined>
>;

/** The definition that a stored conversation was left by. */
export interface Origin {
  readonly id: string;
  readonly version: string;
  /** Changes with the states of the definition, also if its version stays the same. */
  readonly structure: string | undefined;
}

/** What becomes of a stored conversation under the dialogue as it is now. */
export type FittingOutcome =
  /** It continues as it is. */
  | 'fits'
  /** It continues as `migrate` returned it. */
  | 'migrated'
  /** It continues in the snapshot that `onIncompatible` returned. */
  | 'replaced'
  /** The dialogue starts again with the next message, and keeps the context. */
  | 'restart';

/** A stored conversation in which the dialogue cannot continue, for `onIncompatible` to judge. */
export interface Incompatible {
  readonly openid: string;
  readonly found: Origin;
  /** Where the dialogue stands, as `migrate` left it. Only to be read: it may be frozen. */
  readonly snapshot: StoredSnapshot;
  readonly context: Readonly<Record<string, unknown>>;
}

/** What to do with a conversation in which the dialogue cannot continue: restart, or continue in another snapshot. */
export type OnIncompatible = 'restart' | ((about: Incompatible) => 'restart' | StoredSnapshot);

/** What the old definition waited for and this one does not. */
export interface Dropped {
  /** Ids of timers. */
  readonly timers: readonly string[];
  /** Names of services. */
  readonly services: readonly string[];
}

export interface UpgradeOptions {
  readonly migrate?: Migrations | undefined;
  readonly onIncompatible?: OnIncompatible | undefined;
}

/** @throws UsageError `bad_option` */
export function checkUpgradeOptions(options: UpgradeOptions): void {
  const { migrate, onIncompatible = 'restart' } = options;
  const areFunctions =
    typeof migrate === 'object' &&
    migrate !== null &&
    Object.values(migrate).every((each) => typeof each === 'function');
  if (migrate !== undefined && !areFunctions) {
    throw new UsageError('bad_option', '`migrate` holds functions by version.');
  }
  if (onIncompatible !== 'restart' && typeof onIncompatible !== 'function') {
    throw new UsageError('bad_option', "`onIncompatible` must be 'restart' or a function.");
  }
}

/** A record with its snapshot as plain data. */
interface StoredRecord {
  readonly record: ConversationRecord;
  readonly snapshot: unknown;
}

/**
 * Takes a record from version to version, until there is no function for it.
 * @returns undefined if one gave up
 * @throws StepError `bad_migration` if one threw, or returned no conversation
 */
export function migrateRecord(
  { record, snapshot, version: from }: StoredRecord & { readonly version: string },
  target: { readonly version: string; readonly maxContextBytes: number },
  migrations: Migrations,
): StoredRecord | undefined {
  let version = from;
  let migrated: StoredConversation | undefined;
  const seen = new Set<string>();
  while (version !== target.version && Object.hasOwn(migrations, version)) {
    if (seen.has(version)) throw badMigration(version, 'was run before on the way');
    seen.add(version);
    migrated = runOne(
      migrations[version] as Migrations[string],
      version,
      migrated ?? toConversation(record, snapshot, version),
    );
    if (migrated === undefined) return undefined;
    ({ version } = migrated);
  }
  if (migrated === undefined) return { record, snapshot };
  return toRecord(record, migrated, [...seen].at(-1) ?? from, target.maxContextBytes);
}

function runOne(
  migration: Migrations[string],
  version: string,
  conversation: StoredConversation,
): StoredConversation | undefined {
  let next: StoredConversation | undefined;
  try {
    next = migration(conversation);
  } catch (cause) {
    throw badMigration(version, 'threw; see the cause', cause);
  }
  if (next === undefined) return undefined;
  if (typeof next !== 'object' || next === null || typeof next.version !== 'string') {
    throw badMigration(version, 'returned no conversation with its `version`');
  }
  return next;
}

function toConversation(
  record: ConversationRecord,
  snapshot: unknown,
  version: string,
): StoredConversation {
  return {
    version,
    snapshot: structuredClone(snapshot) as StoredSnapshot,
    context: clone(record.data),
    timers: structuredClone([...record.timers]),
    services: structuredClone([...record.services]),
  };
}

/** The record with the migrated conversation, copied and frozen as if it had been committed. */
function toRecord(
  record: ConversationRecord,
  { context, ...rest }: StoredConversation,
  version: string,
  maxContextBytes: number,
): StoredRecord {
  if (typeof context !== 'object' || context === null || !isDictionary(context)) {
    throw badMigration(version, 'returned no dictionary as `context`');
  }
  try {
    const { data, shareable } = freezeContext(context, maxContextBytes);
    const { snapshot, timers, services } = freezeCopy({ ...rest }, Number.POSITIVE_INFINITY).data;
    if (!areAll(timers, isTimer)) throw badMigration(version, 'returned `timers` that are none');
    if (!areAll(services, isService))
      throw badMigration(version, 'returned `services` that are none');
    return {
      snapshot,
      record: {
        ...record,
        data,
        timers: timers as readonly Timer[],
        services: services as readonly RunningService[],
        notFrozen: shareable ? undefined : true,
      },
    };
  } catch (cause) {
    if (cause instanceof StepError && cause.code === 'bad_migration') throw cause;
    throw badMigration(version, 'returned data that cannot be stored; see the cause', cause);
  }
}

function areAll(list: unknown, isOne: (item: Record<string, unknown>) => boolean): boolean {
  return (
    Array.isArray(list) &&
    list.every((item) => typeof item === 'object' && item !== null && isOne(item as never))
  );
}

function badMigration(version: string, what: string, cause?: unknown): StepError {
  return new StepError(
    'bad_migration',
    `The migration of version '${version}' ${what}. The conversation counts as incompatible.`,
    { details: { version }, ...(cause !== undefined && { cause }) },
  );
}
