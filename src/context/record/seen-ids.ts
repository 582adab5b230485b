import {
  type IdBlocks,
  NO_BLOCKS,
  addToBlocks,
  bytesOfBlocks,
  countInBlocks,
  firstSecond,
  isInBlocks,
  withoutOldest,
} from './id-blocks.ts';
import type { IdKey } from './id-key.ts';

/**
 * The ids of the messages that counted, in their order. It is never changed. An array of the blocks, the number of ids behind
 * them, and three numbers for each of those: the two hashes of its key, and the second. Sixteen of them become a part of a
 * block together: to make a text in each turn would take longer than the rest of its memory work. There is room for more ids
 * than there are, since to copy an array as it is takes a third of the time that it takes to copy it into a longer one.
 */
export type SeenIds = readonly (IdBlocks | number)[];

const BLOCKS = 0;
const COUNT = 1;
/** The place of the first id behind the blocks, and the places of each. */
const FIRST = 2;
const PLACES = 3;
/** The maximum of ids behind the blocks. */
const OPEN = 16;
const NUMBER_BYTES = 8;

/** No ids. */
export const NO_IDS: SeenIds = Object.freeze([NO_BLOCKS, 0]);

/** The ids of stored blocks. */
export function openIds(blocks: IdBlocks): SeenIds {
  return [blocks, 0];
}

/** The ids as they are stored. */
export function storedIds(ids: SeenIds): IdBlocks {
  const end = endOf(ids);
  if (end === FIRST) return ids[BLOCKS] as IdBlocks;
  return addToBlocks(ids[BLOCKS] as IdBlocks, ids.slice(FIRST, end) as number[]);
}

/** Whether the id with this key is among those that counted after the second `after`. */
export function hasId(ids: SeenIds, key: IdKey, after: number): boolean {
  for (let place = endOf(ids) - PLACES; place >= FIRST; place -= PLACES) {
    if (ids[place] !== key.one || ids[place + 1] !== key.two) continue;
    if ((ids[place + 2] as number) > after) return true;
  }
  return isInBlocks(ids[BLOCKS] as IdBlocks, key, after);
}

/** The ids with one more, which counted in `second`. Where it is the newest already, it gets that second. */
export function addId(ids: SeenIds, key: IdKey, second: number): SeenIds {
  const end = endOf(ids);
  const last = end - PLACES;
  const isNewest = end > FIRST && ids[last] === key.one && ids[last + 1] === key.two;
  const isFull = !isNewest && end === FIRST + OPEN * PLACES;
  const place = isNewest ? last : isFull ? FIRST : end;
  const next = place < ids.length ? ids.slice() : longer(ids);
  if (isFull) next[BLOCKS] = storedIds(ids);
  next[COUNT] = (place - FIRST) / PLACES + 1;
  next[place] = key.one;
  next[place + 1] = key.two;
  next[place + 2] = second;
  return next;
}

/** The same ids, with room for twice as many behind the blocks. */
function longer(ids: SeenIds): (IdBlocks | number)[] {
  const { length } = ids;
  const size = FIRST + Math.max(2 * (length - FIRST), PLACES);
  const next = new Array<IdBlocks | number>(size);
  for (let place = 0; place < length; place += 1) next[place] = ids[place] as IdBlocks | number;
  for (let place = length; place < size; place += 1) next[place] = 0;
  return next;
}

/** The newest `max` of those that counted after the second `after`. */
export function newestIds(ids: SeenIds, max: number, after: number): SeenIds {
  const blocks = ids[BLOCKS] as IdBlocks;
  const excess = countIds(ids) - max;
  if (blocks.length === 0) return withoutFirst(ids, excess, after);
  if (excess <= 0 && firstSecond(blocks) > after) return ids;
  const left = withoutOldest(blocks, excess, after);
  if (left === blocks) return ids;
  const next = ids.slice();
  next[BLOCKS] = left;
  return left.length > 0 ? next : withoutFirst(next, countIds(next) - max, after);
}

/** Without the first ids behind the blocks. */
function withoutFirst(ids: SeenIds, excess: number, after: number): SeenIds {
  const end = endOf(ids);
  let from = FIRST + PLACES * Math.max(excess, 0);
  while (from < end && (ids[from + 2] as number) <= after) from += PLACES;
  if (from === FIRST) return ids;
  return from < end ? [NO_BLOCKS, (end - from) / PLACES, ...ids.slice(from, end)] : NO_IDS;
}

/** The ids of another record, and behind them those of this one. */
export function joinIds(first: SeenIds, second: SeenIds): SeenIds {
  return openIds([...storedIds(first), ...storedIds(second)]);
}

function endOf(ids: SeenIds): number {
  return FIRST + PLACES * (ids[COUNT] as number);
}

export function countIds(ids: SeenIds): number {
  return countInBlocks(ids[BLOCKS] as IdBlocks) + (ids[COUNT] as number);
}

export function bytesOfIds(ids: SeenIds): number {
  return bytesOfBlocks(ids[BLOCKS] as IdBlocks) + NUMBER_BYTES * (ids.length - FIRST);
}
