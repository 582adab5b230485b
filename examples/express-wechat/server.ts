import { createServer } from 'node:http';
import { type Clock, createContextStore, createRunner, systemClock } from 'colloquy';
import { toNodeListener } from 'colloquy/channels/node';
import { createWebhook } from 'colloquy/channels/webhook';
import { lmdb } from 'colloquy/persist/lmdb';
import express from 'express';
import { createRestaurant } from '../restaurant-booking/dialogue.ts';
import { type Tables, createTables } from '../restaurant-booking/tables.ts';
import {
  type Bot,
  type Environment,
  closeServer,
  listen,
  readSettings,
  report,
} from '../serving.ts';
import { WECHAT_SETTINGS, createAccount } from './account.ts';

/** What a test replaces. */
export interface Parts {
  readonly clock?: Clock;
  readonly tables?: Tables;
}

/** A restaurant that takes bookings by WeChat, in safe mode (安全模式), beside the other routes of an Express app. */
export async function startBot(
  env: Environment,
  { clock = systemClock, tables = createTables() }: Parts = {},
): Promise<Bot> {
  const channel = createAccount(env, readSettings(env, WECHAT_SETTINGS), { clock });
  const { DATA: folder = 'data/express-wechat' } = env;
  const store = createContextStore({ persister: lmdb(folder), clock, age: 7 * 24 * 3600 });
  const runner = createRunner(createRestaurant(tables, { locale: 'zh-CN' }), {
    store,
    onError: () => '抱歉，出了点问题，请再试一次。',
  });
  runner.on('error', ({ error }) => report(error));
  const handler = createWebhook(runner, channel, { clock, onError: report });

  const app = express();
  // Before any parser: the signature is over the bytes of the body.
  app.use('/wechat', toNodeListener(handler, { onError: report }));
  app.use(express.json());
  app.get('/health', (_req, res) => void res.json({ records: store.stats().records }));

  const server = createServer(app);
  const end = async (): Promise<void> => {
    await runner.stop();
    await store.close();
  };
  try {
    // The webhook exists now, so it delivers the replies that fell due while no process ran.
    await runner.start();
    const url = await listen(server, env);
    return { url: `${url}/wechat`, close: () => closeServer(server).then(end) };
  } catch (error) {
    await end();
    throw error;
  }
}
