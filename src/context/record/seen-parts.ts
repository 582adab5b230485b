import { NO_IDS, type SeenIds, addId, countIds } from './seen-ids.ts';
import { idAt, putAnswer, secondAt, WIDTH, type AnswerRow, type SeenRows } from './seen-row.ts';
import { hashesOf } from './id-key.ts';

/** The maximum of messages whose replies are kept: a redelivery follows its original closely. */
export const MAX_ANSWERS = 16;
export const MAX_ROWS = MAX_ANSWERS * WIDTH;

/**
 * The ids of the messages that counted, with the replies to the last of them. It is an array of three parts:
 * - the rows of the answers
 * - the ids of all messages, as soon as one of them has no row
 * - the place of the oldest row, as soon as that is not the first: the newest answer takes the row of the oldest one
 *
 * Its content is never changed, and only its length may be read outside of this file. The next log is a copy in an array of
 * exactly its size: a shared one that grows would save 0.1 µs, but a conversation of 25 messages would have 2.4 KB rather than
 * 1.8. An object around the array would be 40 bytes of every conversation.
 */
export type SeenLog = SeenRows;

/** The log of a conversation without messages. */
export const NOTHING_SEEN: SeenLog = Object.freeze([]);

export function endOf(log: SeenLog): number {
  return log.length - (log.length % WIDTH);
}

export function idsOf(log: SeenLog): SeenIds | undefined {
  const end = endOf(log);
  return end === log.length ? undefined : (log[end] as SeenIds);
}

export function oldestOf(log: SeenLog): number {
  return log.length === MAX_ROWS + 2 ? (log[MAX_ROWS + 1] as number) : 0;
}

/** The places of the rows, the oldest first. */
export function placesOf(log: SeenLog): number[] {
  const places: number[] = [];
  const [end, oldest] = [endOf(log), oldestOf(log)];
  for (let place = oldest; place < end; place += WIDTH) places.push(place);
  for (let place = 0; place < oldest; place += WIDTH) places.push(place);
  return places;
}

/** The log with its oldest row as the first. */
export function straight(log: SeenLog): SeenLog {
  const oldest = oldestOf(log);
  if (oldest === 0) return log;
  return logOf([...log.slice(oldest, MAX_ROWS), ...log.slice(0, oldest)], idsOf(log));
}

export function logOf(rows: SeenRows, ids: SeenIds | undefined): SeenLog {
  if (ids !== undefined && countIds(ids) > 0) return [...rows, ids];
  return rows.length === 0 ? NOTHING_SEEN : rows;
}

/** The rows of a log, the oldest first, an answer behind them, and these ids. */
export function withAnswer(
  rows: SeenRows,
  answer: AnswerRow | undefined,
  ids: SeenIds | undefined,
): SeenLog {
  const end = endOf(rows);
  if (answer === undefined) return logOf(rows.slice(0, end), ids);
  const hasIds = ids !== undefined && countIds(ids) > 0;
  const next = new Array<unknown>(end + WIDTH + (hasIds ? 1 : 0));
  for (let place = 0; place < end; place += 1) next[place] = rows[place];
  putAnswer(next, end, answer);
  if (hasIds) next[end + WIDTH] = ids;
  return next;
}

export function withoutRow(log: SeenLog, place: number): SeenLog {
  const rows = straight(log).slice(0, endOf(log));
  const index = placesOf(log).indexOf(place) * WIDTH;
  return logOf([...rows.slice(0, index), ...rows.slice(index + WIDTH)], idsOf(log));
}

export function idsIn(rows: SeenRows, start: number, end: number): SeenIds {
  let ids = NO_IDS;
  for (let place = start; place < end; place += WIDTH) {
    ids = addId(ids, hashesOf(idAt(rows, place)), secondAt(rows, place));
  }
  return ids;
}
