import type { Person } from '../../message.ts';
import { type Fields, fieldsOf, given, idOf, nameOf } from '../fields.ts';

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
