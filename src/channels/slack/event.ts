import type { Message } from '../../message.ts';
import type { Inbound } from '../channel.ts';
import { type Fields, fieldsOf, given, listOf, nameOf, numberOf, stringOf } from '../fields.ts';
import { addressOf, threadOf, toOpenid } from './address.ts';
import { fromMrkdwn } from './mrkdwn.ts';

/**
 * The messages of an event. None where nobody said anything: what bots post, this one among them, and what changes a
 * message that was said before. An event that is unknown is an `event.unknown` of the user it names.
 * @param callback the outer event, of the type `event_callback`
 */
export function messagesOf(prefix: string, callback: Fields): readonly Inbound[] {
  const event = fieldsOf(callback['event']);
  if (isOfBot(event, callback)) return [];
  const type = stringOf(event['type']);
  if (type === 'message' || type === 'app_mention') return saidIn(prefix, event, callback);
  const user = nameOf(event['user']) ?? nameOf(fieldsOf(event['user'])['id']);
  const address = addressOf({
    team: callback['team_id'],
    channel: type === 'app_home_opened' ? event['channel'] : undefined,
    user,
  });
  if (address === undefined) return [];
  return [
    {
      openid: toOpenid(prefix, address),
      message: {
        type: type === 'app_home_opened' ? 'event.enter' : 'event.unknown',
        raw: callback,
      },
      ...given({ id: nameOf(callback['event_id']) }),
    },
  ];
}

/** Kinds of messages that a user wrote; all others tell what was done to a channel or to a message. */
const WRITTEN: ReadonlySet<unknown> = new Set([
  undefined,
  'file_share',
  'me_message',
  'thread_broadcast',
]);

function isOfBot(event: Fields, callback: Fields): boolean {
  if (event['bot_id'] !== undefined || event['bot_profile'] !== undefined) return true;
  return event['user'] !== undefined && event['user'] === botOf(callback);
}

/** The user that the app itself is in this workspace. */
function botOf(callback: Fields): string | undefined {
  const bots = listOf(callback['authorizations']).map((each) => fieldsOf(each));
  return nameOf(bots.find((each) => each['is_bot'] === true)?.['user_id']);
}

/**
 * A message in a channel that mentions the app comes as a `message` and as an `app_mention`: both are the same, by the
 * place and the moment at which they were said, and become the same.
 */
function saidIn(prefix: string, event: Fields, callback: Fields): readonly Inbound[] {
  const { channel, ts, user, subtype } = event;
  if (!WRITTEN.has(subtype)) return [];
  const thread = threadOf(event, channel);
  const address = addressOf({ team: callback['team_id'], channel, user, thread });
  if (address === undefined || channel === undefined) return [];
  const openid = toOpenid(prefix, address);
  const id = nameOf(ts) ?? nameOf(callback['event_id']);
  const files = listOf(event['files']).map((file) => toFile(fieldsOf(file)));
  if (files.length === 0) {
    const text = withoutMention(stringOf(event['text']) ?? '', botOf(callback));
    const message: Message =
      text === '' && event['text'] !== ''
        ? { type: 'message.unknown', raw: callback }
        : { type: 'message.text', text, raw: callback };
    return [{ openid, message, ...given({ id }) }];
  }
  return files.map((file, index) => ({
    openid,
    message: { ...file, raw: callback },
    ...given({ id: id === undefined ? undefined : `${id}:${index}` }),
  }));
}

/** “@bot hello” is said to the bot, and it is `hello` that is said. */
function withoutMention(text: string, bot: string | undefined): string {
  const mention = bot === undefined ? undefined : `<@${bot}>`;
  const said =
    mention !== undefined && text.trimStart().startsWith(mention)
      ? text.trimStart().slice(mention.length).trimStart()
      : text;
  return fromMrkdwn(said);
}

function toFile(file: Fields): Message {
  const { id, mimetype, name, size, url_private: url } = file;
  const mediaId = nameOf(id);
  switch (stringOf(mimetype)?.split('/')[0]) {
    case 'image':
      return { type: 'message.image', ...given({ url: nameOf(url), mediaId }) };
    case 'audio':
      return { type: 'message.voice', ...given({ mediaId, format: nameOf(mimetype) }) };
    case 'video':
      return { type: 'message.video', ...given({ mediaId }) };
    default:
      return {
        type: 'message.file',
        ...given({ name: nameOf(name), mediaId, size: numberOf(size) }),
      };
  }
}
