import type { Message } from '../../message.ts';
import { type Fields, fieldsOf, given, listOf, nameOf, stringOf } from '../../internal/fields.ts';
import type { Inbound } from '../reception.ts';
import { badBody } from '../json-body.ts';

/** The kinds of items (https://github.com/Tencent/openclaw-weixin#messageitem). */
const [TEXT, IMAGE, VOICE, FILE, VIDEO] = [1, 2, 3, 4, 5] as const;
/** The `message_type` of what a bot has said. */
const OF_BOT = 2;
/** What is longer is no token, and is not kept. */
const MAX_TOKEN_LENGTH = 4096;
const MAX_ID_LENGTH = 400;

/**
 * Makes a message of what a user has said to the bot.
 * @returns undefined for what a bot said, and for what was said in a group: iLink is for two
 * @throws MessageError `bad_body` where it is no message
 */
export function toInbound(update: unknown, prefix: string): Inbound | undefined {
  const fields = fieldsOf(update);
  const { message_type: type, group_id: group, context_token: token } = fields;
  const user = nameOf(fields['from_user_id']);
  if (type === OF_BOT || nameOf(group) !== undefined) return undefined;
  if (user === undefined || user.length > MAX_ID_LENGTH) throw badBody('a message of iLink');
  const replyToken = nameOf(token);
  const id = idOf(fields);
  return {
    openid: `${prefix}${user}`,
    message: { ...toContent(listOf(fields['item_list'])), from: { id: user }, raw: rawOf(fields) },
    ...given({ id }),
    ...(replyToken !== undefined && replyToken.length <= MAX_TOKEN_LENGTH && { replyToken }),
  };
}

/**
 * What no two messages of a user have in common. The `message_id` may be larger than what JavaScript holds exactly, so the number
 * in the conversation and the moment are part of it.
 */
function idOf({ message_id: id, seq, create_time_ms: at }: Fields): string | undefined {
  const parts = [id, seq, at].filter((each) => typeof each === 'number' || nameOf(each));
  const text = parts.join('.');
  return id === undefined || text === '' || text.length > MAX_ID_LENGTH ? undefined : text;
}

/** All that came, but what a program may answer with. */
function rawOf({ context_token: _token, ...fields }: Fields): Fields {
  return fields;
}

/** A message is one thing; texts beside it, as below a quoted message, are read as one. */
function toContent(items: readonly unknown[]): Message {
  const all = items.map(fieldsOf);
  const media = all.map(toMedia).find((each) => each !== undefined);
  if (media !== undefined) return media;
  const texts = all
    .filter(({ type }) => type === TEXT)
    .map((item) => stringOf(fieldsOf(item['text_item'])['text']) ?? '');
  return texts.length === 0
    ? { type: 'message.unknown' }
    : { type: 'message.text', text: texts.join('\n') };
}

function toMedia(item: Fields): Message | undefined {
  switch (item['type']) {
    case IMAGE:
      return { type: 'message.image', ...given({ mediaId: mediaOf(item['image_item']) }) };
    case VOICE: {
      const voice = fieldsOf(item['voice_item']);
      const format = FORMATS[Number(voice['encode_type'])];
      const transcript = nameOf(voice['text']);
      return { type: 'message.voice', ...given({ mediaId: mediaOf(voice), format, transcript }) };
    }
    case FILE: {
      const file = fieldsOf(item['file_item']);
      const size = Number(nameOf(file['len']) ?? Number.NaN);
      return {
        type: 'message.file',
        ...given({ name: nameOf(file['file_name']), mediaId: mediaOf(file) }),
        ...(Number.isSafeInteger(size) && size >= 0 && { size }),
      };
    }
    case VIDEO: {
      const { media, thumb_media: thumbnail } = fieldsOf(item['video_item']);
      const thumbnailId = mediaOf({ media: thumbnail });
      return { type: 'message.video', ...given({ mediaId: mediaOf({ media }), thumbnailId }) };
    }
    default:
      return undefined;
  }
}

/** The formats of a voice, by their numbers (`encode_type`). */
const FORMATS: readonly (string | undefined)[] = [
  undefined,
  ...['pcm', 'adpcm', 'feature', 'speex', 'amr', 'silk', 'mp3', 'ogg-speex'],
];

/** By what the CDN of iLink gives a file, encrypted. The key for it is in `raw`. */
function mediaOf(holder: unknown): string | undefined {
  return nameOf(fieldsOf(fieldsOf(holder)['media'])['encrypt_query_param']);
}
