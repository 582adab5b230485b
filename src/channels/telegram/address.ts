import type { Person } from '../../message.ts';
import { type Fields, fieldsOf, given, idOf, nameOf } from '../../internal/fields.ts';
import type { Scope } from '../fresh.ts';
import { unknownOpenid } from '../refusal.ts';

/** Where something was said, in a topic or not, and who said it. A conversation with a `user` is that person's alone. */
export interface TelegramPlace {
  readonly chat: string;
  readonly thread?: string;
  readonly user?: string;
}

/**
 * `telegram:<bot>:<chat>:<user>`, with `.<thread>` behind the chat in a topic of a forum, and without the user where the
 * conversation belongs to everybody there.
 */
export function toOpenid(prefix: string, { chat, thread, user }: TelegramPlace): string {
  const where = thread === undefined ? chat : `${chat}.${thread}`;
  return user === undefined ? prefix + where : `${prefix}${where}:${user}`;
}

/** A person is positive; the chat that an anonymous administrator speaks as is negative. */
const REST = /^(-?\d+)(?:\.(\d+))?(?::(-?\d+))?$/;

/** @throws DeliveryError `unknown_openid` */
export function toAddress(prefix: string, openid: string): TelegramPlace {
  const [, chat, thread, user] =
    (openid.startsWith(prefix) && REST.exec(openid.slice(prefix.length))) || [];
  if (chat !== undefined) return { chat, ...given({ thread, user }) };
  throw unknownOpenid(openid, `${prefix}<chat>:<user> or ${prefix}<chat>`);
}

/** Whether a place is the chat of one person with the bot: its number is theirs, and those of groups are negative. */
export function isPrivate({ chat }: TelegramPlace): boolean {
  return !chat.startsWith('-');
}

/** The conversation that something said at a place belongs to; undefined where its user is not known. */
export function conversationAt(scope: Scope, place: TelegramPlace): TelegramPlace | undefined {
  const { chat, thread, user } = place;
  if (scope === 'chat') return { chat };
  if (scope === 'thread') return { chat, ...given({ thread }) };
  return user === undefined ? undefined : { chat, user, ...given({ thread }) };
}

/**
 * The place of what a user said or did. Without a chat, it is the private one, whose number is the user's.
 * @param user the number of who did it, where that is known
 * @param message what says in which chat, and in which topic of it
 */
export function placeAt(user: string | undefined, message: unknown): TelegramPlace | undefined {
  const { chat, message_thread_id: thread, is_topic_message: isTopic } = fieldsOf(message);
  const chatId = idOf(fieldsOf(chat)['id']) ?? user;
  if (chatId === undefined) return undefined;
  const topic = isTopic === true ? idOf(thread) : undefined;
  return { chat: chatId, ...given({ thread: topic, user }) };
}

/** The parameters of a call that say where it goes. */
export function destinationOf({ chat, thread }: TelegramPlace): Fields {
  return {
    chat_id: Number(chat),
    ...(thread !== undefined && { message_thread_id: Number(thread) }),
  };
}

/** A user as Telegram describes one (https://core.telegram.org/bots/api#user). */
export function telegramPersonOf(user: unknown): Person | undefined {
  const { id, first_name: first, last_name: last, username } = fieldsOf(user);
  const number = idOf(id);
  if (number === undefined) return undefined;
  const names = [nameOf(first), nameOf(last)].filter((each) => each !== undefined);
  return { id: number, ...given({ name: nameOf(names.join(' ')) ?? nameOf(username) }) };
}

/**
 * Who said a message. A member may speak as the group, as an anonymous administrator does, or as a channel of theirs:
 * then the message names that chat, and in the place of the person a bot of Telegram's own.
 */
export function speakerOf(message: Fields): Person | undefined {
  if (message['sender_chat'] === undefined) return telegramPersonOf(message['from']);
  const { id, title } = fieldsOf(message['sender_chat']);
  const number = idOf(id);
  return number === undefined ? undefined : { id: number, ...given({ name: nameOf(title) }) };
}

export function isBot(user: unknown): boolean {
  return fieldsOf(user)['is_bot'] === true;
}
