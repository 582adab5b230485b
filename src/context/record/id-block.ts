import type { IdKey } from './id-key.ts';

/**
 * The text of a block of ids: twelve characters for each, of six bits. Nine are the key of the id, and three the seconds
 * since the beginning of the block. A text of one byte a character is the smallest form that JSON can hold.
 */

/** The characters of an id. */
export const WIDTH = 12;
const KEY = 9;
/** The length of a full block, of 64 ids. */
const FULL = 64 * WIDTH;
/** The seconds that a block can tell apart: the maximum of three characters. */
const SPAN = 2 ** 18;
const TEXT = /^(?:[0-[\]-p]{12}){1,64}$/u;
/** The characters of a filter. */
const FILTER_LENGTH = 86;
const FILTER = /^[0-[\]-p]{86}$/u;
/** The 64 characters from `0` on that JSON writes as they are. */
const ZERO = 48;
const BACKSLASH = 92;

export function isBlock(text: unknown, base: unknown, filter: unknown): boolean {
  if (typeof text !== 'string' || !TEXT.test(text) || !Number.isSafeInteger(base)) return false;
  return typeof filter === 'string' && FILTER.test(filter);
}

/** The bytes that a block takes, but for its second. */
export function bytesOfBlock(text: string): number {
  return text.length + FILTER_LENGTH;
}

/** The number of ids in a text of this length. */
export function idsIn(length: number): number {
  return length / WIDTH;
}

/** Whether a block has room for an id that counted in a second after, or before, its beginning. */
export function hasRoom(length: number, span: number): boolean {
  return length < FULL && span >= 0 && span < SPAN;
}

/**
 * The text with more ids, in one piece: V8 keeps a joined text as its parts until a character is read.
 * @param added three numbers for each id: the two hashes of its key, and the second in which it counted
 */
export function withIds(text: string, base: number, added: readonly number[]): string {
  const codes: number[] = [];
  for (let from = 0; from < added.length; from += 3) {
    const [one, two] = [added[from] as number, added[from + 1] as number];
    const span = (added[from + 2] as number) - base;
    const middle = ((one >>> 24) & 7) | ((two >>> 21) & 56);
    codes.push(codeOf(one), codeOf(one >>> 6), codeOf(one >>> 12), codeOf(one >>> 18));
    codes.push(codeOf(middle), codeOf(two), codeOf(two >>> 6), codeOf(two >>> 12));
    codes.push(codeOf(two >>> 18), codeOf(span >>> 12), codeOf(span >>> 6), codeOf(span));
  }
  const joined = text + String.fromCharCode(...codes);
  return joined.charCodeAt(0) > 0 ? joined : '';
}

/** Whether the id counted, as the text has it, more than `after` seconds after the beginning of the block. */
export function countedAfter(text: string, key: IdKey, after: number): boolean {
  const first = codeOf(key.one);
  const second = codeOf(key.one >>> 6);
  for (let at = 0; at < text.length; at += WIDTH) {
    if (text.charCodeAt(at) !== first || text.charCodeAt(at + 1) !== second) continue;
    if (oneAt(text, at) !== key.one || twoAt(text, at) !== key.two) continue;
    if (spanAt(text, at) > after) return true;
  }
  return false;
}

/** The seconds since the beginning of the block in which the id at this place counted. */
export function spanOf(text: string, index: number): number {
  return spanAt(text, index * WIDTH);
}

/** The text without its first ids. */
export function withoutFirst(text: string, count: number): string {
  return text.slice(count * WIDTH);
}

/**
 * A Bloom filter of 512 bits that tells of most ids that they are not in a block: three of its bits stand for an id. Without
 * one, a user with two thousand ids would have them all compared at each message.
 * @param filter of the ids before; '' for none
 */
export function filterWith(filter: string, added: readonly number[]): string {
  const digits = new Array<number>(FILTER_LENGTH);
  for (let place = 0; place < FILTER_LENGTH; place += 1) {
    digits[place] = filter === '' ? 0 : bitsAt(filter, place);
  }
  for (let from = 0; from < added.length; from += 3) {
    const [one, two] = [added[from] as number, added[from + 1] as number];
    setBit(digits, one);
    setBit(digits, one >>> 12);
    setBit(digits, two);
  }
  for (let place = 0; place < FILTER_LENGTH; place += 1) {
    digits[place] = codeOf(digits[place] as number);
  }
  return String.fromCharCode(...digits);
}

function setBit(digits: number[], bit: number): void {
  const place = placeOf(bit);
  digits[place] = (digits[place] as number) | maskOf(bit);
}

/** Whether the text of a filter may have an id: it has, or one of about thirty others has the same bits. */
export function mayHave(filter: string, { one, two }: IdKey): boolean {
  return isSet(filter, one) && isSet(filter, one >>> 12) && isSet(filter, two);
}

function isSet(filter: string, bit: number): boolean {
  return (bitsAt(filter, placeOf(bit)) & maskOf(bit)) !== 0;
}

function placeOf(bit: number): number {
  return ((bit & 511) / 6) | 0;
}

function maskOf(bit: number): number {
  return 1 << ((bit & 511) % 6);
}

function oneAt(text: string, at: number): number {
  return (
    bitsAt(text, at) |
    (bitsAt(text, at + 1) << 6) |
    (bitsAt(text, at + 2) << 12) |
    (bitsAt(text, at + 3) << 18) |
    ((bitsAt(text, at + 4) & 7) << 24)
  );
}

function twoAt(text: string, at: number): number {
  return (
    bitsAt(text, at + 5) |
    (bitsAt(text, at + 6) << 6) |
    (bitsAt(text, at + 7) << 12) |
    (bitsAt(text, at + 8) << 18) |
    ((bitsAt(text, at + 4) & 56) << 21)
  );
}

function spanAt(text: string, at: number): number {
  return (
    (bitsAt(text, at + KEY) << 12) | (bitsAt(text, at + KEY + 1) << 6) | bitsAt(text, at + KEY + 2)
  );
}

/** The code of the character of six bits. */
function codeOf(bits: number): number {
  const code = (bits & 63) + ZERO;
  return code < BACKSLASH ? code : code + 1;
}

function bitsAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < BACKSLASH ? code - ZERO : code - ZERO - 1;
}
