import type { Reply } from '../../reply.ts';
import { jsonCodec } from './json-codec.ts';

/** How many ids of messages a record remembers, and for how long. */
export interface SeenLimits {
  readonly max: number;
  readonly ageMs: number;
}

// Flat, four places an entry: hash of the id, id, second of the turn, and what was said: a string for a single text,
// which most answers are, else the replies. An object for each of sixteen entries would outweigh the rest of the
// record, and reading sixteen ids scattered over the heap would cost more than the hash that spares it.
const WIDTH = 4;
const ID = 1;
const SAID = 3;
/** Stands for what was said where the text of the entry, as it is stored, stands for its id. */
const AS_TEXT = 0;
const NOTHING_SAID: readonly Reply[] = Object.freeze([]);

/**
 * The ids of messages that counted, with what was said to them; never changed, and opaque but for its length. A
 * successor copies what it keeps into an array of just that size: to share one that grows saves 0.2 µs, and has a
 * conversation of 25 messages weigh 2.4 KB, not 1.8. It is an array and no more, for an object around it would be 40
 * bytes of every conversation.
 */
export type SeenLog = readonly unknown[];

/** Of a conversation that has heard nothing. */
export const NOTHING_SEEN: SeenLog = Object.freeze([]);

/** Whether a list that was stored is a log. */
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
 * Adds the items of the log as JSON to `parts`. What has been made text stays text, in place of the id: the log of the
 * next turn has the same entries, but for one.
 */
export function pushSeen(parts: string[], log: SeenLog): void {
  if (log.length === 0) return;
  parts.push(textAt(log, 0).slice(1));
  for (let place = WIDTH; place < log.length; place += WIDTH) parts.push(textAt(log, place));
}

/** What a persister keeps of it. */
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

/** The ids that are remembered, the oldest first, with what was said to them. */
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

/** What was said to the message `id`, where it counted already and is still remembered. */
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
 * The log with the answer to `id` as its newest, and without what is too old or too much. It takes the place of the
 * answer to the same id in an earlier commit of the same turn.
 */
export function remember(
  log: SeenLog,
  id: string | undefined,
  replies: readonly Reply[],
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

/** The same ids, without what was said to them. */
export function withoutReplies(log: SeenLog): SeenLog {
  return seenList(log).map((entry, place) => (place % WIDTH === WIDTH - 1 ? NOTHING_SAID : entry));
}

function isForgotten(log: SeenLog, place: number, now: number, { ageMs }: SeenLimits): boolean {
  return (log[place + 2] as number) * 1000 + ageMs <= now;
}

/** FNV-1a of the last characters, which differ most between ids. */
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
 * The same text in one piece. V8 keeps what was joined as the parts that it was joined of, which here made up a tenth of
 * a resting conversation; to look at a character has it join them.
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
