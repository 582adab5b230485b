import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { type Clock, createContextStore, createRunner, systemClock } from 'colloquy';
import { telegram } from 'colloquy/channels/telegram';
import { createWebhook } from 'colloquy/channels/webhook';
import { lmdb } from 'colloquy/persist/lmdb';
import { Hono } from 'hono';
import {
  type Bot,
  type Environment,
  closeServer,
  listen,
  readSettings,
  report,
} from '../serving.ts';
import survey from '../survey/dialogue.ts';

/** What a test replaces. */
export interface Parts {
  readonly clock?: Clock;
}

/** A survey in Telegram, with buttons for answers, beside the other routes of a Hono app. */
export async function startBot(
  env: Environment,
  { clock = systemClock }: Parts = {},
): Promise<Bot> {
  const settings = readSettings(env, {
    TELEGRAM_TOKEN: 'the token of the bot, as BotFather gives it',
    TELEGRAM_SECRET: 'the secret_token that setWebhook was given',
  });
  const { TELEGRAM_API: baseUrl, DATA: folder = 'data/hono-telegram' } = env;
  const channel = telegram({
    token: settings.TELEGRAM_TOKEN,
    secret: settings.TELEGRAM_SECRET,
    ...(baseUrl && { baseUrl }),
  });

  const store = createContextStore({ persister: lmdb(folder), clock });
  const runner = createRunner(survey, { store, onError: () => 'Sorry, please say that again.' });
  runner.on('error', ({ error }) => report(error));
  const handler = createWebhook(runner, channel, { clock, onError: report });

  const app = new Hono();
  app.all('/telegram', handler);
  app.get('/health', (c) => c.json({ records: store.stats().records }));

  const listener = getRequestListener(app.fetch);
  const server = createServer((req, res) => void listener(req, res));
  const end = async (): Promise<void> => {
    await runner.stop();
    await store.close();
  };
  try {
    // The webhook exists now, so it delivers the replies that fell due while no process ran.
    await runner.start();
    const url = await listen(server, env);
    return { url: `${url}/telegram`, close: () => closeServer(server).then(end) };
  } catch (error) {
    await end();
    throw error;
  }
}
