import { type Fields, fieldsOf, idOf } from '../fields.ts';
import { unknownOpenid } from '../refusal.ts';

/** Where a conversation takes place. Two people in one chat have two conversations, and so has one in two topics of a forum. */
export interface Address {
  readonly chat: string;
  readonly thread?: string;
  readonly user: string;
}

/** `telegram:<bot>:<chat>:<user>`, with `.<thread>` behind the chat in a topic of a forum. */
export function toOpenid(prefix: string, { chat, thread, user }: Address): string {
  return `${prefix}${thread === undefined ? chat : `${chat}.${thread}`}:${user}`;
}

const REST = /^(-?\d+)(?:\.(\d+))?:(\d+)$/;

/** @throws DeliveryError `unknown_openid` */
export function toAddress(prefix: string, openid: string): Address {
  const [, chat, thread, user] =
    (openid.startsWith(prefix) && REST.exec(openid.slice(prefix.length))) || [];
  if (chat !== undefined && user !== undefined) {
    return { chat, user, ...(thread !== undefined && { thread }) };
  }
  throw unknownOpenid(openid, `${prefix}<chat>:<user>`);
}

/**
 * The conversation of a user in a chat. Where there is no chat, it is the private one, whose number is the user's.
 * @param message what says in which chat, and in which topic of it
 */
export function addressOf(user: unknown, message: unknown): Address | undefined {
  const { chat, message_thread_id: thread, is_topic_message: isTopic } = fieldsOf(message);
  const userId = idOf(fieldsOf(user)['id']);
  if (userId === undefined) return undefined;
  const topic = isTopic === true ? idOf(thread) : undefined;
  return {
    chat: idOf(fieldsOf(chat)['id']) ?? userId,
    user: userId,
    ...(topic !== undefined && { thread: topic }),
  };
}

/** The parameters of a call that say where it goes. */
export function placeOf({ chat, thread }: Address): Fields {
  return {
    chat_id: Number(chat),
    ...(thread !== undefined && { message_thread_id: Number(thread) }),
  };
}
