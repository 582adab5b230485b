import type { Offer } from '../../dialogue/engine/offer.ts';
import type { Revision } from '../../persist/persister.ts';
import type { Reply } from '../../reply.ts';
import { type Data, clone } from '../../internal/plain-data.ts';
import { type Expiry, expiresAt } from './expiry.ts';
import { NOTHING_SEEN, type SeenLog } from './seen-log.ts';

/** A dialogue's state as data, with what is needed to know which definition it belongs to. */
export interface StoredDialogue {
  readonly id: string;
  readonly version: string;
  /** Tells one structure of the dialogue from another under the same version; see `structureOf`. */
  readonly structure?: string;
  readonly snapshot: unknown;
  /** Which delays its states have, by key: what is not pending of them has fired. */
  readonly delays?: readonly string[];
}

/** The body of a stored record that did not open when the next one of its user took its place. */
export interface Aside {
  readonly body: string;
  /** Epoch ms at which that was. */
  readonly since: number;
}

/** Where a record was moved from, in several writes. */
export interface MovedFrom {
  readonly openid: string;
  /** What `savedAt` was of the record that was copied. */
  readonly savedAt: number;
}

/** A delayed event that waits for its time. */
export interface Timer {
  /** Which sub-dialogue it belongs to: the ids of the child machines on the way, joined by `/`; '' is the dialogue itself. */
  readonly actor: string;
  /** Names it within its actor; setting it again replaces it. */
  readonly id: string;
  readonly event: { readonly type: string };
  /** Epoch ms. */
  readonly dueAt: number;
}

/** A service that was started by a committed turn and has not reported back. */
export interface RunningService {
  /** The (sub-)dialogue that invoked it, as in `Timer`. */
  readonly actor: string;
  readonly id: string;
  /** The name it is provided under. */
  readonly src: string;
  readonly input: unknown;
  /** Tells one run of the same service from the next; a result that brings another token is stale. */
  readonly token: string;
}

/** Something said that nobody was waiting for, until it is known to have been handed over. */
export interface UnsentReply {
  readonly id: string;
  readonly reply: Reply;
  /** Epoch ms at which whoever finds it here sends it. */
  readonly dueAt: number;
  /** How often it could not be handed over. */
  readonly tries: number;
  /** On the first of an outbox: epoch ms before which none of it is tried, as whoever should take it asked. */
  readonly notBefore?: number;
  /** On the first of an outbox: all of it waits for the user's next message, and is said with the answer to it. */
  readonly kept?: true;
}

/** What is stored for an openid. Immutable once committed. */
export interface ConversationRecord {
  readonly openid: string;
  /** 0 until it is committed. */
  revision: Revision;
  readonly data: Data;
  /**
   * Epoch ms from which a sliding age counts: the last save or turn. What only keeps the books leaves it as it was: a
   * message that no state took, a reply that went out, a sign of life of a service.
   */
  readonly savedAt: number;
  /** The dialogue's state, alive and without its context; opaque to this layer and never encoded. */
  readonly live: unknown;
  readonly timers: readonly Timer[];
  readonly services: readonly RunningService[];
  readonly seen: SeenLog;
  /** In the order in which it was said. */
  readonly outbox: readonly UnsentReply[];
  // What few records have is no property of the others: each would be eight bytes of every conversation.
  /** Where `data` is not frozen through and through, so that it is handed out as a copy. */
  readonly loose?: true | undefined;
  /** What the user's own `setExpiry` asked for; undefined is the store's age. */
  readonly expiry?: Expiry | undefined;
  /** The dialogue's state as data; filled where the record was or will be encoded. */
  readonly dialogue?: StoredDialogue | undefined;
  /** What the user was offered and may still choose, in the order in which it was said. Never empty. */
  readonly offers?: readonly Offer[] | undefined;
  /** The asking that was given out last, where it is none of `offers` and the next may be given in the same millisecond. */
  readonly lastAsking?: string | undefined;
  /**
   * Epoch ms at which the process that runs its services last said so, where that is not the time of the last save; 0
   * where it has stopped since, and nobody runs them.
   */
  readonly touchedAt?: number;
  /**
   * Why the record counts as absent to everyone; it is there for the revision that a save over it names. `corrupt`: what
   * is stored does not open. `forgotten`: its user was, and only the ids of messages are kept, until none of them is
   * delivered again.
   */
  readonly absent?: 'corrupt' | 'forgotten';
  /** What stood here before and did not open. Put in by the commit; it stays for as long as the record does. */
  aside?: Aside;
  /**
   * The record that this one is a copy of, where the persister moves none in one write: where that one is still there, the
   * move was cut off before its end. Carried on by the commit, as `aside` is.
   */
  movedFrom?: MovedFrom;
}

/** What a record has whose data is not shareable. */
export const LOOSE: Pick<ConversationRecord, 'loose'> = Object.freeze({ loose: true });

/** The empty list that most records share. */
export const NONE: readonly never[] = Object.freeze([]);

/** A record that keeps nothing but what `parts` says. */
export function bareRecord(
  parts: Pick<ConversationRecord, 'openid' | 'revision' | 'savedAt'> &
    Partial<Pick<ConversationRecord, 'absent' | 'expiry' | 'seen' | 'lastAsking'>>,
): ConversationRecord {
  return {
    data: Object.freeze({}),
    live: undefined,
    timers: NONE,
    services: NONE,
    seen: NOTHING_SEEN,
    outbox: NONE,
    ...parts,
  };
}

/** What a record's user asked of its expiry; nothing of one that counts as absent, whose expiry is its own. */
export function expiryOf(record: ConversationRecord | undefined): Expiry | undefined {
  return record?.absent === undefined ? record?.expiry : undefined;
}

/**
 * Epoch ms at which a record expires. A fixed moment stands. A sliding age waits for pending timers: a reminder set
 * for next month is a reason to remember until then.
 */
export function recordExpiresAt(record: ConversationRecord, ageSeconds: number): number {
  const { expiry, timers } = record;
  if (timers.length > 0 && (expiry === undefined || 'seconds' in expiry)) {
    return Number.POSITIVE_INFINITY;
  }
  return expiresAt(expiry, record.savedAt, ageSeconds);
}

/** Whether an outbox waits for its user's next message. */
export function isKept(outbox: readonly UnsentReply[]): boolean {
  return outbox[0]?.kept === true;
}

/** Epoch ms at which something is due in a record: its expiry, its first timer or a reply to be sent. */
export function recordDueAt(record: ConversationRecord, ageSeconds: number): number {
  let at = recordExpiresAt(record, ageSeconds);
  for (const timer of record.timers) if (timer.dueAt < at) at = timer.dueAt;
  if (!isKept(record.outbox)) {
    for (const unsent of record.outbox) if (unsent.dueAt < at) at = unsent.dueAt;
  }
  return at;
}

/** The dictionary of a record, for a caller who may not change the record. */
export function handOut(record: ConversationRecord): Data {
  return record.loose ? clone(record.data) : record.data;
}
