import { ColloquyError, PersistError } from '../../errors.ts';
import type { LoadedRecord, StoredRecord } from '../../persist/persister.ts';
import { type Data, type FrozenData, freezeCopy, isDictionary } from '../../internal/plain-data.ts';
import { jsonCodec } from './json-codec.ts';
import {
  type Aside,
  type ConversationRecord,
  NOT_FROZEN,
  NONE,
  type MovedFrom,
  type StoredDialogue,
} from './record.ts';
import { isSeenLog, pushSeen, seenList } from './seen-log.ts';

/** Which record a codec works on. */
export interface CodecAbout {
  readonly openid: string;
}

/**
 * Turns plain data into text and back. Both are called within a commit or a load, so both are synchronous. Where `decode`
 * throws, the record does not open; the text of that error is dropped, because it may quote what is stored.
 */
export interface Codec {
  encode(value: unknown, about: CodecAbout): string;
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
    parts.push(',"seen":[');
    pushSeen(parts, seen);
    parts.push(']');
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
  return {
    ...headOf(record),
    ...(dialogue && { dialogue }),
    ...(seen.length > 0 && { seen: seenList(seen) }),
  };
}

function headOf(record: ConversationRecord): object {
  const { openid, data, expiry, savedAt, timers, services, outbox } = record;
  const { absent, aside, movedFrom, touchedAt, offers, lastAsking } = record;
  return {
    format: FORMAT,
    openid,
    data,
    savedAt,
    ...(expiry && { expiry }),
    ...(timers.length > 0 && { timers }),
    ...(services.length > 0 && { services, ...(touchedAt !== undefined && { touchedAt }) }),
    ...(outbox.length > 0 && { outbox }),
    ...(offers && { offers }),
    ...(lastAsking !== undefined && { lastAsking }),
    ...(absent && { absent }),
    ...(aside && { aside }),
    ...(movedFrom && { movedFrom }),
  };
}

type Envelope = Partial<Omit<ConversationRecord, 'seen'>> & {
  readonly format?: unknown;
  readonly seen?: readonly unknown[];
};

/** The part of a stored record that is needed to open it. */
export type StoredBody = Pick<StoredRecord, 'openid' | 'body'>;

/** Why a stored record does not open. */
export type CorruptReason =
  /** It does not decode, or is not an envelope. */
  | 'undecodable'
  /** Another version of this library wrote it. */
  | 'format'
  /** It was written for another user. */
  | 'openid'
  /** A part of it is missing or has another shape. */
  | 'shape'
  /** It has no seal, and this codec requires one. */
  | 'unsealed'
  /** It was sealed with a key that is not among those of this codec. */
  | 'unknown_key'
  /** It was changed, or sealed for another user, or with another secret of the same name. */
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
  const envelope = decode(stored, codec);
  const { format, data, savedAt, expiry, absent } = envelope;
  if (format !== FORMAT) throw corrupt(openid, 'format', `has a format other than ${FORMAT}`);
  if (envelope.openid !== openid) throw corrupt(openid, 'openid', 'belongs to another openid');
  if (typeof data !== 'object' || data === null || !isDictionary(data)) {
    throw corrupt(openid, 'shape', 'lacks its data');
  }
  if (!Number.isFinite(savedAt)) throw corrupt(openid, 'shape', 'lacks its time');
  const { dialogue, timers = NONE, services = NONE, seen = NONE, outbox = NONE } = envelope;
  const { aside, movedFrom, touchedAt, offers, lastAsking } = envelope;
  const isWhole =
    isListOf(timers, isTimer) &&
    isListOf(services, isService) &&
    isListOf(outbox, isUnsent) &&
    isSeenLog(seen) &&
    isExpiry(expiry) &&
    (offers === undefined || isListOf(offers, isOffer)) &&
    (lastAsking === undefined || areStrings(lastAsking)) &&
    (touchedAt === undefined || Number.isFinite(touchedAt)) &&
    (dialogue === undefined || isDialogue(dialogue)) &&
    (aside === undefined || isAside(aside)) &&
    (movedFrom === undefined || isMovedFrom(movedFrom)) &&
    (absent === undefined || absent === 'forgotten');
  if (!isWhole) throw corrupt(openid, 'shape', 'has a field of another shape');
  const settled = reopen(openid, data);
  return {
    openid,
    revision: stored.revision ?? 0,
    data: settled.data,
    savedAt: savedAt as number,
    live: undefined,
    timers,
    services,
    seen,
    outbox,
    ...(settled.shareable ? undefined : NOT_FROZEN),
    ...(expiry && { expiry }),
    ...(dialogue && { dialogue }),
    ...(offers && offers.length > 0 && { offers }),
    ...(lastAsking !== undefined && { lastAsking }),
    ...(touchedAt !== undefined && { touchedAt }),
    ...(absent && { absent }),
    ...(aside && { aside }),
    ...(movedFrom && { movedFrom }),
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

function isListOf(list: unknown, isItem: (item: Record<string, unknown>) => boolean): boolean {
  return (
    Array.isArray(list) &&
    list.every((item: unknown) => typeof item === 'object' && item !== null && isItem({ ...item }))
  );
}

/** Whether it has the shape of a `Timer`. */
export function isTimer({ actor, id, event, dueAt }: Record<string, unknown>): boolean {
  const { type } = (event ?? {}) as { type?: unknown };
  return areStrings(actor, id, type) && Number.isFinite(dueAt);
}

/** Whether it has the shape of a `RunningService`. */
export function isService({ actor, id, src, token }: Record<string, unknown>): boolean {
  return areStrings(actor, id, src, token);
}

function isUnsent({ id, reply, dueAt, tries }: Record<string, unknown>): boolean {
  const { type } = (reply ?? {}) as { type?: unknown };
  return areStrings(id, type) && Number.isFinite(dueAt) && Number.isFinite(tries);
}

function isOffer({ asking, actor, question, state, options }: Record<string, unknown>): boolean {
  const places = [question, state].filter((place) => place !== undefined);
  return areStrings(asking, actor, ...places) && isListOf(options, isOption);
}

function isOption({ value, label }: Record<string, unknown>): boolean {
  return areStrings(value) && (label === undefined || areStrings(label));
}

function isDialogue(dialogue: Partial<Record<keyof StoredDialogue, unknown>>): boolean {
  const { id, version, structure = '', delays = NONE } = dialogue ?? {};
  return areStrings(id, version, structure) && Array.isArray(delays) && areStrings(...delays);
}

function isAside(aside: Partial<Record<keyof Aside, unknown>>): boolean {
  const { body, since } = aside ?? {};
  return areStrings(body) && Number.isFinite(since);
}

function isMovedFrom(origin: Partial<Record<keyof MovedFrom, unknown>>): boolean {
  const { openid, savedAt } = origin ?? {};
  return areStrings(openid) && Number.isFinite(savedAt);
}

function areStrings(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'string');
}

function isExpiry(expiry: unknown): boolean {
  if (expiry === undefined) return true;
  const { seconds, at } = (expiry ?? {}) as { seconds?: unknown; at?: unknown };
  return typeof seconds === 'number' || typeof at === 'number';
}

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
