import { createServer } from 'node:http';
import { type Clock, createContextStore, createRunner, systemClock } from 'colloquy';
import { toNodeListener } from 'colloquy/channels/node';
import { telegram } from 'colloquy/channels/telegram';
import { createWebhook } from 'colloquy/channels/webhook';
import { lmdb } from 'colloquy/persist/lmdb';
import survey from './dialogue.ts';
import {
  type Bot,
  type Environment,
  closeServer,
  listen,
  readSettings,
  report,
} from './serving.ts';

/** What a test replaces. */
export interface Parts {
  readonly clock?: Clock;
}

/** A survey in Telegram, with buttons for answers. */
export async function startBot(
  env: Environment,
  { clock = systemClock }: Parts = {},
): Promise<Bot> {
  const settings = readSettings(env, {
    TELEGRAM_TOKEN: 'the token of the bot, as BotFather gives it',
    TELEGRAM_SECRET: 'the secret_token that setWebhook was given',
  });
  const { TELEGRAM_API: baseUrl, DATA: folder = 'data' } = env;
  const channel = telegram({
    token: settings.TELEGRAM_TOKEN,
    secret: settings.TELEGRAM_SECRET,
    ...(baseUrl && { baseUrl }),
  });

  const store = createContextStore({ persister: lmdb(folder), clock });
  const runner = createRunner(survey, { store, onError: () => 'Sorry, please say that again.' });
  runner.on('error', ({ error }) => report(error));
  const webhook = createWebhook(runner, channel, { clock, onError: report });

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === '/telegram') return webhook(request);
    return pathname === '/health'
      ? Response.json({ records: store.stats().records })
      : new Response(null, { status: 404 });
  }

  const server = createServer(toNodeListener(answer, { onError: report }));
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
