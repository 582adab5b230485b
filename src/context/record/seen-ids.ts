/**
 * Hashes of the ids of messages, in the order in which the messages counted. A flat array with three places for each block:
 * a text with twelve characters for each id, the second that the block begins at, and a filter. Of an id, nine characters are
 * 54 bits of two hashes, and three are the seconds since that beginning. It is never changed. A text of one byte a character
 * is the smallest form that JSON can hold; a new id copies the last block, of 192 bytes at most.
 *
 * The filter of a full block (a Bloom filter of 1 026 bits) tells of most ids that they are not in it: without one, a user
 * with two thousand ids would have them all compared at each message. The last block has none, which is ''.
 */
export type SeenIds = readonly (string | number)[];

const PLACES = 3;
const WIDTH = 12;
const KEY = 9;
/** The length of a full block, and the maximum of the last one, which is copied for each id. */
const BLOCK = 128 * WIDTH;
const OPEN = 16 * WIDTH;
/** The seconds for which a block lasts: the maximum of three characters. */
const SPAN = 2 ** 18;
/** The 64 characters from `0` on that JSON writes as they are. */
const ZERO = 48;
const BACKSLASH = 92;
const TEXT = /^(?:[0-[\]-p]{12})+$/u;
/** The characters of a filter, of six bits each. */
const FILTER_LENGTH = 171;
const FILTER = /^(?:[0-[\]-p]{171})?$/u;

/** No ids. */
export const NO_IDS: SeenIds = Object.freeze([]);

/** Whether a stored list has this form. */
export function isSeenIds(list: unknown): list is SeenIds {
  if (!Array.isArray(list) || list.length % PLACES !== 0) return false;
  for (let place = 0; place < list.length; place += PLACES) {
    const [text, base, filter] = list.slice(place, place + PLACES) as unknown[];
    if (typeof text !== 'string' || !TEXT.test(text) || !Number.isSafeInteger(base)) return false;
    if (typeof filter !== 'string' || !FILTER.test(filter)) return false;
  }
  return true;
}

/** Adds the ids as JSON to `parts`. JSON writes their characters as they are. */
export function pushIds(parts: string[], ids: SeenIds): void {
  for (let place = 0; place < ids.length; place += PLACES) {
    const [text, base, filter] = [ids[place] as string, ids[place + 1], ids[place + 2] as string];
    parts.push(place === 0 ? '["' : ',"', text, `",${base},"`, filter, '"');
  }
  parts.push(']');
}

/** Whether `id` is among those that counted after the second `after`. */
export function hasId(ids: SeenIds, id: string, after: number): boolean {
  const key = keyOf(id);
  const first = key.charCodeAt(0);
  const one = bitAt(key, 0);
  const two = bitAt(key, 2);
  const three = bitAt(key, 5);
  const placeOne = placeOf(one);
  const maskOne = maskOf(one);
  for (let place = ids.length - PLACES; place >= 0; place -= PLACES) {
    const filter = ids[place + 2] as string;
    if (filter !== '') {
      if ((digitAt(filter, placeOne) & maskOne) === 0) continue;
      if ((digitAt(filter, placeOf(two)) & maskOf(two)) === 0) continue;
      if ((digitAt(filter, placeOf(three)) & maskOf(three)) === 0) continue;
    }
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
  const last = ids.length - PLACES;
  const next = ids.slice();
  if (last >= 0 && ids[last + 2] === '') {
    const text = ids[last] as string;
    const span = second - (ids[last + 1] as number);
    const isKnown = text.startsWith(key, text.length - WIDTH);
    if (isKept(span) && (isKnown || text.length < OPEN)) {
      next[last] = joined(isKnown ? text.slice(0, -WIDTH) : text, key, span);
      return next;
    }
    close(next, last);
  }
  // Blocks that begin in the same second can be joined.
  const before = next.length - PLACES;
  const base = before >= 0 && (next[before] as string).length < BLOCK ? next[before + 1] : second;
  const begin = isKept(second - (base as number)) ? (base as number) : second;
  next.push(joined('', key, second - begin), begin, '');
  return next;
}

/** Whether a block has room for an id that counted so many seconds after its beginning. */
function isKept(span: number): boolean {
  return span >= 0 && span < SPAN;
}

/** Gives the last block a filter, and joins it to the one before it if that has room. */
function close(ids: (string | number)[], last: number): void {
  const before = last - PLACES;
  const text = ids[last] as string;
  const isJoined =
    before >= 0 &&
    ids[before + 1] === ids[last + 1] &&
    (ids[before] as string).length + text.length <= BLOCK;
  const place = isJoined ? before : last;
  const filter = ids[place + 2] as string;
  if (isJoined) {
    ids.length = last;
    ids[place] = flat((ids[place] as string) + text);
  }
  // A block that was the last one of an earlier record has no filter yet: all of its ids are to be in the new one.
  ids[place + 2] = withIds(filter, filter === '' ? (ids[place] as string) : text);
}

/** The newest `max` of those that counted after the second `after`. */
export function newestIds(ids: SeenIds, max: number, after: number): SeenIds {
  const isWithin = (ids.length / PLACES) * (BLOCK / WIDTH) <= max;
  if (isWithin && (ids[1] as number) > after) return ids;
  let excess = countIds(ids) - max;
  let place = 0;
  for (; place < ids.length; place += PLACES) {
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
  for (let place = 0; place < ids.length; place += PLACES) length += (ids[place] as string).length;
  return length / WIDTH;
}

export function bytesOfIds(ids: SeenIds): number {
  return countIds(ids) * WIDTH + (ids.length / PLACES) * FILTER_LENGTH;
}

function secondAt(ids: SeenIds, place: number, at: number): number {
  const text = ids[place] as string;
  const span =
    (digitAt(text, at + KEY) << 12) |
    (digitAt(text, at + KEY + 1) << 6) |
    digitAt(text, at + KEY + 2);
  return (ids[place + 1] as number) + span;
}

/** A filter with the ids of a text as well: three of its bits stand for an id. */
function withIds(filter: string, text: string): string {
  const digits = new Array<number>(FILTER_LENGTH);
  for (let place = 0; place < FILTER_LENGTH; place += 1) {
    digits[place] = filter === '' ? 0 : digitAt(filter, place);
  }
  for (let at = 0; at < text.length; at += WIDTH) {
    for (let pair = 0; pair < 3; pair += 1) {
      const bit = bitAt(text, at + (pair === 2 ? 5 : 2 * pair));
      digits[placeOf(bit)] = (digits[placeOf(bit)] as number) | maskOf(bit);
    }
  }
  for (let place = 0; place < FILTER_LENGTH; place += 1)
    digits[place] = digit(digits[place] as number);
  return String.fromCharCode(...digits);
}

/** The number of a bit, out of two characters of a key. */
function bitAt(text: string, at: number): number {
  return digitAt(text, at) | ((digitAt(text, at + 1) & 15) << 6);
}

function placeOf(bit: number): number {
  return (bit / 6) | 0;
}

function maskOf(bit: number): number {
  return 1 << (bit % 6);
}

/** Twelve characters more. */
function joined(text: string, key: string, span: number): string {
  return flat(text + key + String.fromCharCode(digit(span >>> 12), digit(span >>> 6), digit(span)));
}

/** In one piece: V8 keeps a joined text as its parts until a character is read. */
function flat(text: string): string {
  return text.charCodeAt(0) > 0 ? text : '';
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
