import { formatReply } from '../../format.ts';
import type { Reply } from '../../reply.ts';
import type { Rendering, UnsentReply } from '../channel.ts';
import { removeIllegalCharacters } from './characters.ts';
import { type Elements, isElements, writeXml } from './write.ts';

export interface Envelope {
  /** The user's openid. */
  readonly to: string;
  /** The account. */
  readonly from: string;
  /** Epoch milliseconds. */
  readonly sentAt: number;
  /** How many articles an answer may hold: WeChat shows one in answer to a message, and up to 8 to an event. */
  readonly maxArticles: number;
}

/** The longest text WeChat takes in an answer, in UTF-8 bytes. */
const MAX_TEXT_BYTES = 2048;

/**
 * The one message that WeChat takes in an answer.
 *
 * A handoff is the answer wherever it stands: it works in an answer only, while all else can be sent after it. Otherwise
 * the first reply that an answer can carry decides. If it is a text, the texts and choices that follow on it are merged
 * into it, a line each, as far as they go in whole and in order; choices are texts here, with numbered options. A first
 * text that is too long by itself is cut between two characters as a reader sees them.
 *
 * Every other reply is `unsent`, for one of these reasons: `answer_full`, `empty`, `cut_at_limit` (a part is in the
 * answer), `needs_media_id` (pictures, voices and videos have to be uploaded before), `too_many_articles` (the first are
 * in the answer), `other_channel` and `bad_payload` (raw replies). A raw reply to `wechat` is the elements after
 * `CreateTime`: `{ MsgType: 'image', Image: { MediaId } }`; a list repeats its element, as `item` of `Articles`.
 */
export function renderReplies(replies: readonly Reply[], envelope: Envelope): Rendering {
  const reasons = replies.map((reply) => unfit(reply));
  const isFit = (_reply: Reply, index: number): boolean => reasons[index] === undefined;
  const handoff = replies.findIndex(({ type }) => type === 'handoff');
  const place = handoff === -1 ? replies.findIndex(isFit) : handoff;
  const reply = replies[place];
  let content: Elements | undefined;
  if (reply !== undefined && isText(reply)) {
    content = { MsgType: 'text', Content: mergeTexts(replies, reasons) };
  } else if (reply !== undefined) {
    content = toElements(reply, envelope.maxArticles);
    replies.forEach((_reply, index) => {
      if (index !== place) reasons[index] ??= 'answer_full';
    });
    if (reply.type === 'news' && reply.articles.length > envelope.maxArticles) {
      reasons[place] = 'too_many_articles';
    }
  }
  const unsent: UnsentReply[] = [];
  reasons.forEach((reason, index) => {
    if (reason !== undefined) unsent.push({ index, reason });
  });
  if (content === undefined) return { unsent };
  const { to, from, sentAt } = envelope;
  const head = { ToUserName: to, FromUserName: from, CreateTime: Math.floor(sentAt / 1000) };
  const body = writeXml({ xml: { ...head, ...content } });
  return { answer: { status: 200, headers: XML_HEADERS, body }, unsent };
}

const XML_HEADERS = { 'content-type': 'application/xml; charset=utf-8' };

/** Why no answer could carry a reply, if so. */
function unfit(reply: Reply): string | undefined {
  switch (reply.type) {
    case 'text':
    case 'choices':
      return removeIllegalCharacters(formatReply(reply)) === '' ? 'empty' : undefined;
    case 'image':
    case 'voice':
    case 'video':
      return reply.mediaId === undefined ? 'needs_media_id' : undefined;
    case 'raw':
      if (reply.channel !== 'wechat') return 'other_channel';
      return isRawContent(reply.payload) ? undefined : 'bad_payload';
    default:
      return undefined;
  }
}

const ENVELOPE_NAMES = ['ToUserName', 'FromUserName', 'CreateTime'];

/** Whether it is a message without its envelope, which is ours. */
function isRawContent(payload: unknown): payload is Elements {
  if (!isElements(payload)) return false;
  const type = payload['MsgType'];
  if (typeof type !== 'string' || type === '') return false;
  return !ENVELOPE_NAMES.some((name) => Object.hasOwn(payload, name));
}

function isText({ type }: Reply): boolean {
  return type === 'text' || type === 'choices';
}

/** What an answer carries of a reply that is not a text. */
function toElements(reply: Reply, maxArticles: number): Elements | undefined {
  switch (reply.type) {
    case 'image':
      return { MsgType: 'image', Image: { MediaId: reply.mediaId } };
    case 'voice':
      return { MsgType: 'voice', Voice: { MediaId: reply.mediaId } };
    case 'video': {
      const { mediaId, title, description } = reply;
      return {
        MsgType: 'video',
        Video: { MediaId: mediaId, Title: title, Description: description },
      };
    }
    case 'music': {
      const { title, description, url, highQualityUrl, thumbnailId } = reply;
      return {
        MsgType: 'music',
        Music: {
          Title: title,
          Description: description,
          MusicUrl: url,
          HQMusicUrl: highQualityUrl,
          ThumbMediaId: thumbnailId,
        },
      };
    }
    case 'news': {
      const item = reply.articles
        .slice(0, maxArticles)
        .map(({ title, description = '', imageUrl = '', url }) => ({
          Title: title,
          Description: description,
          PicUrl: imageUrl,
          Url: url,
        }));
      return { MsgType: 'news', ArticleCount: item.length, Articles: { item } };
    }
    case 'handoff': {
      const { to } = reply;
      return {
        MsgType: 'transfer_customer_service',
        TransInfo: to === undefined ? undefined : { KfAccount: to },
      };
    }
    case 'raw':
      return reply.payload as Elements;
    default:
      return undefined;
  }
}

/** The texts from the first on, up to a reply of another kind that an answer could carry. Notes what is left out. */
function mergeTexts(replies: readonly Reply[], reasons: (string | undefined)[]): string {
  let text = '';
  let isFull = false;
  for (const [index, reply] of replies.entries()) {
    if (reasons[index] !== undefined) continue;
    if (isFull || !isText(reply)) {
      isFull = true;
      reasons[index] = 'answer_full';
      continue;
    }
    const addition = removeIllegalCharacters(formatReply(reply));
    const merged = text === '' ? addition : `${text}\n${addition}`;
    if (Buffer.byteLength(merged) <= MAX_TEXT_BYTES) {
      text = merged;
    } else {
      isFull = true;
      reasons[index] = text === '' ? 'cut_at_limit' : 'answer_full';
      if (text === '') text = cut(addition, MAX_TEXT_BYTES);
    }
  }
  return text;
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
