import { historyWith } from '../../context/record/history.ts';
import { OfferChanges } from '../../context/record/offers.ts';
import { outboxWith } from '../../context/record/outbox.ts';
import { type ConversationRecord, NONE, bareRecord } from '../../context/record/record.ts';
import { remember } from '../../context/record/seen-log.ts';
import type { Reply } from '../../reply.ts';
import type { PlanContext } from '../commit-plan.ts';

/** What is added to an outbox. */
export interface Addition {
  readonly replies: readonly Reply[];
  /** Their ids. Default: new ones. */
  readonly ids?: readonly string[];
  /** If a message with this id is remembered, nothing is added. */
  readonly once?: string | undefined;
  readonly answered?: string | undefined;
  readonly given?: readonly Reply[] | undefined;
  readonly isLeft?: boolean;
  /** What the record remembers of broadcasts from then on. */
  readonly told?: readonly string[];
  /** What the platform wants back with replies from then on. */
  readonly replyToken?: string | undefined;
}

/** The record of a user, found or not, with replies that no turn has said. */
export function recordWithAddition(
  context: PlanContext,
  { openid, found }: { readonly openid: string; readonly found: ConversationRecord | undefined },
  { replies, ids, once, answered, given = NONE, told, replyToken }: Addition,
  now: number,
): ConversationRecord {
  const { engine, maxContextBytes, seen, dueTimes, createId } = context;
  const base =
    found === undefined || found.absent === 'corrupt'
      ? bareRecord({ openid, revision: 0, savedAt: now })
      : found;
  const offers = new OfferChanges(openid, base, undefined, now);
  const said = replies.map((reply) => offers.sayOutside(reply));
  // Replies with ids are those of a turn, which has noted them.
  const limits = ids === undefined ? engine.history : undefined;
  const history = limits && historyWith(base.history ?? NONE, { replies }, limits);
  return {
    ...base,
    ...(history && { history }),
    ...offers.finishOutside(maxContextBytes),
    ...(told && { told }),
    ...(replyToken !== undefined && { replyToken }),
    revision: 0,
    seen: remember(base.seen, { id: once ?? answered, replies: given }, now, seen),
    outbox: outboxWith(base.outbox, said, { now, ids, dueTimes, createId }),
  };
}
