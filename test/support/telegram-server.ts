import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from 'colloquy';

/** A call of the bot. */
export interface BotCall {
  readonly method: string;
  readonly chat_id?: number;
  readonly text?: string;
  readonly reply_markup?: { readonly inline_keyboard: readonly (readonly Button[])[] };
  readonly [parameter: string]: unknown;
}

interface Button {
  readonly text: string;
  readonly callback_data: string;
}

/** What becomes of a call instead of what should: an answer of another kind, a cut connection, or none until the test ends. */
export type TelegramFault = { readonly status: number; readonly body: unknown } | 'cut' | 'silence';

/**
 * The Bot API for one bot, over HTTP, as far as polling needs it (https://core.telegram.org/bots/api#getting-updates): updates are
 * kept until a call has an offset behind them, a call waits until there is one, a second call ends the first one with 409, and
 * with a webhook there is nothing to ask for.
 */
export interface TelegramServer {
  readonly url: string;
  readonly port: number;
  /** All calls of the bot but `getUpdates`, in their order. */
  readonly calls: readonly BotCall[];
  /** The parameters of all calls of `getUpdates`. */
  readonly asked: readonly Readonly<Record<string, unknown>>[];
  /** What users saw, in order. */
  readonly shown: readonly BotCall[];
  /** The numbers of the updates that are not confirmed. */
  readonly waiting: readonly number[];
  /** Number of calls of `getUpdates` that wait now. */
  readonly asking: number;
  /** How often each update was given to the bot. */
  readonly given: ReadonlyMap<number, number>;
  /** What becomes of the next calls of a method. */
  readonly faults: Map<string, TelegramFault[]>;
  /** The webhook that is set; empty where there is none. */
  webhook: string;
  /** Is called when a call has come, before anything is done, and when its answer is sent. */
  onFrame: ((frame: 'call' | 'answer', method: string) => Promise<void>) | undefined;
  /** Sends an update, and returns its number. */
  send(update: object, updateId?: number): number;
  /** A user says something in their private chat. */
  say(text: string, user?: number): number;
  /** A user presses the button with that value under the last message. */
  press(value: string, user?: number): number;
  /** Ends the call that waits, as after its time. */
  lapse(): void;
  close(): Promise<void>;
}

export async function startTelegramServer(token: string): Promise<TelegramServer> {
  const calls: BotCall[] = [];
  const asked: Record<string, unknown>[] = [];
  const shown: BotCall[] = [];
  const given = new Map<number, number>();
  const faults = new Map<string, TelegramFault[]>();
  let updates: { readonly update_id: number }[] = [];
  let lastUpdate = 5000;
  let poll: { end(answer?: object): void } | undefined;

  const server = createServer((request, response) => {
    void answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const [, called, method = ''] = /^\/bot([^/]+)\/(\w+)$/.exec(request.url ?? '') ?? [];
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body), () => {
        void state.onFrame?.('answer', method);
      });
    };
    const fail = (code: number, description: string): void =>
      send(code, { ok: false, error_code: code, description });
    await state.onFrame?.('call', method);
    const fault = faults.get(method)?.shift();
    if (fault === 'cut') return void request.socket.destroy();
    if (fault === 'silence') return;
    if (fault !== undefined) return send(fault.status, fault.body);
    if (called !== token) return fail(401, 'Unauthorized');
    const text = Buffer.concat(chunks).toString();
    const parameters = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    if (method === 'getUpdates') return getUpdates(parameters, request, { send, fail });
    calls.push({ method, ...parameters });
    if (method === 'setWebhook') state.webhook = String(parameters['url']);
    if (method === 'deleteWebhook') state.webhook = '';
    if (method === 'sendMessage') shown.push({ method, ...parameters });
    if (method === 'getWebhookInfo') return send(200, { ok: true, result: { url: state.webhook } });
    if (method === 'getMe') return send(200, { ok: true, result: { username: 'PizzaBot' } });
    send(200, { ok: true, result: true });
  }

  function getUpdates(
    parameters: Record<string, unknown>,
    request: IncomingMessage,
    {
      send,
      fail,
    }: { send(status: number, body: unknown): void; fail(code: number, text: string): void },
  ): void {
    const { offset = 0, limit = 100, timeout = 0 } = parameters;
    if (state.webhook !== '') {
      return fail(409, "Conflict: can't use getUpdates method while webhook is active");
    }
    asked.push(parameters);
    poll?.end();
    updates = updates.filter(({ update_id: id }) => id >= Number(offset));
    const give = (): void => {
      const result = updates.slice(0, Number(limit));
      for (const { update_id: id } of result) given.set(id, (given.get(id) ?? 0) + 1);
      send(200, { ok: true, result });
    };
    if (updates.length > 0 || Number(timeout) === 0) return give();
    const cancel = systemClock.wake(systemClock.now() + Number(timeout) * 1000, () => end({}));
    const end = (answered?: object): void => {
      cancel();
      if (poll === self) poll = undefined;
      if (answered === undefined) fail(409, 'Conflict: terminated by other getUpdates request');
      else give();
    };
    const self = { end };
    poll = self;
    request.socket.once('close', () => {
      cancel();
      if (poll === self) poll = undefined;
    });
  }

  const userOf = (id: number) => ({ id, is_bot: false, first_name: `User ${id}` });
  const state: TelegramServer = {
    url: `http://127.0.0.1:${port}`,
    port,
    calls,
    asked,
    shown,
    given,
    faults,
    webhook: '',
    onFrame: undefined,
    get waiting() {
      return updates.map(({ update_id: id }) => id);
    },
    get asking() {
      return poll === undefined ? 0 : 1;
    },
    send(update: object, updateId = (lastUpdate += 1)) {
      updates.push({ update_id: updateId, ...update });
      poll?.end({});
      return updateId;
    },
    say(text: string, user = 101) {
      const chat = { id: user, type: 'private' };
      return state.send({ message: { message_id: 1, date: 1, from: userOf(user), chat, text } });
    },
    press(value: string, user = 101) {
      const markup = shown.findLast(({ chat_id: id }) => id === user)?.reply_markup;
      const buttons = markup?.inline_keyboard.flat() ?? [];
      // Besides the value, the data names the question of the button.
      const pressed = buttons.find((button) => button.callback_data.endsWith(`~${value}`));
      const message = { chat: { id: user, type: 'private' }, reply_markup: markup };
      const data = pressed?.callback_data ?? value;
      const id = String((lastUpdate += 1));
      return state.send({ callback_query: { id, from: userOf(user), data, message } }, lastUpdate);
    },
    lapse: () => poll?.end({}),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return state;
}
