import {
  type ConversationRecord,
  NONE,
  type RunningService,
  type Timer,
  bareRecord,
  expiryOf,
  isKept,
} from '../context/record/record.ts';
import {
  NOTHING_SEEN,
  type SeenLimits,
  remember,
  withoutReplies,
} from '../context/record/seen-log.ts';
import type { DueTimes } from '../context/record/due-time.ts';
import type { Expiry } from '../context/record/expiry.ts';
import type { Effect } from '../dialogue/engine/effect.ts';
import type { Offer } from '../dialogue/engine/offer.ts';
import type { Engine, Keep, Step } from '../dialogue/engine/engine.ts';
import { type Message, isSpoken } from '../message.ts';
import type { Reply } from '../reply.ts';
import { freezeNewContext } from '../context/record/frozen.ts';
import { OfferChanges, lastAskingOf, stillOffered } from '../context/record/offers.ts';
import { outboxWith } from '../context/record/outbox.ts';
import { Pending, without } from '../context/record/pending.ts';

/** What a turn will commit, and what it will do once that has happened. */
export interface Plan {
  readonly record: ConversationRecord;
  readonly replies: readonly Reply[];
  /** How many replies were added to the outbox of the record, and go out from there: all of this turn, or none. */
  readonly posted: number;
  readonly handled: boolean;
  /** Where the dialogue came to its end with this turn: what it gives. */
  readonly done: { readonly output: unknown } | undefined;
  /** Actions and emitted events, in the order the dialogue asked for them. */
  readonly actions: readonly (Effect & { type: 'action' | 'emit' })[];
  readonly start: readonly RunningService[];
  /** Tokens of the services that are to be ended. */
  readonly stop: readonly string[];
}

/** What a plan is made over. */
export interface Basis {
  readonly openid: string;
  readonly record: ConversationRecord | undefined;
  readonly now: number;
  /**
   * The id of the message that counts with this turn, and what was said to it in earlier commits of the same turn and has
   * not gone out.
   */
  readonly id?: string | undefined;
  readonly said?: readonly Reply[];
  /** Whether nobody waits for what is said. */
  readonly unheard: boolean;
  /** The message itself, where no state may take it; then something else is said. */
  readonly message?: Message;
  /** From when on a sliding age counts, in epoch ms. Default: now. */
  readonly savedAt?: number;
  /** The due timer or finished service that this turn uses up. */
  readonly used?: Timer | RunningService | undefined;
  /** The offer that the message takes. */
  readonly taken?: Offer | undefined;
}

export interface PlanContext {
  readonly engine: Engine;
  readonly durable: boolean;
  /** Whether what nobody waits for goes out by way of the record. */
  readonly posts: () => boolean;
  /** When other processes may take over what this turn leaves to be done. */
  readonly dueTimes: Pick<DueTimes, 'replyDueAt' | 'lastHeartbeat'>;
  readonly maxContextBytes: number;
  /** Makes the context of a sub-dialogue fit to be kept. */
  readonly keep: Keep;
  readonly seen: SeenLimits;
  readonly createId: () => string;
  readonly onUnhandled: (openid: string, message: Message) => readonly Reply[];
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * The record that a step leads to, and the effects to release after it is committed. Pure but for the ids.
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
      if (reply.type === 'choices' || (asked !== undefined && base?.offers !== undefined)) {
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
  let kept = base?.outbox ?? NONE;
  // They are kept for what the user says next; many events cannot even be answered.
  if (message !== undefined && !basis.unheard && isKept(kept) && isSpoken(message)) {
    replies.unshift(...kept.map(({ reply }) => reply));
    kept = NONE;
  }
  const { next } = step;
  const done = next.status === 'done' ? { output: next.output as unknown } : undefined;
  if (forgets) {
    const lastAsking = lastAskingOf(openid, asking?.finish(undefined, 0) ?? base, now);
    const left = { replies, actions, done, handled: step.handled };
    return planForgetting(basis, context.seen, left, lastAsking);
  }
  const owed = said.length === 0 ? replies : [...said, ...replies];
  const posted = basis.unheard && owed.length > 0 && context.posts() ? owed.length : 0;
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
    base?.seen ?? NOTHING_SEEN,
    id,
    // What goes out by way of the record is not said again to one who delivers the message again.
    posted > 0 ? NONE : owed,
    now,
    context.seen,
  );
  const outbox = posted > 0 ? outboxWith(kept, owed, { now, ...context }) : kept;
  const { savedAt = now } = basis;
  // V8 gives an object that is spread with something added a shape of its own, and then every look at a record is a slow
  // one: two literals, and what few records have is put in.
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
  if (lastAsking !== undefined) record.lastAsking = lastAsking;
  if (!shareable) record.notFrozen = true;
  if (expiry !== undefined) record.expiry = expiry;
  // A turn says nothing of services that another process may have been running.
  if (base !== undefined && goesOnOver(base, services)) {
    const touchedAt = context.dueTimes.lastHeartbeat(base);
    if (touchedAt !== undefined) record.touchedAt = touchedAt;
  }
  return {
    record,
    replies,
    posted,
    handled: step.handled,
    actions,
    done,
    start: pending?.started ?? NONE,
    stop: pending?.stopped ?? NONE,
  };
}

/** Whether a service that ran before is still running. */
function goesOnOver(base: ConversationRecord, services: readonly RunningService[]): boolean {
  return services.some((service) => base.services.includes(service));
}

/**
 * A turn after which nothing is kept of the user, whatever else the dialogue asked for in it. What is left counts as
 * absent, and is there so that a message counts once: the ids of the last messages, for as long as one of them may be
 * delivered again, and what was said to the one that this turn is about.
 */
function planForgetting(
  { openid, record: base, now, used, id, said = NONE }: Basis,
  limits: SeenLimits,
  kept: Pick<Plan, 'replies' | 'actions' | 'done' | 'handled'>,
  lastAsking: string | undefined,
): Plan {
  const ids = withoutReplies(base?.seen ?? NOTHING_SEEN);
  return {
    record: bareRecord({
      absent: 'forgotten',
      openid,
      revision: 0,
      savedAt: now,
      expiry: { at: now + limits.ageMs },
      ...(lastAsking !== undefined && { lastAsking }),
      seen: remember(ids, id, [...said, ...kept.replies], now, limits),
    }),
    ...kept,
    posted: 0,
    start: NONE,
    stop: without(base?.services ?? NONE, (service) => service === used).map(({ token }) => token),
  };
}

function expiryIn(milliseconds: number | null, now: number): Expiry | undefined {
  return milliseconds === null ? undefined : { at: now + milliseconds };
}
