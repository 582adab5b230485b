import { handOut } from '../context/record/record.ts';
import {
  type ConversationRecord,
  NONE,
  type RunningService,
  type Timer,
} from '../context/record/record.ts';
import type { Engine, Snapshot, Step } from '../dialogue/engine/engine.ts';
import { StepError } from '../errors.ts';
import { isPromise } from '../internal/maybe.ts';
import { type Message, isSpoken } from '../message.ts';
import type { Reply } from '../reply.ts';
import { type MessageInScene, findChoice } from '../context/record/choice.ts';
import { withoutDialogue } from '../context/record/offers.ts';
import type { OpenTurn } from './exchange.ts';
import { type Plan, type PlanContext, planTurn } from './commit-plan.ts';
import type { Meanings, Recognition } from './intents.ts';
import type { ServiceResult } from './services.ts';

export interface MessageCause {
  readonly type: 'message';
  readonly message: Message;
  readonly id: string | undefined;
  /** What it may mean; once that is known it is kept here, for the turn may run again. */
  meanings: Meanings | undefined;
}

/** What a turn is about. */
export type Cause =
  | MessageCause
  | { readonly type: 'timer'; readonly timer: Timer }
  | {
      readonly type: 'service';
      readonly service: RunningService;
      readonly result: ServiceResult;
      /** The message whose turn is still open, and what was said to it so far and has not gone out in another way. */
      readonly answering?: { readonly id: string | undefined; readonly replies: readonly Reply[] };
    };

/** What it takes to decide where a turn leads. */
export interface DecideContext extends PlanContext {
  /** What the dialogue of a user starts with. */
  readonly input: (about: { readonly openid: string }) => unknown;
  readonly recognition: Pick<Recognition, 'recognize'> | undefined;
}

/**
 * Where the turn leads, without touching anything; undefined where its cause is out of date: a timer that was cleared, a
 * button whose question is over. `unhandled` is for an event that nobody said and no state takes: there is nothing to
 * commit. A promise says that it is being found out what the message means: after it, decide again.
 */
export function decide(
  context: DecideContext,
  openid: string,
  record: ConversationRecord | undefined,
  cause: Cause,
  open: OpenTurn | undefined,
  now: number,
): Plan | Promise<void> | 'unhandled' | undefined {
  const { engine } = context;
  const live = record?.live as Snapshot | undefined;
  if (cause.type !== 'message') {
    const used = record && pendingFor(cause, record, now);
    if (record === undefined || used === undefined || live === undefined) return undefined;
    const event = cause.type === 'timer' ? cause.timer.event : cause.result;
    const step = engine.step(live, event, handOut(record), { now, scene: used });
    const { id, replies: said } = (cause.type === 'service' && cause.answering) || NO_MESSAGE;
    const unheard = open === undefined || open.left;
    return planTurn({ openid, record, now, used, id, said, unheard }, step, context);
  }
  const { id } = cause;
  // A dialogue that starts anew keeps the dictionary, and nothing that was pending in the one before.
  const goesOn = live?.status === 'active';
  const kept = goesOn || record === undefined ? record : withoutDialogue(record, now);
  const data = kept === undefined ? {} : handOut(kept);
  const heard = findChoice(kept, goesOn ? live : undefined, cause.message, data);
  if (heard === undefined) return undefined;
  const hearing = { openid, cause, heard, now };
  const step = goesOn
    ? hear(context, live, data, hearing)
    : begin(context, engine.first(inputOf(context, openid), data, now), hearing);
  if (step instanceof Promise) return step;
  if (!step.handled && !isSpoken(cause.message)) return 'unhandled';
  const unheard = open?.left === true;
  const { message, scene } = heard;
  const taken = scene?.chosen;
  // What no state takes, and nothing comes of, does not put the expiry off.
  const isIdle = goesOn && !step.handled && step.effects.length === 0;
  const savedAt = isIdle && kept !== undefined ? kept.savedAt : now;
  const basis = { openid, record: kept, now, id, unheard, message, taken, savedAt };
  return planTurn(basis, step, context);
}

const NO_MESSAGE = { id: undefined, replies: NONE };

/** How a message is heard. */
interface Hearing {
  readonly openid: string;
  readonly cause: MessageCause;
  readonly heard: MessageInScene;
  readonly now: number;
}

/**
 * Starts the dialogue. It gets the message only if it has said nothing yet: a message cannot answer a question that was
 * not asked before. An event that no user said starts it only if a state takes the event: the user may never read the
 * question.
 */
function begin(context: DecideContext, first: Step, hearing: Hearing): Step | Promise<void> {
  const spoke = first.effects.some(({ type }) => type === 'reply');
  if (spoke || first.next.status !== 'active') {
    return isSpoken(hearing.cause.message) ? first : { ...first, handled: false };
  }
  const heard = hear(context, first.next, first.next.context as object, hearing);
  if (heard instanceof Promise) return heard;
  return { ...heard, effects: [...first.effects, ...heard.effects] };
}

/**
 * Offers what the message may mean, the surest first, and then the message itself, until the dialogue takes one. What a
 * question has offered is an answer to it before anything else. A message is recognised once, where its meaning is first
 * asked for: neither a duplicate nor the conflict of a commit costs a call of a model.
 */
function hear(
  { engine, recognition }: DecideContext,
  snapshot: Snapshot,
  data: object,
  { openid, cause, heard, now }: Hearing,
): Step | Promise<void> {
  const answered = answerQuestion(engine, snapshot, heard, { data, now });
  if (answered !== undefined) return answered;
  const { message, scene } = heard;
  if (recognition !== undefined) {
    if (cause.meanings === undefined) {
      const meanings = recognition.recognize(openid, cause.message);
      if (isPromise(meanings)) {
        return meanings.then((found) => {
          cause.meanings = found;
        });
      }
      cause.meanings = meanings;
    }
    for (const intent of cause.meanings) {
      const step = engine.step(snapshot, intent, data, { now, scene });
      if (step.handled) return step;
    }
  }
  return engine.step(snapshot, message, data, { now, scene });
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
  { data, now }: { readonly data: object; readonly now: number },
): Step | undefined {
  const chosen = scene?.chosen;
  if (scene === undefined || chosen?.question === undefined) return undefined;
  const step = engine.step(snapshot, message, data, {
    now,
    scene: { ...scene, actor: chosen.actor },
  });
  return step.handled ? step : undefined;
}

/** @throws StepError `step_failed` where the option `input` threw */
function inputOf({ input }: DecideContext, openid: string): unknown {
  try {
    return input({ openid });
  } catch (cause) {
    throw new StepError(
      'step_failed',
      'The option `input` threw when a dialogue was to start, so the turn changed nothing; see the cause.',
      { cause },
    );
  }
}

/** What the record has of a timer or a service, as long as it waits for it; a timer, once it is due. */
export function pendingFor(
  cause: Exclude<Cause, { type: 'message' }>,
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
