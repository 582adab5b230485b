import type { EventMessage, Message } from '../../message.ts';
import {
  type Fields,
  fieldsOf,
  given,
  idOf,
  listOf,
  nameOf,
  numberOf,
  stringOf,
} from '../../internal/fields.ts';
import { unaddressed } from './addressing.ts';

/** What a message of Telegram holds (https://core.telegram.org/bots/api#message). */

const START = /^\/start(?:\s+(\S+))?\s*$/;

/**
 * What a user sent, or what the chat reports in the form of a message.
 * @param username of this bot, where it is known
 * @returns undefined for a command to another bot
 */
export function toContent(message: Fields, username: string | undefined): Message | undefined {
  const text = stringOf(message['text']);
  if (text !== undefined) return toText(text, username);
  for (const [kind, read] of Object.entries(KINDS)) {
    const found = message[kind] === undefined ? undefined : read(message[kind], message);
    if (found !== undefined) return found;
  }
  const service = SERVICE.find((name) => name in message);
  return service === undefined
    ? { type: 'message.unknown' }
    : toEvent(service, fieldsOf(message[service]));
}

function toText(said: string, username: string | undefined): Message | undefined {
  const text = unaddressed(said, username);
  if (text === undefined) return undefined;
  const start = START.exec(text);
  return start
    ? { type: 'event.follow', ...given({ key: start[1] }) }
    : { type: 'message.text', text };
}

type Reader = (content: unknown, message: Fields) => Message | undefined;

const toVideo: Reader = (content) => {
  const { file_id: file, thumbnail } = fieldsOf(content);
  return {
    type: 'message.video',
    ...given({ mediaId: nameOf(file), thumbnailId: nameOf(fieldsOf(thumbnail)['file_id']) }),
  };
};

const toFile: Reader = (content) => {
  const { file_id: file, file_name: name, file_size: size } = fieldsOf(content);
  return {
    type: 'message.file',
    ...given({ name: nameOf(name), mediaId: nameOf(file), size: numberOf(size) }),
  };
};

const toLocation: Reader = (content, message) => {
  const latitude = numberOf(fieldsOf(content)['latitude']);
  const longitude = numberOf(fieldsOf(content)['longitude']);
  if (latitude === undefined || longitude === undefined) return undefined;
  const { title, address } = fieldsOf(message['venue']);
  const label = [nameOf(title), nameOf(address)].filter((each) => each !== undefined).join(', ');
  return { type: 'message.location', latitude, longitude, ...given({ label: nameOf(label) }) };
};

/** In this order: an animation is sent as a document as well, a venue as a location, and a live photo as a photo. */
const KINDS: Readonly<Record<string, Reader>> = {
  // The same picture in several sizes, the largest last.
  photo: (sizes) => {
    const largest = fieldsOf(listOf(sizes).at(-1));
    return { type: 'message.image', ...given({ mediaId: nameOf(largest['file_id']) }) };
  },
  voice: (content) => {
    const { file_id: file, mime_type: format } = fieldsOf(content);
    return { type: 'message.voice', ...given({ mediaId: nameOf(file), format: nameOf(format) }) };
  },
  video: toVideo,
  video_note: toVideo,
  animation: toVideo,
  audio: toFile,
  document: toFile,
  location: toLocation,
  // No text: who answers "Your name?" with a sticker has not said one.
  sticker: (content) => ({
    type: 'message.unknown',
    ...given({ emoji: nameOf(fieldsOf(content)['emoji']) }),
  }),
};

/**
 * What a message reports of the chat itself, or of a payment: no user says it. Everything else without a kind of ours is sent by a person: a contact, a dice, a game, a story, data of a web app, users and chats that were
 * chosen for the bot.
 */
export const SERVICE: readonly string[] = [
  ...['pinned_message', 'successful_payment', 'refunded_payment'],
  ...['new_chat_members', 'left_chat_member', 'chat_owner_left', 'chat_owner_changed'],
  ...['new_chat_title', 'new_chat_photo', 'delete_chat_photo', 'chat_background_set'],
  ...['group_chat_created', 'supergroup_chat_created', 'channel_chat_created'],
  ...['migrate_to_chat_id', 'migrate_from_chat_id', 'message_auto_delete_timer_changed'],
  ...['connected_website', 'write_access_allowed', 'proximity_alert_triggered', 'boost_added'],
  ...['checklist_tasks_done', 'checklist_tasks_added', 'poll_option_added', 'poll_option_deleted'],
  ...['forum_topic_created', 'forum_topic_edited', 'forum_topic_closed', 'forum_topic_reopened'],
  ...['general_forum_topic_hidden', 'general_forum_topic_unhidden'],
  ...['giveaway_created', 'giveaway', 'giveaway_winners', 'giveaway_completed'],
  ...['gift', 'gift_upgrade_sent', 'unique_gift', 'managed_bot_created'],
  ...['paid_message_price_changed', 'direct_message_price_changed'],
  ...['suggested_post_approved', 'suggested_post_approval_failed', 'suggested_post_declined'],
  ...['suggested_post_paid', 'suggested_post_refunded'],
  ...['community_chat_added', 'community_chat_joined', 'community_chat_removed'],
  ...['video_chat_scheduled', 'video_chat_started', 'video_chat_ended'],
  ...['video_chat_participants_invited'],
];

/** The events that have a name of ours, and the field with their key. */
const EVENTS: ReadonlyMap<string, readonly [type: EventMessage['type'], field: string]> = new Map([
  ['pinned_message', ['event.pin', 'message_id']],
  ['successful_payment', ['event.payment', 'invoice_payload']],
  ['purchased_paid_media', ['event.payment', 'paid_media_payload']],
  ['poll_answer', ['event.poll', 'poll_id']],
]);

export function toEvent(kind: string, about: Fields): EventMessage {
  const [type, field = ''] = EVENTS.get(kind) ?? [];
  if (type === undefined) return { type: 'event.unknown', key: kind };
  return { type, ...given({ key: nameOf(about[field]) ?? idOf(about[field]) }) };
}
