import type { Data } from '../../internal/plain-data.ts';
import { freezeCopy } from '../../internal/frozen-copy.ts';
import { withoutPerson } from './person.ts';
import { type ConversationRecord, NOT_FROZEN, bareRecord } from './record.ts';

/** What of a draft is saved. */
export interface SavedDraft {
  readonly openid: string;
  /** The record that the draft was opened from. */
  readonly base: ConversationRecord | undefined;
  readonly data: Data;
  readonly expiry: ConversationRecord['expiry'];
}

interface SaveRules {
  /** Epoch milliseconds of the save. */
  readonly now: number;
  readonly maxContextBytes: number;
  /** The person whose turns and replies the record no longer has. */
  readonly erased: string | undefined;
}

/**
 * The record with the new data of a draft; the rest of it is as in the base.
 * @throws ColloquyError `context_not_plain`, `context_too_big`
 */
export function recordOfDraft(
  { openid, base, data, expiry }: SavedDraft,
  { now, maxContextBytes, erased }: SaveRules,
): ConversationRecord {
  const settled = freezeCopy(data, maxContextBytes);
  const {
    absent: _absent,
    notFrozen: _notFrozen,
    expiry: _expiry,
    touchedAt,
    ...left
  } = base ?? bareRecord({ openid, revision: 0, savedAt: now });
  const kept = erased === undefined ? left : withoutPerson(left, erased);
  return {
    ...kept,
    openid,
    revision: 0,
    data: settled.data,
    savedAt: now,
    ...(settled.shareable ? undefined : NOT_FROZEN),
    ...(expiry && { expiry }),
    // A change of the dictionary is no heartbeat: the services may run in another process.
    ...(kept.services.length > 0 && { touchedAt: touchedAt ?? kept.savedAt }),
  };
}
