import { type KeysOf, checkOptions } from '../internal/closed.ts';
import { wechat } from '../channels/wechat/index.ts';
import { type PushFields, parseXml } from '../channels/wechat/parse.ts';
import { signValues } from '../channels/wechat/signature.ts';
import { type Elements, writeXml } from '../channels/wechat/write.ts';
import { MessageError, UsageError } from '../errors.ts';
import type { Reply } from '../reply.ts';
import type { ConverseChannel, SentMessage } from './converse-options.ts';

/** Options of `throughWechat()`. */
export interface ThroughWechatOptions {
  /** Of the account's message push settings. */
  readonly token?: string | undefined;
  /** What openids begin with, as in the options of `wechat()`; that of the chat, too. */
  readonly prefix?: string | undefined;
}

const KEYS = { token: null, prefix: null } satisfies KeysOf<ThroughWechatOptions>;

const ACCOUNT = 'gh_colloquy';
/** The maximum of requests that are kept, to be sent again unchanged. */
const MAX_SENT = 1000;

/**
 * WeChat's side of a conversation, in plaintext mode: signed XML in, XML out. What has no place in an answer comes as
 * what is said later, as if the account could push.
 */
export function throughWechat(options: ThroughWechatOptions = {}): ConverseChannel {
  checkOptions('throughWechat()', options, KEYS);
  const { token = 'token', prefix = '' } = options;
  const bodies = new Map<string, string>();
  return {
    channel: wechat({ token, prefix }),
    toRequest(sent) {
      const key = `${sent.openid} ${sent.id}`;
      const body = bodies.get(key) ?? bodyOf(sent, prefix);
      bodies.set(key, body);
      if (bodies.size > MAX_SENT) bodies.delete(bodies.keys().next().value ?? '');
      const timestamp = String(Math.floor(sent.at / 1000));
      const nonce = sent.id;
      const query = new URLSearchParams({
        signature: signValues([token, timestamp, nonce]),
        timestamp,
        nonce,
      });
      return new Request(`http://bot.example/wechat?${query.toString()}`, {
        method: 'POST',
        headers: { 'content-type': 'text/xml' },
        body,
      });
    },
    async fromResponse(response) {
      const body = new Uint8Array(await response.arrayBuffer());
      if (response.status !== 200) {
        throw new UsageError('bad_answer', `WeChat was answered with a ${response.status}.`);
      }
      const text = new TextDecoder().decode(body);
      return text === '' || text === 'success' ? [] : [replyIn(parseXml(body))];
    },
  };
}

/** @throws MessageError `bad_message` for what WeChat has no push for */
function bodyOf({ openid, message, id, at }: SentMessage, prefix: string): string {
  const elements: Elements = {
    ToUserName: ACCOUNT,
    FromUserName: openid.startsWith(prefix) ? openid.slice(prefix.length) : openid,
    CreateTime: Math.floor(at / 1000),
    MsgId: id,
    ...contentOf(message),
  };
  return `<xml>${writeXml(elements)}</xml>`;
}

/** What stands in the push of a message: of its kind, and the field that each further element holds. */
const PUSHES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'message.text': { MsgType: 'text', Content: 'text' },
  'message.image': { MsgType: 'image', PicUrl: 'url', MediaId: 'mediaId' },
  'message.voice': {
    MsgType: 'voice',
    MediaId: 'mediaId',
    Format: 'format',
    Recognition: 'transcript',
  },
  'message.video': { MsgType: 'video', MediaId: 'mediaId', ThumbMediaId: 'thumbnailId' },
  'message.file': { MsgType: 'file', Title: 'name', FileKey: 'mediaId' },
  'message.location': {
    MsgType: 'location',
    Location_X: 'latitude',
    Location_Y: 'longitude',
    Label: 'label',
  },
  'message.link': { MsgType: 'link', Url: 'url', Title: 'title', Description: 'description' },
  'message.unknown': { MsgType: 'unknown' },
};

const EVENTS: Readonly<Record<string, string>> = {
  'message.action': 'CLICK',
  'event.follow': 'subscribe',
  'event.unfollow': 'unsubscribe',
  'event.scan': 'SCAN',
  'event.view': 'VIEW',
};

function contentOf(message: SentMessage['message']): Elements {
  if (typeof message === 'string') return { MsgType: 'text', Content: message };
  const { type } = message;
  const fields: Record<string, unknown> = { ...message };
  const written = (name: string): string | undefined => {
    const value = fields[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  };
  if (Object.hasOwn(EVENTS, type)) {
    const EventKey = written('key') ?? written('value');
    return { MsgType: 'event', Event: EVENTS[type], EventKey };
  }
  if (!Object.hasOwn(PUSHES, type)) {
    throw new MessageError(
      'bad_message',
      `WeChat has no push for a message of the type '${type}'.`,
    );
  }
  const { MsgType, ...elements } = PUSHES[type] as Readonly<Record<string, string>>;
  const filled = Object.entries(elements).map(([element, name]) => [element, written(name)]);
  return { MsgType, ...(Object.fromEntries(filled) as Elements) };
}

/** The message of an answer; those that it merged are one. */
function replyIn(fields: PushFields): Reply {
  const { MsgType: type } = fields;
  const of = (name: string): PushFields => (fields[name] ?? {}) as PushFields;
  switch (type) {
    case 'text':
      return { type, text: textIn(fields, 'Content') };
    case 'image':
      return { type, ...mediumIn(of('Image')) };
    case 'voice':
      return { type, ...mediumIn(of('Voice')) };
    case 'video': {
      const { Title: title, Description: description } = of('Video');
      return {
        type,
        ...mediumIn(of('Video')),
        ...(typeof title === 'string' && { title }),
        ...(typeof description === 'string' && { description }),
      };
    }
    case 'news': {
      const items = [of('Articles')['item'] ?? []].flat() as PushFields[];
      const articles = items.map((item) => ({
        title: textIn(item, 'Title'),
        url: textIn(item, 'Url'),
      }));
      return { type, articles };
    }
    case 'transfer_customer_service': {
      const to = of('TransInfo')['KfAccount'];
      return { type: 'handoff', ...(typeof to === 'string' && { to }) };
    }
    default:
      return { type: 'raw', channel: 'wechat', payload: fields };
  }
}

function textIn(fields: PushFields, name: string): string {
  const text = fields[name];
  return typeof text === 'string' ? text : '';
}

function mediumIn({ MediaId: mediaId }: PushFields): { readonly mediaId?: string } {
  return typeof mediaId === 'string' ? { mediaId } : {};
}
