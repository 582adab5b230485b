import type {
  EventMessage,
  FileMessage,
  ImageMessage,
  Message,
  VideoMessage,
} from '../../message.ts';
import { share } from '../../internal/shared-data.ts';
import type { Inbound } from '../reception.ts';
import {
  type Fields,
  fieldsOf,
  given,
  listOf,
  nameOf,
  numberOf,
  stringOf,
} from '../../internal/fields.ts';
import { momentOf, toPlace, sharedChannelOf, threadOf } from './address.ts';
import { emojiIn } from './emoji.ts';
import { type SlackListener, inboundOf, slackPersonOf } from './inbound.ts';
import { MAX_TEXT, fromMrkdwn } from './mrkdwn.ts';

/**
 * The messages of an event. None for what no user said: posts of bots, this one among them, and changes of earlier messages.
 * An event that is unknown is an `event.unknown` of the user it names.
 * @param callback the outer event, of the type `event_callback`
 */
export function messagesOf(hearing: SlackListener, callback: Fields): readonly Inbound[] {
  const event = fieldsOf(callback['event']);
  if (isOfBot(event, callback)) return [];
  const type = stringOf(event['type']);
  return type === 'message' || type === 'app_mention'
    ? saidIn(hearing, event, callback)
    : happenedIn(hearing, event, callback);
}

/** Kinds of messages that a user wrote; all others tell what was done to a channel or to a message. */
const WRITTEN: ReadonlySet<unknown> = new Set([
  undefined,
  'file_share',
  'me_message',
  'thread_broadcast',
]);

/** Slack's own bot, which reminds and answers, has the same id in each workspace, and not always a `bot_id`. */
const SLACKBOT = 'USLACKBOT';

function isOfBot(event: Fields, callback: Fields): boolean {
  if (event['bot_id'] !== undefined || event['bot_profile'] !== undefined) return true;
  if (fieldsOf(event['user'])['is_bot'] === true) return true;
  const user = userOf(event);
  return user !== undefined && (user === SLACKBOT || user === botOf(callback));
}

/** The user that the app itself is in this workspace. */
function botOf(callback: Fields): string | undefined {
  const bots = listOf(callback['authorizations']).map((each) => fieldsOf(each));
  return nameOf(bots.find((each) => each['is_bot'] === true)?.['user_id']);
}

function userOf(event: Fields): string | undefined {
  return (
    nameOf(event['user']) ??
    nameOf(fieldsOf(event['user'])['id']) ??
    nameOf(event['user_id']) ??
    nameOf(fieldsOf(event['assistant_thread'])['user_id'])
  );
}

/**
 * The events that have a name of ours. By none of them a user speaks to the bot: `app_home_opened` comes each time that a user
 * opens the tab, also to answer a question.
 */
const NAMED: Readonly<Record<string, EventMessage['type']>> = {
  app_home_opened: 'event.enter',
  assistant_thread_started: 'event.enter',
  team_join: 'event.join',
  member_joined_channel: 'event.join',
  member_left_channel: 'event.leave',
  reaction_added: 'event.reaction',
  pin_added: 'event.pin',
};

function happenedIn(hearing: SlackListener, event: Fields, callback: Fields): readonly Inbound[] {
  const type = nameOf(event['type']);
  const place = toPlace({
    team: callback['team_id'],
    user: userOf(event),
    channel: channelOf(event),
    thread: threadOf(event),
  });
  if (place === undefined) return [];
  const named = type !== undefined && Object.hasOwn(NAMED, type) ? NAMED[type] : undefined;
  return [
    inboundOf(hearing, {
      place,
      from: slackPersonOf(place.user, event['user'], event['user_profile']),
      message: {
        type: named ?? 'event.unknown',
        ...given({ key: named === undefined ? type : nameOf(event['reaction'] ?? event['tab']) }),
        spoken: false,
        raw: callback,
      },
      id: nameOf(callback['event_id']),
    }),
  ];
}

/** The channel that an event is about, wherever it names it. Undefined for what happened in none. */
function channelOf(event: Fields): string | undefined {
  return (
    nameOf(event['channel']) ??
    nameOf(fieldsOf(event['channel'])['id']) ??
    nameOf(event['channel_id']) ??
    nameOf(fieldsOf(event['item'])['channel']) ??
    nameOf(fieldsOf(event['assistant_thread'])['channel_id'])
  );
}

/**
 * A message in a channel that mentions the app comes as a `message` and as an `app_mention`: both are the same, by the
 * place and the moment at which they were said, and become the same.
 */
function saidIn(hearing: SlackListener, event: Fields, callback: Fields): readonly Inbound[] {
  const { channel, ts, user, subtype } = event;
  if (!WRITTEN.has(subtype) || event['hidden'] === true || channel === undefined) return [];
  const thread = threadOf(event);
  const place = toPlace({
    team: callback['team_id'],
    user,
    channel,
    thread,
    begins: thread ?? momentOf(ts),
  });
  if (place === undefined) return [];
  const from = slackPersonOf(place.user, event['user_profile']);
  // Slack tells an app of no other direct messages than its own.
  const home = sharedChannelOf(place) === undefined ? place.channel : undefined;
  const common = { place, from, home };
  const id = nameOf(ts) ?? nameOf(callback['event_id']);
  const files = listOf(event['files'])
    .slice(0, MAX_FILES)
    .map((file) => fieldsOf(file));
  if (files.length === 0) {
    const message = { ...toText(event, botOf(callback)), raw: callback };
    return [inboundOf(hearing, { ...common, message, id })];
  }
  const raw = files.length > 1 ? share(callback) : callback;
  return partsOf(files, id).map((part) =>
    inboundOf(hearing, { ...common, message: { ...part.message, raw }, id: part.id }),
  );
}

/** The maximum of files of one message, each of which costs a turn. Slack lets a person send a fraction of that. */
const MAX_FILES = 50;

/**
 * The files of one message are one answer: the first of them. Each of several, the first one too, also comes as an
 * `event.album`.
 */
function partsOf(
  files: readonly Fields[],
  id: string | undefined,
): readonly { readonly message: Message; readonly id: string | undefined }[] {
  const idOf = (part: string): string | undefined =>
    id === undefined ? undefined : `${id}:${part}`;
  if (files.length === 1) return files.map((file) => ({ message: toFile(file), id: idOf('0') }));
  const albumId = id ?? '';
  const parts = files.map((each) => ({ ...toPart(each), albumId }));
  return [
    ...parts.slice(0, 1).map((message) => ({ message, id: idOf('0') })),
    ...parts.map((part, index) => ({
      message: { type: 'event.album', key: albumId, part } as const,
      id: idOf(`album:${index}`),
    })),
  ];
}

/** A message of nothing but a mention calls the bot, and says nothing. */
function toText(event: Fields, bot: string | undefined): Message {
  const written = stringOf(event['text']) ?? '';
  if (written.length > MAX_TEXT) return { type: 'message.text', text: written };
  const text = fromMrkdwn(withoutMention(written, bot), emojiIn(event['blocks']));
  return text === '' && event['text'] !== ''
    ? { type: 'message.unknown' }
    : { type: 'message.text', text };
}

/** What stands between a mention and what is said. A colon with something right behind it begins an emoji: `:-1:`. */
const ADDRESSING = /^(?:[,，：]|:(?=\s))/;

/** “@bot hello”, “@bot, hello” and “hello @bot” are said to the bot, and it is `hello` that is said. */
function withoutMention(text: string, bot: string | undefined): string {
  const mention = `<@${bot}>`;
  if (bot === undefined || !text.includes(mention)) return text;
  let said = text.trim();
  while (said.startsWith(mention)) {
    said = said.slice(mention.length).trimStart().replace(ADDRESSING, '').trimStart();
  }
  while (said.endsWith(mention)) said = said.slice(0, -mention.length).trimEnd();
  return said;
}

function toFile(file: Fields): Message {
  const { id, mimetype } = file;
  return stringOf(mimetype)?.startsWith('audio/') === true
    ? { type: 'message.voice', ...given({ mediaId: nameOf(id), format: nameOf(mimetype) }) }
    : toPart(file);
}

/** A file as one of several: what was recorded is no voice then. */
function toPart(file: Fields): ImageMessage | VideoMessage | FileMessage {
  const { id, mimetype, name, size, url_private: url } = file;
  const mediaId = nameOf(id);
  switch (stringOf(mimetype)?.split('/')[0]) {
    case 'image':
      return { type: 'message.image', ...given({ url: nameOf(url), mediaId }) };
    case 'video':
      return { type: 'message.video', ...given({ mediaId }) };
    default:
      return {
        type: 'message.file',
        ...given({ name: nameOf(name), mediaId, size: numberOf(size) }),
      };
  }
}
