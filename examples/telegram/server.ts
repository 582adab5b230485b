import { createServer } from 'node:http';
import { type Clock, createContextStore, createRunner, systemClock } from 'colloquy';
import { toNodeListener } from 'colloquy/channels/node';
import { createSource } from 'colloquy/channels/source';
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

/**
 * A survey in Telegram, with buttons for answers. With a secret, Telegram calls it; without one, it asks Telegram for updates,
 * and needs no address.
 */
export async function startBot(
  env: Environment,
  { clock = systemClock }: Parts = {},
): Promise<Bot> {
  const { TELEGRAM_TOKEN: token } = readSettings(env, {
    TELEGRAM_TOKEN: 'the token of the bot, as BotFather gives it',
  });
  const { TELEGRAM_SECRET: secret, TELEGRAM_API: api, DATA: folder = 'data' } = env;
  const options = { token, ...(api && { baseUrl: api }) };
  const channel = secret ? telegram({ ...options, secret }) : undefined;
  const asking = telegram(options);

  const store = createContextStore({ persister: lmdb(folder), clock });
  const runner = createRunner(survey, { store, onError: () => 'Sorry, please say that again.' });
  runner.on('error', ({ error }) => report(error));
  const webhook = channel && createWebhook(runner, channel, { clock, onError: report });
  const source = channel ? undefined : createSource(runner, asking, { clock, onError: report });

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (webhook && pathname === '/telegram') return webhook(request);
    return pathname === '/health'
      ? Response.json({ records: store.stats().records })
      : new Response(null, { status: 404 });
  }

  const server = createServer(toNodeListener(answer, { onError: report }));
  const end = async (): Promise<void> => {
    await source?.stop();
    await runner.stop();
    await store.close();
  };
  try {
    // The channel is there now, so it delivers the replies that fell due while no process ran.
    await runner.start();
    const url = await listen(server, env);
    return {
      url: `${url}/${webhook ? 'telegram' : 'health'}`,
      close: () => closeServer(server).then(end),
    };
  } catch (error) {
    await end();
    throw error;
  }
}
