import { formatReply } from '../../format.ts';
import type { Reply } from '../../reply.ts';
import type { ReplyRemainder } from '../reception.ts';
import { partsOf } from '../text-parts.ts';
import { type Elements, isElements, removeIllegalCharacters } from './write.ts';

export interface AnswerEnvelope {
  /** The user's openid. */
  readonly to: string;
  /** The account. */
  readonly from: string;
  /** Epoch milliseconds. */
  readonly sentAt: number;
  /** How many articles an answer may hold: WeChat shows one in answer to a message, and up to 8 to an event. */
  readonly maxArticles: number;
}

/** The longest text that WeChat and WeCom take in one message. */
export const TEXT_LIMIT = { max: 2048, unit: 'bytes' } as const;

/** The one message of an answer, with its envelope, and what is not in it. */
export interface Rendered {
  /** Absent where none of the replies can be in it. */
  readonly content?: Elements;
  readonly unsent: readonly ReplyRemainder[];
}

/**
 * The one message that WeChat takes in an answer.
 *
 * A handoff is the answer wherever it stands: it works in an answer only, while all else can be sent after it. Otherwise
 * the first reply that an answer can carry decides. If it is a text, the texts and choices that follow on it are merged
 * into it, a line each, as far as they go in whole and in order; choices are texts here, with numbered options. A first
 * text that alone is too long is cut between two characters as a reader sees them.
 *
 * Every other reply is `unsent`, for one of these reasons: `answer_full`, `needs_push` (a raw reply in the words of the
 * customer-service interface), `cut_at_limit` and `too_many_articles` (a part is in the answer, and what is left in
 * `rest`); or, as no push could say it, either, `empty`, `needs_media_id` (pictures, voices and videos have to be
 * uploaded before), `other_channel` and `bad_payload` (raw replies). A raw reply to `wechat` is the elements after
 * `CreateTime`: `{ MsgType: 'image', Image: { MediaId } }`; a list repeats its element, as `item` of `Articles`.
 */
export function renderReplies(
  replies: readonly Reply[],
  envelope: AnswerEnvelope,
  channel = 'wechat',
): Rendered {
  const text = onlyText(replies);
  // Most turns say one text that fits.
  if (text !== '' && Buffer.byteLength(text) <= TEXT_LIMIT.max) {
    return { content: addressed({ MsgType: 'text', Content: text }, envelope), unsent: [] };
  }
  const unsent: (ReplyRemainder | undefined)[] = replies.map((reply, index) => {
    const reason = unfit(reply, channel);
    if (reason === undefined) return undefined;
    return reason === 'needs_push' ? { index, reason } : { index, reason, rest: null };
  });
  const handoff = replies.findIndex(({ type }, index) => type === 'handoff' && !unsent[index]);
  const place = handoff === -1 ? unsent.indexOf(undefined) : handoff;
  const reply = replies[place];
  let content: Elements | undefined;
  if (reply !== undefined && isText(reply)) {
    content = { MsgType: 'text', Content: mergeTexts(replies, unsent) };
  } else if (reply !== undefined) {
    content = toElements(reply, envelope.maxArticles);
    replies.forEach((_reply, index) => {
      if (index !== place) unsent[index] ??= { index, reason: 'answer_full' };
    });
    if (reply.type === 'news' && reply.articles.length > envelope.maxArticles) {
      const rest = { ...reply, articles: reply.articles.slice(envelope.maxArticles) };
      unsent[place] = { index: place, reason: 'too_many_articles', rest };
    }
  }
  const rendered = { unsent: unsent.filter((one) => one !== undefined) };
  if (content === undefined) return rendered;
  return { ...rendered, content: addressed(content, envelope) };
}

/** What can be said of the one text that there is; empty where there is another reply, or nothing to be said. */
function onlyText([reply, ...others]: readonly Reply[]): string {
  return reply?.type === 'text' && others.length === 0 ? removeIllegalCharacters(reply.text) : '';
}

function addressed(content: Elements, { to, from, sentAt }: AnswerEnvelope): Elements {
  return {
    ToUserName: to,
    FromUserName: from,
    CreateTime: Math.floor(sentAt / 1000),
    ...content,
  };
}

/** Why no answer could carry a reply, if so. */
function unfit(reply: Reply, channel: string): string | undefined {
  switch (reply.type) {
    case 'text':
    case 'choices':
      return removeIllegalCharacters(formatReply(reply)) === '' ? 'empty' : undefined;
    case 'image':
    case 'voice':
    case 'video':
      return reply.mediaId === undefined ? 'needs_media_id' : undefined;
    case 'raw':
      if (reply.channel !== channel) return 'other_channel';
      if (isPushPayload(reply.payload)) return 'needs_push';
      return isRawContent(reply.payload) ? undefined : 'bad_payload';
    case 'handoff':
    case 'music':
      return channel === 'wechat' ? undefined : 'not_on_wecom';
    default:
      return undefined;
  }
}

const ENVELOPE_NAMES = ['ToUserName', 'FromUserName', 'CreateTime'];

/** Whether it is a message in the words of the interface for pushes, without the user, who is ours. */
export function isPushPayload(payload: unknown): payload is Readonly<Record<string, unknown>> {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return false;
  const { msgtype, touser } = payload as { readonly msgtype?: unknown; readonly touser?: unknown };
  return typeof msgtype === 'string' && msgtype !== '' && touser === undefined;
}

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
function mergeTexts(replies: readonly Reply[], unsent: (ReplyRemainder | undefined)[]): string {
  let text = '';
  let isFull = false;
  for (const [index, reply] of replies.entries()) {
    if (unsent[index] !== undefined) continue;
    const addition = isText(reply) ? removeIllegalCharacters(formatReply(reply)) : '';
    const merged = text === '' ? addition : `${text}\n${addition}`;
    if (!isFull && addition !== '' && Buffer.byteLength(merged) <= TEXT_LIMIT.max) {
      text = merged;
      continue;
    }
    unsent[index] = { index, reason: 'answer_full' };
    if (text === '') {
      [text = ''] = partsOf(addition, TEXT_LIMIT);
      const rest: Reply = { type: 'text', text: addition.slice(text.length) };
      unsent[index] = { index, reason: 'cut_at_limit', rest };
    }
    isFull = true;
  }
  return text;
}
