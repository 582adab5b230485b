import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type RequestListener, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { toNodeListener } from '../../src/channels/node.ts';
import type { Desk } from '../../src/studio/server/desk.ts';
import { createStudioHandler } from '../../src/studio/server/handler.ts';
import { buildPages } from '../../tsup.config.ts';

/** Bundles the page into a folder that a test deletes. */
export async function buildForTest(): Promise<{
  readonly folder: string;
  readonly remove: () => Promise<void>;
}> {
  const built = await mkdtemp(join(tmpdir(), 'colloquy-studio-'));
  await buildPages(built);
  const folder = join(built, 'studio/ui');
  return { folder, remove: () => rm(built, { recursive: true, force: true }) };
}

export interface PageServer {
  readonly url: string;
  /** Breaks all connections. */
  breakConnections(): void;
  close(): Promise<void>;
}

/** Serves the page over a desk. */
export async function servePage(folder: string, desk: Desk): Promise<PageServer> {
  const handler = createStudioHandler(desk, {
    authorize: () => true,
    showsPictures: true,
    folder: pathToFileURL(`${folder}/`),
  });
  const server = await listen(toNodeListener(handler));
  return {
    ...server,
    close: async () => {
      handler.close();
      await server.close();
    },
  };
}

/** Serves the files of a folder, as a host that knows nothing of them. */
export function serveFiles(folder: string): Promise<PageServer> {
  const types: Readonly<Record<string, string>> = { html: 'text/html', css: 'text/css' };
  return listen((request, response) => {
    const name = (request.url ?? '/').slice(1) || 'index.html';
    const type = types[name.slice(name.lastIndexOf('.') + 1)] ?? 'text/javascript';
    readFile(join(folder, name)).then(
      (content) => response.writeHead(200, { 'content-type': type }).end(content),
      () => response.writeHead(404).end(),
    );
  });
}

async function listen(listener: RequestListener): Promise<PageServer> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    breakConnections: () => server.closeAllConnections(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
