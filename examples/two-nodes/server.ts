import { createServer } from 'node:http';
import { createContextStore, createRunner } from 'colloquy';
import { jsonWebhook } from 'colloquy/channels/json';
import { toNodeListener } from 'colloquy/channels/node';
import { createWebhook } from 'colloquy/channels/webhook';
import { redis } from 'colloquy/persist/redis';
import { Redis } from 'ioredis';
import tea from './dialogue.ts';
import {
  type Bot,
  type Environment,
  closeServer,
  listen,
  readSettings,
  report,
} from './serving.ts';

/** One node. All nodes on the same Redis serve the same users. */
export async function startBot(env: Environment): Promise<Bot> {
  const settings = readSettings(env, {
    REDIS_URL: 'the Redis of all nodes, such as redis://127.0.0.1:6379',
    JSON_SECRET: 'what the callers of the webhook sign with',
  });
  const { JSON_PUSH_URL: pushUrl, REDIS_PREFIX: prefix = 'tea' } = env;
  const channel = jsonWebhook({
    secret: settings.JSON_SECRET,
    // Without an address to push to, late replies wait for the user's next message.
    ...(pushUrl && { push: { url: pushUrl } }),
  });

  // A call without a server fails soon, so that the caller can send its message again.
  const client = new Redis(settings.REDIS_URL, { maxRetriesPerRequest: 1, commandTimeout: 2000 });
  client.on('error', report);
  try {
    await client.ping();
  } catch (error) {
    client.disconnect();
    throw new Error('Redis does not answer at the address of REDIS_URL.', { cause: error });
  }
  const store = createContextStore({
    persister: redis(client, { prefix }),
    // The users of a dead node are free after four seconds: within the time that an answer has. The other nodes look
    // every second for what it has left undone.
    lease: { ttlMs: 4000 },
  });
  const runner = createRunner(tea, { store });
  runner.on('error', ({ error }) => report(error));
  const webhook = createWebhook(runner, channel, { onError: report });

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === '/json') return webhook(request);
    return pathname === '/health'
      ? Response.json({ redis: client.status })
      : new Response(null, { status: 404 });
  }

  const server = createServer(toNodeListener(answer, { onError: report }));
  const end = async (): Promise<void> => {
    await runner.stop();
    await store.close();
    client.disconnect();
  };
  try {
    // The webhook exists now, so this node pushes the replies that fell due while no node ran.
    await runner.start();
    const url = await listen(server, env);
    return { url, close: () => closeServer(server).then(end) };
  } catch (error) {
    await end();
    throw error;
  }
}
