/**
 * Ids as they are stored: a flat list with two places for each block, a text and the second in which its first id counted. The
 * text has twelve characters for each id: nine for its two hashes, and three for the seconds since that first id. No form in
 * JSON is smaller than a text with one byte for each character.
 */
export type IdBlocks = readonly (string | number)[];

const PLACES = 2;
/** The characters of an id, of six bits each. */
const WIDTH = 12;
const KEY = 9;
/** The maximum of ids in a block. */
export const BLOCK = 64;
/** All ids of a block count within this number of seconds: three characters hold no more. */
export const SPAN = 2 ** 18;
const TEXT = /^(?:[0-[\]-p]{12}){1,64}$/u;
/** The code of the first of 64 characters, `0`. JSON writes all of them as they are: the backslash is left out. */
const ZERO = 48;
const BACKSLASH = 92;

/** Whether a stored list has this form. */
export function areIdBlocks(list: unknown): list is IdBlocks {
  if (!Array.isArray(list) || list.length % PLACES !== 0) return false;
  for (let place = 0; place < list.length; place += PLACES) {
    const [text, base] = [list[place] as unknown, list[place + 1] as unknown];
    if (typeof text !== 'string' || !TEXT.test(text) || !Number.isSafeInteger(base)) return false;
  }
  return true;
}

/** Adds the blocks as JSON to `parts`. JSON writes their characters as they are. */
export function pushBlocks(parts: string[], blocks: IdBlocks): void {
  for (let place = 0; place < blocks.length; place += PLACES) {
    parts.push(place === 0 ? '["' : ',"', blocks[place] as string, `",${blocks[place + 1]}`);
  }
  parts.push(']');
}

export function countInBlocks(blocks: IdBlocks): number {
  let length = 0;
  for (let place = 0; place < blocks.length; place += PLACES) {
    length += (blocks[place] as string).length;
  }
  return length / WIDTH;
}

/** The codes of the text that is being built. A new list for each text was a third of all that a persisted turn allocates. */
const codes = new Uint8Array(BLOCK * WIDTH);

/** Builds the text of a block. One is built at a time. */
export class BlockText {
  #length = 0;

  /** @param span the seconds since the beginning of the block */
  add(one: number, two: number, span: number): void {
    this.#push(one, 4);
    this.#push(((one >>> 24) & 7) | ((two >>> 21) & 56), 1);
    this.#push(two, 4);
    this.#push(span >>> 12, 1);
    this.#push(span >>> 6, 1);
    this.#push(span, 1);
  }

  toString(): string {
    return String.fromCharCode.apply(undefined, codes.subarray(0, this.#length) as never);
  }

  /** Adds characters for the lowest bits, the lowest first. */
  #push(bits: number, characters: number): void {
    for (let shift = 0; shift < 6 * characters; shift += 6) {
      codes[this.#length] = codeOf(bits >>> shift);
      this.#length += 1;
    }
  }
}

/** Calls `visit` with the two hashes of each id, and the second in which it counted. */
export function eachId(
  blocks: IdBlocks,
  visit: (one: number, two: number, second: number) => void,
): void {
  for (let place = 0; place < blocks.length; place += PLACES) {
    const [text, base] = [blocks[place] as string, blocks[place + 1] as number];
    for (let at = 0; at < text.length; at += WIDTH) {
      const middle = bitsAt(text, at + 4);
      const one = number24(text, at) | ((middle & 7) << 24);
      const two = number24(text, at + 5) | ((middle & 56) << 21);
      visit(one, two, base + spanAt(text, at + KEY));
    }
  }
}

function number24(text: string, at: number): number {
  return (
    bitsAt(text, at) |
    (bitsAt(text, at + 1) << 6) |
    (bitsAt(text, at + 2) << 12) |
    (bitsAt(text, at + 3) << 18)
  );
}

function spanAt(text: string, at: number): number {
  return (bitsAt(text, at) << 12) | (bitsAt(text, at + 1) << 6) | bitsAt(text, at + 2);
}

/** The code of the character that stands for six bits. */
function codeOf(bits: number): number {
  const code = (bits & 63) + ZERO;
  return code < BACKSLASH ? code : code + 1;
}

function bitsAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < BACKSLASH ? code - ZERO : code - ZERO - 1;
}
