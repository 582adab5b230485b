import { continues, isSameBurst, addPart } from '../context/record/burst.ts';
import { type ConversationRecord, NONE, isKept } from '../context/record/record.ts';
import { type SeenLimits, recall, remember } from '../context/record/seen-log.ts';
import { given } from '../internal/given.ts';
import { jsonSize } from '../internal/plain-data.ts';
import { isSpoken } from '../message.ts';
import type { Reply } from '../reply.ts';
import type { Exchange } from './delivery/exchange.ts';
import type { LeftReplies } from './delivery/left-replies.ts';
import type { GatherPlaces } from './gathering/places.ts';
import type { MessageCause, TurnRun } from './transition.ts';

export interface BeforeContext {
  readonly seen: SeenLimits;
  readonly gather: GatherPlaces;
  readonly left: LeftReplies;
}

/** What comes before the step of a message, or in its place. */
export type BeforeStep =
  /** The message counted before. With a `change`, the replies that were deferred are in its answer, or are delivered again. */
  | {
      readonly type: 'seen';
      readonly replies: readonly Reply[];
      readonly change?: ConversationRecord;
    }
  /** The message is a part of the burst of the record. If there is no `change`, it was before. */
  | {
      readonly type: 'part';
      readonly record: ConversationRecord;
      readonly change?: ConversationRecord;
    }
  /** A timer of the record is due, or a burst is complete: that comes before the message. */
  | { readonly type: 'overdue'; readonly record: ConversationRecord }
  /** The burst is another one now. */
  | { readonly type: 'stale' };

/** Decides what comes before the step of a message; undefined where it is the message's turn. */
export function beforeStep(
  context: BeforeContext,
  turn: TurnRun<MessageCause>,
  record: ConversationRecord | undefined,
  now: number,
): BeforeStep | undefined {
  const { openid, cause, exchange } = turn;
  const { id, part } = cause;
  const burst = record?.burst;
  const limits = part && context.gather.at(record);
  if (cause.burst !== undefined) {
    return isSameBurst(cause.burst, burst) ? undefined : { type: 'stale' };
  }
  if (record !== undefined) {
    if (exchange?.overdue !== undefined) exchange.overdue.first ??= context.left.firstFor(openid);
    if (id !== undefined) {
      if (part && burst?.parts.some((known) => known.id === id)) return { type: 'part', record };
      const replies = recall(record.seen, id, now, context.seen);
      if (replies !== undefined) return seenBefore(context, turn, { record, replies, now });
    }
    const isOver = burst && !(part && limits && continues(burst, part, limits));
    const isDue = (): boolean => exchange?.overdue === undefined && hasDueTimer(record, now);
    if (exchange !== undefined && (isOver || isDue())) {
      if (exchange.overdue === undefined) context.left.forget(openid);
      // What waits in the outbox already may be on its way.
      exchange.overdue ??= { isAnswered: record.outbox.length === 0 };
      exchange.overdue.first = undefined;
      const ended = isOver && { ...burst, dueAt: Math.min(burst.dueAt, now) };
      return { type: 'overdue', record: ended ? { ...record, burst: ended } : record };
    }
  }
  const { seen } = context;
  if (!part || !limits || jsonSize({ parts: [part.part] }) > limits.maxBytes) return undefined;
  const change = addPart(record, part, { openid, now, limits, seen });
  if (exchange?.replyToken !== undefined) change.replyToken = exchange.replyToken;
  return { type: 'part', record: change, change };
}

function hasDueTimer({ timers }: ConversationRecord, now: number): boolean {
  for (const { dueAt } of timers) if (dueAt <= now) return true;
  return false;
}

/** A record that knows a message, and what was said to it. */
interface SeenRecord {
  readonly record: ConversationRecord;
  readonly replies: readonly Reply[];
  readonly now: number;
}

/** The answer has no room for replies: what was deferred is delivered from the outbox, since its user can be reached again. */
function reopened({ replyToken }: Exchange, { record, replies, now }: SeenRecord): BeforeStep {
  const outbox = record.outbox.map(({ kept: _kept, ...unsent }) => ({ ...unsent, dueAt: now }));
  const change = { ...record, revision: 0, outbox, ...given({ replyToken }) };
  return { type: 'seen', replies, change };
}

/**
 * A redelivered message gets its replies again, or else the replies that were deferred until the user writes. Both would not be
 * told apart: what an answer has no room for counts once by the id of its message, so deferred replies behind it would be lost.
 */
function seenBefore(
  context: BeforeContext,
  { cause, exchange }: TurnRun<MessageCause>,
  found: SeenRecord,
): BeforeStep {
  const { record, replies: own, now } = found;
  const { id, message } = cause;
  const isHeard = exchange?.isAbandoned === false && isSpoken(message);
  if (!isHeard || !isKept(record.outbox)) return { type: 'seen', replies: own };
  if (!exchange.awaitsServices) return reopened(exchange, found);
  if (own.length > 0) return { type: 'seen', replies: own };
  const replies = record.outbox.map(({ reply }) => reply);
  const seen = remember(record.seen, { id, replies }, now, context.seen);
  return { type: 'seen', replies, change: { ...record, revision: 0, outbox: NONE, seen } };
}
