import type { ConversationRecord } from '../context/record/record.ts';
import { type SeenLimits, recall } from '../context/record/seen-log.ts';
import type { Snapshot } from '../dialogue/engine/engine.ts';
import type { StoredSnapshot } from '../dialogue/engine/snapshot.ts';

/** How a conversation stands, in few words. */
export interface ConversationStanding {
  /** Whether anything is kept of it: a dialogue, or a context. */
  readonly isKept: boolean;
  /** Whether its dialogue is under way. */
  readonly isActive: boolean;
  /** Whether one of the messages that were asked about counted in it. */
  readonly hasHeard: boolean;
  /** Milliseconds since its last turn; 0 where there was none. */
  readonly restedMs: number;
}

/** How the conversation of a record stands at the moment `now`. */
export function standingOf(
  record: ConversationRecord | undefined,
  ids: readonly string[],
  now: number,
  limits: SeenLimits,
): ConversationStanding {
  if (record === undefined) return NOWHERE;
  const isKept = record.absent === undefined;
  return {
    isKept,
    isActive: isKept && statusOf(record) === 'active',
    hasHeard: ids.some((id) => recall(record.seen, id, now, limits) !== undefined),
    restedMs: Math.max(now - record.savedAt, 0),
  };
}

const NOWHERE: ConversationStanding = Object.freeze({
  isKept: false,
  isActive: false,
  hasHeard: false,
  restedMs: 0,
});

/** A record from a persister is not alive before its next turn. */
function statusOf({ live, dialogue }: ConversationRecord): string | undefined {
  const snapshot = (live ?? dialogue?.snapshot) as Snapshot | StoredSnapshot | undefined;
  return snapshot?.status;
}
