import { ColloquyError, StepError } from '../errors.ts';
import { type Data, type Settled, adopt, settle } from '../context/data.ts';
import {
  type ConversationRecord,
  LOOSE,
  NONE,
  type RunningService,
  type StoredDialogue,
  type Timer,
  type UnsentReply,
  absentRecord,
  expiryOf,
  isKept,
} from '../context/record.ts';
import { NOTHING_SEEN, type SeenLimits, remember, withoutReplies } from '../context/seen.ts';
import type { Expiry } from '../context/expiry.ts';
import { type Effect, actorPath, isWithin } from '../dialogue/effect.ts';
import type { Engine, Keep, Snapshot, Step } from '../dialogue/engine.ts';
import type { Message } from '../message.ts';
import type { Reply } from '../reply.ts';

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
  /** The id of the message that counts with this turn, and what was said to it in earlier commits of the same turn. */
  readonly id: string | undefined;
  readonly said: readonly Reply[];
  /** Whether nobody waits for what is said. */
  readonly unheard: boolean;
  /** The message itself, where no state may take it; then something else is said. */
  readonly message: Message | undefined;
  /** What was said in earlier commits of the same turn and has not gone out, where nobody waits for it any more. */
  readonly owed: readonly Reply[];
  /** The due timer or finished service that this turn uses up. */
  readonly used: Timer | RunningService | undefined;
}

export interface PlanContext {
  readonly engine: Engine;
  readonly durable: boolean;
  /** Whether what nobody waits for goes out by way of the record. */
  readonly posts: () => boolean;
  /** How long what this turn leaves to be done is left to this process, in milliseconds. */
  readonly graceMs: number;
  readonly maxContextBytes: number;
  /** Makes the context of a sub-dialogue fit to be kept. */
  readonly keep: Keep;
  readonly seen: SeenLimits;
  readonly createId: () => string;
  readonly onUnhandled: (openid: string, message: Message) => readonly Reply[];
}

/** The most timers, and the most services, that one conversation may have pending. */
const MAX_PENDING = 64;
/** The most replies of one conversation that wait to be handed over. */
const MAX_UNSENT = 256;

/**
 * The record that a step leads to, and the effects to release after it is committed. Pure but for the ids.
 * @throws StepError `context_not_plain`, `context_too_big`, `too_many_pending`, `bad_delay`
 */
export function planTurn(basis: Basis, step: Step, context: PlanContext): Plan {
  const { openid, record: base, now, used, id, said, message } = basis;
  const { engine } = context;
  let pending = used === undefined ? undefined : new Pending(base, used, now, context.createId);
  const replies: Reply[] = [];
  let actions: Plan['actions'] = NONE;
  let expiry = expiryOf(base);
  let forgets = false;
  for (const effect of step.effects) {
    if (effect.type === 'reply') replies.push(effect.reply);
    else if (effect.type === 'action' || effect.type === 'emit') actions = [...actions, effect];
    else if (effect.type === 'expireIn') expiry = expiryIn(effect.milliseconds, now);
    else if (effect.type === 'forget') forgets = true;
    else {
      pending ??= new Pending(base, used, now, context.createId);
      pending.apply(effect);
    }
  }
  if (!step.handled && replies.length === 0 && message !== undefined) {
    replies.push(...context.onUnhandled(openid, message));
  }
  let kept = base?.outbox ?? NONE;
  if (message !== undefined && !basis.unheard && isKept(kept)) {
    replies.unshift(...kept.map(({ reply }) => reply));
    kept = NONE;
  }
  const { next } = step;
  const done = next.status === 'done' ? { output: next.output as unknown } : undefined;
  if (forgets) {
    return planForgetting(basis, context.seen, { replies, actions, done, handled: step.handled });
  }
  const owed = basis.owed.length === 0 ? replies : [...basis.owed, ...replies];
  const posted = basis.unheard && owed.length > 0 && context.posts() ? owed.length : 0;
  let data = base?.data;
  let shareable = base?.loose !== true;
  if (data === undefined || next.context !== data) {
    const before = shareable ? data : undefined;
    ({ data, shareable } = keepStepped(next.context, context.maxContextBytes, before));
  }
  const record: ConversationRecord = {
    openid,
    revision: 0,
    data,
    savedAt: now,
    live: engine.rest(next, context.keep),
    timers: pending?.timers ?? base?.timers ?? NONE,
    services: pending?.services ?? base?.services ?? NONE,
    seen: remember(
      base?.seen ?? NOTHING_SEEN,
      id,
      // What goes out by way of the record is not said again to one who delivers the message again.
      posted > 0 ? NONE : said.length === 0 ? replies : [...said, ...replies],
      now,
      context.seen,
    ),
    outbox: posted > 0 ? outboxWith(kept, owed, { now, ...context }) : kept,
  };
  const isUsual = shareable && expiry === undefined && !context.durable;
  return {
    record: isUsual
      ? record
      : {
          ...record,
          ...(shareable ? undefined : LOOSE),
          ...(expiry && { expiry }),
          ...(context.durable && { dialogue: storedDialogue(engine, next) }),
          // A turn says nothing of services that another process may have been running.
          ...(context.graceMs > 0 && base !== undefined && touchOf(base, pending?.services)),
        },
    replies,
    posted,
    handled: step.handled,
    actions,
    done,
    start: pending?.started ?? NONE,
    stop: pending?.stopped ?? NONE,
  };
}

function storedDialogue(engine: Engine, next: Snapshot): StoredDialogue {
  const { id, version, structure } = engine;
  return { id, version, structure, snapshot: engine.persist(next) };
}

function touchOf(
  base: ConversationRecord,
  services: readonly RunningService[] = base.services,
): { readonly touchedAt: number } | undefined {
  const goesOn = services.some((service) => base.services.includes(service));
  return goesOn ? { touchedAt: base.touchedAt ?? base.savedAt } : undefined;
}

/**
 * What nobody waits for is kept until it is handed over.
 * @throws StepError `too_many_unsent`
 */
export function outboxWith(
  outbox: readonly UnsentReply[],
  replies: readonly Reply[],
  { now, graceMs, createId }: Pick<PlanContext, 'graceMs' | 'createId'> & { readonly now: number },
): readonly UnsentReply[] {
  if (outbox.length + replies.length > MAX_UNSENT) {
    throw new StepError(
      'too_many_unsent',
      `Over ${MAX_UNSENT} replies of one conversation wait to be handed over; see why listeners of runner.on('reply', …) do not take them.`,
    );
  }
  const unsent = replies.map((reply) => ({
    id: createId(),
    reply,
    dueAt: now + graceMs,
    tries: 0,
  }));
  return outbox.concat(unsent);
}

/**
 * A turn after which nothing is kept of the user, whatever else the dialogue asked for in it. What is left counts as
 * absent, and is there so that a message counts once: the ids of the last messages, for as long as one of them may be
 * delivered again, and what was said to the one that this turn is about.
 */
function planForgetting(
  { openid, record: base, now, used, id, said }: Basis,
  limits: SeenLimits,
  kept: Pick<Plan, 'replies' | 'actions' | 'done' | 'handled'>,
): Plan {
  const ids = withoutReplies(base?.seen ?? NOTHING_SEEN);
  return {
    record: absentRecord({
      absent: 'forgotten',
      openid,
      revision: 0,
      savedAt: now,
      expiry: { at: now + limits.ageMs },
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

/** The context as it is kept. */
export function keepContext(context: object, maxBytes: number): Settled {
  try {
    return settle(withoutUndefined(context as Data), maxBytes);
  } catch (error) {
    throw asStepError(error);
  }
}

/** The same for one that a step came to, and made. @param base what it was made from */
function keepStepped(context: object, maxBytes: number, base: Data | undefined): Settled {
  try {
    return adopt(withoutUndefined(context as Data), maxBytes, base);
  } catch (error) {
    throw asStepError(error);
  }
}

/** A dialogue has no other way to delete a key of the dictionary than to set it to undefined. */
function withoutUndefined(context: Data): Data {
  for (const key in context) {
    if (context[key] !== undefined) continue;
    return Object.fromEntries(Object.entries(context).filter(([, value]) => value !== undefined));
  }
  return context;
}

/** The timers and services of a conversation while the effects of a step are applied to them, copied when they change. */
class Pending {
  timers: readonly Timer[];
  services: readonly RunningService[];
  started: readonly RunningService[] = NONE;
  stopped: readonly string[] = NONE;
  readonly #now: number;
  readonly #createId: () => string;

  constructor(
    base: ConversationRecord | undefined,
    used: Timer | RunningService | undefined,
    now: number,
    createId: () => string,
  ) {
    this.timers = without(base?.timers ?? NONE, (timer) => timer === used);
    this.services = without(base?.services ?? NONE, (service) => service === used);
    this.#now = now;
    this.#createId = createId;
  }

  apply(effect: Effect): void {
    switch (effect.type) {
      case 'set':
        return this.#set(effect);
      case 'clear':
        this.timers = without(this.timers, ({ actor, id }) =>
          effect.id === undefined
            ? effect.actor === '' || isWithin(actor, effect.actor)
            : actor === effect.actor && id === effect.id,
        );
        return;
      case 'start':
        return this.#start(effect);
      case 'stop':
        return this.#stop(effect);
      default:
    }
  }

  #set({ actor, id, event, delayMs }: Effect & { type: 'set' }): void {
    if (!Number.isFinite(delayMs)) {
      throw new StepError(
        'bad_delay',
        `A delay is a finite number of milliseconds; that of '${id ?? event.type}' was not.`,
      );
    }
    const timer: Timer = {
      actor,
      id: id ?? `anonymous.${this.#createId()}`,
      event: keepEvent(event),
      dueAt: this.#now + Math.max(delayMs, 0),
    };
    const others = without(this.timers, (other) => other.actor === actor && other.id === timer.id);
    this.timers = withOneMore(others, timer);
    limit(this.timers, 'timers');
  }

  #start({ actor, id, src, input }: Effect & { type: 'start' }): void {
    this.#stop({ type: 'stop', actor, id });
    const service = { actor, id, src, input: keep(input), token: this.#createId() };
    this.services = withOneMore(this.services, service);
    this.started = withOneMore(this.started, service);
    limit(this.services, 'services');
  }

  #stop({ actor, id }: Effect & { type: 'stop' }): void {
    const path = actorPath(actor, id);
    const isStopped = (service: RunningService): boolean =>
      (service.actor === actor && service.id === id) || isWithin(service.actor, path);
    for (const service of this.services) {
      if (isStopped(service)) this.stopped = [...this.stopped, service.token];
    }
    this.services = without(this.services, isStopped);
    this.started = without(this.started, isStopped);
    this.timers = without(this.timers, (timer) => isWithin(timer.actor, path));
  }
}

/** The copies of events that hold nothing but their type, of which each `after` of a machine has one for all its users. */
const BARE_EVENTS = new WeakMap<object, { readonly type: string }>();

function keepEvent(event: { readonly type: string }): { readonly type: string } {
  for (const key in event) if (key !== 'type') return keep(event);
  let kept = BARE_EVENTS.get(event);
  if (kept?.type !== event.type) BARE_EVENTS.set(event, (kept = keep(event)));
  return kept;
}

/** Our own frozen copy of what is kept beside the context: it has to be plain data, too. */
function keep<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  try {
    return settle({ value }, Number.POSITIVE_INFINITY).data['value'] as T;
  } catch (error) {
    throw asStepError(error);
  }
}

function asStepError(error: unknown): unknown {
  if (!ColloquyError.is(error)) return error;
  return new StepError(error.code, error.message, { details: error.details });
}

/** The list without what matches; the same list where nothing does. */
function without<T>(list: readonly T[], matches: (item: T) => boolean): readonly T[] {
  return list.some(matches) ? list.filter((item) => !matches(item)) : list;
}

/** In an array of just that size: a literal that spreads has room for sixteen more. */
function withOneMore<T>(list: readonly T[], item: T): readonly T[] {
  return list.concat(item);
}

function limit(pending: readonly unknown[], what: string): void {
  if (pending.length <= MAX_PENDING) return;
  throw new StepError(
    'too_many_pending',
    `A conversation may have ${MAX_PENDING} ${what} pending; give delayed events an id so that they replace one another.`,
  );
}
