import { createContextStore, createRunner } from 'colloquy';
import { type TelegramOptions, telegram } from 'colloquy/channels/telegram';
import { type WebhookHandler, createWebhook } from 'colloquy/channels/webhook';
import { type Disk, createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { onTestFinished } from 'vitest';
import type { Channel } from '../../../src/channels/channel.ts';
import type { Inbound } from '../../../src/channels/reception.ts';

const SECRET = 's';

export const ann = { id: 101, is_bot: false, first_name: 'Ann' };
export const bob = { id: 102, is_bot: false, first_name: 'Bob', last_name: 'Roy' };
export const group = { id: -100, type: 'supergroup', title: 'Us' };
export const direct = { id: 101, type: 'private', first_name: 'Ann' };

export function request(update: object): Request {
  return new Request('https://bot.example', {
    method: 'POST',
    headers: { 'x-telegram-bot-api-secret-token': SECRET },
    body: JSON.stringify(update),
  });
}

export interface Call {
  readonly method: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A channel of a Bot API that answers as `api` says; every call is noted. */
export function channelOf(
  options: Partial<TelegramOptions> = {},
  api: (call: Call) => object = () => ({ ok: true, result: {} }),
): { readonly channel: Channel; readonly calls: Call[] } {
  const calls: Call[] = [];
  const channel = telegram({
    token: '1:a',
    secret: SECRET,
    async fetch(url, { body }) {
      const call = { method: url.split('/').at(-1) ?? '', body: JSON.parse(body) };
      calls.push(call);
      const answer = api(call) as { readonly ok?: boolean; readonly error_code?: number };
      return Response.json(answer, { status: answer.error_code ?? 200 });
    },
    ...options,
  });
  return { channel, calls };
}

/** What a channel makes of an update. */
export async function inboundOf(
  update: object,
  options: Partial<TelegramOptions> = {},
): Promise<readonly Inbound[]> {
  const { channel } = channelOf(options);
  return hear(channel, update);
}

export async function hear(channel: Channel, update: object): Promise<readonly Inbound[]> {
  const { headers, body } = request(update);
  const reception = await channel.receive({
    method: 'POST',
    url: new URL('https://bot.example'),
    headers,
    receivedAt: 0,
    readBody: async () => new Uint8Array(await new Response(body).arrayBuffer()),
  });
  if (reception.type !== 'messages') throw new Error(reception.type);
  return reception.messages;
}

let updates = 0;

/** A message of Ann's to the bot, in another update. */
export function message(
  content: object,
  { from = ann as object, chat = direct as object } = {},
): object {
  updates += 1;
  return { update_id: updates, message: { message_id: updates, date: 1, from, chat, ...content } };
}

export interface Bot {
  readonly handler: WebhookHandler;
  /** What was said, in answers and by pushes, in its order. */
  readonly said: string[];
  /** Gives an update to the bot, and waits until all has been said. */
  send(update: object): Promise<void>;
  /** Ends the process; the next one has the same disk. */
  restart(): Promise<void>;
}

/** A bot with a dialogue, its webhook and a disk. */
export function openBot(
  dialogue: Parameters<typeof createRunner>[0],
  options: Partial<TelegramOptions> = {},
): Bot {
  const disk: Disk = createDisk();
  const said: string[] = [];
  const clock = createManualClock();
  const start = () => {
    const store = createContextStore({ persister: memory(disk), clock });
    const runner = createRunner(dialogue, { store });
    const { channel } = channelOf(options, ({ body: { text } }) => {
      said.push(String(text));
      return { ok: true, result: {} };
    });
    const handler = createWebhook(runner, channel, { clock, onError: () => {} });
    return {
      handler,
      runner,
      async stop() {
        await runner.stop();
        await store.close();
      },
    };
  };
  let process = start();
  onTestFinished(() => process.stop());
  return {
    said,
    handler: (sent) => process.handler(sent),
    async send(update) {
      const work: Promise<unknown>[] = [];
      const waitUntil = (promise: Promise<unknown>): void => void work.push(promise);
      const answer = await (await process.handler(request(update), { waitUntil })).text();
      if (answer !== '') said.push((JSON.parse(answer) as { text: string }).text);
      await Promise.all(work);
    },
    async restart() {
      await process.stop();
      process = start();
    },
  };
}
