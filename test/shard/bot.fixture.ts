import { createServer } from 'node:http';
import { createContextStore, createRunner } from 'colloquy';
import { toNodeListener } from 'colloquy/channels/node';
import { createWebhook } from 'colloquy/channels/webhook';
import { wechat } from 'colloquy/channels/wechat';
import { redis } from 'colloquy/persist/redis';
import { Redis } from 'ioredis';
import { type Counted, dialogue } from '../nodes/dialogue.ts';
import { NODE } from './bot-process.ts';

/** How a node has to serve; the first message that it receives. */
export interface BotOptions {
  readonly name: string;
  readonly port: number;
  readonly redis: { readonly url: string; readonly prefix: string };
  readonly token: string;
  readonly lease: { readonly ttlMs?: number };
}

async function serve({ name, port, redis: place, token, lease }: BotOptions): Promise<void> {
  const store = createContextStore<Counted>({
    persister: redis(new Redis(place.url), { prefix: place.prefix }),
    lease: { owner: `${name}-${process.pid}`, ...lease },
  });
  const runner = createRunner(dialogue, { store });
  const complain = ({ error }: { readonly error: unknown }): void => {
    process.send?.({ type: 'error', error: String(error) });
  };
  runner.on('error', complain);
  store.on('error', complain);
  await runner.start();
  const webhook = createWebhook(runner, wechat({ token }));
  const listener = toNodeListener(async (request) => {
    const response = await webhook(request);
    response.headers.set(NODE, name);
    return response;
  });
  createServer(listener).listen(port, '127.0.0.1', () => process.send?.({ type: 'ready' }));
}

process.once('message', (options: BotOptions) => {
  serve(options).catch((error: unknown) => process.send?.({ type: 'error', error: String(error) }));
});
// A node without a parent has no user to serve.
process.on('disconnect', () => process.exit());
