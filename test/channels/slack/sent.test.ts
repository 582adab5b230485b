import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { slack } from 'colloquy/channels/slack';
import { describe, expect, it } from 'vitest';
import { isSpoken } from '../../../src/message.ts';
import { root } from '../../docs/pages.ts';
import { SECRET, TOKEN, sign } from '../subjects/slack.ts';

const NOW = 1_700_000_010_000;

interface Sent {
  readonly body: string;
}

const event = (inner: object): Sent => ({
  body: JSON.stringify({
    type: 'event_callback',
    team_id: 'T1',
    event_id: 'Ev1',
    authorizations: [{ team_id: 'T1', user_id: 'UBOT', is_bot: true }],
    event: inner,
  }),
});
const message = (more: object = {}): Sent =>
  event({ type: 'message', channel: 'C1', user: 'U1', ts: '1.5', text: 'hi', ...more });
const form = (fields: Record<string, string>): Sent => ({
  body: new URLSearchParams(fields).toString(),
});
const interaction = (type: string, more: object = {}): Sent =>
  form({
    payload: JSON.stringify({
      type,
      team: { id: 'T1' },
      user: { id: 'U1', team_id: 'T1' },
      channel: { id: 'C1' },
      container: { type: 'message', message_ts: '1.5', channel_id: 'C1', is_ephemeral: true },
      trigger_id: '1.2.3',
      ...more,
    }),
  });
const action = (element: object): Sent =>
  interaction('block_actions', { actions: [{ action_ts: '1.7', action_id: 'a', ...element }] });
const item = { type: 'message', channel: 'C1', ts: '1.5' };
const view = { callback_id: 'its', state: {} };

/** What Slack sends, by the name that the page has for it. */
const SENT: Readonly<Record<string, Sent | readonly Sent[]>> = {
  '`message`': message(),
  '`message` with a file': message({ files: [{ id: 'F1', mimetype: 'image/png' }] }),
  '`message` with nothing but a mention': message({ text: '<@UBOT>' }),
  '`message`, subtype `file_share`': message({
    subtype: 'file_share',
    files: [{ id: 'F1', mimetype: 'application/pdf' }],
  }),
  '`message`, subtype `me_message`': message({ subtype: 'me_message' }),
  '`message`, subtype `thread_broadcast`': message({
    subtype: 'thread_broadcast',
    thread_ts: '1.2',
    root: {},
  }),
  '`message`, subtype `bot_message`': message({ subtype: 'bot_message' }),
  '`message`, subtype `message_changed`': message({
    subtype: 'message_changed',
    hidden: true,
    message: { user: 'U1', text: 'y' },
  }),
  '`message`, subtype `message_deleted`': message({ subtype: 'message_deleted', hidden: true }),
  // Slack's own fault: it comes without its subtype (https://docs.slack.dev/reference/events/message/message_replied).
  '`message`, subtype `message_replied`': message({ hidden: true, message: { user: 'U1' } }),
  ...Object.fromEntries(
    [
      ...['channel_join', 'channel_leave', 'channel_topic', 'channel_purpose', 'channel_name'],
      ...['channel_archive', 'pinned_item', 'reminder_add', 'huddle_thread'],
    ].map((subtype) => [`\`message\`, subtype \`${subtype}\``, message({ subtype })]),
  ),
  '`message` of a bot, of this one, of Slackbot': [
    message({ bot_id: 'B2' }),
    message({ bot_profile: { id: 'B2' } }),
    message({ user: 'UBOT' }),
    message({ user: 'USLACKBOT' }),
  ],
  '`app_mention`': event({
    type: 'app_mention',
    channel: 'C1',
    user: 'U1',
    ts: '1.5',
    text: '<@UBOT> hi',
  }),
  '`app_home_opened`': event({
    type: 'app_home_opened',
    user: 'U1',
    channel: 'D1',
    tab: 'the tab',
  }),
  '`assistant_thread_started`': event({
    type: 'assistant_thread_started',
    assistant_thread: { user_id: 'U1', channel_id: 'D1', thread_ts: '1.5' },
  }),
  '`team_join`': event({ type: 'team_join', user: { id: 'U1', name: 'ann' } }),
  '`member_joined_channel`': event({ type: 'member_joined_channel', user: 'U1', channel: 'C1' }),
  '`member_left_channel`': event({ type: 'member_left_channel', user: 'U1', channel: 'C1' }),
  '`reaction_added`': event({
    type: 'reaction_added',
    user: 'U1',
    reaction: 'the emoji’s name',
    item,
  }),
  '`reaction_removed`': event({ type: 'reaction_removed', user: 'U1', reaction: '+1', item }),
  '`pin_added`': event({ type: 'pin_added', user: 'U1', channel_id: 'C1', item }),
  '`pin_removed`': event({ type: 'pin_removed', user: 'U1', channel_id: 'C1', item }),
  '`link_shared`': event({
    type: 'link_shared',
    user: 'U1',
    channel: 'C1',
    message_ts: '1.5',
    links: [{ domain: 'a.example', url: 'https://a.example' }],
  }),
  '`file_shared`': event({ type: 'file_shared', user_id: 'U1', file_id: 'F1', channel_id: 'C1' }),
  '`user_change`': event({ type: 'user_change', user: { id: 'U1', profile: {} } }),
  '`channel_archive`': event({ type: 'channel_archive', channel: 'C1', user: 'U1' }),
  '`channel_created`': event({
    type: 'channel_created',
    channel: { id: 'C1', name: 'fun', creator: 'U1' },
  }),
  '`channel_rename`': event({ type: 'channel_rename', channel: { id: 'C1', name: 'fun' } }),
  '`app_uninstalled`': event({ type: 'app_uninstalled' }),
  '`tokens_revoked`': event({ type: 'tokens_revoked', tokens: { oauth: ['U1'], bot: ['U2'] } }),
  'any other event that names a user': event({ type: 'its type', user: 'U1' }),
  'any other event that names none': event({ type: 'subteam_created', subteam: {} }),
  'a slash command': form({
    team_id: 'T1',
    channel_id: 'C1',
    user_id: 'U1',
    command: '/book',
    trigger_id: '1.2.3',
  }),
  'a button, an entry of a menu (`block_actions`)': action({ type: 'button', value: 'tea' }),
  'a field of a message (`block_actions`)': action({ type: 'plain_text_input', value: 'Ann' }),
  'another element (`block_actions`)': action({ type: 'datepicker', selected_date: '2026-01-01' }),
  'a button to another user (`block_actions`)': action({
    type: 'button',
    value: 'tea',
    block_id: 'for:U2',
  }),
  'a global shortcut (`shortcut`)': interaction('shortcut', {
    callback_id: 'its `callback_id`',
    channel: undefined,
    container: undefined,
  }),
  'a shortcut of a message (`message_action`)': interaction('message_action', {
    callback_id: 'its `callback_id`',
    message: { ts: '1.5', thread_ts: '1.2' },
  }),
  'a form that was sent (`view_submission`)': interaction('view_submission', {
    view: { ...view, callback_id: 'its `callback_id`' },
  }),
  'a form that was closed (`view_closed`)': interaction('view_closed', {
    view: { ...view, callback_id: 'its `callback_id`' },
  }),
  'a request of options (`block_suggestion`)': interaction('block_suggestion', { value: 'te' }),
};

interface Row {
  readonly sent: string;
  readonly message: string;
  readonly key: string;
  readonly isSpoken: boolean;
}

/** The table of docs/slack.md. */
function readRows(): readonly Row[] {
  const page = readFileSync(join(root, 'docs/slack.md'), 'utf8');
  const [, table = ''] = page.split('## Everything that Slack sends');
  return table
    .split('\n')
    .filter((line) => /^\| (?!-|Slack sends)/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, sent = '', said = '', key = '', spoken = '']) => ({
      sent,
      message: said,
      key,
      isSpoken: spoken === 'yes',
    }));
}

async function messagesOf({ body }: Sent) {
  const bytes = new TextEncoder().encode(body);
  const reception = await slack({ signingSecret: SECRET, token: TOKEN }).receive({
    method: 'POST',
    url: new URL('https://bot.example/'),
    headers: new Headers(sign(SECRET, bytes, NOW)),
    receivedAt: NOW,
    readBody: async () => bytes,
  });
  if (reception.type !== 'messages') throw new Error(reception.type);
  return reception.messages;
}

const rows = readRows();

describe('the table of what Slack sends', () => {
  it('has a line for everything that is played here, and for nothing else', () => {
    expect(rows.map(({ sent }) => sent)).toEqual(Object.keys(SENT));
  });

  it.each(rows)('is right about $sent', async ({ sent, message: said, key, isSpoken: spoken }) => {
    const samples = [SENT[sent] ?? []].flat();
    const messages = (await Promise.all(samples.map(messagesOf))).flat();
    expect(samples.length).toBeGreaterThan(0);
    if (said === 'none') {
      expect(messages).toEqual([]);
      expect(spoken).toBe(false);
      return;
    }
    const [inbound, ...others] = messages;
    expect(others).toEqual([]);
    expect(said).toContain(`\`${inbound?.message.type}\``);
    expect(inbound && isSpoken(inbound.message)).toBe(spoken);
    const found = inbound?.message.type.startsWith('event.')
      ? ((inbound.message as { key?: string }).key ?? '')
      : '';
    expect(found.replaceAll('`', '')).toBe(key.replaceAll('`', ''));
    expect(inbound?.message.from).toMatchObject({ id: 'U1' });
  });
});

describe('who spoke', () => {
  it.each<[what: string, sent: Sent, from: object]>([
    [
      'a member with a name of their choice',
      event({
        type: 'team_join',
        user: { id: 'U1', name: 'ann.lee', real_name: 'Ann Lee', profile: { display_name: 'Ann' } },
      }),
      { id: 'U1', name: 'Ann' },
    ],
    [
      'one without',
      event({
        type: 'team_join',
        user: { id: 'U1', name: 'ann.lee', profile: { display_name: '', real_name: 'Ann Lee' } },
      }),
      { id: 'U1', name: 'Ann Lee' },
    ],
    ['the writer of a message', message(), { id: 'U1' }],
    [
      'one whose profile comes with it',
      message({ user_profile: { display_name: 'Ann' } }),
      { id: 'U1', name: 'Ann' },
    ],
    [
      'who typed a command',
      form({ team_id: 'T1', channel_id: 'C1', user_id: 'U1', user_name: 'ann', command: '/a' }),
      { id: 'U1', name: 'ann' },
    ],
    [
      'who pressed a button',
      interaction('block_actions', {
        user: { id: 'U1', username: 'ann' },
        actions: [{ type: 'button', value: 'x' }],
      }),
      { id: 'U1', name: 'ann' },
    ],
    [
      'who pressed one, by another field',
      interaction('block_actions', {
        user: { id: 'U1', name: 'ann' },
        actions: [{ type: 'button', value: 'x' }],
      }),
      { id: 'U1', name: 'ann' },
    ],
    [
      'who reacted',
      event({ type: 'reaction_added', user: 'U1', reaction: '+1', item }),
      { id: 'U1' },
    ],
  ])('is %s', async (_what, sent, from) => {
    expect((await messagesOf(sent)).map((each) => each.message.from)).toEqual([from]);
  });
});
