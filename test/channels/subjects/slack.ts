import { createHmac } from 'node:crypto';
import { slack } from 'colloquy/channels/slack';
import type { ChannelPayload, ChannelSubject } from 'colloquy/testing';

export const SECRET = 'canary-slack-signing-secret';
export const TOKEN = 'xoxb-canary-slack-token';

const outer = {
  token: 'deprecated',
  team_id: 'T1',
  api_app_id: 'A1',
  type: 'event_callback',
  authorizations: [{ team_id: 'T1', user_id: 'UBOT', is_bot: true }],
};
const event = (id: string, inner: object): string =>
  JSON.stringify({ ...outer, event_id: id, event_time: 1_700_000_000, event: inner });
const said = (id: string, ts: string, text: string, more: object = {}): string =>
  event(id, { type: 'message', channel: 'D1', channel_type: 'im', user: 'U1', ts, text, ...more });
const form = (fields: Readonly<Record<string, string>>): string =>
  new URLSearchParams(fields).toString();
const pressed = (actions: readonly object[], more: object = {}): string =>
  form({
    payload: JSON.stringify({
      type: 'block_actions',
      team: { id: 'T1' },
      user: { id: 'U1', team_id: 'T1' },
      channel: { id: 'D1' },
      container: { type: 'message', message_ts: '1700000001.000100', channel_id: 'D1' },
      message: { ts: '1700000001.000100' },
      trigger_id: '1.2.3',
      actions,
      ...more,
    }),
  });
const button = (ts: string): object => ({
  type: 'button',
  action_id: 'choice:0',
  block_id: 'b',
  value: 'tea',
  text: { type: 'plain_text', text: 'Tea' },
  action_ts: ts,
});

const ALBUM = '1700000001.000400';

/** Requests as https://docs.slack.dev/apis/events-api shows them, with what each becomes. */
export const payloads: readonly ChannelPayload[] = [
  {
    name: 'a check of the address',
    body: JSON.stringify({
      token: 't',
      type: 'url_verification',
      challenge: '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P',
    }),
    gives: 'handshake',
  },
  {
    name: 'a direct message',
    user: 'U1',
    body: said('Ev1', '1700000001.000200', 'hi &lt;b&gt; &amp;amp; 👋🏽'),
    gives: [{ type: 'message.text', text: 'hi <b> &amp; 👋🏽' }],
  },
  {
    name: 'addresses, as Slack marks them',
    user: 'U1',
    body: said(
      'Ev2',
      '1700000001.000300',
      '<mailto:ann@a.example|ann@a.example> <tel:+491234|+49 1234> <https://a.example/?a=1&amp;b=2> <https://a.example|site> <@U2> <#C2|us> <!here>',
    ),
    gives: [
      {
        type: 'message.text',
        text: 'ann@a.example +49 1234 https://a.example/?a=1&b=2 site <@U2> #us @here',
      },
    ],
  },
  {
    name: 'a message in a channel',
    user: 'U1 in a thread of C1',
    body: said('Ev3', '1700000002.000100', 'hello all', { channel: 'C1', channel_type: 'channel' }),
    gives: [{ type: 'message.text', text: 'hello all' }],
  },
  {
    name: 'an answer in the thread of that',
    user: 'U1 in a thread of C1',
    body: said('Ev4', '1700000002.000200', 'and you', {
      channel: 'C1',
      channel_type: 'channel',
      thread_ts: '1700000002.000100',
    }),
    gives: [{ type: 'message.text', text: 'and you' }],
  },
  {
    name: 'a mention that begins another thread',
    user: 'U1 in another thread of C1',
    body: event('Ev5', {
      type: 'app_mention',
      channel: 'C1',
      user: 'U1',
      ts: '1700000003.000100',
      text: '<@UBOT>  book a table',
    }),
    gives: [{ type: 'message.text', text: 'book a table' }],
  },
  {
    name: 'another user in the first thread',
    user: 'U2 in a thread of C1',
    body: said('Ev6', '1700000002.000300', 'me too', {
      channel: 'C1',
      channel_type: 'channel',
      user: 'U2',
      thread_ts: '1700000002.000100',
    }),
    gives: [{ type: 'message.text', text: 'me too' }],
  },
  {
    name: 'the same user of another workspace',
    user: 'U1 of T2',
    body: JSON.stringify({
      ...outer,
      team_id: 'T2',
      event_id: 'Ev7',
      event: { type: 'message', channel: 'D1', user: 'U1', ts: '1700000001.000900', text: 'hi' },
    }),
    gives: [{ type: 'message.text', text: 'hi' }],
  },
  {
    name: 'files of several kinds',
    user: 'U1',
    body: said('Ev8', '1700000001.000400', 'here', {
      subtype: 'file_share',
      files: [
        { id: 'F1', mimetype: 'image/png', url_private: 'https://files.example/1', size: 1 },
        { id: 'F2', mimetype: 'audio/mp4' },
        { id: 'F3', mimetype: 'video/mp4' },
        { id: 'F4', mimetype: 'application/pdf', name: 'a.pdf', size: 12 },
      ],
    }),
    gives: [
      { type: 'message.image', mediaId: 'F1', url: 'https://files.example/1', albumId: ALBUM },
      ...[
        { type: 'message.image', mediaId: 'F1', url: 'https://files.example/1', albumId: ALBUM },
        { type: 'message.file', mediaId: 'F2', albumId: ALBUM },
        { type: 'message.video', mediaId: 'F3', albumId: ALBUM },
        { type: 'message.file', mediaId: 'F4', name: 'a.pdf', size: 12, albumId: ALBUM },
      ].map((part) => ({ type: 'event.album', key: ALBUM, part })),
    ],
  },
  {
    name: 'a recording',
    user: 'U1',
    body: said('Ev15', '1700000001.000500', '', {
      subtype: 'file_share',
      files: [{ id: 'F2', mimetype: 'audio/mp4' }],
    }),
    gives: [{ type: 'message.voice', mediaId: 'F2', format: 'audio/mp4' }],
  },
  {
    name: 'the home of the app',
    body: event('Ev9', { type: 'app_home_opened', user: 'U1', channel: 'D1', tab: 'messages' }),
    user: 'U1',
    gives: [{ type: 'event.enter', key: 'messages', spoken: false }],
  },
  {
    name: 'a reaction',
    body: event('Ev10', { type: 'reaction_added', user: 'U9', reaction: 'tada', item: {} }),
    user: 'U9',
    gives: [{ type: 'event.reaction', key: 'tada', spoken: false, from: { id: 'U9' } }],
  },
  {
    name: 'a reaction to a direct message',
    body: event('Ev11', {
      type: 'reaction_added',
      user: 'U1',
      reaction: '+1',
      item: { type: 'message', channel: 'D1', ts: '1700000001.000100' },
    }),
    user: 'U1',
    gives: [{ type: 'event.reaction', key: '+1', spoken: false }],
  },
  {
    name: 'a new member of the workspace',
    body: event('Ev12', {
      type: 'team_join',
      user: { id: 'U1', profile: { display_name: 'ann' } },
    }),
    user: 'U1',
    gives: [{ type: 'event.join', spoken: false, from: { id: 'U1', name: 'ann' } }],
  },
  {
    name: 'a direct message in a thread',
    user: 'U1',
    body: said('Ev13', '1700000001.000250', 'in a thread', { thread_ts: '1700000001.000200' }),
    gives: [{ type: 'message.text', text: 'in a thread', from: { id: 'U1' } }],
  },
  {
    name: 'a command in a channel',
    user: 'U1, alone in C1',
    body: form({
      team_id: 'T1',
      channel_id: 'C1',
      user_id: 'U1',
      user_name: 'ann',
      command: '/book',
      text: '',
      trigger_id: '7.7.8',
      response_url: 'https://hooks.slack.example/commands/1',
    }),
    gives: [{ type: 'message.text', text: '/book', from: { id: 'U1', name: 'ann' } }],
  },
  {
    name: 'a button of the answer to that',
    user: 'U1, alone in C1',
    body: pressed([button('1700000004.5')], {
      channel: { id: 'C1', name: 'general' },
      container: {
        type: 'message',
        message_ts: '1700000002.000900',
        channel_id: 'C1',
        is_ephemeral: true,
      },
      message: undefined,
    }),
    gives: [{ type: 'message.action', value: 'tea', from: { id: 'U1' } }],
  },
  {
    name: 'a new member of a channel',
    user: 'U1, alone in C1',
    body: event('Ev14', {
      type: 'member_joined_channel',
      user: 'U1',
      channel: 'C1',
      channel_type: 'C',
      team: 'T1',
    }),
    gives: [{ type: 'event.join', spoken: false }],
  },
  {
    name: 'a shortcut',
    user: 'U1',
    body: form({
      payload: JSON.stringify({
        type: 'shortcut',
        team: { id: 'T1' },
        user: { id: 'U1', username: 'ann' },
        callback_id: 'book_table',
        trigger_id: '9.9.8',
      }),
    }),
    gives: [{ type: 'event.menu', key: 'book_table', from: { id: 'U1', name: 'ann' } }],
  },
  {
    name: 'a button',
    user: 'U1',
    body: pressed([button('1700000004.1')]),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    gives: [{ type: 'message.action', value: 'tea', label: 'Tea' }],
  },
  {
    name: 'a menu',
    user: 'U1',
    body: pressed([
      {
        type: 'static_select',
        action_id: 's',
        selected_option: { value: 'x', text: { type: 'plain_text', text: 'X' } },
        action_ts: '1700000004.2',
      },
    ]),
    gives: [{ type: 'message.action', value: 'x', label: 'X' }],
  },
  {
    name: 'a picker of dates',
    user: 'U1',
    body: pressed([{ type: 'datepicker', selected_date: '2026-01-01', action_ts: '1700000004.3' }]),
    gives: [{ type: 'message.unknown' }],
  },
  {
    name: 'a button in the first thread',
    user: 'U1 in a thread of C1',
    body: pressed([button('1700000004.4')], {
      channel: { id: 'C1' },
      container: {
        type: 'message',
        message_ts: '1700000002.000150',
        channel_id: 'C1',
        thread_ts: '1700000002.000100',
      },
      message: { ts: '1700000002.000150', thread_ts: '1700000002.000100' },
    }),
    gives: [{ type: 'message.action', value: 'tea' }],
  },
  {
    name: 'a form that was sent',
    body: form({
      payload: JSON.stringify({
        type: 'view_submission',
        team: { id: 'T1' },
        user: { id: 'U8' },
        trigger_id: '9.9.9',
        view: { state: {} },
      }),
    }),
    user: 'U8',
    gives: [{ type: 'event.unknown', key: 'view_submission', spoken: true }],
  },
  {
    name: 'a command',
    body: form({
      token: 'deprecated',
      team_id: 'T1',
      channel_id: 'D1',
      user_id: 'U1',
      command: '/table',
      text: 'for 2',
      trigger_id: '7.7.7',
    }),
    user: 'U1',
    gives: [{ type: 'message.text', text: '/table for 2' }],
  },
  {
    name: 'its own message',
    body: said('Ev20', '1700000005.000100', 'hi', { bot_id: 'B1', user: 'UBOT' }),
    gives: 'nothing',
  },
  {
    name: 'its own message, without the id of a bot',
    body: said('Ev21', '1700000005.000200', 'hi', { user: 'UBOT' }),
    gives: 'nothing',
  },
  {
    name: 'a message of another bot',
    body: event('Ev22', {
      type: 'message',
      subtype: 'bot_message',
      bot_id: 'B2',
      channel: 'C1',
      ts: '1.1',
      text: 'x',
    }),
    gives: 'nothing',
  },
  {
    name: 'a message that was changed',
    body: event('Ev23', {
      type: 'message',
      subtype: 'message_changed',
      channel: 'C1',
      message: { user: 'U1', text: 'y' },
      ts: '1.1',
    }),
    gives: 'nothing',
  },
  {
    name: 'a limit of events',
    body: JSON.stringify({ token: 't', type: 'app_rate_limited', team_id: 'T1' }),
    gives: 'nothing',
  },
  { name: 'a check of TLS', body: form({ ssl_check: '1', token: 't' }), gives: 'nothing' },
];

const fault =
  (error: string, status = 200, headers: Record<string, string> = {}) =>
  (): Response =>
    Response.json({ ok: false, error }, { status, headers });

export function sign(secret: string, body: Uint8Array, signedAt: number): Record<string, string> {
  const timestamp = String(Math.floor(signedAt / 1000));
  const hmac = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body);
  return {
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': `v0=${hmac.digest('hex')}`,
  };
}

export const slackSubject: ChannelSubject = {
  capabilities: [
    'signed-body',
    'fresh',
    'handshake',
    'silence',
    'push',
    'drafts',
    'parts',
    'deadline',
  ],
  secrets: [SECRET, 'canary-slack-token'],
  open: ({ fetch }) => slack({ signingSecret: SECRET, token: TOKEN, fetch }),
  payloads,
  freshMs: 300_000,
  proof: { headers: ['x-slack-signature', 'x-slack-request-timestamp'] },
  sign({ method = 'POST', body: content = '', headers }, signedAt) {
    const body = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    return {
      method,
      url: 'https://bot.example/slack',
      headers: { 'content-type': 'application/json', ...headers, ...sign(SECRET, body, signedAt) },
      body,
    };
  },
  platform: {
    accept: () => Response.json({ ok: true, ts: '1.1' }),
    textsOf({ body }) {
      const { text } = JSON.parse(body) as { text?: string };
      if (text === undefined) return [];
      return [text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')];
    },
    faults: [
      {
        name: 'too many calls',
        answer: fault('ratelimited', 429, { 'retry-after': '30' }),
        means: 'later',
        retryAfterMs: 30_000,
      },
      {
        name: 'too many calls, with a status of 200',
        answer: fault('ratelimited'),
        means: 'later',
      },
      { name: 'a server error', answer: fault('internal_error'), means: 'later' },
      {
        name: 'a gateway without JSON',
        answer: () => new Response('<html>', { status: 503 }),
        means: 'later',
      },
      { name: 'not in the channel', answer: fault('not_in_channel'), means: 'never' },
      { name: 'a channel that is gone', answer: fault('channel_not_found'), means: 'never' },
      { name: 'an account that is gone', answer: fault('account_inactive'), means: 'never' },
      { name: 'a wrong token', answer: fault('invalid_auth'), means: 'never' },
      { name: 'a word with the token in it', answer: fault(`bad ${TOKEN}`), means: 'never' },
      { name: 'an answer of no sense', answer: () => new Response('ok'), means: 'never' },
    ],
  },
};
