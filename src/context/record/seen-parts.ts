import { hashesOf } from './id-key.ts';
import { NO_IDS, type SeenIds, addId, countIds } from './seen-ids.ts';
import {
  NO_LABELS,
  type SeenLabels,
  labelOfRow,
  labelsIn,
  withLabel,
  withoutOldest,
} from './seen-labels.ts';
import type { AnswerRow, KeptReplies, SeenRow } from './seen-row.ts';

/** The maximum of messages whose replies are kept: a redelivery follows its original closely. */
export const MAX_ANSWERS = 16;

/**
 * The ids of the messages that counted, with the replies to the last of them. It is an array of three parts:
 * - the labels of all answers
 * - what was said in each answer, the oldest first
 * - the ids of all messages, as soon as one of them has no answer
 *
 * Its content is never changed, and only its length may be read outside of this file and of `seen-log.ts`. The next log is a
 * copy in an array of exactly its size: a shared one that grows would save 0.1 µs, but a conversation of 25 messages would have
 * 2.4 KB rather than 1.8. An object around the array would be 40 bytes of every conversation.
 */
export type SeenLog = readonly unknown[];

/** The place of the first answer. */
export const FIRST = 1;

/** The log of a conversation without messages. */
export const NOTHING_SEEN: SeenLog = Object.freeze([]);

export function labelsOf(log: SeenLog): SeenLabels {
  return log.length === 0 ? NO_LABELS : (log[0] as SeenLabels);
}

export function idsOf(log: SeenLog): SeenIds | undefined {
  // V8 takes long to read the place before the first one.
  if (log.length === 0) return undefined;
  const last = log[log.length - 1];
  // What was said is a text or a list.
  return typeof last === 'object' && !Array.isArray(last) ? (last as SeenIds) : undefined;
}

export function countRows(log: SeenLog): number {
  if (log.length === 0) return 0;
  return log.length - FIRST - (idsOf(log) === undefined ? 0 : 1);
}

export function rowAt(log: SeenLog, row: number): SeenRow {
  return { ...labelOfRow(labelsOf(log), row), said: log[FIRST + row] as KeptReplies };
}

export function seenRows(log: SeenLog): SeenRow[] {
  return labelsIn(labelsOf(log)).map((label, row) => ({
    ...label,
    said: log[FIRST + row] as KeptReplies,
  }));
}

export function logOf(rows: readonly SeenRow[], ids: SeenIds | undefined): SeenLog {
  const hasIds = ids !== undefined && countIds(ids) > 0;
  if (rows.length === 0 && !hasIds) return NOTHING_SEEN;
  const labels = rows.reduce(withLabel, NO_LABELS);
  return [labels, ...rows.map(({ said }) => said), ...(hasIds ? [ids] : [])];
}

/** The log with one more answer and with these ids. @param without 1 where the oldest answer makes room for it */
export function withAnswer(
  log: SeenLog,
  answer: AnswerRow | undefined,
  without: 0 | 1,
  ids: SeenIds | undefined,
): SeenLog {
  const left = without === 1 ? withoutOldest(labelsOf(log)) : labelsOf(log);
  const end = FIRST + countRows(log) - without;
  const hasIds = ids !== undefined && countIds(ids) > 0;
  if (answer === undefined && !hasIds && end === FIRST) return NOTHING_SEEN;
  const next = new Array<unknown>(end + (answer === undefined ? 0 : 1) + (hasIds ? 1 : 0));
  next[0] = answer === undefined ? left : withLabel(left, answer);
  for (let place = FIRST; place < end; place += 1) next[place] = log[place + without];
  if (answer !== undefined) next[end] = answer.said;
  if (hasIds) next[next.length - 1] = ids;
  return next;
}

export function idsIn(rows: readonly SeenRow[]): SeenIds {
  return rows.reduce((ids, { id, second }) => addId(ids, hashesOf(id), second), NO_IDS);
}
