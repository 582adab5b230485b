import type { Offer } from '../../dialogue/engine/offer.ts';
import type { HistoryTurn } from '../../dialogue/text/history-turns.ts';
import type { Revision } from '../../persist/persister.ts';
import type { Person, TextPart } from '../../message.ts';
import type { Reply } from '../../reply.ts';
import { type Data, clone } from '../../internal/plain-data.ts';
import { type Expiry, expiresAt } from './expiry.ts';
import { NOTHING_SEEN, type SeenLog } from './seen-parts.ts';

/** The state of a dialogue as data, and the definition that it belongs to. */
export interface StoredDialogue {
  /** The id of the dialogue. */
  readonly id: string;
  /** The version of the definition. */
  readonly version: string;
  /** Differs between two structures of the dialogue that have the same version; see `structureOf`. */
  readonly structure?: string;
  /** The state, as a `StoredSnapshot`. */
  readonly snapshot: unknown;
  /** The delays of its states, by key: those that are not pending have fired. */
  readonly delays?: readonly string[];
}

/** The body of a stored record that did not open when the next record of its user replaced it. */
export interface Aside {
  readonly body: string;
  /** Epoch ms of the replacement. */
  readonly since: number;
}

/** The record that this one is a copy of, while a move in several writes is not finished. */
export interface MovedFrom {
  readonly openid: string;
  /** The `savedAt` of the record that was copied. */
  readonly savedAt: number;
}

/** A delayed event of a dialogue, not yet due. */
export interface Timer {
  /** The sub-dialogue that it belongs to: the ids of the child machines on the way, joined by `/`; '' is the dialogue. */
  readonly actor: string;
  /** Unique within its actor: setting it again replaces it. */
  readonly id: string;
  /** What the dialogue gets when it is due. */
  readonly event: {
    /** The type of the event. */
    readonly type: string;
  };
  /** Epoch ms. */
  readonly dueAt: number;
}

/** A service that a committed turn started and that has not ended. */
export interface RunningService {
  /** The (sub-)dialogue that invoked it, as in `Timer`. */
  readonly actor: string;
  /** The id of the invocation. */
  readonly id: string;
  /** The name it is provided under. */
  readonly src: string;
  /** What the service was given: plain data. */
  readonly input: unknown;
  /** Different for each run of the service: a result with another token is stale. */
  readonly token: string;
}

/** A reply for which no caller was waiting, until it is known to be delivered. */
export interface UnsentReply {
  readonly id: string;
  readonly reply: Reply;
  /** Epoch ms from which any process that finds it sends it. */
  readonly dueAt: number;
  /** The number of failed deliveries. */
  readonly tries: number;
  /** On the first of an outbox: epoch ms before which none of it is tried, because a listener asked for that. */
  readonly notBefore?: number;
  /** On the first of an outbox: all of it waits for the user's next message, and is part of the answer to it. */
  readonly kept?: true;
}

/** What a person has said in several messages that will be one turn, while more may come. */
export interface Burst {
  /** In the order in which they were taken in. Never empty. */
  readonly parts: readonly TextPart[];
  /** Who said it, where the channel knows. */
  readonly from?: Person | undefined;
  /** Epoch ms at which its turn begins, if no further part comes. */
  readonly dueAt: number;
  /** Epoch ms until which the process that took in the last part has a caller who waits for the answer. */
  readonly heldUntil: number;
}

/** Everything that is stored for an openid. It does not change after its commit. */
export interface ConversationRecord {
  readonly openid: string;
  /** 0 until it is committed. */
  revision: Revision;
  readonly data: Data;
  /**
   * Epoch ms from which a sliding age counts: the last save or turn. A message that no state handled, a delivered reply
   * and a heartbeat of a service do not change it.
   */
  readonly savedAt: number;
  /** The snapshot of the dialogue without its context. This layer does not look into it and never encodes it. */
  readonly live: unknown;
  readonly timers: readonly Timer[];
  readonly services: readonly RunningService[];
  readonly seen: SeenLog;
  /** In the order in which it was said. */
  readonly outbox: readonly UnsentReply[];
  // A property that few records need is absent from the others: each would be eight bytes of every conversation.
  /** Where `data` is not deeply frozen, so that only copies of it are handed out. */
  readonly notFrozen?: true | undefined;
  /** The expiry that `setExpiry` set; undefined: the store's age. */
  readonly expiry?: Expiry | undefined;
  /** The dialogue's state as data, where the record was or will be encoded. */
  readonly dialogue?: StoredDialogue | undefined;
  /** The choices that the user was offered and may still take, in the order of the replies. Never empty. */
  readonly offers?: readonly Offer[] | undefined;
  /** What was said, where the dialogue keeps it. */
  readonly history?: readonly HistoryTurn[] | undefined;
  /** What the user has said in several messages, until it is taken as one. Their ids are in `seen` already. */
  readonly burst?: Burst | undefined;
  /** The id of the last asking, where it is none of `offers` and the next asking may be in the same millisecond. */
  readonly lastAsking?: string | undefined;
  /**
   * Epoch ms of the last heartbeat of the process that runs its services, where that is not the last save; 0 where that
   * process has stopped, and no process runs them.
   */
  readonly touchedAt?: number;
  /**
   * Why the record counts as absent. It exists for the revision that a save over it names. `corrupt`: the stored record
   * does not open. `forgotten`: the dialogue forgot its user, and only the ids of messages are kept, until none of them can
   * be delivered again.
   */
  readonly absent?: 'corrupt' | 'forgotten';
  /** The record that was here before and did not open. The commit sets it, and later commits keep it. */
  aside?: Aside;
  /** The marks of the last broadcasts that it heard, the newest last. Later commits keep them, as they keep `aside`. */
  told?: readonly string[];
  /** What the platform wants back with a reply, as the last message brought it. Later commits keep it, as they keep `aside`. */
  replyToken?: string;
  /**
   * The record that this one is a copy of, where the persister has no `move`. Where that record is still there, a crash cut
   * the move off. Later commits keep it, as they keep `aside`.
   */
  movedFrom?: MovedFrom;
}

/** The property of a record whose data is not deeply frozen. */
export const NOT_FROZEN: Pick<ConversationRecord, 'notFrozen'> = Object.freeze({ notFrozen: true });

/** An empty list, the same one for all records. */
export const NONE: readonly never[] = Object.freeze([]);

/** A record that has only `parts`. */
export function bareRecord(
  parts: Pick<ConversationRecord, 'openid' | 'revision' | 'savedAt'> &
    Partial<
      Pick<ConversationRecord, 'absent' | 'expiry' | 'seen' | 'lastAsking' | 'burst' | 'replyToken'>
    >,
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

/** The expiry that was set for a user; undefined for a record that counts as absent, which has one for itself. */
export function expiryOf(record: ConversationRecord | undefined): Expiry | undefined {
  return record?.absent === undefined ? record?.expiry : undefined;
}

/**
 * Epoch ms at which a record expires. With pending timers, a sliding age does not end: a reminder for next month is a
 * reason to remember the user until then. A fixed moment ends it in any case, but for a burst: what was said before that
 * moment is taken first.
 */
export function recordExpiresAt(record: ConversationRecord, ageSeconds: number): number {
  const { expiry, timers, burst } = record;
  if (burst !== undefined) return Number.POSITIVE_INFINITY;
  if (timers.length > 0 && (expiry === undefined || 'seconds' in expiry)) {
    return Number.POSITIVE_INFINITY;
  }
  return expiresAt(expiry, record.savedAt, ageSeconds);
}

/** Whether an outbox waits for its user's next message. */
export function isKept(outbox: readonly UnsentReply[]): boolean {
  return outbox[0]?.kept === true;
}

/** Epoch ms at which something is due in a record, but for a burst: its expiry, its first timer or an unsent reply. */
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
  return record.notFrozen ? clone(record.data) : record.data;
}
