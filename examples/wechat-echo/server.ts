import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createContextStore, createRunner } from 'colloquy';
import { toNodeListener } from 'colloquy/channels/node';
import { createWebhook } from 'colloquy/channels/webhook';
import { wechat } from 'colloquy/channels/wechat';
import dialogue from './dialogue.ts';

export interface Bot {
  /** The address to which WeChat must send its messages. */
  readonly url: string;
  /** Answers the requests that have arrived, then frees the port. */
  close(): Promise<void>;
}

/** Starts the bot on a port of this machine; 0 takes a free one. Rejects if the port is taken. */
export async function startBot(options: { port: number; token: string }): Promise<Bot> {
  const store = createContextStore({ max: 100_000, age: 7200 });
  const runner = createRunner(dialogue, { store });
  const listener = toNodeListener(createWebhook(runner, wechat({ token: options.token })));

  const server = createServer((req, res) => {
    const [path] = (req.url ?? '').split('?');
    if (path === '/wechat') listener(req, res);
    else res.writeHead(404).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });

  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/wechat`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      await runner.stop();
      await store.close();
      // This does not wait for a client that keeps a connection open without a request.
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), 5000).unref();
      await closed;
    },
  };
}
