import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Call {
  readonly method: string;
  readonly chat_id?: number;
  readonly text?: string;
  readonly reply_markup?: { readonly inline_keyboard: readonly (readonly Button[])[] };
}

interface Button {
  readonly text: string;
  readonly callback_data: string;
}

/** The side of Telegram: sends the updates of one user, and takes the bot's calls, in answers and by the Bot API. */
export interface Telegram {
  /** The address of this Bot API. */
  readonly url: string;
  /** What the user saw, in order. */
  readonly shown: readonly Call[];
  /**
   * The user types, or presses the button with that value under the last message. With an old id, it is the same update
   * again.
   */
  say(bot: Address, text: string, updateId?: number): Promise<number>;
  press(bot: Address, value: string, updateId?: number): Promise<number>;
  close(): Promise<void>;
}

/** The address of the bot, and the secret of `setWebhook`. */
export interface Address {
  readonly url: string;
  readonly secret: string;
}

/** @param token of the bot; calls with another token are refused, as by Telegram */
export async function startTelegram(token: string): Promise<Telegram> {
  const shown: Call[] = [];
  const server = createServer((req, res) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk as Buffer);
      const [, called, method = ''] = /^\/bot([^/]+)\/(\w+)$/.exec(req.url ?? '') ?? [];
      res.setHeader('content-type', 'application/json');
      if (called !== token) {
        res.writeHead(401).end('{"ok":false,"error_code":401,"description":"Unauthorized"}');
        return;
      }
      take({ ...(JSON.parse(Buffer.concat(chunks).toString()) as object), method });
      res.end('{"ok":true,"result":{}}');
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function take(call: Call): void {
    if (call.method === 'sendMessage') shown.push(call);
  }

  const user = { id: 101, is_bot: false };
  const chat = { id: 101, type: 'private' };
  let lastUpdate = 5000;
  async function send({ url, secret }: Address, updateId: number, update: object): Promise<number> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': secret },
      body: JSON.stringify({ update_id: updateId, ...update }),
    });
    const body = await response.text();
    if (response.status !== 200) throw new Error(`The bot answered ${response.status}.`);
    if (body !== '') take(JSON.parse(body) as Call);
    return updateId;
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    shown,
    say: (bot, text, updateId = (lastUpdate += 1)) =>
      send(bot, updateId, { message: { from: user, chat, text } }),
    press(bot, value, updateId = (lastUpdate += 1)) {
      const markup = shown.at(-1)?.reply_markup;
      const buttons = markup?.inline_keyboard.flat() ?? [];
      // Besides the value, the data names the question of the button.
      const pressed = buttons.find((button) => button.callback_data.endsWith(`~${value}`));
      return send(bot, updateId, {
        callback_query: {
          id: String(updateId),
          from: user,
          data: pressed?.callback_data ?? value,
          message: { chat, reply_markup: markup },
        },
      });
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
