import { formatReply } from '../../format.ts';
import type { Article, Reply } from '../../reply.ts';
import type { ChannelLimits } from '../channel.ts';
import { type Fields, fieldsOf, given, nameOf } from '../../internal/fields.ts';
import { partsOf, visiblePartsOf, wellFormed } from '../text-parts.ts';
import type { TelegramPlace } from './address.ts';
import { asOwnButtons, toKeyboard } from './keyboard.ts';

/** A call of the Bot API, without where it goes. */
export interface BotCall {
  readonly method: string;
  readonly parameters: Fields;
}

/** 4096 characters after entities are parsed, which Telegram counts in UTF-16 units. */
export const TEXT_LIMIT = { max: 4096, unit: 'utf16' } as const satisfies ChannelLimits['text'];
/** The user sees it for five seconds, or until the bot says something (https://core.telegram.org/bots/api#sendchataction). */
export const TYPING: BotCall = { method: 'sendChatAction', parameters: { action: 'typing' } };
/** With each call the five seconds begin again; the way to Telegram takes a part of them. */
export const TYPING_MS = 4000;
/** The least time between two drafts: sooner, a busy bot meets the limits of Telegram. */
export const DRAFT_MS = 1000;
/** The method that changes a message. */
export const EDITING = 'editMessageText';
/** `<chat>:<number>`: what a press calls the message of its button. */
const MESSAGE_ID = /^(-?\d{1,20}):([1-9]\d{0,15})$/;
const CAPTION_LIMIT = { max: 1024, unit: 'utf16' } as const;

/**
 * The calls that say a reply, in their order: several where a text is long. In place of calls, why there are none, in
 * one word: `empty`, `not_supported`, `other_channel`, `bad_payload`.
 */
export function toCalls(reply: Reply): readonly BotCall[] | string {
  switch (reply.type) {
    case 'text':
      return textCalls(reply.text);
    case 'choices':
      // Telegram takes no buttons without a text.
      return textCalls(reply.text.trim() === '' ? formatReply(reply) : reply.text, {
        reply_markup: toKeyboard(reply),
      });
    case 'news':
      return textCalls(reply.articles.map(articleText).join('\n\n'));
    case 'image':
      return [call('sendPhoto', { photo: reply.mediaId ?? reply.url })];
    case 'voice':
      return [call('sendVoice', { voice: reply.mediaId ?? reply.url })];
    case 'video': {
      const { mediaId, url, title, description } = reply;
      return [call('sendVideo', { video: mediaId ?? url, ...caption(title, description) })];
    }
    case 'music': {
      const { url, title, description } = reply;
      return [call('sendAudio', { audio: url, ...given({ title }), ...caption(description) })];
    }
    case 'raw':
      return reply.channel === 'telegram' ? rawCalls(reply.payload) : 'other_channel';
    case 'handoff':
      return 'not_supported';
  }
}

/**
 * The call that puts a text, with its buttons or without any, in the place of a message of the bot
 * (https://core.telegram.org/bots/api#editmessagetext); undefined for what cannot stand there, and for a message of another
 * chat: each chat has its own numbers.
 */
export function editCall(
  reply: Reply,
  [first]: readonly BotCall[],
  { chat }: TelegramPlace,
): BotCall | undefined {
  const id = ('replaces' in reply && reply.replaces) || '';
  const [, inChat, message] = MESSAGE_ID.exec(id) ?? [];
  if (inChat !== chat || first?.method !== 'sendMessage') return undefined;
  return call(EDITING, { ...first.parameters, message_id: Number(message) });
}

/**
 * The call that shows a draft; undefined where there is nothing to see. Telegram takes it off when the bot says something, and
 * after 30 seconds (https://core.telegram.org/bots/api#sendmessagedraft). A user sees one draft at a time, so all have the
 * same number: the next one takes the place of what another process has shown.
 */
export function draftCall(text: string): BotCall | undefined {
  const part = visiblePartsOf(text, TEXT_LIMIT).at(-1);
  return part === undefined ? undefined : call('sendMessageDraft', { draft_id: 1, text: part });
}

export const KINDS: readonly Reply['type'][] = [
  ...(['text', 'choices', 'image', 'voice'] as const),
  ...(['video', 'music', 'news', 'raw'] as const),
];

function call(method: string, parameters: Fields): BotCall {
  return { method, parameters };
}

/** What belongs to the whole, as buttons do, goes with its last part. */
function textCalls(text: string, last: Fields = {}): readonly BotCall[] | string {
  const parts = visiblePartsOf(text, TEXT_LIMIT);
  if (parts.length === 0) return 'empty';
  return parts.map((part, index) =>
    call('sendMessage', { text: part, ...(index === parts.length - 1 && last) }),
  );
}

function articleText({ title, description, url }: Article): string {
  return linesOf(title, description, url);
}

function linesOf(...lines: readonly (string | undefined)[]): string {
  return lines.filter((line) => line).join('\n');
}

function caption(...lines: readonly (string | undefined)[]): Fields {
  const text = linesOf(...lines);
  return text === '' ? {} : { caption: partsOf(wellFormed(text), CAPTION_LIMIT)[0] };
}

/** `{ method: 'sendSticker', sticker: … }`: a call without its place, which is ours. */
function rawCalls(payload: unknown): readonly BotCall[] | string {
  const { method, chat_id: chat, ...parameters } = fieldsOf(payload);
  const name = nameOf(method);
  if (name === undefined || !/^send[A-Za-z]{1,40}$/.test(name)) return 'bad_payload';
  if (chat !== undefined) return 'bad_payload';
  const { reply_markup: markup } = parameters;
  return markup === undefined
    ? [call(name, parameters)]
    : [call(name, { ...parameters, reply_markup: asOwnButtons(markup) })];
}
