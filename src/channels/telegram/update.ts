import type { Message } from '../../message.ts';
import {
  type Fields,
  fieldsOf,
  given,
  idOf,
  listOf,
  nameOf,
  numberOf,
  stringOf,
} from '../fields.ts';
import { type Address, addressOf } from './address.ts';
import { valueOf } from './keyboard.ts';

/** An update, normalised. */
export interface Update {
  readonly id: string;
  /** Absent where there is nothing for a dialogue in it: it is acknowledged. */
  readonly said?: { readonly address: Address; readonly message: Message };
  /** Of a button that was pressed: it shows that it waits until this query is answered. */
  readonly query?: string;
}

/**
 * Makes a message of an update. What is of a kind that is unknown becomes a `message.unknown` or `event.unknown` with
 * everything in `raw`; what comes of a bot, of nobody in particular (a post in a channel), or mends what was said
 * before has no message.
 * @returns undefined where it is no update
 */
export function toUpdate(body: unknown): Update | undefined {
  const update = fieldsOf(body);
  const id = idOf(update['update_id']);
  if (id === undefined) return undefined;
  const [kind, content] = Object.entries(update).find(([key]) => key !== 'update_id') ?? [''];
  const fields = fieldsOf(content);
  const user = fieldsOf(fields['from'] ?? fields['user']);
  const address = addressOf(user, kind === 'callback_query' ? fields['message'] : fields);
  if (address === undefined || user['is_bot'] === true || IGNORED.has(kind)) return { id };
  const message = toMessage(kind, fields);
  const query = kind === 'callback_query' ? nameOf(fields['id']) : undefined;
  return {
    id,
    ...(message && { said: { address, message: { ...message, raw: body } } }),
    ...(query !== undefined && { query }),
  };
}

/** Corrections of what has been answered already, and posts that nobody signed. */
const IGNORED: ReadonlySet<string> = new Set([
  'edited_message',
  'channel_post',
  'edited_channel_post',
  'edited_business_message',
]);

function toMessage(kind: string, fields: Fields): Message | undefined {
  switch (kind) {
    case 'message':
      return toUserMessage(fields);
    case 'callback_query':
      return toAction(fields);
    case 'my_chat_member':
      return toMembership(fields);
    default:
      return { type: 'event.unknown' };
  }
}

const START = /^\/start(?:@\w+)?(?:\s+(\S+))?\s*$/;

function toUserMessage(message: Fields): Message {
  const text = stringOf(message['text']);
  if (text !== undefined) {
    const start = START.exec(text);
    return start
      ? { type: 'event.follow', ...given({ key: start[1] }) }
      : { type: 'message.text', text };
  }
  for (const [kind, read] of Object.entries(KINDS)) {
    const found = message[kind] === undefined ? undefined : read(message[kind], message);
    if (found !== undefined) return found;
  }
  return { type: SERVICE.some((name) => name in message) ? 'event.unknown' : 'message.unknown' };
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

/** In this order: an animation is sent as a document as well, and a venue as a location. */
const KINDS: Readonly<Record<string, Reader>> = {
  // The same picture in several sizes, the largest last.
  photo: (sizes) => {
    const largest = fieldsOf(listOf(sizes).at(-1));
    return { type: 'message.image', ...given({ mediaId: nameOf(largest['file_id']) }) };
  },
  voice: (content) => {
    const { file_id: file, mime_type: format } = fieldsOf(content);
    return {
      type: 'message.voice',
      ...given({ mediaId: nameOf(file), format: nameOf(format) }),
    };
  },
  video: toVideo,
  video_note: toVideo,
  animation: toVideo,
  audio: toFile,
  document: toFile,
  location: toLocation,
};

/** What a message tells of the chat itself, said by nobody (https://core.telegram.org/bots/api#message). */
const SERVICE: readonly string[] = [
  ...['new_chat_members', 'left_chat_member', 'new_chat_title', 'new_chat_photo'],
  ...['delete_chat_photo', 'group_chat_created', 'supergroup_chat_created'],
  ...['channel_chat_created', 'message_auto_delete_timer_changed', 'migrate_to_chat_id'],
  ...['migrate_from_chat_id', 'pinned_message', 'successful_payment', 'refunded_payment'],
  ...['connected_website', 'write_access_allowed', 'proximity_alert_triggered', 'boost_added'],
  ...['chat_background_set', 'forum_topic_created', 'forum_topic_edited', 'forum_topic_closed'],
  ...['forum_topic_reopened', 'general_forum_topic_hidden', 'general_forum_topic_unhidden'],
  ...['video_chat_scheduled', 'video_chat_started', 'video_chat_ended'],
  ...['video_chat_participants_invited'],
];

function toAction(query: Fields): Message {
  const data = nameOf(query['data']);
  const pressed = data === undefined ? undefined : valueOf(data, query['message']);
  return pressed === undefined
    ? { type: 'message.unknown' }
    : { type: 'message.action', ...pressed };
}

const GONE: ReadonlySet<unknown> = new Set(['left', 'kicked']);

/** In a private chat, whoever takes the bot up again says `/start`: that is the `event.follow`. */
function toMembership(change: Fields): Message | undefined {
  const was = GONE.has(fieldsOf(change['old_chat_member'])['status']);
  const is = GONE.has(fieldsOf(change['new_chat_member'])['status']);
  if (is && !was) return { type: 'event.unfollow' };
  if (!was || is) return { type: 'event.unknown' };
  return fieldsOf(change['chat'])['type'] === 'private' ? undefined : { type: 'event.follow' };
}
