import type { Reply } from '../../reply.ts';
import { hashesOf } from './id-key.ts';
import { jsonCodec } from './json-codec.ts';
import { bytesOfReplies, bytesOfText } from './reply-bytes.ts';

/**
 * The answers of a log, in a flat array with four places for each: hash of the id, id, second of the turn, and the replies;
 * most answers are a single text, which is kept as a string. An object for each of sixteen answers would be larger than the
 * rest of the record, and comparing sixteen ids all over the heap would take longer than comparing hashes.
 */
export type SeenRows = readonly unknown[];

export const WIDTH = 4;
const ID = 1;
const SECOND = 2;
const SAID = 3;
/** In the place of the replies, this means that the place of the id has the whole row as JSON. */
const AS_TEXT = 0;
const ID_IN_TEXT = /^,-?\d+,("(?:[^"\\]|\\.)*"),/u;

/** The maximum of bytes of a list of replies that is kept as it is. Larger ones are kept as JSON, whose length is known. */
const MAX_LIST_BYTES = 1024;
/**
 * The maximum of bytes of a small answer. The hash of a larger one is odd: measuring sixteen texts in each turn would take
 * long.
 */
const SMALL_BYTES = 2048;

/** An answer as it is put into a row. */
export interface AnswerRow {
  /** The hash of the id, which is odd if the answer is large. */
  readonly mark: number;
  readonly isLarge: boolean;
  /** The id, or the whole row as JSON. */
  readonly label: string;
  readonly second: number;
  readonly said: unknown;
  readonly bytes: number;
}

/** Whether a stored list consists of rows of answers. */
export function areAnswers(list: readonly unknown[]): boolean {
  if (list.length % WIDTH !== 0) return false;
  for (let place = 0; place < list.length; place += WIDTH) {
    const [hash, id, second, said] = list.slice(place, place + WIDTH) as unknown[];
    if (!Number.isInteger(hash) || typeof id !== 'string' || !Number.isFinite(second)) return false;
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

/** Marks the large rows among those that come from a store, and turns long lists of replies into JSON. */
export function measureRows(rows: unknown[]): void {
  for (let place = 0; place < rows.length; place += WIDTH) {
    const bytes = bytesAt(rows, place);
    if (bytes > SMALL_BYTES) rows[place] = (rows[place] as number) | 1;
    const isList = typeof rows[place + SAID] === 'object';
    if (isList && bytes > MAX_LIST_BYTES) textAt(rows, place);
  }
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
  if (bytes > maxBytes) return undefined;
  const hash = hashesOf(id).one << 1;
  const isLarge = bytes > SMALL_BYTES;
  const mark = isLarge ? hash | 1 : hash;
  if (bytes <= MAX_LIST_BYTES || typeof said === 'string') {
    return { mark, isLarge, label: id, second, said, bytes };
  }
  const label = toText(mark, id, second, said);
  const textBytes = bytesOfText(label);
  if (textBytes > maxBytes) return undefined;
  return { mark, isLarge, label, second, said: AS_TEXT, bytes: textBytes };
}

export function putAnswer(rows: unknown[], place: number, answer: AnswerRow): void {
  rows[place] = answer.mark;
  rows[place + ID] = answer.label;
  rows[place + SECOND] = answer.second;
  rows[place + SAID] = answer.said;
}

function isLarge(rows: SeenRows, place: number): boolean {
  return ((rows[place] as number) & 1) === 1;
}

/** Whether `count` rows together always fit into `bytes`, as long as none of them is large. */
export function areSmall(count: number, bytes: number): boolean {
  return count * SMALL_BYTES <= bytes;
}

/** The place of the row of `id`; -1 if there is none. */
export function rowOf(rows: SeenRows, end: number, id: string): number {
  const hash = hashesOf(id).one << 1;
  for (let place = 0; place < end; place += WIDTH) {
    if (((rows[place] as number) & ~1) === hash && idAt(rows, place) === id) return place;
  }
  return -1;
}

export function secondAt(rows: SeenRows, place: number): number {
  return rows[place + SECOND] as number;
}

/** The row of an answer as JSON, with a comma before it. From now on, the place of the id keeps it. */
export function textAt(rows: SeenRows, place: number): string {
  if (rows[place + SAID] === AS_TEXT) return rows[place + ID] as string;
  const [hash, id, second, said] = rows.slice(place, place + WIDTH);
  const text = toText(hash as number, id as string, second as number, said);
  const written = rows as unknown[];
  written[place + ID] = text;
  written[place + SAID] = AS_TEXT;
  return text;
}

function toText(hash: number, id: string, second: number, said: unknown): string {
  return ['', hash, JSON.stringify(id), second, jsonCodec.encode(said)].join(',');
}

/** The row of an answer, as it is stored. */
export function rowAt(rows: SeenRows, place: number): readonly unknown[] {
  if (rows[place + SAID] !== AS_TEXT) return rows.slice(place, place + WIDTH);
  return jsonCodec.decode(`[${(rows[place + ID] as string).slice(1)}]`) as unknown[];
}

export function idAt(rows: SeenRows, place: number): string {
  const id = rows[place + ID] as string;
  if (rows[place + SAID] !== AS_TEXT) return id;
  return JSON.parse((ID_IN_TEXT.exec(id) as RegExpExecArray)[1] as string) as string;
}

export function saidAt(rows: SeenRows, place: number): readonly Reply[] {
  return unpack(rowAt(rows, place)[SAID]);
}

export function bytesAt(rows: SeenRows, place: number): number {
  return bytesOf(rows[place + ID] as string, rows[place + SAID]);
}

/**
 * The maximum that an answer may take in bytes. Measuring a list would take time, so for a list it is the limit of all lists.
 */
function mostBytesAt(rows: SeenRows, place: number): number {
  return typeof rows[place + SAID] === 'object' ? MAX_LIST_BYTES : bytesAt(rows, place);
}

/** Whether one of these rows is large. */
export function hasLarge(rows: SeenRows, start: number, end: number): boolean {
  for (let place = start; place < end; place += WIDTH) if (isLarge(rows, place)) return true;
  return false;
}

/** The place of the first of those newest answers that together take a maximum of `max` bytes. */
export function firstWithin(rows: SeenRows, start: number, end: number, max: number): number {
  let bytes = max;
  for (let place = start; place < end; place += WIDTH) bytes -= mostBytesAt(rows, place);
  if (bytes >= 0) return start;
  bytes = max;
  let place = end;
  while (place > start && (bytes -= bytesAt(rows, place - WIDTH)) >= 0) place -= WIDTH;
  return place;
}

/** @param label the id, or the whole row as JSON */
function bytesOf(label: string, said: unknown): number {
  const bytes = bytesOfText(label);
  if (said === AS_TEXT) return bytes;
  if (typeof said === 'string') return bytes + bytesOfText(said);
  return bytes + bytesOfReplies(said as readonly Reply[]);
}

function pack(replies: readonly Reply[]): unknown {
  const [reply] = replies;
  if (replies.length === 1 && reply?.type === 'text') return flat(reply.text);
  return Object.freeze(replies.map((said) => Object.freeze(said)));
}

/**
 * The same text in one piece. V8 keeps a joined text as its parts, which took a tenth of the memory of a resting
 * conversation. Reading a character makes V8 join them.
 */
function flat(text: string): string {
  return text.charCodeAt(0) >= 0 ? text : '';
}

function unpack(said: unknown): readonly Reply[] {
  return typeof said === 'string' ? [{ type: 'text', text: said }] : (said as readonly Reply[]);
}
