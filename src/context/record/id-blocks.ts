import {
  WIDTH,
  bytesOfBlock,
  countedAfter,
  filterWith,
  hasRoom,
  idsIn,
  isBlock,
  mayHave,
  spanOf,
  withIds,
  withoutFirst,
} from './id-block.ts';
import type { IdKey } from './id-key.ts';

/**
 * Hashes of ids, in the order in which their messages counted: a flat array with three places for each block, for its text,
 * the second that it begins at, and its filter. It is never changed.
 */
export type IdBlocks = readonly (string | number)[];

const PLACES = 3;

export const NO_BLOCKS: IdBlocks = Object.freeze([]);

/** Whether a stored list has this form. */
export function areIdBlocks(list: unknown): list is IdBlocks {
  if (!Array.isArray(list) || list.length % PLACES !== 0) return false;
  for (let place = 0; place < list.length; place += PLACES) {
    if (!isBlock(list[place], list[place + 1], list[place + 2])) return false;
  }
  return true;
}

/** Adds the blocks as JSON to `parts`. JSON writes their characters as they are. */
export function pushBlocks(parts: string[], blocks: IdBlocks): void {
  for (let place = 0; place < blocks.length; place += PLACES) {
    const [text, base, filter] = [blocks[place] as string, blocks[place + 1], blocks[place + 2]];
    parts.push(place === 0 ? '["' : ',"', text, `",${base},"`, filter as string, '"');
  }
  parts.push(']');
}

/** Whether the id with this key is among those that counted after the second `after`. */
export function isInBlocks(blocks: IdBlocks, key: IdKey, after: number): boolean {
  for (let place = blocks.length - PLACES; place >= 0; place -= PLACES) {
    if (!mayHave(blocks[place + 2] as string, key)) continue;
    const span = after - (blocks[place + 1] as number);
    if (countedAfter(blocks[place] as string, key, span)) return true;
  }
  return false;
}

/**
 * The blocks with more ids, which counted later.
 * @param added three numbers for each: the two hashes of its key, and the second
 */
export function addToBlocks(blocks: IdBlocks, added: readonly number[]): IdBlocks {
  const next = blocks.slice();
  let from = 0;
  while (from < added.length) {
    const first = added[from + 2] as number;
    if (!fitsLast(next, first)) next.push('', first, '');
    const last = next.length - PLACES;
    const [text, base] = [next[last] as string, next[last + 1] as number];
    const start = from;
    let length = text.length;
    while (from < added.length && hasRoom(length, (added[from + 2] as number) - base)) {
      length += WIDTH;
      from += PLACES;
    }
    const part = start === 0 && from === added.length ? added : added.slice(start, from);
    next[last] = withIds(text, base, part);
    next[last + 2] = filterWith(next[last + 2] as string, part);
  }
  return next;
}

function fitsLast(blocks: IdBlocks, second: number): boolean {
  const last = blocks.length - PLACES;
  if (last < 0) return false;
  return hasRoom((blocks[last] as string).length, second - (blocks[last + 1] as number));
}

/** Without the first `excess` ids, and without the first that counted in the second `after` or earlier. */
export function withoutOldest(blocks: IdBlocks, excess: number, after: number): IdBlocks {
  let left = excess;
  for (let place = 0; place < blocks.length; place += PLACES) {
    const text = blocks[place] as string;
    const count = idsIn(text.length);
    const span = after - (blocks[place + 1] as number);
    let from = Math.max(left, 0);
    while (from < count && spanOf(text, from) <= span) from += 1;
    if (from < count) {
      if (place === 0 && from === 0) return blocks;
      const next = blocks.slice(place);
      next[0] = withoutFirst(text, from);
      return next;
    }
    left -= count;
  }
  return NO_BLOCKS;
}

/** The second that the first block begins at: all of its ids counted in it or later. */
export function firstSecond(blocks: IdBlocks): number {
  return blocks[1] as number;
}

export function countInBlocks(blocks: IdBlocks): number {
  let length = 0;
  for (let place = 0; place < blocks.length; place += PLACES) {
    length += (blocks[place] as string).length;
  }
  return idsIn(length);
}

export function bytesOfBlocks(blocks: IdBlocks): number {
  let bytes = 0;
  for (let place = 0; place < blocks.length; place += PLACES) {
    bytes += bytesOfBlock(blocks[place] as string);
  }
  return bytes;
}
