import type { StoreCore } from '../context/store-core.ts';
import type { DueNotice } from '../context/due-notice.ts';
import { isSameBurst } from '../context/record/burst.ts';
import { withoutDialogue } from '../context/record/offers.ts';
import {
  type ConversationRecord,
  NONE,
  type RunningService,
  type Timer,
} from '../context/record/record.ts';
import type { Engine, Snapshot } from '../dialogue/engine/engine.ts';
import { ColloquyError, ConflictError, isRetryable } from '../errors.ts';
import type { Events } from '../internal/emitter.ts';
import { type MaybePromise, attempt, chain, isPromise } from '../internal/maybe.ts';
import { isSpoken } from '../message.ts';
import type { Reply } from '../reply.ts';
import { type BeforeContext, type BeforeStep, beforeStep } from './before-step.ts';
import type { Plan } from './commit-plan.ts';
import type { Effects } from './release/effects.ts';
import type { Outcome, RunnerEvents } from './events.ts';
import type { Reporter } from './reporting/reporter.ts';
import type { RunnerOptions } from './options.ts';
import {
  type Cause,
  type MessageCause,
  type TurnStep,
  type StepContext,
  type TurnRun,
  pendingFor,
  stepOf,
} from './transition.ts';
import { isCurrent, upgradeRecord } from './upgrade/upgrade.ts';

/** What became of a turn. */
export type TurnExit =
  /** With `seen`: the message counted before. With `part`: it is committed, and its turn comes with the burst. */
  | Extract<BeforeStep, { readonly type: 'seen' | 'part' }>
  /** With `commit`: the plan is committed. */
  | Extract<TurnStep, { readonly type: 'commit' | 'stale' | 'ignored' }>;

/** What has to be done next about a turn. */
type Next =
  | TurnStep
  | BeforeStep
  /** The record is of another definition of the dialogue, and has to be changed before the turn. */
  | { readonly type: 'upgrade'; readonly change: ConversationRecord };

export interface TurnContext extends StepContext, BeforeContext {
  readonly core: Pick<StoreCore, 'attend' | 'clock' | 'commitTurn' | 'records' | 'scheduler'>;
  readonly events: Events<RunnerEvents>;
  readonly reporter: Reporter;
  readonly effects: Effects;
  readonly dueNotice: DueNotice;
  readonly options: Pick<
    RunnerOptions,
    'onError' | 'onStale' | 'migrate' | 'onIncompatible' | 'recognizers'
  >;
}

const MAX_ATTEMPTS = 10;
/** A write rarely takes longer. */
const LONG_WRITE_MS = 1000;

/**
 * One turn, in the lane of its user: load → seen? → overdue? → upgrade → recognise → step → commit → release. No effect leaves
 * before the commit, and a turn that throws has changed nothing.
 */
export function takeTurn(context: TurnContext, turn: TurnRun): MaybePromise<TurnExit> {
  // An event by which no user spoke, and that no state names, does not even have the record loaded.
  if (turn.cause.type === 'message' && isUnnamed(context, turn.cause)) return { type: 'ignored' };
  return context.durable ? takePersistedTurn(context, turn) : takeTurnInMemory(context, turn);
}

/** The story. After a conflict the turn runs again, on the record as it is then. */
async function takePersistedTurn(context: TurnContext, turn: TurnRun): Promise<TurnExit> {
  const { core, events } = context;
  const { openid, exchange, trace } = turn;
  for (let tries = 1; ; tries += 1) {
    // 1. Load.
    trace?.enter('load');
    const loaded = core.records.load(openid);
    const record = isPromise(loaded) ? await loaded : loaded;
    trace?.loaded(record);
    // 2. Seen before? Overdue? 3. Upgrade. 4. Recognise. 5. Step.
    const next = nextOf(context, turn, record, core.clock.now());
    try {
      switch (next.type) {
        case 'stale':
        case 'ignored':
          return next;
        case 'waiting':
          // Time passes, and the record may change or expire meanwhile: load it again.
          await next.until;
          tries -= 1;
          continue;
        case 'overdue':
          if (tries >= MAX_ATTEMPTS) throw new ConflictError(openid);
          await core.attend(next.record, true);
          continue;
        case 'seen':
        case 'part':
          if (next.change === undefined) return next;
          await core.records.commit(next.change, record);
          context.dueNotice.stored(next.change);
          return next;
        case 'upgrade':
          await core.records.commit(next.change, record);
          continue;
        case 'commit':
          // 6. Commit.
          trace?.enter('commit');
          turn.begun = next.plan;
          await core.commitTurn(next.plan.record, record, keepsLease(next.plan, turn));
      }
    } catch (error) {
      if (!ColloquyError.is(error, 'conflict') || tries >= MAX_ATTEMPTS) throw error;
      if (trace !== undefined) trace.conflicts += 1;
      events.emit('conflict', { openid, attempt: tries });
      continue;
    }
    // 7. Release the effects.
    context.dueNotice.stored(next.plan.record);
    context.effects.release(turn, next.plan, exchange);
    return next;
  }
}

/** The same story in memory, where the store answers at once: only recognizers are waited for, and no commit conflicts. */
function takeTurnInMemory(context: TurnContext, turn: TurnRun): MaybePromise<TurnExit> {
  const { core } = context;
  const { openid, exchange, trace } = turn;
  for (;;) {
    // 1. Load.
    trace?.enter('load');
    const now = core.clock.now();
    const record = core.records.load(openid, now) as ConversationRecord | undefined;
    trace?.loaded(record);
    // 2. Seen before? 3. Upgrade. 4. Recognise. 5. Step.
    const next = nextOf(context, turn, record, now);
    switch (next.type) {
      case 'stale':
      case 'ignored':
        return next;
      case 'waiting':
        return next.until.then(() => takeTurnInMemory(context, turn));
      case 'overdue': {
        const work = core.attend(next.record, true);
        if (isPromise(work)) return work.then(() => takeTurnInMemory(context, turn));
        continue;
      }
      case 'seen':
      case 'part':
        if (next.change !== undefined) void core.records.commit(next.change, record);
        return next;
      case 'upgrade':
        void core.records.commit(next.change, record);
        continue;
      case 'commit':
        // 6. Commit. 7. Release the effects.
        trace?.enter('commit');
        void core.commitTurn(next.plan.record, record);
        context.effects.release(turn, next.plan, exchange);
        return next;
    }
  }
}

/** Decides what has to be done next. It changes nothing, but calls recognizers and reports an upgrade. */
function nextOf(
  context: TurnContext,
  turn: TurnRun,
  record: ConversationRecord | undefined,
  now: number,
): Next {
  const { cause } = turn;
  const before =
    cause.type === 'message'
      ? beforeStep(context, turn as TurnRun<MessageCause>, record, now)
      : undefined;
  if (before !== undefined) return before;
  if (record === undefined) return stepOf(context, turn, record, now);
  if (isCurrent(context.engine, record)) return stepOf(context, turn, record, now);
  const upgrade = upgradeRecord(record, context.options, context, now);
  context.reporter.upgrade(record, upgrade);
  // The timer or service of the turn may be gone by the upgrade: then no turn would commit the change.
  if (upgrade.change !== undefined && cause.type !== 'message') {
    return { type: 'upgrade', change: upgrade.change };
  }
  return stepOf(context, turn, upgrade.record, now);
}

/** Whether no user spoke and no state names the event. */
function isUnnamed({ engine }: TurnContext, { message }: MessageCause): boolean {
  return !isSpoken(message) && !engine.names(message.type);
}

/**
 * Whether the lane continues after the commit: the answer waits for services, or all callers may leave during the write,
 * and then the lane enqueues the replies. No other process is to come in between.
 */
function keepsLease(plan: Plan, { exchange }: TurnRun): boolean {
  if (exchange === undefined || exchange.isAbandoned) return false;
  if (plan.replies.length > 0 && exchange.leavesWithin(LONG_WRITE_MS)) return true;
  return exchange.awaitsServices && (plan.start.length > 0 || exchange.awaited?.isDone === false);
}

export function outcomeOf(plan: Plan): Outcome {
  if (!plan.handled) return 'unhandled';
  return plan.replies.length > 0 ? 'replied' : 'silent';
}

/**
 * Ends a turn that threw. A timer, a service result or a burst whose turn would throw again is removed from the record; if
 * the record could not be read or written, the scheduler tries the turn again.
 * @returns what `onError` says; nothing for an event from outside, whose sender has the error
 */
export function failTurn(
  context: TurnContext,
  { openid, cause, exchange }: TurnRun,
  error: unknown,
): MaybePromise<readonly Reply[]> {
  const { core, reporter } = context;
  const onError = (): readonly Reply[] => {
    reporter.error(error, openid);
    if (exchange?.isSent === true) return NONE;
    return reporter.repliesOf(openid, () => context.options.onError?.(error, { openid }));
  };
  const burst = cause.type === 'message' ? cause.burst : undefined;
  if (cause.type === 'message' && burst === undefined) return onError();
  if (isRetryable(error)) {
    core.scheduler.agenda.retry(openid);
    reporter.error(error, openid);
    return NONE;
  }
  const dropped = attempt<unknown>(
    () =>
      chain(core.records.load(openid), (record): MaybePromise<unknown> => {
        const now = core.clock.now();
        if (record === undefined) return undefined;
        const left = withoutCause(context.engine, record, cause, now);
        return left && core.records.commit(left, record);
      }),
    (fault) => reporter.error(fault, openid),
  );
  return chain(dropped, onError);
}

/** A record without what a turn that threw was of; undefined where it is not in the record. */
function withoutCause(
  engine: Engine,
  record: ConversationRecord,
  cause: Cause,
  now: number,
): ConversationRecord | undefined {
  if (cause.type === 'message') {
    return isSameBurst(cause.burst, record.burst)
      ? { ...record, revision: 0, burst: undefined }
      : undefined;
  }
  const used = pendingFor(cause, record, now);
  return used && withoutUsed(engine, record, used, now);
}

/**
 * A record without a timer or a service whose turn threw. If nothing else could ever end the state, neither a timer, a
 * service nor a message, the dialogue is over: it starts again with the next message.
 */
function withoutUsed(
  engine: Engine,
  record: ConversationRecord,
  used: Timer | RunningService,
  now: number,
): ConversationRecord {
  const timers = record.timers.filter((timer) => timer !== used);
  const services = record.services.filter((service) => service !== used);
  const live = record.live as Snapshot | undefined;
  const isStuck =
    live !== undefined && timers.length + services.length === 0 && !engine.hears(live);
  if (!isStuck) return { ...record, revision: 0, timers, services };
  return { ...withoutDialogue(record, now), revision: 0, live: undefined, dialogue: undefined };
}
