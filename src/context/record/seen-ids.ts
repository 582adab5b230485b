/**
 * Hashes of the ids of messages, in the order in which the messages counted. A flat array with two places for each block:
 * a text with twelve characters for each id, and the second that the block begins at. Of an id, nine characters are 54 bits
 * of two hashes, and three are the seconds since that beginning. It is never changed. A text of one byte a character is the
 * smallest form that JSON can hold; a new id copies one block of 1.5 KB at most.
 */
export type SeenIds = readonly (string | number)[];

const WIDTH = 12;
const KEY = 9;
/** The length of a full block. */
const BLOCK = 128 * WIDTH;
/** The seconds for which a block lasts: the maximum of three characters. */
const SPAN = 2 ** 18;
/** The 64 characters from `0` on that JSON writes as they are. */
const ZERO = 48;
const BACKSLASH = 92;
const TEXT = /^(?:[0-[\]-p]{12})+$/u;

/** No ids. */
export const NO_IDS: SeenIds = Object.freeze([]);

/** Whether a stored list has this form. */
export function isSeenIds(list: unknown): list is SeenIds {
  if (!Array.isArray(list) || list.length % 2 !== 0) return false;
  for (let place = 0; place < list.length; place += 2) {
    const [text, base] = list.slice(place, place + 2) as unknown[];
    if (typeof text !== 'string' || !TEXT.test(text) || !Number.isSafeInteger(base)) return false;
  }
  return true;
}

/** Adds the ids as JSON to `parts`. JSON writes their characters as they are. */
export function pushIds(parts: string[], ids: SeenIds): void {
  for (let place = 0; place < ids.length; place += 2) {
    parts.push(place === 0 ? '["' : ',"', ids[place] as string, `",${ids[place + 1]}`);
  }
  parts.push(']');
}

/** Whether `id` is among those that counted after the second `after`. */
export function hasId(ids: SeenIds, id: string, after: number): boolean {
  const key = keyOf(id);
  const first = key.charCodeAt(0);
  for (let place = ids.length - 2; place >= 0; place -= 2) {
    const text = ids[place] as string;
    for (let at = 0; at < text.length; at += WIDTH) {
      if (text.charCodeAt(at) !== first || !text.startsWith(key, at)) continue;
      if (secondAt(ids, place, at) > after) return true;
    }
  }
  return false;
}

/** The ids with one more, which counted in `second`. Where it is the newest already, it gets that second. */
export function addId(ids: SeenIds, id: string, second: number): SeenIds {
  const key = keyOf(id);
  const last = ids.length - 2;
  if (last >= 0) {
    const text = ids[last] as string;
    const span = second - (ids[last + 1] as number);
    const isKnown = text.startsWith(key, text.length - WIDTH);
    if (span >= 0 && span < SPAN && (isKnown || text.length < BLOCK)) {
      const next = ids.slice();
      next[last] = joined(isKnown ? text.slice(0, -WIDTH) : text, key, span);
      return next;
    }
  }
  return [...ids, joined('', key, 0), second];
}

/** The newest `max` of those that counted after the second `after`. */
export function newestIds(ids: SeenIds, max: number, after: number): SeenIds {
  let excess = countIds(ids) - max;
  let place = 0;
  for (; place < ids.length; place += 2) {
    const { length } = ids[place] as string;
    if (excess * WIDTH < length && secondAt(ids, place, length - WIDTH) > after) break;
    excess -= length / WIDTH;
  }
  if (place === ids.length) return NO_IDS;
  let from = Math.max(excess, 0) * WIDTH;
  while (secondAt(ids, place, from) <= after) from += WIDTH;
  if (from === 0) return place === 0 ? ids : ids.slice(place);
  const next = ids.slice(place);
  next[0] = (next[0] as string).slice(from);
  return next;
}

export function countIds(ids: SeenIds): number {
  let length = 0;
  for (let place = 0; place < ids.length; place += 2) length += (ids[place] as string).length;
  return length / WIDTH;
}

export function bytesOfIds(ids: SeenIds): number {
  return countIds(ids) * WIDTH;
}

function secondAt(ids: SeenIds, place: number, at: number): number {
  const text = ids[place] as string;
  const span =
    (digitAt(text, at + KEY) << 12) |
    (digitAt(text, at + KEY + 1) << 6) |
    digitAt(text, at + KEY + 2);
  return (ids[place + 1] as number) + span;
}

/** In one piece: V8 keeps a joined text as its parts until a character is read. */
function joined(text: string, key: string, span: number): string {
  const next = text + key + String.fromCharCode(digit(span >>> 12), digit(span >>> 6), digit(span));
  return next.charCodeAt(0) > 0 ? next : '';
}

/** A turn asks for the same key twice: whether its id counted before, and to add it. */
let lastId = '';
let lastKey = '';

function keyOf(id: string): string {
  if (id === lastId) return lastKey;
  lastKey = newKey(id);
  lastId = id;
  return lastKey;
}

/** Two multiplicative hashes of the whole id, mixed with each other in the end: 27 bits of each. */
function newKey(id: string): string {
  let a = 0x9e3779b9;
  let b = 0x41c6ce57;
  for (let place = 0; place < id.length; place += 1) {
    const code = id.charCodeAt(place);
    a = Math.imul(a ^ code, 0x9e3779b1);
    a = (a << 13) | (a >>> 19);
    b = Math.imul(b ^ code, 0x5f356495);
    b = (b << 17) | (b >>> 15);
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
  b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  return String.fromCharCode(
    digit(a),
    digit(a >>> 6),
    digit(a >>> 12),
    digit(a >>> 18),
    digit(((a >>> 24) & 7) | ((b >>> 21) & 56)),
    digit(b),
    digit(b >>> 6),
    digit(b >>> 12),
    digit(b >>> 18),
  );
}

/** The character of six bits. */
function digit(bits: number): number {
  const code = (bits & 63) + ZERO;
  return code < BACKSLASH ? code : code + 1;
}

function digitAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < BACKSLASH ? code - ZERO : code - ZERO - 1;
}
