import type { Reply } from '../../reply.ts';
import type { Rendering, UnsentReply } from '../channel.ts';
import { removeIllegalCharacters } from './characters.ts';

export interface Envelope {
  /** The user's openid. */
  readonly to: string;
  /** The account. */
  readonly from: string;
  /** Epoch milliseconds. */
  readonly sentAt: number;
}

/** The longest text WeChat takes in an answer, in UTF-8 bytes. */
const MAX_TEXT_BYTES = 2048;

/**
 * The one message that WeChat takes in an answer: the texts, a line each, as far as they go in whole and in order. A
 * first text that is too long by itself is cut between two characters as a reader sees them.
 */
export function renderReplies(replies: readonly Reply[], envelope: Envelope): Rendering {
  const unsent: UnsentReply[] = [];
  let text = '';
  let isFull = false;
  for (const [index, reply] of replies.entries()) {
    const addition = removeIllegalCharacters(reply.text);
    const merged = text === '' ? addition : `${text}\n${addition}`;
    if (addition === '') {
      unsent.push({ index, reason: 'empty' });
    } else if (isFull) {
      unsent.push({ index, reason: 'answer_full' });
    } else if (Buffer.byteLength(merged) <= MAX_TEXT_BYTES) {
      text = merged;
    } else {
      isFull = true;
      unsent.push({ index, reason: text === '' ? 'cut_at_limit' : 'answer_full' });
      if (text === '') text = cut(addition, MAX_TEXT_BYTES);
    }
  }
  if (text === '') return { unsent };
  return { answer: { status: 200, headers: XML_HEADERS, body: toXml(text, envelope) }, unsent };
}

const XML_HEADERS = { 'content-type': 'application/xml; charset=utf-8' };

function toXml(text: string, { to, from, sentAt }: Envelope): string {
  return (
    `<xml><ToUserName>${cdata(to)}</ToUserName><FromUserName>${cdata(from)}</FromUserName>` +
    `<CreateTime>${Math.floor(sentAt / 1000)}</CreateTime><MsgType>${cdata('text')}</MsgType>` +
    `<Content>${cdata(text)}</Content></xml>`
  );
}

/** `]]>` is split over two sections, or a user's words could end the section and go on as elements. */
function cdata(text: string): string {
  const safe = removeIllegalCharacters(text).replaceAll(']]>', ']]]]><![CDATA[>');
  return `<![CDATA[${safe}]]>`;
}

/** The longest start of a text in that many UTF-8 bytes that splits no grapheme, or at least no character. */
function cut(text: string, maxBytes: number): string {
  const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text);
  const start = takeWhole(graphemes, ({ segment }) => segment, maxBytes);
  // One grapheme may be longer than any limit: a letter under a thousand accents.
  return start === '' ? takeWhole(text, (character) => character, maxBytes) : start;
}

function takeWhole<T>(parts: Iterable<T>, textOf: (part: T) => string, maxBytes: number): string {
  let bytes = 0;
  let start = '';
  for (const part of parts) {
    bytes += Buffer.byteLength(textOf(part));
    if (bytes > maxBytes) break;
    start += textOf(part);
  }
  return start;
}
