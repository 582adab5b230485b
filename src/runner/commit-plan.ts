import {
  type ConversationRecord,
  NONE,
  type RunningService,
  type Timer,
  bareRecord,
  expiryOf,
  isKept,
} from '../context/record/record.ts';
import { type SeenLimits, remember, withoutReplies } from '../context/record/seen-log.ts';
import { NOTHING_SEEN, type SeenLog } from '../context/record/seen-parts.ts';
import type { DueTimes } from '../context/record/due-time.ts';
import type { Expiry } from '../context/record/expiry.ts';
import type { Effect } from '../dialogue/engine/effect.ts';
import type { Offer } from '../dialogue/engine/offer.ts';
import type { Engine, Keep, Step } from '../dialogue/engine/engine.ts';
import { type Message, isSpoken } from '../message.ts';
import type { Reply } from '../reply.ts';
import { freezeNewContext } from '../context/record/frozen.ts';
import { historyWith } from '../context/record/history.ts';
import { OfferChanges, lastAskingOf, stillOffered } from '../context/record/offers.ts';
import { outboxWith } from '../context/record/outbox.ts';
import { Pending, without } from '../context/record/pending.ts';

/** What a turn will commit, and what will happen after the commit. */
export interface Plan {
  readonly record: ConversationRecord;
  readonly replies: readonly Reply[];
  /** Number of replies that the turn adds to the outbox of the record: all of the turn, or none. */
  readonly enqueued: number;
  readonly handled: boolean;
  /** If the dialogue ended with this turn: its output. */
  readonly done: { readonly output: unknown } | undefined;
  /** Actions and emitted events, in the order the dialogue asked for them. */
  readonly actions: readonly (Effect & { type: 'action' | 'emit' })[];
  readonly start: readonly RunningService[];
  /** Tokens of the services to stop. */
  readonly stop: readonly string[];
}

/** What a plan starts from. */
interface Basis {
  readonly openid: string;
  readonly record: ConversationRecord | undefined;
  readonly now: number;
  /**
   * The id of the message that counts with this turn, and the replies of earlier commits of the same turn that are in no
   * outbox.
   */
  readonly id?: string | undefined;
  readonly said?: readonly Reply[] | undefined;
  /** Whether a caller waits for the replies. */
  readonly hasCaller: boolean;
  /** Whether the replies stay in the outbox, for the turn of a message. */
  readonly leavesReplies?: boolean | undefined;
  /** Whether the replies in the outbox belong into the answer, before those of the turn. */
  readonly takesOutbox?: boolean | undefined;
  /** The message, for `onUnhandled`. */
  readonly message?: Message;
  /** Epoch ms from which a sliding age counts. Default: now. */
  readonly savedAt?: number;
  /** The due timer or finished service that this turn uses up. */
  readonly used?: Timer | RunningService | undefined;
  /** Whether the message is the burst of the record, which is over with this turn. */
  readonly takesBurst?: boolean;
  /** What the platform wants back with replies, as the message brought it. */
  readonly replyToken?: string | undefined;
  /** The offer that the message answers. */
  readonly taken?: Offer | undefined;
}

/** The flush of one outbox. Its conversation may move to another openid meanwhile. */
export interface OutboxFlush {
  openid: string;
}

export interface PlanContext {
  readonly engine: Engine;
  readonly durable: boolean;
  /** Whether replies that no caller waits for go into the outbox of the record. */
  readonly usesOutbox: () => boolean;
  /** When other processes may take over the work that this turn leaves. */
  readonly dueTimes: Pick<DueTimes, 'replyDueAt' | 'lastHeartbeat'>;
  readonly maxContextBytes: number;
  /** Freezes the context of a sub-dialogue. */
  readonly keep: Keep;
  readonly seen: SeenLimits;
  readonly createId: () => string;
  readonly onUnhandled: (openid: string, message: Message) => readonly Reply[];
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * Plans the commit of a step: the next record, and the effects that happen after the commit. Pure except for the ids.
 * @throws StepError `context_not_plain`, `context_too_big`, `too_many_pending`, `bad_delay`
 */
export function planTurn(basis: Basis, step: Step, context: PlanContext): Plan {
  const { openid, record: base, now, used, id, said = NONE, message } = basis;
  const { engine } = context;
  let pending = used === undefined ? undefined : new Pending(base, used, now, context.createId);
  const replies: Reply[] = [];
  let actions: Plan['actions'] = NONE;
  let expiry = expiryOf(base);
  let forgets = false;
  let asking: OfferChanges | undefined;
  for (const effect of step.effects) {
    if (effect.type === 'reply') {
      const { reply, asked } = effect;
      const isNoted = asked !== undefined && (base?.offers ?? asked.part) !== undefined;
      if (reply.type === 'choices' || isNoted) {
        asking ??= new OfferChanges(openid, base, step.next, now);
      }
      replies.push(asking === undefined ? reply : asking.say(effect));
    } else if (effect.type === 'action' || effect.type === 'emit') actions = [...actions, effect];
    else if (effect.type === 'expireIn') expiry = expiryIn(effect.milliseconds, now);
    else if (effect.type === 'forget') forgets = true;
    else {
      pending ??= new Pending(base, used, now, context.createId);
      pending.apply(effect);
      if (effect.type === 'clear' || effect.type === 'stop') {
        if (base?.offers !== undefined) asking ??= new OfferChanges(openid, base, step.next, now);
        asking?.end(effect);
      }
    }
  }
  if (!step.handled && replies.length === 0 && message !== undefined) {
    for (const reply of context.onUnhandled(openid, message)) {
      if (reply.type === 'choices') asking ??= new OfferChanges(openid, base, step.next, now);
      replies.push(asking?.sayOutside(reply) ?? reply);
    }
  }
  // Before the replies that wait are added to the answer: they are in the history already.
  const history =
    engine.history && historyWith(base?.history ?? NONE, { message, replies }, engine.history);
  let unsent = base?.outbox ?? NONE;
  // Deferred replies wait for the user to speak; many events cannot even be answered.
  const isTaken = isKept(unsent) || basis.takesOutbox === true;
  if (message !== undefined && basis.hasCaller && isTaken && isSpoken(message)) {
    replies.unshift(...unsent.map(({ reply }) => reply));
    unsent = NONE;
  }
  const { next } = step;
  const done = next.status === 'done' ? { output: next.output as unknown } : undefined;
  if (forgets) {
    const lastAsking = lastAskingOf(openid, asking?.finish(undefined, 0) ?? base, now);
    const left = { replies, actions, done, handled: step.handled };
    return planForgetting(basis, context, left, lastAsking);
  }
  const owed = said.length === 0 ? replies : [...said, ...replies];
  const isEnqueued =
    !basis.hasCaller && owed.length > 0 && (basis.leavesReplies === true || context.usesOutbox());
  let data = base?.data;
  let shareable = base?.notFrozen !== true;
  if (data === undefined || next.context !== data) {
    const before = shareable ? data : undefined;
    ({ data, shareable } = freezeNewContext(next.context, context.maxContextBytes, before));
  }
  const live = engine.share(next, context.keep);
  const timers = pending?.timers ?? base?.timers ?? NONE;
  const services = pending?.services ?? base?.services ?? NONE;
  const seen = remember(
    withResult(base?.seen ?? NOTHING_SEEN, basis, context),
    // A redelivery does not get the replies that are delivered from the outbox.
    { id, replies: isEnqueued ? NONE : owed },
    now,
    context.seen,
  );
  const outbox = isEnqueued ? outboxWith(unsent, owed, { now, ...context }) : unsent;
  const { savedAt = now } = basis;
  // Two literals, and the properties of few records are set later: V8 gives an object with a spread another hidden class,
  // which makes every access to a record slow.
  const record: Writable<ConversationRecord> = context.durable
    ? {
        openid,
        revision: 0,
        data,
        savedAt,
        live,
        timers,
        services,
        seen,
        outbox,
        dialogue: engine.stored(next),
      }
    : { openid, revision: 0, data, savedAt, live, timers, services, seen, outbox };
  const { offers, lastAsking } =
    asking?.finish(basis.taken, context.maxContextBytes) ??
    stillOffered(base, next, basis.taken, now);
  if (offers !== undefined) record.offers = offers;
  if (history !== undefined && history.length > 0) record.history = history;
  if (lastAsking !== undefined) record.lastAsking = lastAsking;
  if (!shareable) record.notFrozen = true;
  const burst = burstLeft(basis);
  if (burst !== undefined) record.burst = burst;
  if (expiry !== undefined) record.expiry = expiry;
  if (basis.replyToken !== undefined) record.replyToken = basis.replyToken;
  // A turn is no heartbeat of services that another process may be running.
  if (base !== undefined && services.length > 0 && continuesOver(base, services)) {
    const touchedAt = context.dueTimes.lastHeartbeat(base);
    if (touchedAt !== undefined) record.touchedAt = touchedAt;
  }
  return {
    record,
    replies,
    enqueued: isEnqueued ? owed.length : 0,
    handled: step.handled,
    actions,
    done,
    start: pending?.started ?? NONE,
    stop: pending?.stopped ?? NONE,
  };
}

/** What a turn leaves of a burst: all of it, unless it is the turn of the burst. */
function burstLeft({ record, takesBurst }: Basis): ConversationRecord['burst'] {
  return takesBurst === true ? undefined : record?.burst;
}

/** Whether a service that ran before is still running. */
function continuesOver(base: ConversationRecord, services: readonly RunningService[]): boolean {
  return services.some((service) => base.services.includes(service));
}

/**
 * A turn that deletes everything of the user. The record that is left counts as absent. It exists so that each message
 * counts once: it holds the ids of the last messages until none can be delivered again, and the replies to the message of
 * this turn.
 */
function planForgetting(
  basis: Basis,
  context: PlanContext,
  turn: Pick<Plan, 'replies' | 'actions' | 'done' | 'handled'>,
  lastAsking: string | undefined,
): Plan {
  const { openid, record: base, now, used, id, said = NONE } = basis;
  const limits = context.seen;
  // What is said to the message that forgets has to reach its user.
  const replyToken = basis.replyToken ?? base?.replyToken;
  const ids = withResult(withoutReplies(base?.seen ?? NOTHING_SEEN), basis, context);
  return {
    record: bareRecord({
      absent: 'forgotten',
      openid,
      revision: 0,
      savedAt: now,
      expiry: { at: now + limits.ageMs },
      ...(lastAsking !== undefined && { lastAsking }),
      // What was said and not taken yet is what the user says next.
      burst: burstLeft(basis),
      ...(replyToken !== undefined && { replyToken }),
      seen: remember(ids, { id, replies: [...said, ...turn.replies] }, now, limits),
    }),
    ...turn,
    enqueued: 0,
    start: NONE,
    stop: without(base?.services ?? NONE, (service) => service === used).map(({ token }) => token),
  };
}

/**
 * The log, with the result of a service that a caller waits for. If the persister cannot say whether it wrote the commit, the
 * process that has the replies looks for the result in this log, also when many messages have followed.
 */
function withResult(
  log: SeenLog,
  { used, hasCaller, now }: Basis,
  { durable, seen }: Pick<PlanContext, 'durable' | 'seen'>,
): SeenLog {
  if (!durable || !hasCaller || used === undefined || !('token' in used)) return log;
  return remember(log, { id: resultId(used.token), replies: NONE }, now, seen);
}

/** The id by which the record remembers the result of a service. */
export function resultId(token: string): string {
  return `result:${token}`;
}

function expiryIn(milliseconds: number | null, now: number): Expiry | undefined {
  return milliseconds === null ? undefined : { at: now + milliseconds };
}
