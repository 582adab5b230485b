import { isService, isTimer } from '../context/record/envelope.ts';
import type { ConversationRecord, RunningService, Timer } from '../context/record/record.ts';
import type { StoredSnapshot } from '../dialogue/engine/snapshot.ts';
import { StepError } from '../errors.ts';
import { clone, freezeCopy, isDictionary } from '../internal/plain-data.ts';
import { freezeContext } from './freeze.ts';

/** A conversation as it is stored, for a function to make it fit another version of its dialogue. All plain data. */
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
 * By the version that a conversation is stored with, what makes it a later one. It may change what it is given or make
 * something new, says which `version` it has come to, and is called again for that one where there is a function for
 * it. `undefined` gives up: see `onIncompatible`. A version without a function is taken as it is.
 *
 * It does nothing else: it is called again whenever a conversation of that version is met that was not committed since.
 */
export type Migrations = Readonly<
  Record<string, (conversation: StoredConversation) => StoredConversation | undefined>
>;

/**
 * Takes a record from version to version, as far as there are functions.
 * @returns undefined where one gave up
 * @throws StepError `bad_migration` where one threw, or made something that is no conversation
 */
export function migrateRecord(
  record: ConversationRecord,
  snapshot: unknown,
  from: string,
  to: string,
  migrations: Migrations,
  maxContextBytes: number,
): { readonly record: ConversationRecord; readonly snapshot: unknown } | undefined {
  let version = from;
  let migrated: StoredConversation | undefined;
  const seen = new Set<string>();
  while (version !== to && Object.hasOwn(migrations, version)) {
    if (seen.has(version)) throw badMigration(version, 'has been met before on the way');
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
  return toRecord(record, migrated, [...seen].at(-1) ?? from, maxContextBytes);
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
    throw badMigration(version, 'did not give a conversation with its `version`');
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

/** The record with what was made of it, as if it had been committed: a copy, plain and frozen. */
function toRecord(
  record: ConversationRecord,
  { context, ...rest }: StoredConversation,
  version: string,
  maxContextBytes: number,
): { readonly record: ConversationRecord; readonly snapshot: unknown } {
  if (typeof context !== 'object' || context === null || !isDictionary(context)) {
    throw badMigration(version, 'gave no dictionary as `context`');
  }
  try {
    const { data, shareable } = freezeContext(context, maxContextBytes);
    const { snapshot, timers, services } = freezeCopy({ ...rest }, Number.POSITIVE_INFINITY).data;
    if (!areAll(timers, isTimer)) throw badMigration(version, 'gave `timers` that are none');
    if (!areAll(services, isService)) throw badMigration(version, 'gave `services` that are none');
    return {
      snapshot,
      record: {
        ...record,
        data,
        timers: timers as readonly Timer[],
        services: services as readonly RunningService[],
        loose: shareable ? undefined : true,
      },
    };
  } catch (cause) {
    if (cause instanceof StepError && cause.code === 'bad_migration') throw cause;
    throw badMigration(version, 'made what cannot be kept; see the cause', cause);
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
