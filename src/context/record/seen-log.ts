import type { Reply } from '../../reply.ts';
import type { IdBlocks } from './id-block.ts';
import { hashesOf } from './id-key.ts';
import {
  type SeenIds,
  addId,
  bytesOfIds,
  countIds,
  hasId,
  joinIds,
  newestIds,
  openIds,
  storedIds,
} from './seen-ids.ts';
import {
  endOf,
  idsIn,
  idsOf,
  logOf,
  MAX_ANSWERS,
  MAX_ROWS,
  oldestOf,
  placesOf,
  type SeenLog,
  straight,
  withAnswer,
  withoutRow,
} from './seen-parts.ts';
import {
  type AnswerRow,
  type SeenRows,
  WIDTH,
  answerRow,
  areAnswers,
  areSmall,
  bytesAt,
  firstWithin,
  hasLarge,
  idAt,
  measureRows,
  rowOf,
  putAnswer,
  rowAt,
  saidAt,
  secondAt,
  textAt,
} from './seen-row.ts';

/** What a record remembers of the messages that counted. */
export interface SeenLimits {
  /** The maximum of ids. */
  readonly max: number;
  /** Milliseconds for which an id is remembered. */
  readonly ageMs: number;
  /** The maximum of bytes of the replies that are kept, with two bytes for each character. */
  readonly replyBytes: number;
}

const NOTHING_SAID: readonly Reply[] = Object.freeze([]);

/** Whether a stored list is the answers of a log. */
export function isSeenLog(list: unknown): list is SeenLog {
  return Array.isArray(list) && areAnswers(list);
}

/** The log of stored answers and ids. */
export function openSeen(answers: readonly unknown[], blocks: IdBlocks | undefined): SeenLog {
  measureRows(answers as unknown[]);
  return logOf(answers, blocks && openIds(blocks));
}

/**
 * Adds the answers of the log as JSON to `parts`. Each answer keeps its JSON: the log of the next turn has the same answers,
 * except one.
 */
export function pushSeen(parts: string[], log: SeenLog): void {
  for (const [index, place] of placesOf(log).entries()) {
    const text = textAt(log, place);
    parts.push(index === 0 ? text.slice(1) : text);
  }
}

/** The answers of the log as they are stored. */
export function seenList(log: SeenLog): readonly unknown[] {
  return placesOf(log).flatMap((place) => rowAt(log, place));
}

/** The hashes of all ids, as they are stored; undefined where each id has an answer. */
export function seenBlocks(log: SeenLog): IdBlocks | undefined {
  const ids = idsOf(log);
  return ids && storedIds(ids);
}

/** The number of ids that are remembered. */
export function countSeen(log: SeenLog): number {
  const ids = idsOf(log);
  return ids === undefined ? placesOf(log).length : countIds(ids);
}

/** The last ids whose replies are kept, the oldest first, with the replies. */
export function seenEntries(
  log: SeenLog,
): { readonly id: string; readonly replies: readonly Reply[] }[] {
  return placesOf(log).map((place) => ({ id: idAt(log, place), replies: saidAt(log, place) }));
}

/**
 * The replies to the message `id`, if it has counted already and is still remembered; undefined otherwise. The list is empty
 * if the message got no replies, or if they are no longer kept.
 */
export function recall(
  log: SeenLog,
  id: string,
  now: number,
  limits: SeenLimits,
): readonly Reply[] | undefined {
  const after = forgottenUntil(now, limits);
  const place = rowOf(log, endOf(log), id);
  if (place >= 0) return secondAt(log, place) > after ? saidAt(log, place) : undefined;
  const ids = idsOf(log);
  return ids !== undefined && hasId(ids, hashesOf(id), after) ? NOTHING_SAID : undefined;
}

/**
 * The log with the answer to `id` as the newest, and without ids that are too old or too many. An answer to the same id in
 * an earlier commit of the same turn is replaced. Replies are kept for the last messages that got any, within a maximum of
 * bytes.
 */
export function remember(
  log: SeenLog,
  { id, replies }: { readonly id: string | undefined; readonly replies: readonly Reply[] },
  now: number,
  limits: SeenLimits,
): SeenLog {
  const { max } = limits;
  const after = forgottenUntil(now, limits);
  if (id === undefined || max <= 0) return withoutOld(log, after);
  const end = endOf(log);
  const known = rowOf(log, end, id);
  if (known >= 0) return remember(withoutRow(log, known), { id, replies }, now, limits);
  const second = Math.ceil(now / 1000);
  const { replyBytes } = limits;
  const answer = replies.length > 0 ? answerRow(id, replies, second, replyBytes) : undefined;
  if (answer !== undefined && takesOldest(log, answer, after, limits)) {
    const ids = addId(idsOf(log) ?? idsIn(log, 0, end), hashesOf(id), second);
    return inPlaceOfOldest(log, answer, newestIds(ids, max, after));
  }
  const rows = straight(log);
  const left = firstAfter(rows, end, after);
  const first = firstKept(rows, left, answer, limits);
  let ids = idsOf(log);
  if (ids === undefined && (answer === undefined || first > left)) ids = idsIn(rows, left, end);
  if (ids !== undefined) ids = newestIds(addId(ids, hashesOf(id), second), max, after);
  return withAnswer(first === 0 ? rows : rows.slice(first), answer, ids);
}

/** Whether the only change is that the answer takes the row of the oldest one, as for most messages of a busy user. */
function takesOldest(
  log: SeenLog,
  answer: AnswerRow,
  after: number,
  { max, replyBytes }: SeenLimits,
): boolean {
  if (log.length < MAX_ROWS || max < MAX_ANSWERS || !areSmall(MAX_ANSWERS, replyBytes))
    return false;
  return !answer.isLarge && !hasLarge(log, 0, MAX_ROWS) && secondAt(log, oldestOf(log)) > after;
}

function inPlaceOfOldest(log: SeenLog, answer: AnswerRow, ids: SeenIds): SeenLog {
  const place = oldestOf(log);
  // Copying an array as a whole takes a third of the time of copying its items into a new one.
  const next = log.length === MAX_ROWS + 2 ? log.slice() : [...log.slice(0, MAX_ROWS), ids, 0];
  putAnswer(next, place, answer);
  next[MAX_ROWS] = ids;
  next[MAX_ROWS + 1] = (place + WIDTH) % MAX_ROWS;
  return next;
}

/** The same ids, without the replies to them. */
export function withoutReplies(log: SeenLog): SeenLog {
  return logOf([], idsOf(log) ?? idsIn(log, 0, endOf(log)));
}

/** The log with the ids of another one as well, such as those of a record that it replaces. */
export function withIdsOf(log: SeenLog, other: SeenLog): SeenLog {
  if (other.length === 0) return log;
  const end = endOf(log);
  const rows = straight(log).slice(0, end);
  const earlier = idsOf(other) ?? idsIn(other, 0, endOf(other));
  return logOf(rows, joinIds(earlier, idsOf(log) ?? idsIn(log, 0, end)));
}

/** The bytes that the log takes, with two for each character of a reply. */
export function seenBytes(log: SeenLog): number {
  const ids = idsOf(log);
  let bytes = ids === undefined ? 0 : bytesOfIds(ids);
  for (let place = 0; place < endOf(log); place += WIDTH) bytes += bytesAt(log, place);
  return bytes;
}

function withoutOld(log: SeenLog, after: number): SeenLog {
  const ids = idsOf(log);
  const newer = ids && newestIds(ids, Infinity, after);
  const end = endOf(log);
  if (newer === ids && (end === 0 || secondAt(log, oldestOf(log)) > after)) return log;
  const rows = straight(log);
  return logOf(rows.slice(firstAfter(rows, end, after), end), newer);
}

/** The place of the first row that counted after this second. */
function firstAfter(rows: SeenRows, end: number, after: number): number {
  let place = 0;
  while (place < end && secondAt(rows, place) <= after) place += WIDTH;
  return place;
}

/** The place of the first answer that is kept beside the newest one, within the maximum of answers and of their bytes. */
function firstKept(
  rows: SeenRows,
  left: number,
  answer: AnswerRow | undefined,
  { max, replyBytes }: SeenLimits,
): number {
  const end = endOf(rows);
  const others = Math.min(max, MAX_ANSWERS) - (answer === undefined ? 0 : 1);
  const first = Math.max(left, end - others * WIDTH);
  if (answer === undefined) return first;
  const areFew = areSmall(MAX_ANSWERS, replyBytes) && !answer.isLarge;
  if (areFew && !hasLarge(rows, first, end)) return first;
  return firstWithin(rows, first, end, replyBytes - answer.bytes);
}

/** The last second whose ids are forgotten. */
function forgottenUntil(now: number, { ageMs }: SeenLimits): number {
  return (now - ageMs) / 1000;
}
