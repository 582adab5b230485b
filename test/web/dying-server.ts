import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { toNodeListener } from 'colloquy/channels/node';
import type { WebUser } from 'colloquy/channels/web';
import { lmdb } from 'colloquy/persist/lmdb';
import type { Persister } from '../../src/persist/persister.ts';
import { wrapPersister } from '../../src/persist/wrap.ts';
import { pageWith } from './page-with.ts';

/**
 * The process of a test that kills it: its arguments are a folder, a port, and the number of writes after which it kills itself;
 * with a negative one, before it makes the last of them.
 */
const [folder = '', port = '0', death = ''] = process.argv.slice(2);
const lastWrite = Math.abs(Number(death));
let writes = 0;

export function persisterIn(name: string): Persister {
  return wrapPersister(lmdb(join(folder, name)), async ({ method }, work) => {
    if (method !== 'save') return work();
    writes += 1;
    const isLast = writes === lastWrite;
    if (isLast && Number(death) < 0) process.kill(process.pid, 'SIGKILL');
    const result = await work();
    if (isLast) process.kill(process.pid, 'SIGKILL');
    return result;
  });
}

/** Who it is by the header of a proxy: the pages of a test say so. `ann` is called Ann. */
export function userOf({ headers }: Request): WebUser {
  const id = headers.get('x-user') ?? '';
  return { id, name: id.replace(/^./u, (letter) => letter.toUpperCase()) };
}

/** Answers requests: a page with the chat at `/chat`, and with those at other paths, as `/desk` for `/desk/chat`. */
export async function serve(
  chats: Readonly<Record<string, (request: Request) => Promise<Response>>>,
): Promise<void> {
  const server = createServer(
    toNodeListener(async (request) => {
      const { pathname } = new URL(request.url);
      const endpoint = `${pathname.replace(/\/$/u, '')}/chat`;
      return chats[pathname]?.(request) ?? pageWith({ endpoint });
    }),
  );
  server.listen(Number(port), '127.0.0.1');
  await once(server, 'listening');
  const { port: bound } = server.address() as AddressInfo;
  process.stdout.write(`listening on http://127.0.0.1:${bound}/\n`);
}
