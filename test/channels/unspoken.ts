import type { Incoming } from 'colloquy';
import type { ChannelPayload, ChannelSubject } from 'colloquy/testing';
import { jsonSubject } from './subjects/json.ts';
import { slackSubject } from './subjects/slack.ts';
import { telegramSubject } from './subjects/telegram.ts';
import { safeWechatSubject, wechatSubject } from './subjects/wechat.ts';
import { wecomSubject } from './subjects/wecom.ts';
import { event } from './wechat/pushes.ts';

/**
 * What reaches a bot although no user spoke to it. `unspoken.test.ts` sends all of it into conversations of every kind
 * and expects that nothing changes. For a new kind, add a row.
 */

/** The types of events that are not said to the bot, each with the fields that it may have. */
export const unspokenMessages: readonly Exclude<Incoming, string>[] = [
  { type: 'event.unfollow' },
  { type: 'event.unfollow', key: 'kicked', from: { id: '101', name: 'Ann' } },
  { type: 'event.leave' },
  { type: 'event.leave', raw: { left_chat_member: { id: 102 } } },
  { type: 'event.location' },
  { type: 'event.location', raw: { Latitude: '23.137466', Longitude: '113.352425' } },
  { type: 'event.view', key: 'https://a.example/page' },
  { type: 'event.unknown' },
  { type: 'event.unknown', raw: { Event: 'TEMPLATESENDJOBFINISH', Status: 'success' } },
  { type: 'event.unknown', key: 'yes', from: { id: '101' } },
  // The event may have been brought about by others than the user.
  { type: 'event.follow', spoken: false },
  { type: 'event.scan', key: '1', spoken: false },
  { type: 'event.menu', key: 'cancel', spoken: false },
  { type: 'event.enter', spoken: false },
];

/** The channels whose requests are sent. */
export const unspokenSubjects: Readonly<Record<string, ChannelSubject>> = {
  json: jsonSubject,
  slack: slackSubject,
  telegram: telegramSubject,
  'wechat, in plaintext mode': wechatSubject,
  'wechat, in safe mode': safeWechatSubject,
  wecom: wecomSubject,
};

type UnspokenPayload = Omit<ChannelPayload, 'gives' | 'user'>;

const ann = { id: 101, is_bot: false, first_name: 'Ann' };
const group = { id: -1001234567890, type: 'supergroup', title: 'Us' };
let updates = 9000;

const update = (name: string, content: object): UnspokenPayload => {
  updates += 1;
  return { name, body: JSON.stringify({ update_id: updates, ...content }) };
};

const service = (name: string, content: object): UnspokenPayload =>
  update(name, {
    message: { message_id: updates, date: 1_700_000_000, from: ann, chat: group, ...content },
  });

/** What Telegram sends of what people do without speaking (https://core.telegram.org/bots/api#update). */
const telegramPayloads: readonly UnspokenPayload[] = [
  service('a member who joins', { new_chat_members: [{ ...ann, id: 103 }] }),
  service('a member who leaves', { left_chat_member: { ...ann, id: 103 } }),
  service('a message that is pinned', { pinned_message: { message_id: 1, chat: group, date: 1 } }),
  service('a topic', { forum_topic_created: { name: 'Tables', icon_color: 7_322_096 } }),
  service('a video chat', { video_chat_started: {} }),
  service('a new title', { new_chat_title: 'Them' }),
  update('a reaction', {
    message_reaction: {
      chat: group,
      message_id: 1,
      user: ann,
      date: 1_700_000_000,
      old_reaction: [],
      new_reaction: [{ type: 'emoji', emoji: '👍' }],
    },
  }),
  update('a change of a member', {
    chat_member: {
      chat: group,
      from: ann,
      date: 1_700_000_000,
      old_chat_member: { user: ann, status: 'left' },
      new_chat_member: { user: ann, status: 'member' },
    },
  }),
  update('a request to join', {
    chat_join_request: { chat: group, from: ann, user_chat_id: 101, date: 1_700_000_000 },
  }),
  update('an answer to a poll', { poll_answer: { poll_id: '1', user: ann, option_ids: [0] } }),
  update('an inline query', { inline_query: { id: '1', from: ann, query: 'yes', offset: '' } }),
  update('a block', {
    my_chat_member: {
      chat: { id: 101, type: 'private', first_name: 'Ann' },
      from: ann,
      date: 1_700_000_000,
      old_chat_member: { status: 'member' },
      new_chat_member: { status: 'kicked', until_date: 0 },
    },
  }),
];

/** What WeChat reports by itself (https://developers.weixin.qq.com/doc/offiaccount/Message_Management). */
const wechatPayloads: readonly UnspokenPayload[] = [
  { name: 'the end of a follow', body: event('unsubscribe') },
  {
    name: 'where the phone is',
    body: event('LOCATION', { Latitude: '23.137', Longitude: '113.352', Precision: '119.385' }),
  },
  {
    name: 'a template that was sent',
    body: event('TEMPLATESENDJOBFINISH', { MsgID: '200163836', Status: 'success' }),
  },
  {
    name: 'a message to all that was sent',
    body: event('MASSSENDJOBFINISH', { MsgID: '1000001625', Status: 'send success' }),
  },
  {
    name: 'a card that was taken',
    body: event('user_get_card', { CardId: 'pbLatjk4T4Hx', UserCardCode: '1' }),
  },
  {
    name: 'a picture that was checked',
    body: event('wxa_media_check', { trace_id: '967e945cd8a3e458', isrisky: '0' }),
  },
  { name: 'a page of the menu', body: event('VIEW', { EventKey: 'https://a.example' }) },
];

const happened = (id: string, inner: object): string =>
  JSON.stringify({
    team_id: 'T1',
    api_app_id: 'A1',
    type: 'event_callback',
    event_id: id,
    event_time: 1_700_000_000,
    authorizations: [{ team_id: 'T1', user_id: 'UBOT', is_bot: true }],
    event: inner,
  });

/** What Slack tells of a workspace (https://docs.slack.dev/reference/events). */
const slackPayloads: readonly UnspokenPayload[] = [
  {
    name: 'a new member',
    body: happened('Ev901', { type: 'team_join', user: { id: 'U1', name: 'ann' } }),
  },
  {
    name: 'a reaction to a message',
    body: happened('Ev902', {
      type: 'reaction_added',
      user: 'U1',
      reaction: '+1',
      item: { type: 'message', channel: 'C1', ts: '1700000001.000200' },
    }),
  },
  {
    name: 'a member of a channel',
    body: happened('Ev903', { type: 'member_joined_channel', user: 'U1', channel: 'C1' }),
  },
];

/** Requests beyond the payloads of the subjects, by the name of the channel in `unspokenSubjects`. */
export const unspokenPayloads: Readonly<Record<string, readonly UnspokenPayload[]>> = {
  slack: slackPayloads,
  telegram: telegramPayloads,
  'wechat, in plaintext mode': wechatPayloads,
  'wechat, in safe mode': wechatPayloads,
};
