/**
 * The ids of the answered messages of a log, the oldest first, in one text. A text and two numbers for each of them would take
 * half of the memory of a resting conversation, and comparing texts all over the heap would take longer than comparing parts of
 * one. A row has five characters before its id: four bytes of the second in which it counted, and twice the length of the id,
 * plus one where the answer is large. Only this file knows that form.
 */
export type SeenLabels = string;

const HEAD = 5;
const LENGTH = 4;

/** The maximum of characters of an id that a row has room for. */
export const MAX_ID_LENGTH = 2 ** 15 - 1;
/** The last second that a row has room for, in the year 2106. */
const MAX_SECOND = 2 ** 32 - 1;

export const NO_LABELS: SeenLabels = '';

/** An id with what is known of its answer. */
export interface SeenLabel {
  readonly id: string;
  /** Of the turn, since the epoch. */
  readonly second: number;
  readonly isLarge: boolean;
}

/** The labels with one more behind them. */
export function withLabel(labels: SeenLabels, { id, second, isLarge }: SeenLabel): SeenLabels {
  const time = Math.min(Math.max(second, 0), MAX_SECOND);
  const head = String.fromCharCode(
    time >>> 24,
    (time >>> 16) & 255,
    (time >>> 8) & 255,
    time & 255,
    id.length * 2 + (isLarge ? 1 : 0),
  );
  // V8 keeps a text that is added to another one as its parts; `join` makes it one piece.
  return [labels, head, id].join('');
}

/** The labels without the oldest one. It is part of the next labels at once: alone it would keep the former ones in memory. */
export function withoutOldest(labels: SeenLabels): SeenLabels {
  return labels.slice(endOf(labels, 0));
}

/** Where an id is in labels. */
interface FoundLabel {
  /** The number of its row, from the oldest; -1 if there is none. */
  readonly row: number;
  /** Whether one of the answers is large. It is not known where the id was found. */
  readonly hasLarge: boolean;
}

/** A turn looks for its id several times in the same labels: to see whether it counted before, and to add it. */
let lastLabels: SeenLabels = NO_LABELS;
let lastId = '';
let lastFound: FoundLabel = { row: -1, hasLarge: false };

export function findLabel(labels: SeenLabels, id: string): FoundLabel {
  if (id === lastId && labels === lastLabels) return lastFound;
  lastFound = newFound(labels, id);
  lastLabels = labels;
  lastId = id;
  return lastFound;
}

function newFound(labels: SeenLabels, id: string): FoundLabel {
  const width = HEAD + id.length;
  const last = id.charCodeAt(id.length - 1);
  let hasLarge = false;
  let row = 0;
  for (let at = 0; at < labels.length; row += 1) {
    const size = labels.charCodeAt(at + LENGTH);
    const end = at + HEAD + (size >>> 1);
    // The ids of a platform differ at the end rather than at the beginning.
    const isAlike = end - at === width && labels.charCodeAt(end - 1) === last;
    if (isAlike && labels.startsWith(id, at + HEAD)) return { row, hasLarge };
    if ((size & 1) === 1) hasLarge = true;
    at = end;
  }
  return { row: -1, hasLarge };
}

/** The second of the oldest row; infinite where there is none. */
export function oldestSecond(labels: SeenLabels): number {
  return labels === NO_LABELS ? Number.POSITIVE_INFINITY : secondAt(labels, 0);
}

/** All labels, the oldest first. */
export function labelsIn(labels: SeenLabels): SeenLabel[] {
  const all: SeenLabel[] = [];
  for (let at = 0; at < labels.length; at = endOf(labels, at)) all.push(readAt(labels, at));
  return all;
}

/** The label of a row. */
export function labelOfRow(labels: SeenLabels, row: number): SeenLabel {
  let at = 0;
  for (let passed = 0; passed < row; passed += 1) at = endOf(labels, at);
  return readAt(labels, at);
}

function readAt(labels: SeenLabels, at: number): SeenLabel {
  return {
    id: labels.slice(at + HEAD, endOf(labels, at)),
    second: secondAt(labels, at),
    isLarge: isLargeAt(labels, at),
  };
}

function endOf(labels: SeenLabels, at: number): number {
  return at + HEAD + (labels.charCodeAt(at + LENGTH) >>> 1);
}

function isLargeAt(labels: SeenLabels, at: number): boolean {
  return (labels.charCodeAt(at + LENGTH) & 1) === 1;
}

function secondAt(labels: SeenLabels, at: number): number {
  const low = (labels.charCodeAt(at + 2) << 8) | labels.charCodeAt(at + 3);
  return ((labels.charCodeAt(at) << 8) | labels.charCodeAt(at + 1)) * 2 ** 16 + low;
}
