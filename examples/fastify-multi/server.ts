import { type Clock, createContextStore, createRunner, systemClock } from 'colloquy';
import { jsonWebhook } from 'colloquy/channels/json';
import { toNodeListener } from 'colloquy/channels/node';
import { createWebhook } from 'colloquy/channels/webhook';
import Fastify from 'fastify';
import { WECHAT_SETTINGS, createAccount } from '../express-wechat/account.ts';
import {
  type Bot,
  type Environment,
  closeServer,
  readAddress,
  readSettings,
  report,
} from '../serving.ts';
import tea from './dialogue.ts';
import { openPersister } from './persister.ts';

/** What a test replaces. */
export interface Parts {
  readonly clock?: Clock;
}

/** One runner behind WeChat and a JSON webhook, whose users are different, on Redis or LMDB. */
export async function startBot(
  env: Environment,
  { clock = systemClock }: Parts = {},
): Promise<Bot> {
  const settings = readSettings(env, {
    ...WECHAT_SETTINGS,
    JSON_SECRET: 'what the callers of the JSON webhook sign with',
  });
  const address = readAddress(env);
  const { JSON_PUSH_URL: pushUrl } = env;
  // Different prefixes: an `ann` of WeChat and an `ann` of the webhook are two people.
  const channels = {
    '/wechat': createAccount(env, settings, { clock, prefix: 'wechat:' }),
    '/json': jsonWebhook({
      secret: settings.JSON_SECRET,
      prefix: 'json:',
      // Without an address to push to, late replies wait for the user's next message.
      ...(pushUrl && { push: { url: pushUrl, clock } }),
    }),
  };

  const { persister, close } = openPersister(env);
  const store = createContextStore({ persister, clock });
  const runner = createRunner(tea, { store });
  runner.on('error', ({ error }) => report(error));

  const app = Fastify();
  app.get('/health', () => ({ records: store.stats().records }));
  app.register(async (bots) => {
    // The signature is over the bytes of a body, so no parser runs here; other routes keep their parsers.
    bots.removeAllContentTypeParsers();
    bots.addContentTypeParser('*', (_request, _payload, done) => done(null));
    for (const [path, channel] of Object.entries(channels)) {
      const handler = createWebhook(runner, channel, { clock, onError: report });
      const listener = toNodeListener(handler, { onError: report });
      bots.all(path, (request, reply) => {
        reply.hijack();
        listener(request.raw, reply.raw);
      });
    }
  });
  // Fastify closes idle connections once, and then waits a minute for those that become idle later.
  app.addHook('preClose', () => closeServer(app.server));
  // Fastify calls this when every request has its answer.
  app.addHook('onClose', async () => {
    await runner.stop();
    await store.close();
    await close();
  });
  try {
    await app.ready();
    // The webhooks exist now, so they deliver the replies that fell due while no process ran.
    await runner.start();
    return { url: await app.listen(address), close: () => app.close() };
  } catch (error) {
    await app.close();
    throw error;
  }
}
