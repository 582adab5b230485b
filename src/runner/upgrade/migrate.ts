import type { AnyStateMachine } from 'xstate';
import { isOffer, isService, isTimer } from '../../context/record/envelope.ts';
import type { ConversationRecord, RunningService, Timer } from '../../context/record/record.ts';
import type { Offer } from '../../dialogue/engine/offer.ts';
import type { StoredSnapshot } from '../../dialogue/engine/snapshot.ts';
import { StepError, UsageError } from '../../errors.ts';
import { isKeyed } from '../../internal/closed.ts';
import { clone, isDictionary } from '../../internal/plain-data.ts';
import { freezeCopy } from '../../internal/frozen-copy.ts';
import { freezeContext } from '../../context/record/frozen.ts';
import {
  type Migration,
  type MigrationAbout,
  type Migrations,
  type RenameResult,
  type StoredConversation,
  checkMigrations,
  runMigration,
} from './migrations.ts';

/** The definition that a stored conversation was left by. */
export interface Origin {
  /** The id of the dialogue. */
  readonly id: string;
  /** The version of the dialogue. */
  readonly version: string;
  /** Changes with the states of the definition, also if its version stays the same. */
  readonly structure: string | undefined;
}

/**
 * What becomes of a stored conversation under the dialogue as it is now.
 * - `fits`: it continues as it is.
 * - `migrated`: it continues as `migrate` returned it.
 * - `replaced`: it continues in the snapshot that `onIncompatible` returned.
 * - `restart`: the dialogue starts again with the next message, and keeps the context.
 */
export type FittingOutcome = 'fits' | 'migrated' | 'replaced' | 'restart';

/** A stored conversation in which the dialogue cannot continue, for `onIncompatible` to judge. */
export interface Incompatible {
  /** The user. */
  readonly openid: string;
  /** The definition that left the conversation. */
  readonly found: Origin;
  /** Where the dialogue stands, as `migrate` left it. Only to be read: it may be frozen. */
  readonly snapshot: StoredSnapshot;
  /** The dictionary, as `migrate` left it. */
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
  /** Migrates conversations of earlier versions of the dialogue to this one. Default: they are taken as they are. */
  readonly migrate?: Migrations | undefined;
  /** What to do with a conversation in which the dialogue cannot continue. Default `restart`. */
  readonly onIncompatible?: OnIncompatible | undefined;
}

/** @throws UsageError `bad_option` */
export function checkUpgradeOptions(options: UpgradeOptions, dialogue: AnyStateMachine): void {
  const { migrate, onIncompatible = 'restart' } = options;
  const areFunctions =
    typeof migrate === 'object' &&
    migrate !== null &&
    Object.values(migrate).every((each) => typeof each === 'function');
  if (migrate !== undefined && !areFunctions) {
    throw new UsageError('bad_option', '`migrate` holds functions by version.');
  }
  if (migrate !== undefined) checkMigrations(migrate, dialogue);
  if (onIncompatible !== 'restart' && typeof onIncompatible !== 'function') {
    throw new UsageError('bad_option', "`onIncompatible` must be 'restart' or a function.");
  }
}

/** A record with its snapshot and its delays as plain data. */
interface StoredRecord {
  readonly record: ConversationRecord;
  readonly snapshot: unknown;
  /** Undefined for a record that does not hold them. */
  readonly delays: readonly string[] | undefined;
}

interface MigrationTarget extends MigrationAbout {
  readonly version: string;
  readonly maxContextBytes: number;
  readonly onRename: (result: RenameResult) => void;
}

/**
 * Takes a record from version to version, until there is no function for it.
 * @returns undefined if one gave up
 * @throws StepError `bad_migration` if one threw, or returned no conversation
 */
export function migrateRecord(
  stored: StoredRecord & { readonly version: string },
  target: MigrationTarget,
  migrations: Migrations,
): StoredRecord | undefined {
  let { version } = stored;
  let migrated: StoredConversation | undefined;
  const seen = new Set<string>();
  while (version !== target.version && Object.hasOwn(migrations, version)) {
    if (seen.has(version)) throw badMigration(version, 'was run before on the way');
    seen.add(version);
    const migration = migrations[version] as Migration;
    migrated = runOne(migration, version, migrated ?? toConversation(stored), target);
    if (migrated === undefined) return undefined;
    ({ version } = migrated);
  }
  if (migrated === undefined) return stored;
  return toRecord(stored, migrated, [...seen].at(-1) ?? version, target.maxContextBytes);
}

function runOne(
  migration: Migration,
  version: string,
  conversation: StoredConversation,
  target: MigrationTarget,
): StoredConversation | undefined {
  let next: StoredConversation | undefined;
  const { dialogue, onRename } = target;
  try {
    next = runMigration(migration, conversation, { dialogue }, (rename, isUsed) =>
      onRename({ version, rename, isUsed }),
    );
  } catch (cause) {
    throw badMigration(version, 'threw; see the cause', cause);
  }
  if (next === undefined) return undefined;
  if (typeof next !== 'object' || next === null || typeof next.version !== 'string') {
    throw badMigration(version, 'returned no conversation with its `version`');
  }
  return next;
}

function toConversation({
  record,
  snapshot,
  delays,
  version,
}: StoredRecord & { readonly version: string }): StoredConversation {
  const { data, timers, services, offers } = record;
  return {
    version,
    snapshot: structuredClone(snapshot) as StoredSnapshot,
    context: clone(data),
    timers: structuredClone([...timers]),
    services: structuredClone([...services]),
    ...(offers && { offers: structuredClone([...offers]) }),
    ...(delays && { delays: [...delays] }),
  };
}

/** The record with the migrated conversation, copied and frozen as if it had been committed. */
function toRecord(
  { record, delays: before }: StoredRecord,
  { context, ...rest }: StoredConversation,
  version: string,
  maxContextBytes: number,
): StoredRecord {
  if (typeof context !== 'object' || context === null || !isDictionary(context)) {
    throw badMigration(version, 'returned no dictionary as `context`');
  }
  try {
    const { data, shareable } = freezeContext(context, maxContextBytes);
    const parts = freezeCopy({ ...rest }, Number.POSITIVE_INFINITY).data;
    const { snapshot, timers, services, delays = before } = parts;
    const offers = (parts['offers'] ?? record.offers) as readonly Offer[] | undefined;
    if (!areAll(timers, isTimer)) throw badMigration(version, 'returned `timers` that are none');
    if (!areAll(services, isService))
      throw badMigration(version, 'returned `services` that are none');
    if (offers !== undefined && !areAll(offers, isOffer)) {
      throw badMigration(version, 'returned `offers` that are none');
    }
    return {
      snapshot,
      delays: delays as readonly string[] | undefined,
      record: {
        ...record,
        data,
        timers: timers as readonly Timer[],
        services: services as readonly RunningService[],
        offers: offers?.length === 0 ? undefined : offers,
        notFrozen: shareable ? undefined : true,
      },
    };
  } catch (cause) {
    if (cause instanceof StepError && cause.code === 'bad_migration') throw cause;
    throw badMigration(version, 'returned data that cannot be stored; see the cause', cause);
  }
}

function areAll(
  list: unknown,
  isOne: (item: Readonly<Record<string, unknown>>) => boolean,
): boolean {
  return Array.isArray(list) && list.every((item) => isKeyed(item) && isOne(item));
}

function badMigration(version: string, what: string, cause?: unknown): StepError {
  return new StepError(
    'bad_migration',
    `The migration of version '${version}' ${what}. The conversation counts as incompatible.`,
    { details: { version }, ...(cause !== undefined && { cause }) },
  );
}
