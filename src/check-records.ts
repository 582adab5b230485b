import { type KeysOf, checkOptions, keyTable } from './internal/closed.ts';
import { ALONE } from './context/record/due-time.ts';
import type { AnyStateMachine, StateValue } from 'xstate';
import { type Codec, openRecord } from './context/record/envelope.ts';
import { jsonCodec } from './context/record/json-codec.ts';
import {
  type ConversationRecord,
  NONE,
  type RunningService,
  type StoredDialogue,
  type Timer,
} from './context/record/record.ts';
import { isReserved } from './internal/reserved.ts';
import { NOTHING_SEEN } from './context/record/seen-parts.ts';
import { type Snapshot, createEngine } from './dialogue/engine/engine.ts';
import { lackingFor } from './dialogue/engine/explain-mismatch.ts';
import type { StoredSnapshot } from './dialogue/engine/snapshot.ts';
import { ColloquyError } from './errors.ts';
import { upgradeRecord } from './runner/upgrade/upgrade.ts';
import {
  type Dropped,
  type UpgradeOptions,
  type FittingOutcome,
  type Origin,
  checkUpgradeOptions,
} from './runner/upgrade/migrate.ts';
import { type Migrations, type RenameResult, renamesIn } from './runner/upgrade/migrations.ts';
import { freezeContext } from './context/record/frozen.ts';
import type { PlanContext } from './runner/commit-plan.ts';

/** A record as a persister stores it, or its content. */
export type CheckedRecord =
  | {
      /** The user. */
      readonly openid: string;
      /** The record as the persister has it. */
      readonly body: string;
    }
  | {
      /** The user. */
      readonly openid: string;
      /** The user's dictionary. */
      readonly data: Readonly<Record<string, unknown>>;
      /** The state of the dialogue. Default: none has started. */
      readonly dialogue?: StoredDialogue | undefined;
      /** Delayed events that are pending. Default: none. */
      readonly timers?: readonly Timer[];
      /** Services that have started and not ended. Default: none. */
      readonly services?: readonly RunningService[];
    };

/** Options of `checkRecords()`: the upgrade, how records are decoded, and the length of the report. */
export interface CheckRecordsOptions extends UpgradeOptions {
  /** The codec of the records. Default `jsonCodec`. */
  readonly codec?: Codec | undefined;
  /** As for the store. Default 65 536. */
  readonly maxContextBytes?: number | undefined;
  /** The maximum of findings in the report; others are only counted. Default 1000. */
  readonly maxFindings?: number | undefined;
  /** Called with each record that was checked. */
  readonly onCheck?: ((check: RecordCheck) => void) | undefined;
}

const KEYS = /* @__PURE__ */ keyTable(
  'migrate onIncompatible codec maxContextBytes maxFindings onCheck',
) satisfies KeysOf<CheckRecordsOptions>;

/** The result of one record. It holds names of states, but nothing of the context. */
export interface RecordCheck {
  /** The user. */
  readonly openid: string;
  /** `none`: the record holds a context and no dialogue. `corrupt`: it cannot be decoded. */
  readonly outcome: FittingOutcome | 'none' | 'corrupt';
  /** The definition that left the record; undefined if it holds no dialogue, or cannot be decoded. */
  readonly found: Origin | undefined;
  /** Whether the definition has changed in a way that may matter to a stored conversation. */
  readonly changed: boolean;
  /** The state that is stored; undefined if there is none. */
  readonly before: StateValue | undefined;
  /** The state in which it would continue; undefined if it would not. */
  readonly after: StateValue | undefined;
  /** The timers and services that would be gone. */
  readonly dropped: Dropped;
  /** The renames of `migrate` that found an old name in it, as they are written. */
  readonly renamed: readonly string[];
  /** Why it would not continue as it was, in words. */
  readonly reasons: readonly string[];
  /** What a migration, `onIncompatible` or a delay threw. */
  readonly errors: readonly unknown[];
}

/** What a rename of `migrate` did in all records. */
export interface RenameCount {
  /** The version that the records were stored with, or were migrated to before. */
  readonly version: string;
  /** As it is written: `renameState('table', 'details')`. */
  readonly rename: string;
  /** Number of records to which it was applied. */
  readonly records: number;
  /** Number of those that had the old name. */
  readonly renamed: number;
}

/** What `checkRecords()` found. */
export interface RecordsReport {
  /** Number of records. */
  readonly total: number;
  /** Number of records by their outcome. */
  readonly counts: Readonly<Record<RecordCheck['outcome'], number>>;
  /** Number of records that `changed`. */
  readonly changed: number;
  /** Number of records of which something is `dropped`. */
  readonly dropped: number;
  /** What each rename of `migrate` did, in order. One that never found its old name may be misspelt. */
  readonly renames: readonly RenameCount[];
  /** The first records with an outcome other than `fits` or `none`, or of which something is dropped. */
  readonly findings: readonly RecordCheck[];
}

/**
 * Tests whether a dialogue can be deployed over the stored conversations: it upgrades each record as a runner with the same
 * options would, and changes nothing.
 * @throws UsageError `bad_dialogue`, `bad_option`, and what `records` or `onCheck` throw
 */
export async function checkRecords(
  dialogue: AnyStateMachine,
  records: AsyncIterable<CheckedRecord> | Iterable<CheckedRecord>,
  options: CheckRecordsOptions = {},
): Promise<RecordsReport> {
  checkOptions('checkRecords()', options, KEYS);
  checkUpgradeOptions(options, dialogue);
  const { maxFindings = 1000, onCheck } = options;
  const counter = new RenameCounter(options.migrate);
  const check = createCheck(dialogue, options, counter);
  const counts = { fits: 0, migrated: 0, replaced: 0, restart: 0, none: 0, corrupt: 0 };
  const findings: RecordCheck[] = [];
  let total = 0;
  let changed = 0;
  let dropped = 0;
  for await (const record of records) {
    // What the library itself keeps there is no conversation.
    if (isReserved(record.openid)) continue;
    const checked = check(record);
    const { outcome } = checked;
    const isLess = checked.dropped.timers.length + checked.dropped.services.length > 0;
    total += 1;
    counts[outcome] += 1;
    if (checked.changed) changed += 1;
    if (isLess) dropped += 1;
    const isFinding = isLess || (outcome !== 'fits' && outcome !== 'none');
    if (isFinding && findings.length < maxFindings) findings.push(checked);
    onCheck?.(checked);
  }
  return { total, counts, changed, dropped, renames: counter.counts, findings };
}

/** Counts what the renames do, by their place in `migrate`. */
class RenameCounter {
  readonly #counts: { version: string; rename: string; records: number; renamed: number }[];

  constructor(migrations: Migrations = {}) {
    this.#counts = renamesIn(migrations).map((each) => ({ ...each, records: 0, renamed: 0 }));
  }

  get counts(): readonly RenameCount[] {
    return this.#counts;
  }

  /** @param results those of one record, in order */
  add(results: readonly RenameResult[]): void {
    let version: string | undefined;
    let place = -1;
    for (const result of results) {
      const isNext = result.version === version;
      ({ version } = result);
      place = isNext ? place + 1 : this.#counts.findIndex((each) => each.version === version);
      const count = this.#counts[place];
      if (count === undefined) continue;
      count.records += 1;
      if (result.isUsed) count.renamed += 1;
    }
  }
}

function createCheck(
  dialogue: AnyStateMachine,
  options: CheckRecordsOptions,
  counter: RenameCounter,
): (record: CheckedRecord) => RecordCheck {
  const { codec = jsonCodec, maxContextBytes = 65_536 } = options;
  const engine = createEngine(dialogue);
  let ids = 0;
  const context: PlanContext = {
    engine,
    durable: true,
    usesOutbox: () => true,
    dueTimes: ALONE,
    maxContextBytes,
    keep: (inner) => freezeContext(inner, maxContextBytes),
    seen: { max: 0, ageMs: 0, replyBytes: 0 },
    createId: () => `check.${(ids += 1)}`,
    onUnhandled: () => NONE,
  };
  return (checked) => {
    const { openid } = checked;
    let record: ConversationRecord;
    try {
      record = 'body' in checked ? openRecord(checked, codec) : toRecord(checked);
    } catch (error) {
      return { ...nothing(openid, 'corrupt'), reasons: [reasonOf(error)], errors: [error] };
    }
    if (record.dialogue === undefined) return nothing(openid, 'none');
    const upgrade = upgradeRecord(record, options, context, record.savedAt);
    const { found, outcome, dropped, renames, faults } = upgrade;
    const live = upgrade.record.live as Snapshot | undefined;
    const { snapshot } = record.dialogue;
    counter.add(renames);
    const isMisfit = outcome !== 'fits' && outcome !== 'migrated';
    return {
      openid,
      outcome,
      found,
      changed: found.structure !== engine.structure,
      before: (snapshot as Partial<StoredSnapshot> | undefined)?.value,
      after: live?.value,
      dropped,
      renamed: renames.filter(({ isUsed }) => isUsed).map(({ rename }) => rename),
      reasons: isMisfit ? reasonsOf(dialogue, found, snapshot) : NONE,
      errors: faults,
    };
  };
}

function reasonsOf(
  dialogue: AnyStateMachine,
  { id }: Origin,
  snapshot: unknown,
): readonly string[] {
  if (id !== dialogue.id) return [`it is of the dialogue '${id}'`];
  const lacking = lackingFor(dialogue, snapshot);
  return lacking.length > 0 ? lacking : ['its migration was given up'];
}

function reasonOf(error: unknown): string {
  const reason = ColloquyError.is(error) ? error.details['reason'] : undefined;
  return typeof reason === 'string' ? reason : 'undecodable';
}

function nothing(openid: string, outcome: 'none' | 'corrupt'): RecordCheck {
  return {
    openid,
    outcome,
    found: undefined,
    changed: false,
    before: undefined,
    after: undefined,
    dropped: { timers: NONE, services: NONE },
    renamed: NONE,
    reasons: NONE,
    errors: NONE,
  };
}

function toRecord(checked: Exclude<CheckedRecord, { body: string }>): ConversationRecord {
  const { openid, data, dialogue, timers = NONE, services = NONE } = checked;
  const { data: kept, shareable } = freezeContext(data, Number.POSITIVE_INFINITY);
  return {
    openid,
    revision: 0,
    data: kept,
    notFrozen: shareable ? undefined : true,
    savedAt: 0,
    live: undefined,
    dialogue,
    timers,
    services,
    seen: NOTHING_SEEN,
    outbox: NONE,
  };
}
