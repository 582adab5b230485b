import { type IdBlocks, countInBlocks, eachId } from './id-block.ts';
import type { IdKey } from './id-key.ts';
import { IdTable } from './id-table.ts';

/**
 * The ids of the messages that counted, in their order: a part of a table. Its ids never change; the second of the newest one
 * does if the same message counts again.
 */
export interface SeenIds {
  readonly table: IdTable;
  readonly start: number;
  readonly end: number;
}

/** A new table has free places for half the number of its ids, within these limits. */
const LEAST_ROOM = 32;
const MOST_ROOM = 256;

/** No ids. */
export const NO_IDS: SeenIds = Object.freeze({ table: new IdTable(0, 0), start: 0, end: 0 });

/** The ids of stored blocks. */
export function openIds(blocks: IdBlocks): SeenIds {
  const count = countInBlocks(blocks);
  const table = tableFor(count, blocks[1] as number);
  eachId(blocks, (one, two, second) => table.add(one, two, second));
  return { table, start: 0, end: count };
}

/** The ids as they are stored. */
export function storedIds({ table, start, end }: SeenIds): IdBlocks {
  return table.blocksOf(start, end);
}

/** Whether the id with this key is among those that counted after the second `after`. */
export function hasId({ table, start, end }: SeenIds, key: IdKey, after: number): boolean {
  return table.has(key, start, end, after);
}

/** The ids, with one behind them that counted in `second`. If it is the newest already, only its second changes. */
export function addId(ids: SeenIds, key: IdKey, second: number): SeenIds {
  const { table, start, end } = ids;
  if (end > start && table.isAt(end - 1, key)) {
    table.setSecond(end - 1, second);
    return ids;
  }
  // Another log may have added an id behind the last one of this log: a turn that was given up did so before it ran again.
  const own = table.used === end && end < table.capacity ? ids : copyOf(ids, second);
  own.table.add(key.one, key.two, second);
  return { table: own.table, start: own.start, end: own.end + 1 };
}

function copyOf({ table, start, end }: SeenIds, second: number): SeenIds {
  const count = end - start;
  const copy = tableFor(count, count > 0 ? table.secondAt(start) : second);
  copy.addPart(table, start, end);
  return { table: copy, start: 0, end: count };
}

function tableFor(count: number, base: number): IdTable {
  const room = Math.min(Math.max(LEAST_ROOM, count >>> 1), MOST_ROOM);
  return new IdTable(count + room, base);
}

/** The ids that counted after the second `after`, and of those the newest `max`. */
export function newestIds(ids: SeenIds, max: number, after: number): SeenIds {
  const { table, end } = ids;
  let start = Math.max(ids.start, end - max);
  while (start < end && table.secondAt(start) <= after) start += 1;
  return start === ids.start ? ids : { table, start, end };
}

/** The ids of both, the second ones behind the first. */
export function joinIds(first: SeenIds, second: SeenIds): SeenIds {
  return openIds([...storedIds(first), ...storedIds(second)]);
}

export function countIds({ start, end }: SeenIds): number {
  return end - start;
}

/** The bytes of the table, which several logs may share. */
export function bytesOfIds({ table }: SeenIds): number {
  return table.bytes;
}
