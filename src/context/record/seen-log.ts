import type { Reply } from '../../reply.ts';
import type { IdBlocks } from './id-block.ts';
import { hashesOf } from './id-key.ts';
import {
  addId,
  bytesOfIds,
  countIds,
  hasId,
  joinIds,
  newestIds,
  openIds,
  storedIds,
} from './seen-ids.ts';
import { findLabel, oldestSecond } from './seen-labels.ts';
import {
  FIRST,
  MAX_ANSWERS,
  type SeenLog,
  countRows,
  idsIn,
  idsOf,
  labelsOf,
  logOf,
  rowAt,
  seenRows,
  withAnswer,
} from './seen-parts.ts';
import {
  type AnswerRow,
  type KeptReplies,
  type SeenRow,
  answerRow,
  areAnswers,
  areSmall,
  bytesOfRow,
  isText,
  listOfRow,
  newestWithin,
  openRows,
  openReplies,
  textOfRow,
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
export function isSeenLog(list: unknown): list is readonly unknown[] {
  return Array.isArray(list) && areAnswers(list);
}

/** The log of stored answers and ids. */
export function openSeen(answers: readonly unknown[], blocks: IdBlocks | undefined): SeenLog {
  return logOf(openRows(answers), blocks && openIds(blocks));
}

/**
 * Adds the answers of the log as JSON to `parts`. Each answer keeps its JSON: the log of the next turn has the same answers,
 * except one.
 */
export function pushSeen(parts: string[], log: SeenLog): void {
  const written = log as unknown[];
  const count = countRows(log);
  for (let row = 0; row < count; row += 1) {
    const said = log[FIRST + row] as KeptReplies;
    const text = isText(said) ? said : textOfRow(rowAt(log, row));
    written[FIRST + row] = text;
    parts.push(row === 0 ? text.slice(1) : text);
  }
}

/** The answers of the log as they are stored. */
export function seenList(log: SeenLog): readonly unknown[] {
  return seenRows(log).flatMap(listOfRow);
}

/** The hashes of all ids, as they are stored; undefined where each id has an answer. */
export function seenBlocks(log: SeenLog): IdBlocks | undefined {
  const ids = idsOf(log);
  return ids && storedIds(ids);
}

/** The number of ids that are remembered. */
export function countSeen(log: SeenLog): number {
  const ids = idsOf(log);
  return ids === undefined ? countRows(log) : countIds(ids);
}

/** The last ids whose replies are kept, the oldest first, with the replies. */
export function seenEntries(
  log: SeenLog,
): { readonly id: string; readonly replies: readonly Reply[] }[] {
  return seenRows(log).map(({ id, said }) => ({ id, replies: openReplies(said) }));
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
  const { row } = findLabel(labelsOf(log), id);
  const after = forgottenUntil(now, limits);
  if (row >= 0) {
    const { second, said } = rowAt(log, row);
    return second > after ? openReplies(said) : undefined;
  }
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
  const { max, replyBytes } = limits;
  const after = forgottenUntil(now, limits);
  if (id === undefined || max <= 0) return withoutOld(log, after);
  const { row, hasLarge } = findLabel(labelsOf(log), id);
  if (row >= 0) {
    const others = seenRows(log).filter((other) => other.id !== id);
    return remember(logOf(others, idsOf(log)), { id, replies }, now, limits);
  }
  const second = Math.ceil(now / 1000);
  const key = hashesOf(id);
  const answer = replies.length > 0 ? answerRow(id, replies, second, replyBytes) : undefined;
  let ids = idsOf(log);
  if (!hasLarge && leavesOthers(log, answer, after, limits)) {
    const isFull = answer !== undefined && countRows(log) === Math.min(max, MAX_ANSWERS);
    if (ids === undefined && (answer === undefined || isFull)) ids = idsIn(seenRows(log));
    if (ids !== undefined) ids = newestIds(addId(ids, key, second), max, after);
    return withAnswer(log, answer, isFull ? 1 : 0, ids);
  }
  const left = newerRows(log, after);
  const kept = keptBeside(answer, left, limits);
  if (ids === undefined && (answer === undefined || kept.length < left.length)) ids = idsIn(left);
  if (ids !== undefined) ids = newestIds(addId(ids, key, second), max, after);
  return logOf(answer === undefined ? kept : [...kept, answer], ids);
}

/** Whether the only answer that may have to leave is the oldest one, as for most messages. No other one is large. */
function leavesOthers(
  log: SeenLog,
  answer: AnswerRow | undefined,
  after: number,
  { max, replyBytes }: SeenLimits,
): boolean {
  if (countRows(log) > Math.min(max, MAX_ANSWERS)) return false;
  if (oldestSecond(labelsOf(log)) <= after) return false;
  if (answer === undefined) return true;
  return !answer.isLarge && areSmall(MAX_ANSWERS, replyBytes);
}

/** The same ids, without the replies to them. */
export function withoutReplies(log: SeenLog): SeenLog {
  return logOf([], idsOf(log) ?? idsIn(seenRows(log)));
}

/** The log with the ids of another one as well, such as those of a record that it replaces. */
export function withIdsOf(log: SeenLog, other: SeenLog): SeenLog {
  if (other.length === 0) return log;
  const rows = seenRows(log);
  const earlier = idsOf(other) ?? idsIn(seenRows(other));
  return logOf(rows, joinIds(earlier, idsOf(log) ?? idsIn(rows)));
}

/** The bytes that the log takes, with two for each character of a reply. */
export function seenBytes(log: SeenLog): number {
  const ids = idsOf(log);
  let bytes = ids === undefined ? 0 : bytesOfIds(ids);
  for (const row of seenRows(log)) bytes += bytesOfRow(row);
  return bytes;
}

function withoutOld(log: SeenLog, after: number): SeenLog {
  const ids = idsOf(log);
  const newer = ids && newestIds(ids, Infinity, after);
  if (newer === ids && oldestSecond(labelsOf(log)) > after) return log;
  return logOf(newerRows(log, after), newer);
}

/** The rows from the first one that counted after this second. */
function newerRows(log: SeenLog, after: number): readonly SeenRow[] {
  const rows = seenRows(log);
  const first = rows.findIndex(({ second }) => second > after);
  return first < 0 ? [] : rows.slice(first);
}

/** The newest rows that are kept beside an answer, within the maximum of answers and of their bytes. */
function keptBeside(
  answer: AnswerRow | undefined,
  rows: readonly SeenRow[],
  { max, replyBytes }: SeenLimits,
): readonly SeenRow[] {
  const others = Math.min(max, MAX_ANSWERS) - (answer === undefined ? 0 : 1);
  const last = rows.slice(Math.max(0, rows.length - others));
  return answer === undefined ? last : newestWithin(last, replyBytes - answer.bytes);
}

/** The last second whose ids are forgotten. */
function forgottenUntil(now: number, { ageMs }: SeenLimits): number {
  return (now - ageMs) / 1000;
}
