import type { Reply } from '../../reply.ts';
import { hashesOf } from './id-key.ts';
import { jsonCodec } from './json-codec.ts';
import { bytesOfReplies, bytesOfText } from './reply-bytes.ts';
import { MAX_ID_LENGTH, type SeenLabel } from './seen-labels.ts';

/**
 * What was said to a message, as a log keeps it:
 * - a single text, which most answers are
 * - the whole row as it is stored, in JSON with a comma before it
 * - a list of replies
 */
export type KeptReplies = string | readonly Reply[];

/** An answer of a log. */
export interface SeenRow extends SeenLabel {
  readonly said: KeptReplies;
}

/** An answer that is about to be kept. */
export interface AnswerRow extends SeenRow {
  readonly bytes: number;
}

/** The number of places of a stored row: hash of the id, id, second of the turn, what was said. */
const WIDTH = 4;
const COMMA = ','.charCodeAt(0);

/** The maximum of bytes of a list of replies that is kept as it is. Larger ones are kept as JSON, whose length is known. */
const MAX_LIST_BYTES = 1024;
/** The maximum of bytes of a small answer. A larger one is marked: measuring sixteen texts in each turn would take long. */
const SMALL_BYTES = 2048;

/** Whether a stored list consists of rows of answers. */
export function areAnswers(list: readonly unknown[]): boolean {
  if (list.length % WIDTH !== 0) return false;
  for (let place = 0; place < list.length; place += WIDTH) {
    const [hash, id, second, said] = list.slice(place, place + WIDTH) as unknown[];
    if (!Number.isInteger(hash) || typeof id !== 'string' || !Number.isFinite(second)) return false;
    if (id.length > MAX_ID_LENGTH) return false;
    if (typeof said !== 'string' && !areReplies(said)) return false;
  }
  return true;
}

function areReplies(said: unknown): boolean {
  return (
    Array.isArray(said) &&
    said.every((reply: { type?: unknown } | null) => typeof reply?.type === 'string')
  );
}

/** The rows in a stored list. Long lists of replies become JSON. */
export function openRows(list: readonly unknown[]): SeenRow[] {
  const rows: SeenRow[] = [];
  for (let place = 0; place < list.length; place += WIDTH) {
    const [, id, second, kept] = list.slice(place, place + WIDTH) as [
      0,
      string,
      number,
      KeptReplies,
    ];
    const said = typeof kept === 'string' ? pack([{ type: 'text', text: kept }]) : kept;
    const bytes = bytesOf(id, said);
    const row = { id, second, isLarge: bytes > SMALL_BYTES, said };
    const isLong = typeof said === 'object' && bytes > MAX_LIST_BYTES;
    rows.push(isLong ? { ...row, said: textOfRow(row) } : row);
  }
  return rows;
}

/** @returns undefined if the answer takes more than `maxBytes` */
export function answerRow(
  id: string,
  replies: readonly Reply[],
  second: number,
  maxBytes: number,
): AnswerRow | undefined {
  const said = pack(replies);
  const bytes = bytesOf(id, said);
  if (bytes > maxBytes || id.length > MAX_ID_LENGTH) return undefined;
  const row = { id, second, isLarge: bytes > SMALL_BYTES, said, bytes };
  if (bytes <= MAX_LIST_BYTES || typeof said === 'string') return row;
  const text = textOfRow(row);
  const textBytes = bytesOfText(text);
  return textBytes > maxBytes ? undefined : { ...row, said: text, bytes: textBytes };
}

/** Whether `count` rows together always fit into `bytes`, as long as none of them is large. */
export function areSmall(count: number, bytes: number): boolean {
  return count * SMALL_BYTES <= bytes;
}

/** Whether this is the whole row in JSON. */
export function isText(said: KeptReplies): said is string {
  return typeof said === 'string' && said.charCodeAt(0) === COMMA;
}

/** The row as it is stored, in JSON with a comma before it. */
export function textOfRow({ id, second, isLarge, said }: SeenRow): string {
  if (isText(said)) return said;
  const mark = markOfRow(id, isLarge);
  return ['', mark, JSON.stringify(id), second, jsonCodec.encode(said)].join(',');
}

/** The row as it is stored. */
export function listOfRow({ id, second, isLarge, said }: SeenRow): readonly unknown[] {
  return isText(said) ? listIn(said) : [markOfRow(id, isLarge), id, second, said];
}

function listIn(text: string): readonly unknown[] {
  return jsonCodec.decode(`[${text.slice(1)}]`) as unknown[];
}

/** Processes of earlier versions find a row by the hash of its id. It is odd where the answer is large. */
function markOfRow(id: string, isLarge: boolean): number {
  return (hashesOf(id).one << 1) | (isLarge ? 1 : 0);
}

export function openReplies(said: KeptReplies): readonly Reply[] {
  const kept = isText(said) ? (listIn(said)[WIDTH - 1] as KeptReplies) : said;
  return typeof kept === 'string' ? [{ type: 'text', text: kept }] : kept;
}

export function bytesOfRow({ id, said }: SeenRow): number {
  return bytesOf(id, said);
}

/** The rows from the first of those newest ones that together take a maximum of `max` bytes. */
export function newestWithin(rows: readonly SeenRow[], max: number): readonly SeenRow[] {
  let bytes = max;
  for (const row of rows) bytes -= mostBytesOf(row);
  if (bytes >= 0) return rows;
  bytes = max;
  let first = rows.length;
  while (first > 0 && (bytes -= bytesOfRow(rows[first - 1] as SeenRow)) >= 0) first -= 1;
  return rows.slice(first);
}

/**
 * The maximum that an answer may take in bytes. Measuring a list would take time, so for a list it is the limit of all lists.
 */
function mostBytesOf(row: SeenRow): number {
  return typeof row.said === 'object' ? MAX_LIST_BYTES : bytesOfRow(row);
}

function bytesOf(id: string, said: KeptReplies): number {
  if (isText(said)) return bytesOfText(said);
  const bytes = bytesOfText(id);
  return bytes + (typeof said === 'string' ? bytesOfText(said) : bytesOfReplies(said));
}

/** A text with a comma before it is kept as a list, as it would be taken for the JSON of a row. */
function pack(replies: readonly Reply[]): KeptReplies {
  const [reply] = replies;
  if (replies.length === 1 && reply?.type === 'text' && !isText(reply.text)) {
    return flat(reply.text);
  }
  return Object.freeze(replies.map((said) => Object.freeze(said)));
}

/**
 * The same text in one piece. V8 keeps a joined text as its parts, which took a tenth of the memory of a resting
 * conversation. Reading a character makes V8 join them.
 */
function flat(text: string): string {
  return text.charCodeAt(0) >= 0 ? text : '';
}
