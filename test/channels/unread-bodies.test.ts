import { once } from 'node:events';
import { type RequestListener, type Server, createServer } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { toNodeListener } from 'colloquy/channels/node';
import { createWebhook, type WebhookOptions } from 'colloquy/channels/webhook';
import { wechat } from 'colloquy/channels/wechat';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Channel } from '../../src/channels/channel.ts';
import { echoTexts, stubClock, stubRunner, textChannel } from './stubs.ts';
import { signedQuery, TOKEN, xml } from './wechat/pushes.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serve(listener: RequestListener): Promise<Server> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  return server;
}

interface Client {
  readonly socket: Socket;
  /** All that came, until now. */
  answer(): string;
  readonly closed: Promise<void>;
}

async function open(server: Server): Promise<Client> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  closing.push(() => socket.destroy());
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await once(socket, 'connect');
  return { socket, answer: () => answer, closed };
}

const statusesIn = (answer: string): string[] =>
  [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status ?? '');

const hidden = `POST /?${signedQuery()} HTTP/1.1\r\nhost: x\r\ncontent-length: ${xml().length}\r\n\r\n${xml()}`;
const handshake = `/?${signedQuery()}&echostr=1`;
const chunked = `transfer-encoding: chunked\r\n\r\n${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`;

describe.each(['a webhook', 'a handler around it'])('of %s', (kind) => {
  const open_ = async () => {
    const runner = stubRunner(echoTexts);
    const webhook = createWebhook(runner, wechat({ token: TOKEN }));
    const handler = kind === 'a webhook' ? webhook : (incoming: Request) => webhook(incoming);
    const server = await serve(toNodeListener(handler, { onError: () => {} }));
    return { runner, client: await open(server) };
  };

  it.each([
    [
      'a GET',
      '200',
      `GET ${handshake} HTTP/1.1\r\nhost: x\r\ncontent-length: ${hidden.length}\r\n\r\n${hidden}`,
    ],
    ['a GET in chunks', '200', `GET ${handshake} HTTP/1.1\r\nhost: x\r\n${chunked}`],
    [
      'a HEAD',
      '405',
      `HEAD / HTTP/1.1\r\nhost: x\r\ncontent-length: ${hidden.length}\r\n\r\n${hidden}`,
    ],
    [
      'a PUT',
      '405',
      `PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: ${hidden.length}\r\n\r\n${hidden}`,
    ],
    ['a PUT in chunks', '405', `PUT / HTTP/1.1\r\nhost: x\r\n${chunked}`],
    [
      'a POST of an unknown sender',
      '403',
      `POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${hidden.length}\r\n\r\n${hidden}`,
    ],
    [
      'a request to no host',
      '400',
      `PUT / HTTP/1.1\r\nhost: a:b@c\r\ncontent-length: ${hidden.length}\r\n\r\n${hidden}`,
    ],
  ])(
    '%s with a request as its body has one answer, and its connection ends',
    async (_what, status, wire) => {
      const { runner, client } = await open_();
      client.socket.write(wire);
      await client.closed;
      expect(statusesIn(client.answer())).toEqual([status]);
      expect(client.answer()).toMatch(/connection: close/i);
      expect(runner.calls).toEqual([]);
    },
  );

  it.each([
    ['a GET without a body', `GET ${handshake} HTTP/1.1\r\nhost: x\r\n\r\n`],
    [
      'a GET with an empty body',
      `GET ${handshake} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n`,
    ],
    ['a POST whose body was read', hidden],
  ])('%s leaves its connection in use', async (_what, wire) => {
    const { client } = await open_();
    client.socket.write(wire);
    await vi.waitUntil(() => statusesIn(client.answer()).length === 1, { interval: 1 });
    client.socket.write(wire);
    await vi.waitUntil(() => statusesIn(client.answer()).length === 2, { interval: 1 });
    expect(statusesIn(client.answer())).toEqual(['200', '200']);
  });
});

describe('bodies that are read at a time', () => {
  const head = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n';

  /** A channel whose proof is in its bodies, so that it reads all of them. */
  async function start(options: WebhookOptions, channel: Channel = textChannel()) {
    const clock = stubClock();
    const errors: unknown[] = [];
    const webhook = createWebhook(stubRunner(echoTexts), channel, {
      clock,
      onError: (error) => errors.push(error),
      ...options,
    });
    return { clock, errors, webhook, server: await serve(toNodeListener(webhook)) };
  }

  it('take a bounded number of bytes together; one too many gets 503 and comes again', async () => {
    const { clock, errors, server } = await start({ maxBodyBytes: 1000, maxReadingBytes: 3000 });
    /** Nine tenths of a body. */
    const send = async (): Promise<Client> => {
      const client = await open(server);
      const arrived = once(server, 'request');
      client.socket.write(head + 'x'.repeat(900));
      await arrived;
      await setImmediate();
      return client;
    };
    const statusOf = async (client: Client | undefined): Promise<string | undefined> => {
      await vi.waitUntil(() => client?.answer() !== '', { interval: 1, timeout: 20_000 });
      return statusesIn(client?.answer() ?? '')[0];
    };
    const slow = [await send(), await send(), await send()];
    const late = await send();
    expect(await statusOf(late)).toBe('503');
    expect(late.answer()).toMatch(/retry-after: 3\r\n/i);
    expect(late.answer()).toMatch(/connection: close\r\n/i);
    expect(slow.map((client) => client.answer())).toEqual(['', '', '']);

    // A complete body takes no room any more.
    slow[0]?.socket.write('x'.repeat(100));
    expect(await statusOf(slow[0])).toBe('200');
    const next = await send();
    expect(await statusOf(await send())).toBe('503');

    // Nor does a body that was given up.
    clock.advance(3000);
    for (const client of [slow[1], slow[2], next]) expect(await statusOf(client)).toBe('408');
    for (const client of [await send(), await send(), await send()]) {
      client.socket.write('x'.repeat(100));
      expect(await statusOf(client)).toBe('200');
    }
    expect(errors).toEqual([]);
  });

  it.each([999, 0, -1, 1.5, Number.NaN])(
    'may be bounded by no less than one of them: not by %d',
    async (maxReadingBytes) => {
      await expect(start({ maxBodyBytes: 1000, maxReadingBytes })).rejects.toMatchObject({
        code: 'bad_option',
      });
    },
  );

  it('take no room if they are declared too long: they are refused before they arrive', async () => {
    const { server, clock } = await start({ maxBodyBytes: 1000 });
    const client = await open(server);
    client.socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1001\r\n\r\n<');
    await vi.waitUntil(() => client.answer() !== '', { interval: 1, timeout: 20_000 });
    expect(statusesIn(client.answer())).toEqual(['413']);
    expect(clock.now()).toBe(stubClock().now());
  });
});
