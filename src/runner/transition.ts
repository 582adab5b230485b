import type { LeftReplies } from './delivery/left-replies.ts';
import type { NewPart } from '../context/record/burst.ts';
import { type MessageInScene, findChoice } from '../context/record/choice.ts';
import { withoutDialogue } from '../context/record/offers.ts';
import {
  type Burst,
  type ConversationRecord,
  type RunningService,
  type Timer,
  handOut,
} from '../context/record/record.ts';
import type { Engine, Snapshot, Step, StepAbout } from '../dialogue/engine/engine.ts';
import { settled } from '../dialogue/engine/settled.ts';
import { StepError } from '../errors.ts';
import { isPromise } from '../internal/maybe.ts';
import { type Message, isSpoken } from '../message.ts';
import { type OutboxFlush, type Plan, type PlanContext, planTurn } from './commit-plan.ts';
import type { TurnTrace } from './reporting/trace.ts';
import type { Exchange } from './delivery/exchange.ts';
import { noteValues } from '../dialogue/text/current-step.ts';
import type { Recognition } from './recognition/recognition.ts';
import type { Recognized } from './recognition/recognizing.ts';
import type { Rephrasing, Shown } from './rephrasing.ts';
import type { EndedService } from './release/services.ts';

export interface MessageCause {
  readonly type: 'message';
  readonly message: Message;
  readonly id: string | undefined;
  /** The message as a part of a burst, where it may be one. */
  readonly part?: NewPart | undefined;
  /** The burst that the message is made of. */
  readonly burst?: Burst | undefined;
  /** What was recognised; kept here, for the turn may run again. */
  recognized: Recognized | undefined;
}

/** What starts a turn. */
export type Cause =
  | MessageCause
  | {
      readonly type: 'timer';
      readonly timer: Timer;
      /** Whether its replies stay in the outbox, for the turn of the message that it comes before. */
      readonly leavesReplies: boolean;
    }
  | ({ readonly type: 'service' } & EndedService);

/** One execution of a turn. */
export interface TurnRun<C extends Cause = Cause> {
  readonly openid: string;
  readonly cause: C;
  /** The message that is being answered; undefined for a turn that no caller waits for. */
  readonly exchange: Exchange | undefined;
  readonly trace: TurnTrace | undefined;
  /** What is shown instead of the texts of its replies; kept here, for the turn may run again. */
  shown?: Shown;
  /** The plan of the last commit that was begun: the persister may write it although the turn fails. */
  begun?: Plan;
}

export interface StepContext extends PlanContext {
  /** The users whose outbox is being delivered: no answer takes what is on its way. */
  readonly flushes: Map<string, OutboxFlush>;
  readonly left: LeftReplies;
  /** The input that the dialogue of a user starts with. */
  readonly input: (about: { readonly openid: string }) => unknown;
  readonly recognition: Pick<Recognition, 'recognize' | 'isEnough'> | undefined;
  readonly rephrasing: Pick<Rephrasing, 'of'> | undefined;
}

/** Where a turn leads. */
export type TurnStep =
  | { readonly type: 'commit'; readonly plan: Plan }
  /** The recognizers or the rephraser have not answered; after `until`, load the record and ask again. */
  | { readonly type: 'waiting'; readonly until: Promise<void> }
  /** The timer was cleared, the state of the service was left, the question of the button is over, or the burst is another one. */
  | { readonly type: 'stale' }
  /** No user spoke, and no state takes the event: nothing changes. */
  | { readonly type: 'ignored' };

const STALE: TurnStep = { type: 'stale' };
const IGNORED: TurnStep = { type: 'ignored' };

/** Takes the step of a turn and plans its commit. It changes nothing. */
export function stepOf(
  context: StepContext,
  turn: TurnRun,
  record: ConversationRecord | undefined,
  now: number,
): TurnStep {
  return turn.cause.type === 'message'
    ? ofMessage(context, turn as TurnRun<MessageCause>, record, now)
    : ofPending(context, turn as TurnRun<PendingCause>, record, now);
}

type PendingCause = Exclude<Cause, MessageCause>;

/** A due timer, or the result of a service. */
function ofPending(
  context: StepContext,
  turn: TurnRun<PendingCause>,
  record: ConversationRecord | undefined,
  now: number,
): TurnStep {
  const { openid, cause, exchange } = turn;
  const live = record?.live as Snapshot | undefined;
  const used = record && pendingFor(cause, record, now);
  if (record === undefined || used === undefined || live === undefined) return STALE;
  const event = cause.type === 'timer' ? cause.timer.event : cause.result;
  const taken = context.engine.step(live, event, handOut(record), {
    now,
    scene: used,
    history: record.history,
  });
  // While a caller waits, the time counts from the arrival of the message.
  const since = now - (exchange?.waitedMs ?? 0);
  const step = context.rephrasing?.of(turn, taken, { record, since }) ?? taken;
  if (step instanceof Promise) return { type: 'waiting', until: step };
  const said = exchange?.owed;
  const hasCaller = exchange?.isAbandoned === false;
  const leavesReplies = cause.type === 'timer' && cause.leavesReplies;
  const basis = { openid, record, now, used, id: exchange?.id, said, hasCaller, leavesReplies };
  return { type: 'commit', plan: planTurn(basis, step, context) };
}

function ofMessage(
  context: StepContext,
  turn: TurnRun<MessageCause>,
  record: ConversationRecord | undefined,
  now: number,
): TurnStep {
  const { openid, cause, exchange } = turn;
  const live = record?.live as Snapshot | undefined;
  const isActive = live?.status === 'active';
  // A dialogue that starts again keeps the dictionary.
  const base = isActive || record === undefined ? record : withoutDialogue(record, now);
  const data = base === undefined ? {} : handOut(base);
  const inScene = findChoice(base, isActive ? live : undefined, cause.message, data);
  if (inScene === undefined) return STALE;
  const history = base?.history;
  const hearing = { turn, now, inScene, history };
  const taken = isActive
    ? hear(context, live, data, hearing)
    : begin(
        context,
        context.engine.first(inputOf(context, openid), data, { now, history }),
        hearing,
      );
  if (taken instanceof Promise) return { type: 'waiting', until: taken };
  if (!taken.handled && !isSpoken(cause.message)) return IGNORED;
  const since = Math.min(cause.message.receivedAt ?? now, now);
  const step =
    context.rephrasing?.of(turn, taken, { record: base, message: cause.message, since }) ?? taken;
  if (step instanceof Promise) return { type: 'waiting', until: step };
  const { message, scene } = inScene;
  // A message that no state takes, and that has no effect, does not postpone the expiry.
  const isIdle = isActive && !step.handled && step.effects.length === 0;
  const basis = {
    openid,
    record: base,
    now,
    id: cause.id,
    hasCaller: exchange?.isAbandoned !== true,
    takesOutbox: exchange?.answers(base) === true && !context.flushes.has(openid),
    leavesReplies: exchange?.leavesReplies,
    takesBurst: cause.burst !== undefined,
    replyToken: exchange?.replyToken,
    message,
    taken: scene?.chosen,
    savedAt: isIdle && base !== undefined ? base.savedAt : now,
  };
  return { type: 'commit', plan: planTurn(basis, step, context) };
}

interface Hearing {
  readonly turn: TurnRun<MessageCause>;
  readonly now: number;
  readonly inScene: MessageInScene;
  /** What was said before. */
  readonly history: ConversationRecord['history'];
}

/**
 * Starts the dialogue. It gets the message only if it has said nothing yet: a message cannot answer a question that was
 * not asked before. An event by which no user spoke starts it only if a state takes the event: the user may never read
 * the question.
 */
function begin(context: StepContext, first: Step, hearing: Hearing): Step | Promise<void> {
  const spoke = first.effects.some(({ type }) => type === 'reply');
  if (spoke || first.next.status !== 'active') {
    return isSpoken(hearing.turn.cause.message) ? first : { ...first, handled: false };
  }
  const heard = hear(context, first.next, first.next.context as object, hearing);
  if (heard instanceof Promise) return heard;
  return { ...heard, effects: [...first.effects, ...heard.effects] };
}

/**
 * Offers the dialogue the answer to its question, then the intents of the message, the surest first, and then the message
 * itself, until a state takes one. A message is recognised once, and only when it gets this far: a duplicate or a conflict
 * costs no call of a model.
 */
function hear(
  { engine, recognition }: StepContext,
  snapshot: Snapshot,
  data: object,
  { turn, inScene, now, history }: Hearing,
): Step | Promise<void> {
  const answered = answerQuestion(engine, snapshot, inScene, { data, now, history });
  if (answered !== undefined) return answered;
  const { message, scene } = inScene;
  if (recognition !== undefined) {
    const { cause } = turn;
    let { recognized } = cause;
    // The turn may run again in another state, where a recognizer has to be asked that was not.
    if (recognized === undefined || !recognition.isEnough(recognized, snapshot)) {
      turn.trace?.enter('recognize');
      const place = { snapshot, data, now, history };
      const result = recognition.recognize(turn.openid, cause.message, place);
      if (isPromise(result)) {
        return result.then((found) => {
          cause.recognized = found;
        });
      }
      recognized = result;
      cause.recognized = recognized;
      turn.trace?.enter('step');
    }
    if (recognized.values !== undefined) noteValues(message, recognized.values);
    for (const intent of recognized.intents) {
      const step = engine.step(snapshot, intent, data, { now, scene, history });
      if (step.handled) return step;
    }
  }
  return engine.step(snapshot, message, data, { now, scene, history });
}

/**
 * Offers the message to the question whose option it chooses, before any other state: it is an answer to that question
 * and no command.
 * @returns undefined if no question offered the option, or its question does not take it
 */
export function answerQuestion(
  engine: Engine,
  snapshot: Snapshot,
  { message, scene }: MessageInScene,
  { data, now, history }: Omit<StepAbout, 'scene'> & { readonly data: object },
): Step | undefined {
  const chosen = scene?.chosen;
  if (scene === undefined || chosen?.question === undefined) return undefined;
  const own = { actor: chosen.actor, offers: scene.offers, chosen, option: scene.option };
  const step = engine.step(snapshot, message, data, { now, scene: own, history });
  return step.handled ? step : undefined;
}

/** @throws StepError `step_failed` if the option `input` threw */
function inputOf({ input }: StepContext, openid: string): unknown {
  try {
    return settled(input({ openid }), 'The option `input`');
  } catch (cause) {
    throw new StepError(
      'step_failed',
      'The option `input` threw when a dialogue was to start, so the turn changed nothing; see the cause.',
      { cause },
    );
  }
}

/** The timer or service in the record, if the record still waits for it and, for a timer, if it is due. */
export function pendingFor(
  cause: PendingCause,
  record: ConversationRecord,
  now: number,
): Timer | RunningService | undefined {
  if (cause.type === 'service') {
    return record.services.find(({ token }) => token === cause.service.token);
  }
  const { actor, id } = cause.timer;
  return record.timers.find(
    (timer) => timer.actor === actor && timer.id === id && timer.dueAt <= now,
  );
}
