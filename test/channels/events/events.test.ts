import { telegram } from 'colloquy/channels/telegram';
import { describe, expect, it } from 'vitest';
import type { Inbound } from '../../../src/channels/reception.ts';
import { SERVICE } from '../../../src/channels/telegram/content.ts';
import { WECHAT_EVENTS, WECOM_EVENTS } from '../../../src/channels/wechat/events.ts';
import { toPush } from '../../../src/channels/wechat/message.ts';
import { parseXml } from '../../../src/channels/wechat/parse.ts';
import { isSpoken } from '../../../src/message.ts';
import { event, xml } from '../wechat/pushes.ts';
import { type Row, rowsOf } from './tables.ts';

const ann = { id: 101, is_bot: false, first_name: 'Ann' };
const bob = { id: 102, is_bot: false, first_name: 'Bob' };
const group = { id: -100, type: 'supergroup', title: 'Us' };
const direct = { id: 101, type: 'private', first_name: 'Ann' };

const inMessage = (content: object, from: object = ann): object => ({
  message: { message_id: 1, date: 1, from, chat: group, ...content },
});
const change = (was: string, is: string, user: object = bob, chat: object = group): object => ({
  chat,
  from: ann,
  date: 1,
  old_chat_member: { user, status: was },
  new_chat_member: { user, status: is },
});
const post = { message_id: 1, date: 1, from: ann, chat: group, text: 'hi' };

/** What Telegram sends, where a field of that name in a message of Ann's is not enough. */
const UPDATES: Readonly<Record<string, object>> = {
  text: inMessage({ text: 'hi' }),
  '/start': inMessage({ text: '/start' }),
  '/start@PizzaBot': inMessage({ text: '/start@PizzaBot' }),
  '/start@AnotherBot': inMessage({ text: '/start@AnotherBot' }),
  '/cancel@AnotherBot': inMessage({ text: '/cancel@AnotherBot now' }),
  live_photo: inMessage({ live_photo: { file_id: 'l' }, photo: [{ file_id: 'p' }] }),
  location: inMessage({ location: { latitude: 1, longitude: 2 } }),
  venue: inMessage({ location: { latitude: 1, longitude: 2 }, venue: { title: 'Café' } }),
  callback_query: { callback_query: { id: '1', from: ann, data: 'x', message: { chat: group } } },
  sticker: inMessage({ sticker: { file_id: 's', emoji: '👍' } }),
  forward_origin: inMessage({ text: 'hi', forward_origin: { type: 'user', sender_user: bob } }),
  via_bot: inMessage({ text: 'hi', via_bot: { id: 9, is_bot: true, first_name: 'Gif' } }),
  reply_to_message: inMessage({ text: 'hi', reply_to_message: { message_id: 0 } }),
  sender_chat: inMessage(
    { text: 'hi', sender_chat: group },
    { id: 1087968824, is_bot: true, first_name: 'Group' },
  ),
  is_automatic_forward: inMessage(
    { text: 'news', is_automatic_forward: true, sender_chat: { id: -200, title: 'News' } },
    { id: 777000, is_bot: false, first_name: 'Telegram' },
  ),
  is_bot: inMessage({ text: 'hi' }, { ...bob, is_bot: true }),
  new_chat_members: inMessage({ new_chat_members: [bob] }),
  left_chat_member: inMessage({ left_chat_member: bob }),
  migrate_to_chat_id: inMessage({ migrate_to_chat_id: -1001 }),
  migrate_from_chat_id: inMessage({ migrate_from_chat_id: -5 }),
  my_chat_member: { my_chat_member: change('left', 'member') },
  kicked: { my_chat_member: change('member', 'kicked', bob, direct) },
  chat_member: { chat_member: change('left', 'member') },
  left: { chat_member: change('member', 'left') },
  administrator: { chat_member: change('member', 'administrator') },
  chat_join_request: { chat_join_request: { chat: group, from: bob, user_chat_id: 102 } },
  message_reaction: {
    message_reaction: {
      chat: group,
      user: ann,
      message_id: 1,
      old_reaction: [],
      new_reaction: [{ type: 'emoji', emoji: '👍' }],
    },
  },
  message_reaction_count: { message_reaction_count: { chat: group, message_id: 1, reactions: [] } },
  poll_answer: { poll_answer: { poll_id: '7', user: ann, option_ids: [0] } },
  'update.poll': { poll: { id: '7' } },
  purchased_paid_media: { purchased_paid_media: { from: ann, paid_media_payload: 'p' } },
  inline_query: { inline_query: { id: '1', from: ann, query: 'x', offset: '' } },
  chosen_inline_result: { chosen_inline_result: { result_id: '1', from: ann, query: 'x' } },
  shipping_query: { shipping_query: { id: '1', from: ann, invoice_payload: 'p' } },
  pre_checkout_query: { pre_checkout_query: { id: '1', from: ann, invoice_payload: 'p' } },
  business_connection: { business_connection: { id: '1', user: ann, user_chat_id: 101 } },
  business_message: { business_message: { ...post, chat: direct } },
  guest_message: { guest_message: post },
  managed_bot: { managed_bot: { user: ann, bot: { ...bob, is_bot: true } } },
  subscription: { subscription: { user: ann, state: 'active' } },
  chat_boost: { chat_boost: { chat: group, boost: {} } },
  removed_chat_boost: { removed_chat_boost: { chat: group, boost_id: '1' } },
  edited_message: { edited_message: post },
  edited_business_message: { edited_business_message: post },
  deleted_business_messages: { deleted_business_messages: { chat: direct, message_ids: [1] } },
  channel_post: { channel_post: { ...post, from: undefined } },
  edited_channel_post: { edited_channel_post: { ...post, from: undefined } },
};

const inTelegram = async (name: string): Promise<readonly Inbound[]> => {
  const channel = telegram({ token: '1:a', secret: 's', username: 'PizzaBot' });
  const content =
    UPDATES[name] ?? inMessage({ [name]: name === 'photo' ? [{ file_id: 'p' }] : {} });
  const reception = await channel.receive({
    method: 'POST',
    url: new URL('https://bot.example'),
    headers: new Headers({ 'x-telegram-bot-api-secret-token': 's' }),
    receivedAt: 0,
    readBody: async () => Buffer.from(JSON.stringify({ update_id: 1, ...content })),
  });
  if (reception.type !== 'messages') throw new Error(reception.type);
  return reception.messages;
};

/** The fields that a type of message cannot be without. */
const NEEDED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  location: { Location_X: '1', Location_Y: '2' },
  link: { Url: 'https://a.example' },
};
const TYPES: ReadonlySet<string> = new Set([
  ...['text', 'image', 'voice', 'video', 'shortvideo', 'file', 'location', 'link'],
  'miniprogrampage',
]);

const inWechat =
  (kinds = WECHAT_EVENTS) =>
  async (name: string): Promise<readonly Inbound[]> => {
    const body = TYPES.has(name)
      ? xml({ MsgType: name, ...NEEDED[name] })
      : event(name, { EventKey: 'k' });
    const bytes = Buffer.from(body);
    return [toPush(parseXml(bytes), bytes, 'wechat:', kinds)];
  };

describe.each<[string, (name: string) => Promise<readonly Inbound[]>, readonly string[]]>([
  ['Telegram', inTelegram, [...SERVICE, ...Object.keys(UPDATES)]],
  ['WeChat', inWechat(), Object.keys(WECHAT_EVENTS)],
  ['WeCom', inWechat(WECOM_EVENTS), ownOf(WECOM_EVENTS)],
])('what %s sends', (platform, receive, known) => {
  const rows = rowsOf(platform);

  it.each(rows)('is as its table says: $name becomes $type, spoken: $spoken', async (row) => {
    expect((await receive(row.name)).map(summary)).toEqual(
      row.type === undefined ? [] : [{ type: row.type, spoken: row.spoken }],
    );
  });

  it('is in its table, each once', () => {
    const names = rows.map(({ name }) => name.toLowerCase());
    expect(
      names.filter((name, place) => names.indexOf(name) !== place && !TYPES.has(name)),
    ).toEqual([]);
    expect(known.filter((name) => !names.includes(name.toLowerCase()))).toEqual([]);
  });
});

function summary({ message }: Inbound): Omit<Row, 'name'> {
  return { type: message.type, spoken: isSpoken(message) };
}

/** The events that an application of WeCom has to itself, or takes in another way. */
function ownOf(kinds: typeof WECOM_EVENTS): readonly string[] {
  return Object.keys(kinds).filter((name) => kinds[name] !== WECHAT_EVENTS[name]);
}
