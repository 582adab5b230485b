import type { Reply } from '../../reply.ts';
import { jsonCodec } from './json-codec.ts';
import { NO_IDS, type SeenIds, addId, bytesOfIds, countIds, hasId, newestIds } from './seen-ids.ts';

/** What a record remembers of the messages that counted. */
export interface SeenLimits {
  /** The maximum of ids. */
  readonly max: number;
  /** Milliseconds for which an id is remembered. */
  readonly ageMs: number;
  /** The maximum of bytes of the replies that are kept, with two bytes for each character. */
  readonly replyBytes: number;
}

/** The maximum of messages whose replies are kept: a redelivery follows its original closely. */
const MAX_ANSWERS = 16;
/** The maximum of bytes of a list of replies that is kept as it is. Others are kept as JSON, whose length is known. */
const MAX_LIST_BYTES = 1024;
const CHARACTER_BYTES = 2;
/** The bytes of an entry that is small. The hash of any other one is odd: to look at sixteen texts in each turn takes long. */
const SMALL_BYTES = 2048;

// A flat array with four places for each message whose replies are kept: hash of the id, id, second of the turn, and the
// replies; most answers are a single text, which is kept as a string. An object for each of sixteen entries would be larger
// than the rest of the record, and comparing sixteen ids all over the heap would take longer than comparing hashes. Behind
// the entries is one place for the hashes of all ids. It is there once the record remembers an id without an entry.
const WIDTH = 4;
const ID = 1;
const SECOND = 2;
const SAID = 3;
/** In the place of the replies: the place of the id has the whole entry as JSON. */
const AS_TEXT = 0;
const ID_IN_TEXT = /^,-?\d+,("(?:[^"\\]|\\.)*"),/u;
const NOTHING_SAID: readonly Reply[] = Object.freeze([]);

/**
 * The ids of the messages that counted, with the replies to the last of them. It is never changed, and only its length may
 * be read outside of this file. The next log is a copy in an array of exactly its size: a shared one that grows would save
 * 0.2 µs, but a conversation of 25 messages would have 2.4 KB rather than 1.8. An object around the array would be 40 bytes
 * of every conversation.
 */
export type SeenLog = readonly unknown[];

/** The log of a conversation without messages. */
export const NOTHING_SEEN: SeenLog = Object.freeze([]);

/** Whether a stored list has the entries of a log. */
export function isSeenLog(list: unknown): list is SeenLog {
  if (!Array.isArray(list) || list.length % WIDTH !== 0) return false;
  for (let place = 0; place < list.length; place += WIDTH) {
    const [hash, id, second, said] = list.slice(place, place + WIDTH) as unknown[];
    if (!Number.isInteger(hash) || typeof id !== 'string' || !Number.isFinite(second)) return false;
    if (typeof said !== 'string' && !isReplies(said)) return false;
  }
  return true;
}

/** The log of stored entries and ids. */
export function openSeen(entries: readonly unknown[], ids: SeenIds | undefined): SeenLog {
  for (let place = 0; place < entries.length; place += WIDTH) {
    const bytes = bytesAt(entries, place);
    if (bytes > SMALL_BYTES) (entries as number[])[place] = marked(entries[place] as number, bytes);
    const isList = typeof entries[place + SAID] === 'object';
    if (isList && bytes > MAX_LIST_BYTES) textAt(entries, place);
  }
  return logOf(entries, 0, entries.length, ids);
}

/**
 * Adds the entries of the log as JSON to `parts`. Each entry keeps its JSON, in the place of its id: the log of the next
 * turn has the same entries, except one.
 */
export function pushSeen(parts: string[], log: SeenLog): void {
  const end = endOf(log);
  if (end === 0) return;
  parts.push(textAt(log, 0).slice(1));
  for (let place = WIDTH; place < end; place += WIDTH) parts.push(textAt(log, place));
}

/** The entries of the log as they are stored. */
export function seenList(log: SeenLog): readonly unknown[] {
  const end = endOf(log);
  if (!log.includes(AS_TEXT)) return end === log.length ? log : log.slice(0, end);
  const list: unknown[] = [];
  for (let place = 0; place < end; place += WIDTH) list.push(...entryAt(log, place));
  return list;
}

/** The hashes of all ids, as they are stored; undefined where each id has an entry. */
export function seenIds(log: SeenLog): SeenIds | undefined {
  const end = endOf(log);
  return end === log.length ? undefined : (log[end] as SeenIds);
}

/** An entry as JSON, with a comma before it. */
function textAt(log: SeenLog, place: number): string {
  if (log[place + SAID] === AS_TEXT) return log[place + ID] as string;
  const [hash, id, second, said] = log.slice(place, place + WIDTH);
  const text = toText(hash as number, id as string, second as number, said);
  const entries = log as unknown[];
  entries[place + ID] = text;
  entries[place + SAID] = AS_TEXT;
  return text;
}

function toText(hash: number, id: string, second: number, said: unknown): string {
  return ['', hash, JSON.stringify(id), second, jsonCodec.encode(said)].join(',');
}

function entryAt(log: SeenLog, place: number): readonly unknown[] {
  if (log[place + SAID] !== AS_TEXT) return log.slice(place, place + WIDTH);
  return jsonCodec.decode(`[${(log[place + ID] as string).slice(1)}]`) as unknown[];
}

function idAt(log: SeenLog, place: number): string {
  const id = log[place + ID] as string;
  if (log[place + SAID] !== AS_TEXT) return id;
  return JSON.parse((ID_IN_TEXT.exec(id) as RegExpExecArray)[1] as string) as string;
}

function saidAt(log: SeenLog, place: number): readonly Reply[] {
  return unpack(entryAt(log, place)[SAID]);
}

/** The last ids whose replies are kept, the oldest first, with the replies. */
export function seenEntries(
  log: SeenLog,
): { readonly id: string; readonly replies: readonly Reply[] }[] {
  const entries: { readonly id: string; readonly replies: readonly Reply[] }[] = [];
  for (let place = 0; place < endOf(log); place += WIDTH) {
    const [, id, , said] = entryAt(log, place);
    entries.push({ id: id as string, replies: unpack(said) });
  }
  return entries;
}

/**
 * The replies to the message `id`, where it has counted already and is still remembered: none where it got none, and where
 * they are no longer kept.
 */
export function recall(
  log: SeenLog,
  id: string,
  now: number,
  limits: SeenLimits,
): readonly Reply[] | undefined {
  const end = endOf(log);
  const place = placeOf(log, end, hashOf(id), id);
  if (place >= 0) return isForgotten(log, place, now, limits) ? undefined : saidAt(log, place);
  if (end === log.length) return undefined;
  return hasId(log[end] as SeenIds, id, forgottenUntil(now, limits)) ? NOTHING_SAID : undefined;
}

/**
 * The log with the answer to `id` as the newest, and without ids that are too old or too many. An answer to the same id in
 * an earlier commit of the same turn is replaced. Replies are kept for the last messages that got any, and not over a
 * number of bytes.
 */
export function remember(
  log: SeenLog,
  { id, replies }: { readonly id: string | undefined; readonly replies: readonly Reply[] },
  now: number,
  limits: SeenLimits,
): SeenLog {
  const { max, replyBytes } = limits;
  const end = endOf(log);
  const after = forgottenUntil(now, limits);
  let ids = seenIds(log);
  let start = 0;
  while (start < end && isForgotten(log, start, now, limits)) start += WIDTH;
  if (id === undefined || max <= 0) {
    const left = ids && newestIds(ids, countIds(ids), after);
    return start === 0 && left === ids ? log : logOf(log, start, end, left);
  }
  const hash = hashOf(id);
  const known = placeOf(log, end, hash, id);
  if (known >= 0) return remember(withoutEntry(log, known), { id, replies }, now, limits);
  const second = Math.ceil(now / 1000);
  let label = id;
  let said = pack(replies);
  let bytes = bytesOf(label, said);
  if (bytes > MAX_LIST_BYTES && bytes <= replyBytes && typeof said !== 'string') {
    label = toText(marked(hash, bytes), id, second, said);
    said = AS_TEXT;
    bytes = bytesOf(label, said);
  }
  const isKept = replies.length > 0 && bytes <= replyBytes;
  const others = Math.min(max, MAX_ANSWERS) - (isKept ? 1 : 0);
  let first = Math.max(start, end - others * WIDTH);
  if (isKept && (bytes > SMALL_BYTES || mayExceed(log, first, end, replyBytes))) {
    first = firstWithin(log, first, end, replyBytes - bytes);
  }
  if (ids === undefined && (!isKept || first > start)) ids = idsIn(log, start, end);
  if (ids !== undefined) ids = newestIds(addId(ids, id, second), max, after);
  if (ids?.length === 0) ids = undefined;
  const size = end - first + (isKept ? WIDTH : 0);
  if (size === 0 && ids === undefined) return NOTHING_SEEN;
  const next = new Array<unknown>(ids === undefined ? size : size + 1);
  let to = 0;
  for (let from = first; from < end; from += 1) next[to++] = log[from];
  if (isKept) {
    next[to] = marked(hash, bytes);
    next[to + ID] = label;
    next[to + SECOND] = second;
    next[to + SAID] = said;
  }
  if (ids !== undefined) next[size] = ids;
  return next;
}

/** The same ids, without the replies to them. */
export function withoutReplies(log: SeenLog): SeenLog {
  return logOf(log, 0, 0, seenIds(log) ?? idsIn(log, 0, endOf(log)));
}

/** The log with the ids of another one as well, such as those of a record that it replaces. */
export function withIdsOf(log: SeenLog, other: SeenLog): SeenLog {
  if (other.length === 0) return log;
  const end = endOf(log);
  const ids = seenIds(other) ?? idsIn(other, 0, other.length);
  return logOf(log, 0, end, [...ids, ...(seenIds(log) ?? idsIn(log, 0, end))]);
}

/** The bytes that the log takes, with two for each character of a reply. */
export function seenBytes(log: SeenLog): number {
  const ids = seenIds(log);
  let bytes = ids === undefined ? 0 : bytesOfIds(ids);
  for (let place = 0; place < endOf(log); place += WIDTH) bytes += bytesAt(log, place);
  return bytes;
}

function endOf(log: SeenLog): number {
  return log.length - (log.length % WIDTH);
}

function logOf(
  log: readonly unknown[],
  start: number,
  end: number,
  ids: SeenIds | undefined,
): SeenLog {
  const entries = start === 0 && end === log.length ? log : log.slice(start, end);
  if (ids !== undefined && ids.length > 0) return [...entries, ids];
  return entries.length === 0 ? NOTHING_SEEN : entries;
}

/** The newest entry of `id`; -1 where there is none. */
function placeOf(log: SeenLog, end: number, hash: number, id: string): number {
  for (let place = end - WIDTH; place >= 0; place -= WIDTH) {
    if (((log[place] as number) & ~1) === hash && idAt(log, place) === id) return place;
  }
  return -1;
}

function withoutEntry(log: SeenLog, place: number): SeenLog {
  return [...log.slice(0, place), ...log.slice(place + WIDTH)];
}

/** The hash of an entry of this size. */
function marked(hash: number, bytes: number): number {
  return bytes > SMALL_BYTES ? hash | 1 : hash & ~1;
}

/** Whether entries may take more bytes than the limit: one of them is not small. */
function mayExceed(log: SeenLog, start: number, end: number, limit: number): boolean {
  if (limit < MAX_ANSWERS * SMALL_BYTES) return true;
  for (let place = start; place < end; place += WIDTH) {
    if (((log[place] as number) & 1) === 1) return true;
  }
  return false;
}

/** The first of the newest entries that take `max` bytes at most together. */
function firstWithin(log: SeenLog, start: number, end: number, max: number): number {
  let bytes = max;
  for (let place = start; place < end; place += WIDTH) {
    const said = log[place + SAID];
    bytes -= typeof said === 'object' ? MAX_LIST_BYTES : bytesAt(log, place);
  }
  if (bytes >= 0) return start;
  bytes = max;
  let place = end;
  while (place > start && (bytes -= bytesAt(log, place - WIDTH)) >= 0) place -= WIDTH;
  return place;
}

function idsIn(log: SeenLog, start: number, end: number): SeenIds {
  let ids = NO_IDS;
  for (let place = start; place < end; place += WIDTH) {
    ids = addId(ids, idAt(log, place), log[place + SECOND] as number);
  }
  return ids;
}

function isForgotten(log: SeenLog, place: number, now: number, limits: SeenLimits): boolean {
  return (log[place + SECOND] as number) <= forgottenUntil(now, limits);
}

/** The last second of which the ids are forgotten. */
function forgottenUntil(now: number, { ageMs }: SeenLimits): number {
  return (now - ageMs) / 1000;
}

/** FNV-1a of the last 32 characters, where ids differ most; always even. */
function hashOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let place = Math.max(id.length - 32, 0); place < id.length; place += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(place), 0x01000193);
  }
  return hash & ~1;
}

function bytesAt(log: SeenLog, place: number): number {
  return bytesOf(log[place + ID] as string, log[place + SAID]);
}

/** @param label the id, or the whole entry as JSON */
function bytesOf(label: string, said: unknown): number {
  const bytes = CHARACTER_BYTES * label.length;
  if (said === AS_TEXT) return bytes;
  if (typeof said === 'string') return bytes + CHARACTER_BYTES * said.length;
  return bytes + bytesOfReplies(said as readonly Reply[]);
}

/** The bytes that replies take in memory at most, with two for each character. */
export function bytesOfReplies(replies: readonly Reply[]): number {
  let bytes = 0;
  for (const reply of replies) bytes += bytesOfReply(reply);
  return bytes;
}

function bytesOfReply(reply: Reply): number {
  switch (reply.type) {
    case 'text':
      return CHARACTER_BYTES * reply.text.length;
    case 'choices': {
      let length = reply.text.length;
      for (const { value, label = '' } of reply.options) length += value.length + label.length;
      return CHARACTER_BYTES * length;
    }
    case 'raw':
      // Plain data of any kind.
      return CHARACTER_BYTES * jsonCodec.encode(reply.payload).length;
    default:
      return bytesOfValue(reply);
  }
}

function bytesOfValue(value: unknown): number {
  if (typeof value === 'string') return CHARACTER_BYTES * value.length;
  let bytes = 8;
  if (typeof value !== 'object') return bytes;
  for (const key in value) bytes += bytesOfValue((value as Record<string, unknown>)[key]);
  return bytes;
}

function pack(replies: readonly Reply[]): unknown {
  const [reply] = replies;
  if (replies.length === 1 && reply?.type === 'text') return flat(reply.text);
  return Object.freeze(replies.map((said) => Object.freeze(said)));
}

/**
 * The same text in one piece. V8 keeps a joined text as its parts, which was a tenth of the memory of a resting
 * conversation. To read a character makes V8 join them.
 */
function flat(text: string): string {
  return text.charCodeAt(0) >= 0 ? text : '';
}

function unpack(said: unknown): readonly Reply[] {
  return typeof said === 'string' ? [{ type: 'text', text: said }] : (said as readonly Reply[]);
}

function isReplies(said: unknown): boolean {
  return (
    Array.isArray(said) &&
    said.every((reply: { type?: unknown } | null) => typeof reply?.type === 'string')
  );
}
