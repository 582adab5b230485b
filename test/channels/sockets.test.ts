import { once } from 'node:events';
import { type IncomingMessage, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createContextStore, createRunner, setupDialogue } from 'colloquy';
import { jsonWebhook } from 'colloquy/channels/json';
import { toNodeListener } from 'colloquy/channels/node';
import { slack } from 'colloquy/channels/slack';
import { telegram } from 'colloquy/channels/telegram';
import { createWebhook } from 'colloquy/channels/webhook';
import { type ChannelSubject, createManualClock } from 'colloquy/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { Channel } from '../../src/channels/channel.ts';
import { SECRET as JSON_SECRET, jsonSubject } from './subjects/json.ts';
import { SECRET as SLACK_SECRET, TOKEN as SLACK_TOKEN, slackSubject } from './subjects/slack.ts';
import {
  SECRET as TELEGRAM_SECRET,
  TOKEN as TELEGRAM_TOKEN,
  telegramSubject,
} from './subjects/telegram.ts';

const { choose, createDialogue, done, reply } = setupDialogue({
  types: {} as { context: { drink?: string } },
});
const tea = createDialogue({
  id: 'tea',
  context: {},
  initial: 'asking',
  states: {
    asking: choose({
      question: 'Which?',
      options: [
        { value: 'green', label: 'Green' },
        { value: 'black', label: 'Black' },
      ],
      assign: 'drink',
      target: 'served',
    }),
    served: {
      entry: [reply('Here you are.'), reply(({ context }) => `It is ${context.drink ?? 'none'}.`)],
      after: { 60_000: { target: 'gone' } },
    },
    gone: done('It is cold now.'),
  },
});

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function listen(listener: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => new Promise((closed) => server.close(closed)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Pushed {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
}

/** The platform's interface, which notes what it is sent. */
async function startPlatform(): Promise<{ url: string; pushed: Pushed[] }> {
  const pushed: Pushed[] = [];
  const url = await listen((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Pushed['body'];
      pushed.push({ path: req.url ?? '', headers: req.headers, body });
      res.setHeader('content-type', 'application/json').end('{"ok":true,"result":{}}');
    });
  });
  return { url, pushed };
}

async function startBot(subject: ChannelSubject, open: (platform: string) => Channel) {
  const { url: platform, pushed } = await startPlatform();
  const clock = createManualClock({ now: 1_700_000_000_000 });
  const store = createContextStore({ clock });
  const runner = createRunner(tea, { store });
  const errors: unknown[] = [];
  runner.on('error', ({ error }) => errors.push(error));
  const handler = createWebhook(runner, open(platform), {
    clock,
    onError: (error) => errors.push(error),
  });
  const bot = await listen(toNodeListener(handler));
  closing.push(() => runner.stop());
  const send = async (body: string) => {
    const { url, headers, body: bytes } = subject.sign({ body }, clock.now());
    const path = new URL(url).pathname;
    const response = await fetch(bot + path, {
      method: 'POST',
      headers,
      body: new Uint8Array(bytes),
    });
    return { status: response.status, body: await response.text() };
  };
  /** The pushes since then, as soon as there are `count`. */
  const awaitPushed = async (count: number): Promise<Pushed[]> => {
    // Pushes pass through real sockets, of which the manual clock knows nothing.
    await expect
      .poll(() => clock.advance(0).then(() => pushed.length), { timeout: 20_000 })
      .toBe(count);
    return pushed.splice(0);
  };
  return { send, awaitPushed, clock, errors };
}

describe('over real sockets', () => {
  it('a conversation runs over Telegram: an answer, a button, a reminder', async () => {
    const { send, awaitPushed, clock, errors } = await startBot(telegramSubject, (baseUrl) =>
      telegram({ token: TELEGRAM_TOKEN, secret: TELEGRAM_SECRET, baseUrl }),
    );
    const from = { id: 101, is_bot: false };
    const chat = { id: 101, type: 'private' };
    const asked = await send(
      JSON.stringify({ update_id: 1, message: { from, chat, text: '你好' } }),
    );
    const question = JSON.parse(asked.body) as object;
    expect(question).toMatchObject({ method: 'sendMessage', chat_id: 101, text: 'Which?' });

    const { reply_markup: keyboard } = question as {
      reply_markup: { inline_keyboard: { text: string; callback_data: string }[][] };
    };
    const black = keyboard.inline_keyboard
      .flat()
      .find((button) => button.callback_data.endsWith('black'));
    const pressed = JSON.stringify({
      update_id: 2,
      callback_query: {
        id: '77',
        from,
        data: black?.callback_data,
        message: { chat, reply_markup: keyboard },
      },
    });
    for (const delivery of [await send(pressed), await send(pressed)]) {
      expect(JSON.parse(delivery.body)).toEqual({
        method: 'answerCallbackQuery',
        callback_query_id: '77',
      });
    }
    const said = await awaitPushed(2);
    expect(said.map(({ body }) => body)).toEqual([
      { chat_id: 101, text: 'Here you are.' },
      { chat_id: 101, text: 'It is black.' },
    ]);
    expect(said[0]?.path).toBe(`/bot${TELEGRAM_TOKEN}/sendMessage`);

    await clock.advance({ minutes: 1 });
    expect((await awaitPushed(1))[0]?.body).toEqual({ chat_id: 101, text: 'It is cold now.' });
    expect(errors).toEqual([]);
  });

  it('a conversation runs over Slack: nothing in the answer, all of it pushed', async () => {
    const { send, awaitPushed, errors } = await startBot(slackSubject, (baseUrl) =>
      slack({ signingSecret: SLACK_SECRET, token: SLACK_TOKEN, baseUrl }),
    );
    const event = (id: string, ts: string, text: string): string =>
      JSON.stringify({
        type: 'event_callback',
        team_id: 'T1',
        event_id: id,
        event: { type: 'message', channel: 'D1', user: 'U1', ts, text },
      });
    expect(await send(event('Ev1', '1.1', '你好'))).toEqual({ status: 200, body: '' });
    const [question] = await awaitPushed(1);
    expect(question).toMatchObject({
      path: '/chat.postMessage',
      headers: { authorization: `Bearer ${SLACK_TOKEN}` },
      body: { channel: 'D1', text: 'Which?' },
    });
    const said = question?.body as
      { readonly blocks?: readonly { type: string; block_id?: string }[] } | undefined;
    const block = said?.blocks?.find(({ type }) => type === 'actions')?.block_id;
    const payload = JSON.stringify({
      type: 'block_actions',
      team: { id: 'T1' },
      user: { id: 'U1' },
      channel: { id: 'D1' },
      actions: [{ value: 'green', action_ts: '2.1', action_id: 'choice:0', block_id: block }],
    });
    const pressed = new URLSearchParams({ payload }).toString();
    expect(await send(pressed)).toEqual({ status: 200, body: '' });
    expect(await send(pressed)).toEqual({ status: 200, body: '' });
    expect((await awaitPushed(2)).map(({ body }) => body['text'])).toEqual([
      'Here you are.',
      'It is green.',
    ]);
    expect(errors).toEqual([]);
  });

  it('a conversation runs over JSON: all of it in the answer, what is late pushed', async () => {
    const { send, awaitPushed, clock, errors } = await startBot(jsonSubject, (url) =>
      jsonWebhook({ secret: JSON_SECRET, push: { url: `${url}/replies` } }),
    );
    const asked = await send('{"user":"ann","id":"1","text":"你好"}');
    expect(JSON.parse(asked.body)).toMatchObject({
      replies: [{ type: 'choices', text: 'Which?' }],
    });
    const answered = await send('{"user":"ann","id":"2","text":"black"}');
    const again = await send('{"user":"ann","id":"2","text":"black"}');
    expect(JSON.parse(answered.body)).toEqual({
      replies: [
        { type: 'text', text: 'Here you are.' },
        { type: 'text', text: 'It is black.' },
      ],
    });
    expect(again).toEqual(answered);
    await clock.advance({ minutes: 1 });
    const [late] = await awaitPushed(1);
    expect(late).toMatchObject({
      path: '/replies',
      body: {
        user: 'ann',
        id: expect.any(String),
        reply: { type: 'text', text: 'It is cold now.' },
      },
    });
    expect(late?.headers['x-colloquy-signature']).toMatch(/^t=\d{10},v1=[\da-f]{64}$/);
    expect(errors).toEqual([]);
  });
});
