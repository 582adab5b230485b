import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Template } from '../../src/cli/new/project.ts';
import { vi } from 'vitest';
import { startTelegramServer } from '../support/telegram-server.ts';

/** The side of a platform: one user, who talks with a bot at its address. */
export interface Platform {
  /** The settings that the bot needs for it. */
  readonly env: Readonly<Record<string, string>>;
  /** What the bot answers, all in one text. */
  say(url: string, text: string): Promise<string>;
  close(): Promise<void>;
}

export const platforms: Readonly<Record<Exclude<Template, 'terminal'>, () => Promise<Platform>>> = {
  web: startBrowser,
  wechat: startWechat,
  telegram: startTelegram,
  slack: startSlack,
};

async function startBrowser(): Promise<Platform> {
  let cookie = '';
  let id = 0;
  return {
    env: { SECRET: 'a secret of the test' },
    async say(url, text) {
      const { origin } = new URL(url);
      const post = (body: object): Promise<Response> =>
        fetch(`${origin}/chat`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', origin, cookie },
          body: JSON.stringify(body),
        });
      if (cookie === '') {
        const hello = await post({ type: 'hello' });
        [cookie = ''] = (hello.headers.get('set-cookie') ?? '').split(';');
        return hello.text();
      }
      id += 1;
      const message = { type: 'message.text', text };
      return (await post({ type: 'message', id: String(id), message })).text();
    },
    close: async () => {},
  };
}

async function startWechat(): Promise<Platform> {
  const token = 'TokenOfTheTest';
  let id = 5_847_060_634_540_564_917n;
  return {
    env: { WECHAT_TOKEN: token },
    async say(url, text) {
      const [timestamp, nonce] = [String(Math.floor(Date.now() / 1000)), '42'];
      const signed = [token, timestamp, nonce].toSorted().join('');
      const signature = createHash('sha1').update(signed).digest('hex');
      id += 1n;
      const fields = {
        ToUserName: 'gh_test',
        FromUserName: 'o-user',
        CreateTime: timestamp,
        MsgType: 'text',
        Content: text,
        MsgId: String(id),
      };
      const body = Object.entries(fields).map(([name, value]) => `<${name}>${value}</${name}>`);
      const query = new URLSearchParams({ signature, timestamp, nonce });
      return post(`${url}?${String(query)}`, `<xml>${body.join('')}</xml>`, {
        'content-type': 'text/xml',
      });
    },
    close: async () => {},
  };
}

/** Telegram for a bot without an address: the bot asks for its updates. */
export async function startAskedTelegram(): Promise<Platform> {
  const token = '110201543:AAHdqTcv';
  const server = await startTelegramServer(token);
  return {
    env: { TELEGRAM_TOKEN: token, TELEGRAM_API: server.url },
    async say(_url, text) {
      const from = server.shown.length;
      server.say(text);
      await vi.waitUntil(() => server.shown.length > from, { timeout: 20_000 });
      return JSON.stringify(server.shown.slice(from));
    },
    close: () => server.close(),
  };
}

async function startTelegram(): Promise<Platform> {
  const secret = 'SecretOfTheTest01';
  const api = await startApi((path) => path.split('/').at(-1) ?? '');
  let updateId = 1000;
  return {
    env: {
      TELEGRAM_TOKEN: '110201543:AAHdqTcv',
      TELEGRAM_SECRET: secret,
      TELEGRAM_API: api.url,
      PUBLIC_URL: 'https://bot.example',
    },
    async say(url, text) {
      const hook = api.calls.find(({ method }) => method === 'setWebhook')?.body;
      if (hook !== JSON.stringify({ url: 'https://bot.example/telegram', secret_token: secret })) {
        throw new Error(`Telegram was not told where the bot is: ${hook}`);
      }
      const from = api.calls.length;
      updateId += 1;
      const chat = { id: 101, type: 'private' };
      const message = { message_id: updateId, from: { id: 101, is_bot: false }, chat, text };
      const address = new URL('/telegram', url).href;
      const answer = await post(address, JSON.stringify({ update_id: updateId, message }), {
        'content-type': 'application/json',
        'x-telegram-bot-api-secret-token': secret,
      });
      return [answer, ...api.calls.slice(from).map(({ body }) => body)].join('\n');
    },
    close: api.close,
  };
}

async function startSlack(): Promise<Platform> {
  const secret = '0123456789abcdef';
  const api = await startApi((path) => path.split('/').at(-1) ?? '');
  let id = 0;
  return {
    env: { SLACK_SIGNING_SECRET: secret, SLACK_TOKEN: 'xoxb-1', SLACK_API: `${api.url}/api` },
    async say(url, text) {
      id += 1;
      const now = String(Math.floor(Date.now() / 1000));
      const body = JSON.stringify({
        type: 'event_callback',
        team_id: 'T1',
        event_id: `Ev${id}`,
        event: {
          type: 'message',
          channel_type: 'im',
          channel: 'D1',
          user: 'U1',
          ts: `${now}.${id}`,
          text,
        },
      });
      const signature = createHmac('sha256', secret).update(`v0:${now}:${body}`).digest('hex');
      const said = api.next();
      await post(url, body, {
        'content-type': 'application/json',
        'x-slack-request-timestamp': now,
        'x-slack-signature': `v0=${signature}`,
      });
      return said;
    },
    close: api.close,
  };
}

async function post(url: string, body: string, headers: Record<string, string>): Promise<string> {
  const response = await fetch(url, { method: 'POST', headers, body });
  if (response.status !== 200) throw new Error(`The bot answered ${response.status}.`);
  return response.text();
}

/** The API of a platform, which takes everything. */
interface Api {
  readonly url: string;
  readonly calls: readonly { readonly method: string; readonly body: string }[];
  /** The body of the next call. */
  next(): Promise<string>;
  close(): Promise<void>;
}

async function startApi(methodOf: (path: string) => string): Promise<Api> {
  const calls: { method: string; body: string }[] = [];
  const waiting: ((body: string) => void)[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      let body = '';
      for await (const part of request.setEncoding('utf8')) body += String(part);
      calls.push({ method: methodOf(request.url ?? ''), body });
      response.setHeader('content-type', 'application/json');
      response.end('{"ok":true,"result":{}}');
      waiting.shift()?.(body);
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    next: () => new Promise((resolve) => void waiting.push(resolve)),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
