import { createHash } from 'node:crypto';
import type { EventMessage, Message } from '../../message.ts';
import type { Inbound } from '../channel.ts';
import { given } from '../fields.ts';
import { type Fields, badBody } from './parse.ts';

/** A push, normalised. */
export interface Push extends Inbound {
  readonly id: string;
  /** The sender, as the platform calls them. */
  readonly user: string;
  /** The account it was sent to. */
  readonly account: string;
  /** Whether somebody is there to read an answer: not after an `unsubscribe`, and not when a job reports its end. */
  readonly answerable: boolean;
  /** How many articles WeChat shows of an answer to it. */
  readonly maxArticles: number;
}

/**
 * Makes a message of the fields of a push. A kind that is unknown, or lacks what its message must have, becomes a
 * `message.unknown` or `event.unknown`, with everything in `raw`.
 * @param body what is hashed for an id where the fields give none
 * @param prefix goes before the sender in the openid; without one, a sender with a colon could be another channel's user
 * @throws MessageError `bad_body` without a sender
 */
export function toPush(fields: Fields, body: Uint8Array, prefix = ''): Push {
  const user = textOf(fields, 'FromUserName');
  if (!user) throw badBody('one non-empty FromUserName, which safe mode encrypts');
  if (prefix === '' && user.includes(':')) {
    throw badBody('a FromUserName without a colon, as no `prefix` keeps channels apart');
  }
  const isEvent = textOf(fields, 'MsgType') === 'event';
  const event = (textOf(fields, 'Event') ?? '').toLowerCase();
  const message = isEvent ? toEvent(fields, event) : toUserMessage(fields);
  return {
    openid: prefix + user,
    user,
    message: { ...message, raw: fields },
    id: idOf(fields, isEvent, event, body),
    account: textOf(fields, 'ToUserName') ?? '',
    answerable: !(isEvent && (event === 'unsubscribe' || event.endsWith('jobfinish'))),
    maxArticles: isEvent ? 8 : 1,
  };
}

function toUserMessage(fields: Fields): Message {
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
          transcript: text('Recognition'),
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

const EVENT_TYPES: Readonly<Record<string, EventMessage['type']>> = {
  subscribe: 'event.follow',
  unsubscribe: 'event.unfollow',
  scan: 'event.scan',
  view: 'event.view',
  view_miniprogram: 'event.view',
  location: 'event.location',
  scancode_push: 'event.menu',
  scancode_waitmsg: 'event.menu',
  pic_sysphoto: 'event.menu',
  pic_photo_or_album: 'event.menu',
  pic_weixin: 'event.menu',
  location_select: 'event.menu',
  enter_agent: 'event.enter',
  user_enter_tempsession: 'event.enter',
};

function toEvent(fields: Fields, event: string): Message {
  const key = textOf(fields, 'EventKey');
  if (event === 'click' && key) return { type: 'message.action', value: key };
  const type = Object.hasOwn(EVENT_TYPES, event) ? EVENT_TYPES[event] : undefined;
  const scene = event === 'subscribe' ? key?.replace(/^qrscene_/, '') : key;
  return { type: type ?? 'event.unknown', ...given({ key: scene || undefined }) };
}

/**
 * WeChat numbers messages and some events; other events are told apart by sender, second, kind and key. The number
 * stays a string: as a double it would equal its neighbours.
 */
function idOf(fields: Fields, isEvent: boolean, event: string, body: Uint8Array): string {
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
  const ticket = textOf(fields, 'Ticket');
  return bounded(`${account}:e:${[...parts, ...(ticket ? [ticket] : [])].join(':')}`);
}

const MAX_ID_LENGTH = 512;

/** Ids are kept in the user's record, and an EventKey may be a URL of any length. */
function bounded(id: string): string {
  return id.length <= MAX_ID_LENGTH ? id : `d:${digest(id)}`;
}

function digest(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** The text of an element that is there once and holds no others. */
function textOf(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' ? value : undefined;
}

function numberOf(fields: Fields, name: string): number | undefined {
  const text = textOf(fields, name)?.trim() ?? '';
  return /^[+-]?\d{1,15}(\.\d{1,20})?$/.test(text) ? Number(text) : undefined;
}
