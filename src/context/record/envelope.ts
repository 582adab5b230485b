import { ColloquyError, PersistError } from '../../errors.ts';
import type { LoadedRecord, StoredRecord } from '../../persist/persister.ts';
import { type Data, isDictionary } from '../../internal/plain-data.ts';
import { type FrozenData, freezeCopy } from '../../internal/frozen-copy.ts';
import { jsonCodec } from './json-codec.ts';
import { type ConversationRecord, NOT_FROZEN, NONE, type StoredDialogue } from './record.ts';
import { isHistory } from './history.ts';
import { type IdBlocks, areIdBlocks, pushBlocks } from './id-block.ts';
import { isSeenLog, openSeen, pushSeen, seenBlocks, seenList } from './seen-log.ts';

/** What a codec knows besides the data. */
export interface CodecAbout {
  /** The user whose record it is. A codec that seals may bind the text to it. */
  readonly openid: string;
}

/**
 * Turns plain data into text and back. Both are called within a commit or a load, so both are synchronous. Where `decode`
 * throws, the record does not open; the text of that error is dropped, because it may quote what is stored.
 */
export interface Codec {
  /** Turns plain data into a text, within a commit. */
  encode(value: unknown, about: CodecAbout): string;
  /** Turns such a text back into the data, within a load. */
  decode(text: string, about: CodecAbout): unknown;
}

/** The format of the envelope around a stored record. A record of another format does not open. */
const FORMAT = 1;

/**
 * The record for the persister.
 * @throws ColloquyError `not_plain` by the default codec, and what another codec throws
 */
export function sealRecord(record: ConversationRecord, wakeAt: number, codec: Codec): StoredRecord {
  const { openid } = record;
  const body = codec === jsonCodec ? toJson(record) : codec.encode(toEnvelope(record), { openid });
  return { openid, body, wakeAt };
}

/**
 * The envelope as the default codec encodes it, in less time. Many users have the same dialogue state, and the seen log is
 * nearly the same as a turn ago: the texts of both are reused. They are at the end of the envelope.
 */
function toJson(record: ConversationRecord): string {
  const { dialogue, seen } = record;
  const parts = [jsonCodec.encode(headOf(record)).slice(0, -1)];
  if (dialogue !== undefined) parts.push(',', dialogueText(dialogue));
  if (seen.length > 0) {
    const ids = seenBlocks(seen);
    parts.push(',"seen":[');
    pushSeen(parts, seen);
    parts.push(']');
    if (ids !== undefined) {
      parts.push(',"seenIds":');
      pushBlocks(parts, ids);
    }
  }
  parts.push('}');
  // V8 keeps a text that is joined part by part as its parts; `join` makes it one piece.
  return parts.join('');
}

const DIALOGUE_TEXTS = new WeakMap<StoredDialogue, string>();

/** With its key: an error names the place in the envelope that does not encode. */
function dialogueText(dialogue: StoredDialogue): string {
  const known = DIALOGUE_TEXTS.get(dialogue);
  if (known !== undefined) return known;
  const text = jsonCodec.encode({ dialogue }).slice(1, -1);
  // Only a frozen dialogue is shared between records, and found again.
  if (Object.isFrozen(dialogue)) DIALOGUE_TEXTS.set(dialogue, text);
  return text;
}

function toEnvelope(record: ConversationRecord): object {
  const { dialogue, seen } = record;
  const ids = seenBlocks(seen);
  return {
    ...headOf(record),
    ...(dialogue && { dialogue }),
    ...(seen.length > 0 && { seen: seenList(seen) }),
    ...(ids && { seenIds: ids }),
  };
}

function headOf(record: ConversationRecord): object {
  const { openid, data, savedAt, timers, services, outbox, touchedAt } = record;
  return {
    format: FORMAT,
    openid,
    data,
    savedAt,
    ...(timers.length > 0 && { timers }),
    ...(services.length > 0 && { services, ...(touchedAt !== undefined && { touchedAt }) }),
    ...(outbox.length > 0 && { outbox }),
    ...rareOf(record),
  };
}

/** The properties that only few records have, in memory and as stored. */
function rareOf({
  expiry,
  offers,
  lastAsking,
  absent,
  aside,
  movedFrom,
  history,
  burst,
  told,
  replyToken,
}: Partial<ConversationRecord>): Partial<ConversationRecord> {
  return {
    ...(expiry && { expiry }),
    ...(offers && offers.length > 0 && { offers }),
    ...(lastAsking !== undefined && { lastAsking }),
    ...(absent && { absent }),
    ...(aside && { aside }),
    ...(movedFrom && { movedFrom }),
    ...(history && { history }),
    ...(burst && { burst }),
    ...(told && { told }),
    ...(replyToken !== undefined && { replyToken }),
  };
}

type Envelope = Partial<Omit<ConversationRecord, 'seen'>> & {
  readonly format?: unknown;
  readonly seen?: readonly unknown[];
  readonly seenIds?: IdBlocks;
};

/** The part of a stored record that is needed to open it. */
type StoredBody = Pick<StoredRecord, 'openid' | 'body'>;

/**
 * Why a stored record does not open.
 * - `damaged`: the persister found that it is not what was saved: its file is damaged.
 * - `undecodable`: it does not decode, or is not an envelope.
 * - `format`: another version of this library wrote it.
 * - `openid`: it was written for another user.
 * - `shape`: a part of it is missing or has another shape.
 * - `unsealed`: it has no seal, and this codec requires one.
 * - `unknown_key`: it was sealed with a key that is not among those of this codec.
 * - `bad_seal`: it was changed, or sealed for another user, or with another secret of the same name.
 */
export type CorruptReason =
  | 'damaged'
  | 'undecodable'
  | 'format'
  | 'openid'
  | 'shape'
  | 'unsealed'
  | 'unknown_key'
  | 'bad_seal';

/**
 * The record in a stored one.
 * @throws PersistError `corrupt` for a body that does not open; `details.reason` is a `CorruptReason`. It quotes nothing of
 *   the body.
 */
export function openRecord(
  stored: StoredBody & Partial<LoadedRecord>,
  codec: Codec,
): ConversationRecord {
  const { openid } = stored;
  if (stored.damaged) throw corrupt(openid, 'damaged', 'is not what was saved');
  const envelope = decode(stored, codec);
  const { format, data, savedAt, dialogue, touchedAt } = envelope;
  if (format !== FORMAT) throw corrupt(openid, 'format', `has a format other than ${FORMAT}`);
  if (envelope.openid !== openid) throw corrupt(openid, 'openid', 'belongs to another openid');
  if (typeof data !== 'object' || data === null || !isDictionary(data)) {
    throw corrupt(openid, 'shape', 'lacks its data');
  }
  if (!Number.isFinite(savedAt)) throw corrupt(openid, 'shape', 'lacks its time');
  if (!isWhole(envelope)) throw corrupt(openid, 'shape', 'has a field of another shape');
  const { timers = NONE, services = NONE, seen = NONE, seenIds, outbox = NONE } = envelope;
  const settled = reopen(openid, data);
  return {
    openid,
    revision: stored.revision ?? 0,
    data: settled.data,
    savedAt: savedAt as number,
    live: undefined,
    timers,
    services,
    seen: openSeen(seen, seenIds),
    outbox,
    ...(settled.shareable ? undefined : NOT_FROZEN),
    ...(dialogue && { dialogue }),
    ...(touchedAt !== undefined && { touchedAt }),
    ...rareOf(envelope),
  };
}

function decode({ openid, body }: StoredBody, codec: Codec): Envelope {
  let envelope: unknown;
  try {
    envelope = codec.decode(body, { openid });
  } catch (cause) {
    // The error of a codec that seals.
    if (ColloquyError.is(cause, 'corrupt')) throw cause;
    // The error of another codec may quote the body, which has personal data. It must not be a cause.
    throw corrupt(openid, 'undecodable', `does not decode (${nameOf(cause)})`);
  }
  if (typeof envelope === 'object' && envelope !== null) return envelope;
  throw corrupt(openid, 'undecodable', 'is no envelope');
}

type Check = (value: unknown) => boolean;

const string: Check = (value) => typeof value === 'string';
const number: Check = (value) => Number.isFinite(value);

function optional(check: Check): Check {
  return (value) => value === undefined || check(value);
}

function list(check: Check): Check {
  return (value) => Array.isArray(value) && value.every(check);
}

/** The shape of an object with these texts, and with other fields. */
function shape(texts: readonly string[], others: Readonly<Record<string, Check>> = {}): Check {
  const checks = [...texts.map((key) => [key, string] as const), ...Object.entries(others)];
  return (value) =>
    typeof value === 'object' &&
    value !== null &&
    checks.every(([key, check]) => check((value as Data)[key]));
}

const isTyped = shape(['type']);
export const isTimer: Check = shape(['actor', 'id'], { event: isTyped, dueAt: number });
export const isService: Check = shape(['actor', 'id', 'src', 'token']);
const isUnsent = shape(['id'], { reply: isTyped, dueAt: number, tries: number });
const isPart = shape(['text'], { id: optional(string), at: number });
const isBurst = shape([], {
  parts: (parts) => list(isPart)(parts) && (parts as readonly unknown[]).length > 0,
  from: optional(shape(['id'])),
  dueAt: number,
  heldUntil: number,
});
const isOption = shape(['value'], { label: optional(string) });
export const isOffer: Check = shape(['asking', 'actor'], {
  question: optional(string),
  state: optional(string),
  options: list(isOption),
  part: optional(string),
});
const isDialogue = shape(['id', 'version'], {
  structure: optional(string),
  delays: optional(list(string)),
});
const isExpiry: Check = (value) => {
  const { seconds, at } = (value ?? {}) as { readonly seconds?: unknown; readonly at?: unknown };
  return typeof seconds === 'number' || typeof at === 'number';
};

/** Whether all fields that may be missing have their shape. */
const isWhole = shape([], {
  timers: optional(list(isTimer)),
  services: optional(list(isService)),
  outbox: optional(list(isUnsent)),
  seen: optional(isSeenLog),
  seenIds: optional(areIdBlocks),
  expiry: optional(isExpiry),
  offers: optional(list(isOffer)),
  lastAsking: optional(string),
  touchedAt: optional(number),
  dialogue: optional(isDialogue),
  aside: optional(shape(['body'], { since: number })),
  movedFrom: optional(shape(['openid'], { savedAt: number })),
  absent: optional((value) => value === 'forgotten'),
  history: optional(isHistory),
  burst: optional(isBurst),
  told: optional(list(string)),
  replyToken: optional(string),
});

function reopen(openid: string, data: Data): FrozenData {
  try {
    return freezeCopy(data, Number.POSITIVE_INFINITY);
  } catch (error) {
    throw corrupt(openid, 'shape', `holds data that is not plain (${nameOf(error)})`);
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'error';
}

/** A stored record that does not open. */
export function corrupt(openid: string, reason: CorruptReason, what: string): PersistError {
  return new PersistError('corrupt', `The stored record ${what}; it is treated as absent.`, {
    openid,
    details: { reason },
  });
}
