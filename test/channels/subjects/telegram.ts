import { telegram } from 'colloquy/channels/telegram';
import type { ChannelPayload, ChannelSubject } from 'colloquy/testing';

export const TOKEN = '7000000001:AAcanary-telegram-token';
export const SECRET = 'canary-telegram-secret';

const ann = { id: 101, is_bot: false, first_name: 'Ann' };
const bob = { id: 102, is_bot: false, first_name: 'Bob', last_name: 'Roy', username: 'bobby' };
const direct = { id: 101, type: 'private', first_name: 'Ann' };
const group = { id: -1001234567890, type: 'supergroup', title: 'Us' };

const body = (update: object): string => JSON.stringify(update);
const message = (
  id: number,
  content: object,
  { from = ann, chat = direct as object } = {},
): string =>
  body({ update_id: id, message: { message_id: id, date: 1_700_000_000, from, chat, ...content } });

/** A keyboard as it comes back, of a message that a bot sent. */
const keyboard = (data: string, text: string): object => ({
  inline_keyboard: [[{ text, callback_data: data }]],
});

/** Updates as https://core.telegram.org/bots/api#update describes them, with what each becomes. */
export const payloads: readonly ChannelPayload[] = [
  {
    name: 'a text',
    user: 'ann',
    body: message(1, { text: 'Hello 👋🏽 <b>&amp;' }),
    gives: [{ type: 'message.text', text: 'Hello 👋🏽 <b>&amp;' }],
    from: { id: '101', name: 'Ann' },
    spoken: true,
  },
  {
    name: 'a start',
    user: 'ann',
    body: message(2, { text: '/start', entities: [{ type: 'bot_command', offset: 0, length: 6 }] }),
    gives: [{ type: 'event.follow', key: undefined }],
    spoken: true,
  },
  {
    name: 'a deep link',
    user: 'ann',
    body: message(3, { text: '/start campaign_7' }),
    gives: [{ type: 'event.follow', key: 'campaign_7' }],
  },
  {
    name: 'what only begins like a start',
    user: 'ann',
    body: message(4, { text: '/startle me' }),
    gives: [{ type: 'message.text', text: '/startle me' }],
  },
  {
    name: 'a photo',
    user: 'ann',
    body: message(5, {
      photo: [
        { file_id: 'small', file_unique_id: 's', width: 90, height: 67 },
        { file_id: 'large', file_unique_id: 'l', width: 1280, height: 960 },
      ],
      caption: 'look',
    }),
    gives: [{ type: 'message.image', mediaId: 'large' }],
  },
  {
    name: 'a voice',
    user: 'ann',
    body: message(6, { voice: { file_id: 'v', duration: 3, mime_type: 'audio/ogg' } }),
    gives: [{ type: 'message.voice', mediaId: 'v', format: 'audio/ogg' }],
  },
  {
    name: 'a video',
    user: 'ann',
    body: message(7, { video: { file_id: 'f', thumbnail: { file_id: 't' } } }),
    gives: [{ type: 'message.video', mediaId: 'f', thumbnailId: 't' }],
  },
  {
    name: 'a round video',
    user: 'ann',
    body: message(8, { video_note: { file_id: 'n' } }),
    gives: [{ type: 'message.video', mediaId: 'n' }],
  },
  {
    name: 'an animation, which is a document as well',
    user: 'ann',
    body: message(9, { animation: { file_id: 'g' }, document: { file_id: 'g' } }),
    gives: [{ type: 'message.video', mediaId: 'g' }],
  },
  {
    name: 'a document',
    user: 'ann',
    body: message(10, { document: { file_id: 'd', file_name: 'a.pdf', file_size: 12 } }),
    gives: [{ type: 'message.file', mediaId: 'd', name: 'a.pdf', size: 12 }],
  },
  {
    name: 'a piece of music',
    user: 'ann',
    body: message(11, { audio: { file_id: 'a', file_name: 'a.mp3' } }),
    gives: [{ type: 'message.file', mediaId: 'a', name: 'a.mp3' }],
  },
  {
    name: 'a location',
    user: 'ann',
    body: message(12, { location: { latitude: 52.52, longitude: 13.405 } }),
    gives: [{ type: 'message.location', latitude: 52.52, longitude: 13.405, label: undefined }],
  },
  {
    name: 'a venue, which is a location as well',
    user: 'ann',
    body: message(13, {
      location: { latitude: 1, longitude: -2 },
      venue: { title: 'Café', address: 'Main St 1' },
    }),
    gives: [{ type: 'message.location', latitude: 1, longitude: -2, label: 'Café, Main St 1' }],
  },
  {
    name: 'a contact',
    user: 'ann',
    body: message(14, { contact: { phone_number: '+4912345', first_name: 'Eve' } }),
    gives: [{ type: 'message.unknown' }],
  },
  {
    name: 'a sticker',
    user: 'ann',
    body: message(15, { sticker: { file_id: 's', emoji: '👍' } }),
    gives: [{ type: 'message.unknown', emoji: '👍' }],
  },
  {
    name: 'a kind of the future',
    user: 'ann',
    body: message(16, { hologram: { file_id: 'h' } }),
    gives: [{ type: 'message.unknown' }],
  },
  {
    name: 'a button',
    user: 'ann',
    body: body({
      update_id: 17,
      callback_query: {
        id: '4382',
        from: ann,
        chat_instance: 'c',
        data: 'tea',
        message: { message_id: 9, date: 1, chat: direct, reply_markup: keyboard('tea', 'Tea 🍵') },
      },
    }),
    gives: [{ type: 'message.action', value: 'tea', label: 'Tea 🍵' }],
  },
  {
    name: 'a button under a message that is too old to be shown',
    user: 'ann',
    body: body({
      update_id: 18,
      callback_query: {
        id: '4383',
        from: ann,
        data: 'tea',
        message: { message_id: 1, date: 0, chat: direct },
      },
    }),
    gives: [{ type: 'message.action', value: 'tea', label: undefined }],
  },
  {
    name: 'a button under a message of an inline query',
    user: 'ann',
    body: body({
      update_id: 19,
      callback_query: { id: '1', from: ann, inline_message_id: 'i', data: 'x' },
    }),
    gives: [{ type: 'message.action', value: 'x' }],
  },
  {
    name: 'a block by the user',
    user: 'ann',
    body: body({
      update_id: 20,
      my_chat_member: {
        chat: direct,
        from: ann,
        old_chat_member: { status: 'member' },
        new_chat_member: { status: 'kicked', until_date: 0 },
      },
    }),
    gives: [{ type: 'event.unfollow' }],
    spoken: false,
  },
  {
    name: 'a text in a group',
    user: 'bob in the group',
    body: message(21, { text: 'hi' }, { from: bob, chat: group }),
    gives: [{ type: 'message.text', text: 'hi' }],
    from: { id: '102', name: 'Bob Roy' },
  },
  {
    name: 'a text of another in the same group',
    user: 'ann in the group',
    body: message(22, { text: 'hi' }, { from: ann, chat: group }),
    gives: [{ type: 'message.text', text: 'hi' }],
  },
  {
    name: 'a text in a topic of the same group',
    user: 'bob in a topic',
    body: message(
      23,
      { text: 'hi', message_thread_id: 7, is_topic_message: true },
      { from: bob, chat: group },
    ),
    gives: [{ type: 'message.text', text: 'hi' }],
  },
  {
    name: 'an answer to a message in the same group, which is no topic',
    user: 'bob in the group',
    body: message(24, { text: 'yes', message_thread_id: 7 }, { from: bob, chat: group }),
    gives: [{ type: 'message.text', text: 'yes' }],
  },
  {
    name: 'a bot that is taken into a group',
    user: 'bob in the group',
    body: body({
      update_id: 25,
      my_chat_member: {
        chat: group,
        from: bob,
        old_chat_member: { status: 'left' },
        new_chat_member: { status: 'administrator' },
      },
    }),
    gives: [{ type: 'event.follow' }],
    spoken: false,
  },
  {
    name: 'a new right in a group',
    user: 'bob in the group',
    body: body({
      update_id: 26,
      my_chat_member: {
        chat: group,
        from: bob,
        old_chat_member: { status: 'member' },
        new_chat_member: { status: 'administrator' },
      },
    }),
    gives: [{ type: 'event.unknown' }],
  },
  {
    name: 'a user that another user lets into a group',
    user: 'ann in the group',
    body: message(27, { new_chat_members: [ann] }, { from: bob, chat: group }),
    gives: [{ type: 'event.join', key: '101' }],
    spoken: false,
  },
  {
    name: 'an update of the future',
    user: 'ann',
    body: body({ update_id: 28, telepathy: { from: ann, thought: 'x' } }),
    gives: [{ type: 'event.unknown' }],
  },
  {
    name: 'a message of a bot',
    body: message(29, { text: 'hi' }, { from: { ...bob, is_bot: true }, chat: group }),
    gives: 'nothing',
  },
  {
    name: 'an edited message',
    body: body({
      update_id: 30,
      edited_message: { message_id: 1, from: ann, chat: direct, text: 'x' },
    }),
    gives: 'nothing',
  },
  {
    name: 'a post in a channel',
    body: body({
      update_id: 31,
      channel_post: { message_id: 1, chat: { id: -100, type: 'channel' }, text: 'x' },
    }),
    gives: 'nothing',
  },
  {
    name: 'a user who takes the bot up again, and says /start next',
    body: body({
      update_id: 32,
      my_chat_member: {
        chat: direct,
        from: ann,
        old_chat_member: { status: 'kicked' },
        new_chat_member: { status: 'member' },
      },
    }),
    gives: 'nothing',
  },
  {
    name: 'a command to this bot, in a group',
    user: 'bob in the group',
    body: message(34, { text: '/cancel@PizzaBot' }, { from: bob, chat: group }),
    gives: [{ type: 'message.text', text: '/cancel' }],
  },
  {
    name: 'a command to another bot',
    body: message(35, { text: '/cancel@TeaBot' }, { from: bob, chat: group }),
    gives: 'nothing',
    isForAnother: true,
  },
  {
    name: 'a part of an album',
    user: 'ann',
    body: message(36, { photo: [{ file_id: 'p1' }], media_group_id: '77' }),
    gives: [
      { type: 'message.image', mediaId: 'p1', albumId: '77' },
      { type: 'event.album', key: '77', part: { type: 'message.image', mediaId: 'p1' } },
    ],
  },
  {
    name: 'an anonymous administrator',
    user: 'the group itself',
    body: message(
      37,
      { text: 'hi', sender_chat: group },
      { from: { id: 1087968824, is_bot: true, first_name: 'Group' } as never, chat: group },
    ),
    gives: [{ type: 'message.text', text: 'hi' }],
    from: { id: '-1001234567890', name: 'Us' },
  },
  {
    name: 'a poll without a sender',
    body: body({ update_id: 33, poll: { id: '1' } }),
    gives: 'nothing',
  },
];

const fault = (status: number, description: string, parameters?: object) => (): Response =>
  Response.json({ ok: false, error_code: status, description, parameters }, { status });

export const telegramSubject: ChannelSubject = {
  capabilities: [
    ...(['silence', 'people', 'unspoken', 'others'] as const),
    ...(['answers', 'push', 'typing', 'drafts', 'parts', 'deadline'] as const),
  ],
  secrets: ['AAcanary-telegram-token', SECRET],
  open: ({ fetch }) => telegram({ token: TOKEN, secret: SECRET, username: 'PizzaBot', fetch }),
  payloads,
  proof: { headers: ['x-telegram-bot-api-secret-token'] },
  sign: ({ method = 'POST', body: content = '', headers }) => ({
    method,
    url: 'https://bot.example/telegram',
    headers: {
      'content-type': 'application/json',
      'x-telegram-bot-api-secret-token': SECRET,
      ...headers,
    },
    body: typeof content === 'string' ? new TextEncoder().encode(content) : content,
  }),
  textsOf: (answer) => textsOf(answer.body),
  platform: {
    accept: () => Response.json({ ok: true, result: { message_id: 1 } }),
    textsOf: ({ body: sent }) => textsOf(sent),
    faults: [
      {
        name: 'too many calls',
        answer: fault(429, 'Too Many Requests: retry after 5', { retry_after: 5 }),
        means: 'later',
        retryAfterMs: 5000,
      },
      { name: 'a server error', answer: fault(500, 'Internal Server Error'), means: 'later' },
      {
        name: 'a gateway without JSON',
        answer: () => new Response('<html>', { status: 502 }),
        means: 'later',
      },
      {
        name: 'a block',
        answer: fault(403, 'Forbidden: bot was blocked by the user'),
        means: 'never',
      },
      { name: 'a wrong chat', answer: fault(400, 'Bad Request: chat not found'), means: 'never' },
      { name: 'a wrong token', answer: fault(401, `Unauthorized ${TOKEN}`), means: 'never' },
      { name: 'an answer of no sense', answer: () => new Response('ok'), means: 'never' },
    ],
  },
};

function textsOf(json: string): readonly string[] {
  if (json === '') return [];
  const { text } = JSON.parse(json) as { text?: string };
  return text === undefined ? [] : [text];
}
