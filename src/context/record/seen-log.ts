import type { Reply } from '../../reply.ts';
import { jsonCodec } from './json-codec.ts';

/** The most ids of messages that a record remembers, and for how long. */
export interface SeenLimits {
  readonly max: number;
  readonly ageMs: number;
}

// A flat array with four places for each entry: hash of the id, id, second of the turn, and the replies; most answers are
// a single text, which is kept as a string. An object for each of sixteen entries would be larger than the rest of the
// record, and comparing sixteen ids all over the heap would take longer than comparing hashes.
const WIDTH = 4;
const ID = 1;
const SAID = 3;
/** In the place of the replies: the place of the id has the whole entry as JSON. */
const AS_TEXT = 0;
const NOTHING_SAID: readonly Reply[] = Object.freeze([]);

/**
 * The ids of the messages that counted, with the replies to them. It is never changed, and only its length may be read
 * outside of this file. The next log is a copy in an array of exactly its size: a shared one that grows would save 0.2 µs,
 * but a conversation of 25 messages would have 2.4 KB rather than 1.8. An object around the array would be 40 bytes of
 * every conversation.
 */
export type SeenLog = readonly unknown[];

/** The log of a conversation without messages. */
export const NOTHING_SEEN: SeenLog = Object.freeze([]);

/** Whether a stored list is a log. */
export function isSeenLog(list: unknown): list is SeenLog {
  if (!Array.isArray(list) || list.length % WIDTH !== 0) return false;
  for (let place = 0; place < list.length; place += WIDTH) {
    const [hash, id, second, said] = list.slice(place, place + WIDTH) as unknown[];
    if (!Number.isInteger(hash) || typeof id !== 'string' || !Number.isFinite(second)) return false;
    if (typeof said !== 'string' && !isReplies(said)) return false;
  }
  return true;
}

/**
 * Adds the entries of the log as JSON to `parts`. Each entry keeps its JSON, in the place of its id: the log of the next
 * turn has the same entries, except one.
 */
export function pushSeen(parts: string[], log: SeenLog): void {
  if (log.length === 0) return;
  parts.push(textAt(log, 0).slice(1));
  for (let place = WIDTH; place < log.length; place += WIDTH) parts.push(textAt(log, place));
}

/** The log as it is stored. */
export function seenList(log: SeenLog): readonly unknown[] {
  if (!log.includes(AS_TEXT)) return log;
  const list: unknown[] = [];
  for (let place = 0; place < log.length; place += WIDTH) list.push(...entryAt(log, place));
  return list;
}

/** An entry as JSON, with a comma before it. */
function textAt(log: SeenLog, place: number): string {
  if (log[place + SAID] === AS_TEXT) return log[place + ID] as string;
  const [hash, id, second, said] = log.slice(place, place + WIDTH);
  const text = ['', hash, JSON.stringify(id), second, jsonCodec.encode(said)].join(',');
  const entries = log as unknown[];
  entries[place + ID] = text;
  entries[place + SAID] = AS_TEXT;
  return text;
}

function entryAt(log: SeenLog, place: number): readonly unknown[] {
  if (log[place + SAID] !== AS_TEXT) return log.slice(place, place + WIDTH);
  return jsonCodec.decode(`[${(log[place + ID] as string).slice(1)}]`) as unknown[];
}

function idAt(log: SeenLog, place: number): unknown {
  return log[place + SAID] === AS_TEXT ? entryAt(log, place)[ID] : log[place + ID];
}

function saidAt(log: SeenLog, place: number): readonly Reply[] {
  return unpack(entryAt(log, place)[SAID]);
}

/** The remembered ids, the oldest first, with the replies to them. */
export function seenEntries(
  log: SeenLog,
): { readonly id: string; readonly replies: readonly Reply[] }[] {
  const entries: { readonly id: string; readonly replies: readonly Reply[] }[] = [];
  for (let place = 0; place < log.length; place += WIDTH) {
    const [, id, , said] = entryAt(log, place);
    entries.push({ id: id as string, replies: unpack(said) });
  }
  return entries;
}

/** The replies to the message `id`, where it has counted already and is still remembered. */
export function recall(
  log: SeenLog,
  id: string,
  now: number,
  limits: SeenLimits,
): readonly Reply[] | undefined {
  const hash = hashOf(id);
  // From the newest: a redelivery follows its original closely.
  for (let place = log.length - WIDTH; place >= 0; place -= WIDTH) {
    if (log[place] !== hash || idAt(log, place) !== id) continue;
    return isForgotten(log, place, now, limits) ? undefined : saidAt(log, place);
  }
  return undefined;
}

/**
 * The log with the answer to `id` as the newest, and without entries that are too old or too many. An answer to the same id
 * in an earlier commit of the same turn is replaced.
 */
export function remember(
  log: SeenLog,
  { id, replies }: { readonly id: string | undefined; readonly replies: readonly Reply[] },
  now: number,
  limits: SeenLimits,
): SeenLog {
  let end = log.length;
  let start = 0;
  while (start < end && isForgotten(log, start, now, limits)) start += WIDTH;
  if (id === undefined || limits.max <= 0) {
    if (start === end) return NOTHING_SEEN;
    return start === 0 ? log : log.slice(start);
  }
  const hash = hashOf(id);
  if (end > start && log[end - WIDTH] === hash && idAt(log, end - WIDTH) === id) end -= WIDTH;
  start = Math.max(start, end - (limits.max - 1) * WIDTH);
  const next = new Array<unknown>(end - start + WIDTH);
  let to = 0;
  for (let from = start; from < end; from += 1) next[to++] = log[from];
  next[to] = hash;
  next[to + 1] = id;
  next[to + 2] = Math.ceil(now / 1000);
  next[to + 3] = pack(replies);
  return next;
}

/** The same ids, without the replies to them. */
export function withoutReplies(log: SeenLog): SeenLog {
  return seenList(log).map((entry, place) => (place % WIDTH === WIDTH - 1 ? NOTHING_SAID : entry));
}

function isForgotten(log: SeenLog, place: number, now: number, { ageMs }: SeenLimits): boolean {
  return (log[place + 2] as number) * 1000 + ageMs <= now;
}

/** FNV-1a of the last 32 characters, where ids differ most. */
function hashOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let place = Math.max(id.length - 32, 0); place < id.length; place += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(place), 0x01000193);
  }
  return hash;
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
