import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Desk, StudioEvent } from '../../src/studio/server/desk.ts';
import type { StudioRequests } from '../../src/studio/wire.ts';
import { buildPages } from '../../tsup.config.ts';

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
};

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
  /** What the page asked for without the header that a form of another site cannot send. */
  readonly unsigned: readonly string[];
  /** Breaks all streams, as a lost connection does. */
  breakStreams(): void;
  close(): Promise<void>;
}

/** Serves the page over a desk as the real server does, with the strictest policy. */
export async function servePage(folder: string, desk: Desk): Promise<PageServer> {
  const unsigned: string[] = [];
  const streams = new Map<ServerResponse, () => void>();
  const server: Server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname.slice(1);
    if (path === 'events') return stream(response);
    if (path.startsWith('api/')) {
      if (request.headers['x-colloquy-csrf'] !== '1') unsigned.push(path);
      void answer(path.slice(4) as keyof StudioRequests, request, response);
      return;
    }
    void sendFile(path === '' ? 'index.html' : path, response);
  });
  const stream = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const write = ({ name, data }: StudioEvent): void =>
      void response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
    response.write('retry: 50\n\n');
    for (const event of desk.backlog()) write(event);
    streams.set(response, desk.subscribe(write));
    response.on('close', () => {
      streams.get(response)?.();
      streams.delete(response);
    });
  };
  const answer = async (
    name: keyof StudioRequests,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    try {
      const answered = await desk.request(name, JSON.parse(text) as never);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answered));
    } catch (error) {
      response.writeHead(409, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { code: 'refused', text: (error as Error).message } }));
    }
  };
  const sendFile = async (path: string, response: ServerResponse): Promise<void> => {
    const type = TYPES[path.slice(path.lastIndexOf('.') + 1)];
    const content = await readFile(join(folder, path)).catch(() => undefined);
    if (content === undefined || type === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': type, 'content-security-policy': CSP });
    response.end(content);
  };
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const breakStreams = (): void => {
    for (const [response, stop] of streams) {
      stop();
      response.end();
    }
  };
  return {
    url: `http://127.0.0.1:${port}/`,
    unsigned,
    breakStreams,
    close: () =>
      new Promise((resolve) => {
        breakStreams();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
