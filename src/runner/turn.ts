import type { StoreCore } from '../context/store-core.ts';
import type { Records } from '../context/storage/records.ts';
import { type ConversationRecord, NONE, isKept } from '../context/record/record.ts';
import { recall, remember } from '../context/record/seen-log.ts';
import { ColloquyError } from '../errors.ts';
import { type MaybePromise, attempt, chain, isPromise } from '../internal/maybe.ts';
import { isSpoken } from '../message.ts';
import type { Reply } from '../reply.ts';
import {
  type Cause,
  type DecideContext,
  type MessageCause,
  decide,
  pendingFor,
} from './transition.ts';
import { type Upgrade, isCurrent } from './upgrade.ts';
import type { Plan } from './commit-plan.ts';
import type { OpenTurn } from './exchange.ts';

/** What became of it. */
export type Taken =
  | { readonly type: 'committed'; readonly plan: Plan }
  /** The message counted before; these were its replies. */
  | { readonly type: 'seen'; readonly replies: readonly Reply[] }
  /**
   * The timer was cleared, the state that waited for the service was left, or the question that the button belongs to
   * is over. Nothing has changed.
   */
  | { readonly type: 'stale' }
  /** It is nothing that the dialogue has to do with, and left no trace: an event that nobody said and no state takes. */
  | { readonly type: 'ignored'; readonly outcome: 'unhandled' };

const STALE: Taken = { type: 'stale' };
const IGNORED: Taken = { type: 'ignored', outcome: 'unhandled' };
const MAX_ATTEMPTS = 10;

/** What a turn takes of the store. */
export interface TurnCore extends Pick<StoreCore, 'clock' | 'commitTurn'> {
  readonly records: Pick<Records, 'load' | 'commit'>;
}

export interface TurnContext extends DecideContext {
  readonly core: TurnCore;
  readonly onConflict: (openid: string, attempt: number) => void;
  /** Makes a record fit that was left by another definition of the dialogue, or is not alive, and tells what became of it. */
  readonly fit: (record: ConversationRecord, now: number) => Upgrade;
  /** Lets the effects of a committed turn happen. */
  readonly release: (openid: string, plan: Plan, open: OpenTurn | undefined) => void;
}

/**
 * One turn: load → seen? → recognise → step → commit → release. Runs in the lane of `openid`. Nothing leaves before the
 * commit; what throws before it has changed nothing.
 *
 * An event that nobody said, and no state of the dialogue names, does not even have the record loaded.
 *
 * Written without a closure on its synchronous path: they were measured to cost up to a tenth of it.
 *
 * @param open the message that is being answered, where somebody waits for it
 */
export function takeTurn(
  context: TurnContext,
  openid: string,
  cause: Cause,
  open?: OpenTurn,
  tries = 1,
): MaybePromise<Taken> {
  if (cause.type === 'message' && isUnnamed(context, cause)) return IGNORED;
  const { records, clock } = context.core;
  const now = clock.now();
  const loaded = records.load(openid, now);
  if (!isPromise(loaded)) return stepAndCommit(context, openid, cause, open, tries, loaded, now);
  return loaded.then((record) =>
    stepAndCommit(context, openid, cause, open, tries, record, clock.now()),
  );
}

/** Whether nobody said it, and there is no state that could take it. */
function isUnnamed({ engine }: TurnContext, { message }: MessageCause): boolean {
  return !isSpoken(message) && !engine.names(message.type);
}

function stepAndCommit(
  context: TurnContext,
  openid: string,
  cause: Cause,
  open: OpenTurn | undefined,
  tries: number,
  record: ConversationRecord | undefined,
  now: number,
): MaybePromise<Taken> {
  const { core } = context;
  if (cause.type === 'message' && cause.id !== undefined) {
    const replies = record && recall(record.seen, cause.id, now, context.seen);
    if (replies !== undefined) {
      const keeps = record !== undefined && isKept(record.outbox) && open?.left === false;
      return keeps && isSpoken(cause.message)
        ? handOver(context, record, cause, open, tries, replies, now)
        : { type: 'seen', replies };
    }
  }
  const fitting =
    record === undefined || isCurrent(context.engine, record)
      ? undefined
      : context.fit(record, now);
  if (record !== undefined && fitting?.change !== undefined && cause.type !== 'message') {
    // What is due in a record may be gone once it fits, and then nothing else would ever commit it.
    const adopted = attempt<unknown>(
      () => adopt(context, fitting, record),
      (error) => onceMore(context, openid, tries, error),
    );
    return chain(adopted, () => takeTurn(context, openid, cause, open, tries + 1));
  }
  const plan = decide(context, openid, fitting?.record ?? record, cause, open, now);
  if (plan === undefined) return STALE;
  if (plan === 'unhandled') return IGNORED;
  // Time has passed by then, and the record may have expired.
  if (plan instanceof Promise)
    return plan.then(() => takeTurn(context, openid, cause, open, tries));
  let committed: MaybePromise<unknown>;
  try {
    // Whoever waits for the answer waits for the services, too: nobody else is to come in between.
    committed = core.commitTurn(plan.record, record, goesOnWith(plan, open));
  } catch (error) {
    return again(context, openid, cause, open, tries, error);
  }
  if (!isPromise(committed)) return release(context, openid, plan, open);
  return committed.then(
    () => release(context, openid, plan, open),
    (error: unknown) => again(context, openid, cause, open, tries, error),
  );
}

/** Says to a message that counted before what was kept for the user's next one. */
function handOver(
  context: TurnContext,
  record: ConversationRecord,
  cause: MessageCause,
  open: OpenTurn,
  tries: number,
  said: readonly Reply[],
  now: number,
): MaybePromise<Taken> {
  const replies = [...said, ...record.outbox.map(({ reply }) => reply)];
  const seen = remember(record.seen, cause.id, replies, now, context.seen);
  const next = { ...record, revision: 0, outbox: NONE, seen };
  return chain(
    attempt<unknown>(
      () => context.core.records.commit(next, record),
      (error) => onceMore(context, record.openid, tries, error),
    ),
    (committed) =>
      committed === undefined
        ? takeTurn(context, record.openid, cause, open, tries + 1)
        : { type: 'seen', replies },
  );
}

/** A write that takes longer than that is rare. */
const LONG_WRITE_MS = 1000;

/**
 * Whether more comes of the turn in this lane after its commit: the answer waits for services, or those who wait for it
 * may have left by then, and what it says is posted.
 */
function goesOnWith(plan: Plan, open: OpenTurn | undefined): boolean {
  if (open === undefined || open.left) return false;
  if (plan.replies.length > 0 && open.leavesWithin(LONG_WRITE_MS)) return true;
  return open.follows && (plan.start.length > 0 || open.following?.isDone === false);
}

function release(
  context: TurnContext,
  openid: string,
  plan: Plan,
  open: OpenTurn | undefined,
): Taken {
  context.release(openid, plan, open);
  return { type: 'committed', plan };
}

/** After a conflict the turn is run again on what is there now; nothing of it had left. */
function again(
  context: TurnContext,
  openid: string,
  cause: Cause,
  open: OpenTurn | undefined,
  tries: number,
  error: unknown,
): MaybePromise<Taken> {
  onceMore(context, openid, tries, error);
  return takeTurn(context, openid, cause, open, tries + 1);
}

function onceMore(context: TurnContext, openid: string, tries: number, error: unknown): void {
  if (!ColloquyError.is(error, 'conflict') || tries >= MAX_ATTEMPTS) throw error;
  context.onConflict(openid, tries);
}

/**
 * Commits what a record had to be changed in to fit the dialogue.
 * @returns the record as it stands then
 */
export function adopt(
  context: TurnContext,
  { change, record: fitted }: Upgrade,
  record: ConversationRecord,
): MaybePromise<ConversationRecord> {
  return change === undefined ? fitted : context.core.records.commit(change, record);
}

/**
 * Uses up a timer or a service result whose turn threw, and changes nothing else: it would throw again, for ever.
 */
export function dropCause(
  { core }: TurnContext,
  openid: string,
  cause: Cause,
): MaybePromise<unknown> {
  if (cause.type === 'message') return undefined;
  return chain(core.records.load(openid), (record): MaybePromise<unknown> => {
    const used = record && pendingFor(cause, record, core.clock.now());
    if (record === undefined || used === undefined) return undefined;
    const timers = record.timers.filter((timer) => timer !== used);
    const services = record.services.filter((service) => service !== used);
    return core.records.commit({ ...record, revision: 0, timers, services }, record);
  });
}
