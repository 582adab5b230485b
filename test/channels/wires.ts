import { createContextStore, createRunner, setupDialogue } from 'colloquy';
import { createWebhook, type WebhookOptions } from 'colloquy/channels/webhook';
import { type ChannelSubject, createManualClock } from 'colloquy/testing';
import { onTestFinished } from 'vitest';
import { xml } from './wechat/pushes.ts';
import { jsonSubject } from './subjects/json.ts';
import { slackSubject } from './subjects/slack.ts';
import { telegramSubject } from './subjects/telegram.ts';
import { compatWechatSubject } from './subjects/wechat.ts';
import { wecomSubject } from './subjects/wecom.ts';

const { createDialogue, reply } = setupDialogue({ types: {} as { context: object } });
const dialogue = createDialogue({
  id: 'd',
  context: {},
  on: {
    'message.*': { actions: reply('Hello.') },
    'event.*': { actions: reply('I see.') },
  },
});

export const KIB = 1024;

/** A kind of body of a platform. */
export interface Wire {
  readonly subject: ChannelSubject;
  /** The longest body that the channel takes, as docs/channels.md says. */
  readonly maxBytes: number;
  /** The bytes of that body that are left for a text or a value. */
  readonly room: number;
  withText(text: string): string;
  /** With a value in JSON at a place where the platform has such values. */
  withValue(value: string): string;
}

export const ofSlack = (inner: string): string =>
  `{"type":"event_callback","team_id":"T1","event_id":"E1","authorizations":[{"user_id":"UBOT","is_bot":true}],"event":{"type":"message","channel":"D1","user":"U1","ts":"1.1",${inner}}}`;
export const ofTelegram = (inner: string): string =>
  `{"update_id":1,"message":{"from":{"id":101,"is_bot":false},"chat":{"id":101,"type":"private"},${inner}}}`;
const form = (fields: Readonly<Record<string, string>>): string =>
  new URLSearchParams(fields).toString();
const pressed = (actions: string, message: string): string =>
  form({
    payload: `{"type":"block_actions","team":{"id":"T1"},"user":{"id":"U1"},"channel":{"id":"D1"},"actions":${actions},"message":{"blocks":${message}}}`,
  });
export const quoted = (text: string): string => JSON.stringify(text);

export const wires: readonly (readonly [name: string, wire: Wire])[] = [
  [
    'json',
    {
      subject: jsonSubject,
      maxBytes: 512 * KIB,
      room: 511 * KIB,
      withText: (text) => `{"user":"ann","id":"1","text":${quoted(text)}}`,
      withValue: (value) =>
        `{"user":"ann","id":"1","message":{"type":"message.text","text":"hi","x":${value}}}`,
    },
  ],
  [
    'an event of Slack',
    {
      subject: slackSubject,
      maxBytes: 512 * KIB,
      room: 511 * KIB,
      withText: (text) => ofSlack(`"text":${quoted(text)}`),
      withValue: (value) => ofSlack(`"text":"x","blocks":${value}`),
    },
  ],
  [
    'an event of Slack with files',
    {
      subject: slackSubject,
      maxBytes: 512 * KIB,
      room: 511 * KIB,
      withText: (text) => ofSlack(`"text":${quoted(text)},"files":[{},{}]`),
      withValue: (value) => ofSlack(`"text":"x","files":${value}`),
    },
  ],
  [
    'a form of Slack',
    {
      subject: slackSubject,
      maxBytes: 512 * KIB,
      room: 300 * KIB,
      withText: (text) =>
        form({ team_id: 'T1', channel_id: 'D1', user_id: 'U1', command: '/a', text }),
      withValue: (value) => pressed(`[${'{"value":"v"},'.repeat(24)}{}]`, value),
    },
  ],
  [
    'telegram',
    {
      subject: telegramSubject,
      maxBytes: 256 * KIB,
      room: 255 * KIB,
      withText: (text) => ofTelegram(`"text":${quoted(text)}`),
      withValue: (value) => ofTelegram(`"text":"x","entities":${value}`),
    },
  ],
  [
    'new members of a group of Telegram',
    {
      subject: telegramSubject,
      maxBytes: 256 * KIB,
      room: 240 * KIB,
      withText: (text) => ofTelegram(`"x":${quoted(text)},"new_chat_members":[{"id":1},{"id":2}]`),
      withValue: (value) =>
        ofTelegram(`"x":${value},"new_chat_members":[${many((at) => `{"id":${at + 1}}`, 150)}]`),
    },
  ],
  ...(
    [
      ['wechat in compat mode', compatWechatSubject],
      ['wecom', wecomSubject],
    ] as const
  ).map(([name, subject]): readonly [string, Wire] => [
    name,
    {
      subject,
      maxBytes: 64 * KIB,
      room: 40 * KIB,
      withText: (text) =>
        xml({ ToUserName: 'wx5823bf96d3bd56c7', Content: text.slice(0, 8 * KIB) }),
      withValue: (value) =>
        `{"ToUserName":"wx5823bf96d3bd56c7","FromUserName":"ann","CreateTime":1,"MsgType":"text","Content":"x","MsgId":1,"x":${value}}`,
    },
  ]),
];

export function many(make: (at: number) => string, count: number): string {
  return Array.from({ length: count }, (_each, at) => make(at)).join(',');
}

/** A bot that takes bodies of a platform. */
export async function open(
  { subject }: Wire,
  options: WebhookOptions = {},
): Promise<{ deliver(body: string): Promise<number>; readonly errors: readonly unknown[] }> {
  const clock = createManualClock();
  const store = createContextStore({ clock });
  const runner = createRunner(dialogue, { store });
  const fetch = async () => Response.json({ ok: true, result: { message_id: 1 } });
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push((error as { code?: unknown }).code);
  const handler = createWebhook(runner, subject.open({ fetch, clock }), {
    clock,
    onError,
    ...options,
  });
  onTestFinished(async () => {
    await runner.stop();
    await store.close();
  });
  const deliver = async (body: string): Promise<number> => {
    const { url, headers, body: bytes } = subject.sign({ body }, clock.now());
    const init = { method: 'POST', headers, body: new Uint8Array(bytes) };
    return (await handler(new Request(url, init))).status;
  };
  return { deliver, errors };
}
