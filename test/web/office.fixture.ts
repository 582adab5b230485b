import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createContextStore, createRunner } from 'colloquy';
import { toNodeListener } from 'colloquy/channels/node';
import { createWebChat } from 'colloquy/channels/web';
import { lmdb } from 'colloquy/persist/lmdb';
import { createDesk } from 'colloquy/takeover';
import { wrapPersister } from '../../src/persist/wrap.ts';
import { shopWith } from '../takeover/shop.ts';
import { pageWith } from './page-with.ts';

/**
 * A shop with a bot for customers at `/`, and a desk for operators at `/desk`, each over a folder of its own. With a number as the
 * third argument, it kills itself when it has made so many writes; with a negative one, before it makes the last of them.
 */
const [folder = '', port = '0', death = ''] = process.argv.slice(2);
const lastWrite = Math.abs(Number(death));
let writes = 0;

function storeIn(side: string): ReturnType<typeof createContextStore> {
  const persister = wrapPersister(lmdb(join(folder, side)), async ({ method }, work) => {
    if (method !== 'save') return work();
    writes += 1;
    const isLast = writes === lastWrite;
    if (isLast && Number(death) < 0) process.kill(process.pid, 'SIGKILL');
    const result = await work();
    if (isLast) process.kill(process.pid, 'SIGKILL');
    return result;
  });
  return createContextStore({ persister });
}

// The header that a proxy in front of it would set: the pages of a test say who they are.
const getUser = ({ headers }: Request): { readonly id: string; readonly name: string } => {
  const id = headers.get('x-user') ?? '';
  return { id, name: id.replace(/^./u, (letter) => letter.toUpperCase()) };
};
const chatOptions = { getUser, rate: { perMinute: 600, burst: 100 } } as const;
const desk = createDesk({ operators: ['desk:bob'] });
const bot = createRunner(shopWith({ tell: desk.tell }), { store: storeIn('bot') as never });
const office = createRunner(desk.dialogue, { store: storeIn('office') as never });
for (const runner of [bot, office]) {
  runner.on('error', ({ error }) => process.stderr.write(`${String(error)}\n`));
}
desk.connect(bot, office);
const customers = createWebChat(bot, chatOptions);
const operators = createWebChat(office, { ...chatOptions, prefix: 'desk:' });
await Promise.all([bot.start(), office.start()]);
const server = createServer(
  toNodeListener((request) => {
    switch (new URL(request.url).pathname) {
      case '/chat':
        return customers(request);
      case '/desk/chat':
        return operators(request);
      case '/desk':
        return Promise.resolve(pageWith({ endpoint: '/desk/chat' }));
      default:
        return Promise.resolve(pageWith());
    }
  }),
);
server.listen(Number(port), '127.0.0.1');
await once(server, 'listening');
process.stdout.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}/\n`);
