import type { EventMessage, Message, Person } from '../../message.ts';
import { type Fields, fieldsOf, given, idOf, listOf, nameOf } from '../../internal/fields.ts';
import { type TelegramPlace, isBot, placeAt, speakerOf, telegramPersonOf } from './address.ts';
import { toContent, toEvent } from './content.ts';

/** One thing that an update tells: what, where, and who said or did it. */
export interface TelegramInput {
  readonly place: TelegramPlace;
  readonly from?: Person | undefined;
  readonly message: Message;
  /** What counts once. Default: the update. */
  readonly id?: string;
  /** Tells it apart from what else the same update tells. */
  readonly part?: string;
}

function inputsOf(
  from: Person | undefined,
  where: unknown,
  message: Message | undefined,
): readonly TelegramInput[] {
  const place = placeAt(from?.id, where);
  return place === undefined || message === undefined ? [] : [{ place, from, message }];
}

/** The same of a user; other bots are none. */
function inputsOfUser(
  user: unknown,
  where: unknown,
  message: Message | undefined,
): readonly TelegramInput[] {
  return isBot(user) ? [] : inputsOf(telegramPersonOf(user), where, message);
}

/** The user that Telegram itself speaks as: it forwards the posts of a channel to its discussion group. */
const TELEGRAM = '777000';

/**
 * What a message tells.
 * @param username of this bot, where it is known
 */
export function inputsInMessage(
  message: Fields,
  username: string | undefined,
): readonly TelegramInput[] {
  if (message['is_automatic_forward'] === true) return [];
  // It is about the member; a bot may have let them in or out.
  if (message['new_chat_members'] !== undefined) {
    return listOf(message['new_chat_members'])
      .slice(0, MAX_MEMBERS)
      .flatMap((member) => inputsOfMember(member, message, 'event.join'));
  }
  if (message['left_chat_member'] !== undefined) {
    return inputsOfMember(message['left_chat_member'], message, 'event.leave');
  }
  const isSomebody = message['sender_chat'] !== undefined || !isBot(message['from']);
  const from = speakerOf(message);
  if (!isSomebody || from === undefined || from.id === TELEGRAM) return [];
  const heard = inputsOf(from, message, toContent(message, username));
  const album = nameOf(message['media_group_id']);
  return album === undefined || album.length > MAX_ALBUM_LENGTH
    ? heard
    : heard.flatMap((each) => albumPartOf(album, each));
}

const MAX_ALBUM_LENGTH = 128;

/** The maximum of new members in one update, each of which costs a turn. Telegram lets a person add far fewer at once. */
const MAX_MEMBERS = 100;

/**
 * A part of an album. Telegram delivers each part as a message, the next one of a chat when the last one is answered, so a bot
 * cannot wait for all of them before it answers the first. All of them have one id: the first that arrives is the message, and
 * the others are the same message again. As an event, each counts alone.
 */
function albumPartOf(album: string, heard: TelegramInput): readonly TelegramInput[] {
  const { message } = heard;
  switch (message.type) {
    case 'message.image':
    case 'message.video':
    case 'message.file':
      return [
        { ...heard, message: { ...message, albumId: album }, id: `album:${album}` },
        { ...heard, message: { type: 'event.album', key: album, part: message } },
      ];
    default:
      return [heard];
  }
}

/** A member who came or went. `my_chat_member` reports the bot itself; other bots are not users. */
function inputsOfMember(
  member: unknown,
  where: unknown,
  type: 'event.join' | 'event.leave',
): readonly TelegramInput[] {
  const from = telegramPersonOf(member);
  if (from === undefined || isBot(member)) return [];
  return inputsOf(from, where, { type, key: from.id }).map((heard) => ({
    ...heard,
    part: from.id,
  }));
}

/** Where a group that became a supergroup was before, and is now; the old chat tells it, and the new one, too. */
export function movedIn(
  message: Fields,
): { readonly from: string; readonly to: string } | undefined {
  const chat = idOf(fieldsOf(message['chat'])['id']);
  const from = idOf(message['migrate_from_chat_id']) ?? chat;
  const to = idOf(message['migrate_to_chat_id']) ?? chat;
  return from === undefined || to === undefined || from === to ? undefined : { from, to };
}

/** A group that moved, of which its new chat hears. Who upgraded it may be anonymous. */
export function inputsOfMove(message: Fields, to: string): readonly TelegramInput[] {
  const from = isBot(message['from']) ? undefined : telegramPersonOf(message['from']);
  const place: TelegramPlace = { chat: to, ...given({ user: from?.id }) };
  const kind = 'migrate_to_chat_id' in message ? 'migrate_to_chat_id' : 'migrate_from_chat_id';
  return [{ place, from, message: { type: 'event.unknown', key: kind } }];
}

/** What an update that is no message and no button reports: no user says any of it to the bot. */
export function inputsInEvent(kind: string, fields: Fields): readonly TelegramInput[] {
  switch (kind) {
    case 'my_chat_member':
      return inputsOfUser(fields['from'], fields, toMembership(fields));
    case 'chat_member':
      return inputsOfChange(fields);
    case 'chat_join_request':
      return inputsOfRequest(fields);
    case 'message_reaction': {
      const { user, actor_chat: actor } = fields;
      const from = speakerOf({ from: user, ...(actor !== undefined && { sender_chat: actor }) });
      return inputsOf(from, fields, toReaction(fields));
    }
    case 'message_reaction_count':
      return inputsOf(undefined, fields, { type: 'event.reaction' });
    default:
      return inputsOfUser(fields['from'] ?? fields['user'], fields, toEvent(kind, fields));
  }
}

/** The emoji that was put there; none where one was taken back. */
function toReaction({ old_reaction: old, new_reaction: now }: Fields): EventMessage {
  const [added] = listOf(now)
    .map(emojiOf)
    .filter((emoji) => emoji !== undefined && !listOf(old).map(emojiOf).includes(emoji));
  return { type: 'event.reaction', ...given({ key: added }) };
}

function emojiOf(reaction: unknown): string | undefined {
  const { emoji, custom_emoji_id: custom, type } = fieldsOf(reaction);
  return nameOf(emoji) ?? nameOf(custom) ?? nameOf(type);
}

/** Only the person's own chat may be written to, until they are let in. */
function inputsOfRequest(fields: Fields): readonly TelegramInput[] {
  const from = telegramPersonOf(fields['from']);
  if (from === undefined || isBot(fields['from'])) return [];
  const place = { chat: idOf(fields['user_chat_id']) ?? from.id, user: from.id };
  const chat = idOf(fieldsOf(fields['chat'])['id']);
  return [{ place, from, message: { type: 'event.request', ...given({ key: chat }) } }];
}

function isGone(member: unknown): boolean {
  const { status, is_member: isMember } = fieldsOf(member);
  return (
    status === 'left' || status === 'kicked' || (status === 'restricted' && isMember === false)
  );
}

function inputsOfChange(change: Fields): readonly TelegramInput[] {
  const { old_chat_member: before, new_chat_member: after } = change;
  const { user } = fieldsOf(after);
  const was = !isGone(before);
  const is = !isGone(after);
  if (was !== is) return inputsOfMember(user, change, is ? 'event.join' : 'event.leave');
  return inputsOfUser(user, change, { type: 'event.unknown', key: 'chat_member' });
}

/**
 * What became of the bot in a chat. In a private one, a person who takes the bot up again says `/start`: that is the
 * `event.follow`. In a group a member has added the bot, and said nothing to it.
 */
function toMembership(change: Fields): Message | undefined {
  const was = !isGone(change['old_chat_member']);
  const is = !isGone(change['new_chat_member']);
  if (was && !is) return { type: 'event.unfollow' };
  if (was || !is) return { type: 'event.unknown', key: 'my_chat_member' };
  return fieldsOf(change['chat'])['type'] === 'private'
    ? undefined
    : { type: 'event.follow', spoken: false };
}
