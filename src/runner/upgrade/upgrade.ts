import { settled } from '../../dialogue/engine/settled.ts';
import {
  type ConversationRecord,
  NONE,
  type RunningService,
  type Timer,
  handOut,
} from '../../context/record/record.ts';
import { freezeCopy } from '../../internal/frozen-copy.ts';
import { delayKey } from '../../dialogue/engine/delays.ts';
import type { Engine, Snapshot, Step } from '../../dialogue/engine/engine.ts';
import type { StoredSnapshot } from '../../dialogue/engine/snapshot.ts';
import { StepError } from '../../errors.ts';
import type { Dropped, UpgradeOptions, FittingOutcome, Origin } from './migrate.ts';
import { migrateRecord } from './migrate.ts';
import type { RenameResult } from './migrations.ts';
import { type PlanContext, planTurn } from '../commit-plan.ts';
import { resetDelays } from '../../context/record/reset-delays.ts';

/** A record under the dialogue as it is now; nothing of it is committed yet. */
export interface Upgrade {
  readonly outcome: FittingOutcome;
  readonly found: Origin;
  /** With a live snapshot if the dialogue continues, and without the timers and services that it no longer expects. */
  readonly record: ConversationRecord;
  /** The record to commit if the turn commits nothing else; undefined if nothing has changed. */
  readonly change: ConversationRecord | undefined;
  readonly dropped: Dropped;
  /** What the renames of `migrate` did, in order. */
  readonly renames: readonly RenameResult[];
  /** What failed on the way: a migration, `onIncompatible`, a delay. */
  readonly faults: readonly unknown[];
}

/** Whether a record needs no upgrade: it has no dialogue, or a live one of this very definition. */
export function isCurrent(engine: Engine, record: ConversationRecord | undefined): boolean {
  if (record === undefined) return true;
  const live = record.live as Snapshot | undefined;
  return live === undefined ? record.dialogue === undefined : engine.owns(live);
}

/**
 * Brings a record to the current definition of the dialogue. It does nothing but call the user's functions, and never
 * throws: an error here would fail every turn of this user.
 * @param record one that is not current
 */
export function upgradeRecord(
  record: ConversationRecord,
  options: UpgradeOptions,
  context: PlanContext,
  now: number,
): Upgrade {
  return new Upgrading(record, options, context, now).run();
}

class Upgrading {
  readonly #original: ConversationRecord;
  readonly #options: UpgradeOptions;
  readonly #context: PlanContext;
  readonly #engine: Engine;
  readonly #now: number;
  readonly #found: Origin;
  readonly #faults: unknown[] = [];
  readonly #renames: RenameResult[] = [];
  #record: ConversationRecord;
  #snapshot: unknown;
  /** Keys of the delays that its states had. */
  #delays: readonly string[] | undefined;

  constructor(
    record: ConversationRecord,
    options: UpgradeOptions,
    context: PlanContext,
    now: number,
  ) {
    this.#original = record;
    this.#record = record;
    this.#options = options;
    this.#context = context;
    this.#engine = context.engine;
    this.#now = now;
    const live = record.live as Snapshot | undefined;
    this.#snapshot = record.dialogue?.snapshot ?? (live && context.engine.persist(live));
    this.#delays =
      record.dialogue === undefined && live !== undefined
        ? context.engine.delays(live).map(delayKey)
        : record.dialogue?.delays;
    const { id = '', version = '0' } = record.dialogue ?? live?.machine ?? {};
    this.#found = { id, version, structure: record.dialogue?.structure };
  }

  run(): Upgrade {
    if (this.#found.id !== this.#engine.id) return this.#incompatible();
    const isMigrated = this.#migrate();
    if (isMigrated === undefined) return this.#incompatible();
    const live = this.#restore(this.#snapshot);
    if (live === undefined) return this.#incompatible();
    if (isMigrated) return this.#continue('migrated', live);
    if (this.#found.structure !== this.#engine.structure) return this.#continue('fits', live);
    return this.#result('fits', { ...this.#record, live }, NOTHING, undefined);
  }

  /** @returns whether a migration changed the record; undefined if one gave up */
  #migrate(): boolean | undefined {
    const { migrate } = this.#options;
    const { version } = this.#found;
    if (migrate === undefined || version === this.#engine.version) return false;
    const delays = this.#delays;
    const stored = { record: this.#record, snapshot: this.#snapshot, delays, version };
    const target = {
      version: this.#engine.version,
      dialogue: this.#engine.dialogue,
      maxContextBytes: this.#context.maxContextBytes,
      onRename: (result: RenameResult) => this.#renames.push(result),
    };
    const migrated = this.#try(() => migrateRecord(stored, target, migrate));
    if (migrated === undefined) return undefined;
    const isChanged = migrated.record !== this.#record;
    this.#record = migrated.record;
    this.#snapshot = migrated.snapshot;
    this.#delays = migrated.delays;
    return isChanged;
  }

  #incompatible(): Upgrade {
    // A dialogue that had ended starts again anyway.
    if ((this.#snapshot as Partial<StoredSnapshot> | undefined)?.status === 'done') {
      return this.#restart('fits');
    }
    const answer = this.#try(() => this.#ask()) ?? 'restart';
    if (answer === 'restart') return this.#restart('restart');
    const live = this.#try(() => this.#replace(answer));
    return live === undefined ? this.#restart('restart') : this.#continue('replaced', live);
  }

  #ask(): 'restart' | StoredSnapshot {
    const { onIncompatible = 'restart' } = this.#options;
    if (onIncompatible === 'restart') return onIncompatible;
    const answer = onIncompatible({
      openid: this.#record.openid,
      found: this.#found,
      snapshot: this.#snapshot as StoredSnapshot,
      context: handOut(this.#record),
    });
    return settled(answer, '`onIncompatible`');
  }

  #replace(snapshot: unknown): Snapshot {
    const { data } = freezeCopy({ snapshot }, Number.POSITIVE_INFINITY);
    const live = this.#restore(data['snapshot']);
    if (live !== undefined) return live;
    throw new StepError(
      'bad_snapshot',
      "`onIncompatible` answered with neither 'restart' nor a snapshot that the dialogue can be in; the conversation starts again.",
      { openid: this.#record.openid },
    );
  }

  #continue(outcome: FittingOutcome, live: Snapshot): Upgrade {
    const { record, dropped } = this.#prune(live);
    const upgraded = { ...record, live };
    if (record === this.#original && outcome === 'fits') {
      return this.#result(outcome, upgraded, dropped, undefined);
    }
    const { openid } = record;
    const step: Step = { next: live, effects: NONE, handled: true };
    const basis = { openid, record, now: this.#now, hasCaller: false };
    const plan = this.#try(() => planTurn(basis, step, this.#context));
    if (plan === undefined) return this.#restart('restart');
    return this.#result(outcome, upgraded, dropped, plan.record);
  }

  #restart(outcome: FittingOutcome): Upgrade {
    const { timers, services } = this.#original;
    const nothing = { timers: NONE, services: NONE };
    const record = { ...this.#record, ...nothing, live: undefined, dialogue: undefined };
    // The rest stays as it is until the user writes: the old definition may come back.
    const isPending = timers.length + services.length > 0;
    const change = isPending ? { ...this.#original, ...nothing, revision: 0 } : undefined;
    return this.#result(outcome, record, droppedOf(timers, services), change);
  }

  #result(
    outcome: FittingOutcome,
    record: ConversationRecord,
    dropped: Dropped,
    change: Upgrade['change'],
  ): Upgrade {
    const [found, renames, faults] = [this.#found, this.#renames, this.#faults];
    return { outcome, found, record, change, dropped, renames, faults };
  }

  /** The record without timers and services that no state expects any more, and with the delays that its states have now. */
  #prune(snapshot: Snapshot): { readonly record: ConversationRecord; readonly dropped: Dropped } {
    const { timers, services } = this.#record;
    const isExpected = (pending: Timer | RunningService): boolean =>
      this.#engine.expects(snapshot, pending);
    const kept = { timers: timers.filter(isExpected), services: services.filter(isExpected) };
    const gone = timers.filter((timer) => !kept.timers.includes(timer));
    const { set, replaced } = this.#try(() => this.#resetDelays(snapshot, kept.timers, gone)) ?? {
      set: NONE,
      replaced: NONE,
    };
    const isWhole =
      gone.length === 0 && set.length === 0 && kept.services.length === services.length;
    if (isWhole) return { record: this.#record, dropped: NOTHING };
    const dropped = droppedOf(
      gone.filter((timer) => !replaced.includes(timer)),
      services.filter((service) => !kept.services.includes(service)),
    );
    const record = { ...this.#record, ...kept, timers: [...kept.timers, ...set] };
    return { record, dropped };
  }

  #resetDelays(
    snapshot: Snapshot,
    kept: readonly Timer[],
    gone: readonly Timer[],
  ): ReturnType<typeof resetDelays> {
    return resetDelays({
      delays: this.#engine.delays(snapshot),
      kept,
      gone,
      before: this.#delays && new Set(this.#delays),
      savedAt: this.#original.savedAt,
      now: this.#now,
    });
  }

  #restore(snapshot: unknown): Snapshot | undefined {
    return this.#try(() => this.#engine.restore(snapshot, this.#record.data));
  }

  /** Reports what fails, rather than failing the turn: every later turn would fail in the same way. */
  #try<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#faults.push(error);
      return undefined;
    }
  }
}

const NOTHING: Dropped = { timers: NONE, services: NONE };

function droppedOf(timers: readonly Timer[], services: readonly RunningService[]): Dropped {
  return { timers: timers.map(({ id }) => id), services: services.map(({ src }) => src) };
}
