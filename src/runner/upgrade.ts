import { handOut } from '../context/record/record.ts';
import {
  type ConversationRecord,
  NONE,
  type RunningService,
  type Timer,
} from '../context/record/record.ts';
import { settle } from '../internal/plain-data.ts';
import { delayKey } from '../dialogue/engine/delays.ts';
import type { Engine, Snapshot, Step } from '../dialogue/engine/engine.ts';
import type { StoredSnapshot } from '../dialogue/engine/snapshot.ts';
import { StepError } from '../errors.ts';
import type { Dropped, FittingOptions, FittingOutcome, Origin } from './incompatible.ts';
import { migrateRecord } from './migrate.ts';
import { type Plan, type PlanContext, planTurn } from './commit-plan.ts';
import { resetDelays } from './reset-delays.ts';

/** A record made to fit a dialogue; nothing is committed yet. */
export interface Fitting {
  readonly outcome: FittingOutcome;
  readonly found: Origin;
  /** With its snapshot alive, where the dialogue goes on, and without what has no place any more. */
  readonly record: ConversationRecord;
  /** What entering the nearest state came to; it comes before anything else. */
  readonly entered: Step | undefined;
  /** What there is to commit, where nothing else comes of it; undefined where nothing has changed. */
  readonly change: ConversationRecord | Plan | undefined;
  readonly dropped: Dropped;
  /** What failed on the way: a migration, `onIncompatible`, the entry of a state. */
  readonly faults: readonly unknown[];
}

/** Whether a record needs no look: it has no dialogue, or one that is alive and of this very definition. */
export function isAtHome(engine: Engine, record: ConversationRecord | undefined): boolean {
  if (record === undefined) return true;
  const live = record.live as Snapshot | undefined;
  return live === undefined ? record.dialogue === undefined : engine.owns(live);
}

/**
 * Makes a record fit the dialogue. Pure but for what the user's functions do; never throws.
 * @param record one that is not at home
 */
export function fitRecord(
  record: ConversationRecord,
  options: FittingOptions,
  context: PlanContext,
  now: number,
): Fitting {
  return new Fitter(record, options, context, now).fit();
}

class Fitter {
  readonly #original: ConversationRecord;
  readonly #options: FittingOptions;
  readonly #context: PlanContext;
  readonly #engine: Engine;
  readonly #now: number;
  readonly #found: Origin;
  readonly #faults: unknown[] = [];
  #record: ConversationRecord;
  #snapshot: unknown;

  constructor(
    record: ConversationRecord,
    options: FittingOptions,
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
    const { id = '', version = '0' } = record.dialogue ?? live?.machine ?? {};
    this.#found = { id, version, structure: record.dialogue?.structure };
  }

  fit(): Fitting {
    if (this.#found.id !== this.#engine.id) return this.#misfit();
    const isMigrated = this.#migrate();
    if (isMigrated === undefined) return this.#misfit();
    const live = this.#restore(this.#snapshot);
    if (live === undefined) return this.#misfit();
    const isSame = !isMigrated && this.#found.structure === this.#engine.structure;
    return this.#goOn(isMigrated ? 'migrated' : 'fits', live, isSame);
  }

  /** @returns whether anything was changed; undefined where it was given up */
  #migrate(): boolean | undefined {
    const { migrate } = this.#options;
    const { version } = this.#found;
    if (migrate === undefined || version === this.#engine.version) return false;
    const { maxContextBytes } = this.#context;
    const migrated = this.#try(() =>
      migrateRecord(
        this.#record,
        this.#snapshot,
        version,
        this.#engine.version,
        migrate,
        maxContextBytes,
      ),
    );
    if (migrated === undefined) return undefined;
    const isChanged = migrated.record !== this.#record;
    this.#record = migrated.record;
    this.#snapshot = migrated.snapshot;
    return isChanged;
  }

  #misfit(): Fitting {
    // One that was over starts again anyway.
    if ((this.#snapshot as Partial<StoredSnapshot> | undefined)?.status === 'done') {
      return this.#startAgain('fits');
    }
    const answer = this.#try(() => this.#ask()) ?? 'restart';
    if (answer === 'nearest')
      return this.#try(() => this.#nearest()) ?? this.#startAgain('restart');
    if (answer === 'restart') return this.#startAgain('restart');
    const live = this.#try(() => this.#replace(answer));
    return live === undefined ? this.#startAgain('restart') : this.#goOn('replaced', live, false);
  }

  #ask(): 'restart' | 'nearest' | StoredSnapshot {
    const { onIncompatible = 'restart' } = this.#options;
    if (typeof onIncompatible === 'function') {
      return onIncompatible({
        openid: this.#record.openid,
        found: this.#found,
        snapshot: this.#snapshot as StoredSnapshot,
        context: handOut(this.#record),
      });
    }
    // What is near in another dialogue has nothing but its name in common.
    return this.#found.id === this.#engine.id ? onIncompatible : 'restart';
  }

  #replace(snapshot: unknown): Snapshot {
    const { data } = settle({ snapshot }, Number.POSITIVE_INFINITY);
    const live = this.#restore(data['snapshot']);
    if (live !== undefined) return live;
    throw new StepError(
      'bad_snapshot',
      'What `onIncompatible` answered is neither a word nor a snapshot that the dialogue can be in; the conversation starts again.',
      { openid: this.#record.openid },
    );
  }

  #nearest(): Fitting | undefined {
    const found = this.#engine.nearest(this.#snapshot, handOut(this.#record), this.#now);
    if (found === undefined) return undefined;
    const { kept, step } = found;
    const { record, dropped } = this.#prune(kept);
    // It is planned here, to know that it can be committed.
    const plan = this.#plan(record, step);
    return this.#result('nearest', { ...record, live: step.next }, dropped, plan, step);
  }

  #goOn(outcome: FittingOutcome, live: Snapshot, isSame: boolean): Fitting {
    const { record, dropped } = isSame
      ? { record: this.#record, dropped: NOTHING }
      : this.#prune(live);
    const fitted = { ...record, live };
    if (record === this.#original && outcome === 'fits') {
      return this.#result(outcome, fitted, dropped, undefined);
    }
    const step: Step = { next: live, effects: NONE, handled: true };
    const plan = this.#try(() => this.#plan(record, step));
    if (plan === undefined) return this.#startAgain('restart');
    return this.#result(outcome, fitted, dropped, plan);
  }

  #startAgain(outcome: FittingOutcome): Fitting {
    const { timers, services } = this.#original;
    const nothing = { timers: NONE, services: NONE };
    const record = { ...this.#record, ...nothing, live: undefined, dialogue: undefined };
    // Until its user comes, the rest stays as it is: the old definition may come back.
    const isPending = timers.length + services.length > 0;
    const change = isPending ? { ...this.#original, ...nothing, revision: 0 } : undefined;
    return this.#result(outcome, record, droppedOf(timers, services), change);
  }

  #result(
    outcome: FittingOutcome,
    record: ConversationRecord,
    dropped: Dropped,
    change: Fitting['change'],
    entered?: Step,
  ): Fitting {
    return { outcome, found: this.#found, record, entered, change, dropped, faults: this.#faults };
  }

  /** The record without what nobody there expects any more, and with the delays that its states have now. */
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
    const { dialogue, live, savedAt } = this.#original;
    const before =
      dialogue === undefined
        ? this.#engine.delays(live as Snapshot).map(delayKey)
        : dialogue.delays;
    return resetDelays({
      delays: this.#engine.delays(snapshot),
      kept,
      gone,
      before: before && new Set(before),
      savedAt,
      now: this.#now,
    });
  }

  #plan(record: ConversationRecord, step: Step): Plan {
    const { openid } = record;
    return planTurn({ openid, record, now: this.#now, unheard: true }, step, this.#context);
  }

  #restore(snapshot: unknown): Snapshot | undefined {
    return this.#try(() => this.#engine.restore(snapshot, this.#record.data));
  }

  /** What fails here must not fail the turn, which would come by it again, for ever. */
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
