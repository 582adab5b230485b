import { createHash } from 'node:crypto';
import type { EventMessage, Message } from '../../message.ts';
import { WECHAT_EVENTS, type EventKinds } from './events.ts';
import type { Inbound } from '../reception.ts';
import { given } from '../../internal/fields.ts';
import { type PushFields, badPush } from './parse.ts';

/** A push, normalised. */
export interface WechatPush extends Inbound {
  readonly id: string;
  /** The sender, as the platform calls them. */
  readonly user: string;
  /** The account it was sent to. */
  readonly account: string;
  /** Whether an answer is shown: not after an `unsubscribe`, and not where the platform reports what became of a job. */
  readonly answerable: boolean;
  /** Whether the user can be reached in no way any more. */
  readonly isGone: boolean;
  /** How many articles WeChat shows of an answer to it. */
  readonly maxArticles: number;
}

/**
 * Makes a message of the fields of a push. A kind that is unknown, or lacks what its message must have, becomes a
 * `message.unknown` or `event.unknown`, with everything in `raw`.
 * @param body what is hashed for an id where the fields give none
 * @param kinds what the platform's events are
 * @param prefix goes before the sender in the openid; without one, a sender with a colon could be another channel's user
 * @throws MessageError `bad_body` without a sender
 */
export function toPush(
  fields: PushFields,
  body: Uint8Array,
  prefix = '',
  kinds: EventKinds = WECHAT_EVENTS,
): WechatPush {
  const user = textOf(fields, 'FromUserName');
  if (!user) throw badPush('one non-empty FromUserName, which safe mode encrypts');
  if (prefix === '' && user.includes(':')) {
    throw badPush('a FromUserName without a colon, as no `prefix` keeps channels apart');
  }
  const isEvent = textOf(fields, 'MsgType') === 'event';
  const event = (textOf(fields, 'Event') ?? '').toLowerCase();
  const isGone = isEvent && event === 'unsubscribe';
  const message = isEvent ? toEvent(fields, event, kinds) : toUserMessage(fields);
  return {
    openid: prefix + user,
    user,
    message: { ...message, from: { id: user }, raw: fields },
    id: idOf(fields, isEvent, event, body),
    account: textOf(fields, 'ToUserName') ?? '',
    answerable: !isEvent || !(isGone || event.endsWith('jobfinish') || REPORTS.has(event)),
    isGone,
    maxArticles: isEvent ? 8 : 1,
  };
}

function toUserMessage(fields: PushFields): Message {
  const text = (name: string): string | undefined => textOf(fields, name);
  switch (text('MsgType')) {
    case 'text': {
      const content = text('Content');
      return content === undefined ? UNKNOWN : { type: 'message.text', text: content };
    }
    case 'image':
      return {
        type: 'message.image',
        ...given({ url: text('PicUrl'), mediaId: text('MediaId') }),
      };
    case 'voice':
      return {
        type: 'message.voice',
        ...given({
          mediaId: text('MediaId'),
          format: text('Format'),
          transcript: withoutStop(text('Recognition')),
        }),
      };
    case 'video':
    case 'shortvideo':
      return {
        type: 'message.video',
        ...given({ mediaId: text('MediaId'), thumbnailId: text('ThumbMediaId') }),
      };
    case 'file':
      return {
        type: 'message.file',
        ...given({
          name: text('Title'),
          mediaId: text('FileKey'),
          size: numberOf(fields, 'FileTotalLen'),
        }),
      };
    case 'location': {
      // WeChat's X is the latitude.
      const latitude = numberOf(fields, 'Location_X');
      const longitude = numberOf(fields, 'Location_Y');
      if (latitude === undefined || longitude === undefined) return UNKNOWN;
      return { type: 'message.location', latitude, longitude, ...given({ label: text('Label') }) };
    }
    case 'link': {
      const url = text('Url');
      if (url === undefined) return UNKNOWN;
      return {
        type: 'message.link',
        url,
        ...given({ title: text('Title'), description: text('Description') }),
      };
    }
    default:
      return UNKNOWN;
  }
}

const UNKNOWN: Message = { type: 'message.unknown' };

/** Who answers "Your name?" by voice says no full stop: the recognition puts it there. `？` and `！` mean something. */
function withoutStop(recognition: string | undefined): string | undefined {
  return recognition?.replace(/(?<![。．｡.…])[。．｡.，,、]\s*$/u, '') || undefined;
}

/** With what ends in `jobfinish`, the results of jobs that the account started: no user waits for an answer to them. */
const REPORTS: ReadonlySet<string> = new Set(['subscribe_msg_sent_event', 'wxa_media_check']);

function toEvent(fields: PushFields, event: string, kinds: EventKinds): Message {
  const key = textOf(fields, 'EventKey') || undefined;
  const kind = Object.hasOwn(kinds, event) ? kinds[event] : undefined;
  if (kind === 'action' && key !== undefined) return { type: 'message.action', value: key };
  if (kind === undefined || kind === 'action') {
    return { type: 'event.unknown', ...given({ key: event || undefined }) };
  }
  return { ...kind, ...given({ key: keyOf(fields, kind.type, event) }) };
}

function keyOf(fields: PushFields, type: EventMessage['type'], event: string): string | undefined {
  const key = textOf(fields, 'EventKey');
  if (type === 'event.delivery') return textOf(fields, 'Status') || undefined;
  return (event === 'subscribe' ? key?.replace(/^qrscene_/, '') : key) || undefined;
}

/**
 * WeChat numbers messages and some events. Other events are distinguished by sender, second, kind and key, and by all other
 * fields: a check of a picture has a `trace_id`, a card a `UserCardCode`. The same event is delivered again with the same
 * fields. The number stays a string: as a double it would equal its neighbours.
 */
function idOf(fields: PushFields, isEvent: boolean, event: string, body: Uint8Array): string {
  const account = textOf(fields, 'ToUserName') ?? '';
  const number = textOf(fields, 'MsgId') || textOf(fields, 'MsgID');
  if (number) return bounded(`${account}:m:${number}`);
  const createTime = textOf(fields, 'CreateTime');
  if (!isEvent || !createTime) return `${account}:d:${digest(body)}`;
  const parts = [
    textOf(fields, 'FromUserName'),
    createTime,
    event,
    textOf(fields, 'EventKey') ?? '',
  ];
  const others = Object.keys(fields).filter((name) =>
    IN_ID.has(name) ? typeof fields[name] !== 'string' : fields[name] !== '',
  );
  if (others.length > 0) {
    parts.push(digest(JSON.stringify(others.toSorted().map((name) => [name, fields[name]]))));
  }
  return bounded(`${account}:e:${parts.join(':')}`);
}

/** What is in an id as it is, and what is the same in all events. */
const IN_ID: ReadonlySet<string> = new Set([
  ...['ToUserName', 'FromUserName', 'CreateTime', 'MsgType', 'Event', 'EventKey'],
  ...['AgentID', 'Encrypt'],
]);

const MAX_ID_LENGTH = 512;

/** Ids are kept in the user's record, and an EventKey may be a URL of any length. */
function bounded(id: string): string {
  return id.length <= MAX_ID_LENGTH ? id : `d:${digest(id)}`;
}

function digest(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** The text of an element that is there once and holds no others. */
function textOf(fields: PushFields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' ? value : undefined;
}

function numberOf(fields: PushFields, name: string): number | undefined {
  const text = textOf(fields, name)?.trim() ?? '';
  return /^[+-]?\d{1,15}(\.\d{1,20})?$/.test(text) ? Number(text) : undefined;
}
