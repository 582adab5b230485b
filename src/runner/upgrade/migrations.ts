import { settled } from '../../dialogue/engine/settled.ts';
import type { AnyStateMachine } from 'xstate';
import type { RunningService, Timer } from '../../context/record/record.ts';
import type { Offer } from '../../dialogue/engine/offer.ts';
import type { Renames } from '../../dialogue/engine/renaming.ts';
import type { StoredSnapshot } from '../../dialogue/engine/snapshot.ts';
import { UsageError } from '../../errors.ts';

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
  /** What the user was offered and may still choose. */
  offers?: Offer[];
  /**
   * The delays of its states, each as the `actor` and the `id` of its timer, joined by `:`. One without a timer has
   * fired, and does not fire again.
   */
  delays?: string[];
}

/** What a migration knows beside the conversation. */
export interface MigrationAbout {
  /** The dialogue as it is now. */
  readonly dialogue: AnyStateMachine;
}

/**
 * Brings a conversation to another version of its dialogue, or does a part of that. It may change what it is given or
 * return a new conversation; `undefined` gives up. `renameState`, `renameSlot`, `renameKey` and `renameService` make
 * such functions, and `migrateTo` makes one of several.
 */
export type Migration = (
  conversation: StoredConversation,
  about: MigrationAbout,
) => StoredConversation | undefined;

/**
 * Functions that migrate stored conversations, by the version that a conversation is stored with. Each may change what
 * it is given or return a new conversation, and sets the `version` that it is now. If there is a function for that
 * version, that one is called next. `undefined` gives up: see `onIncompatible`. A version without a function is taken
 * as it is.
 *
 * A function does nothing else: it is called again each time such a conversation is loaded before its next commit.
 */
export type Migrations = Readonly<Record<string, Migration>>;

/** A migration that only renames. */
export interface Rename {
  /** How the author wrote it. */
  readonly label: string;
  readonly renames: Renames;
  apply(
    conversation: StoredConversation,
    about: MigrationAbout,
  ): { readonly renamed: StoredConversation; readonly isUsed: boolean };
  /** What of the new names a dialogue lacks after the later renames, as a sentence. */
  lacking(dialogue: AnyStateMachine, later: readonly Renames[]): string | undefined;
}

/** What a rename did in one conversation. */
export interface RenameResult {
  /** The version that the conversation was stored with, or was migrated to before. */
  readonly version: string;
  /** As the author wrote it: `renameState('table', 'details')`. */
  readonly rename: string;
  /** Whether anything had the old name. */
  readonly isUsed: boolean;
}

/** The parts of a migration that `migrateTo` made. */
interface Sequence {
  readonly to: string;
  readonly steps: readonly Migration[];
}

// Of every copy of this package in a process.
const RENAME: unique symbol = Symbol.for('colloquy.rename');
const SEQUENCE: unique symbol = Symbol.for('colloquy.migrations');

export function toMigration(rename: Rename): Migration {
  const migration: Migration = (conversation, about) => rename.apply(conversation, about).renamed;
  return Object.assign(migration, { [RENAME]: rename });
}

function renameOf(migration: Migration): Rename | undefined {
  return (migration as { readonly [RENAME]?: Rename })[RENAME];
}

function sequenceOf(migration: Migration | undefined): Sequence | undefined {
  return (migration as { readonly [SEQUENCE]?: Sequence } | undefined)?.[SEQUENCE];
}

/**
 * Makes one migration of several, for the option `migrate`. They run in this order, and the conversation then belongs to
 * `version`.
 * @example
 * const migrate = {
 *   1: migrateTo('2', renameState('table', 'details'), renameKey('name', 'guest')),
 *   2: migrateTo('3', renameService('price', 'quote')),
 * };
 * @throws UsageError `bad_option`
 */
export function migrateTo(version: string, ...migrations: readonly Migration[]): Migration {
  const areFunctions = migrations.every((each) => typeof each === 'function');
  if (typeof version !== 'string' || version === '' || !areFunctions) {
    throw new UsageError(
      'bad_option',
      '`migrateTo()` takes the version that a conversation belongs to afterwards, and then migrations.',
    );
  }
  const sequence: Sequence = { to: version, steps: migrations };
  const migration: Migration = (conversation, about) => runSequence(sequence, conversation, about);
  return Object.assign(migration, { [SEQUENCE]: sequence });
}

/** @param onRename called for each rename of a `migrateTo` */
export function runMigration(
  migration: Migration,
  conversation: StoredConversation,
  about: MigrationAbout,
  onRename: (rename: string, isUsed: boolean) => void,
): StoredConversation | undefined {
  const sequence = sequenceOf(migration);
  if (sequence === undefined) return settled(migration(conversation, about), 'A migration');
  return runSequence(sequence, conversation, about, onRename);
}

function runSequence(
  { to, steps }: Sequence,
  conversation: StoredConversation,
  about: MigrationAbout,
  onRename?: (rename: string, isUsed: boolean) => void,
): StoredConversation | undefined {
  let current: StoredConversation | undefined = conversation;
  for (const step of steps) {
    const rename = renameOf(step);
    if (rename === undefined) current = settled(step(current, about), 'A migration');
    else {
      const { renamed, isUsed } = rename.apply(current, about);
      onRename?.(rename.label, isUsed);
      current = renamed;
    }
    if (current === undefined) return undefined;
  }
  return { ...current, version: to };
}

/** All renames of a `migrateTo`, in order. */
export function renamesIn(migrations: Migrations): readonly Omit<RenameResult, 'isUsed'>[] {
  return Object.entries(migrations).flatMap(([version, migration]) =>
    (sequenceOf(migration)?.steps ?? []).flatMap((step) => {
      const rename = renameOf(step);
      return rename === undefined ? [] : [{ version, rename: rename.label }];
    }),
  );
}

/**
 * Refuses a rename that leads to what the dialogue does not have. Where a function of the author's comes after it, it is
 * unknown where it leads.
 * @throws UsageError `bad_option`
 */
export function checkMigrations(migrations: Migrations, dialogue: AnyStateMachine): void {
  for (const [version, migration] of Object.entries(migrations)) {
    const alone = renameOf(migration);
    if (alone !== undefined) {
      throw new UsageError(
        'bad_option',
        `\`${alone.label}\` of version '${version}' does not say which version the conversation belongs to afterwards: write migrateTo('…', ${alone.label}).`,
      );
    }
    const steps = stepsFrom(version, migrations, dialogue.version);
    for (const [place, step] of (sequenceOf(migration)?.steps ?? []).entries()) {
      const rename = renameOf(step);
      const later = steps.slice(place + 1).map((each) => each && renameOf(each));
      if (rename === undefined || later.includes(undefined)) continue;
      const lacking = rename.lacking(
        dialogue,
        later.flatMap((each) => each?.renames ?? []),
      );
      if (lacking === undefined) continue;
      throw new UsageError(
        'bad_option',
        `\`${rename.label}\` in the migration of version '${version}' leads nowhere: ${lacking} Correct the name, or leave it out.`,
      );
    }
  }
}

/** All that runs for a conversation of a version; undefined stands for a function of the author's. */
function stepsFrom(
  version: string,
  migrations: Migrations,
  last: string | undefined,
): readonly (Migration | undefined)[] {
  const steps: (Migration | undefined)[] = [];
  const seen = new Set<string>();
  let at = version;
  while (at !== last && Object.hasOwn(migrations, at) && !seen.has(at)) {
    seen.add(at);
    const sequence = sequenceOf(migrations[at]);
    if (sequence === undefined) return [...steps, undefined];
    steps.push(...sequence.steps);
    at = sequence.to;
  }
  return steps;
}
