import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Elysia } from 'elysia';
import express from 'express';
import Fastify from 'fastify';
import { H3 } from 'h3';
import { Hono } from 'hono';
import Koa from 'koa';
import { afterEach, describe, expect, test } from 'vitest';
import { toNodeListener } from 'colloquy/channels/node';
import { createWebhook, type WebhookHandler } from 'colloquy/channels/webhook';
import { ColloquyError } from '../../src/errors.ts';
import { echoTexts, stubRunner, textChannel } from './stubs.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** What a host is given: the handler, and where to report. */
interface Bot {
  readonly handler: WebhookHandler;
  readonly onError: (error: unknown) => void;
}

/** Each puts a bot at `/bots/wx` of a host, and gives the port; `parses` puts the host's JSON parser before it. */
const hosts: Record<string, (bot: Bot, parses: boolean) => Promise<number>> = {
  async 'node:http'({ handler, onError }) {
    return listen(toNodeListener(handler, { onError }));
  },
  async express({ handler, onError }, parses) {
    const app = express();
    if (parses) app.use(express.json());
    app.use('/bots/wx', toNodeListener(handler, { onError }));
    return listen(app);
  },
  async koa({ handler, onError }, parses) {
    const app = new Koa();
    const listener = toNodeListener(handler, { onError });
    if (parses) {
      app.use(async (ctx, next) => {
        for await (const chunk of ctx.req) void chunk;
        await next();
      });
    }
    app.use((ctx) => {
      ctx.respond = false;
      listener(ctx.req, ctx.res);
    });
    const callback = app.callback();
    return listen((req, res) => void callback(req, res));
  },
  async fastify({ handler, onError }, parses) {
    const app = Fastify();
    const listener = toNodeListener(handler, { onError });
    if (!parses) {
      app.removeAllContentTypeParsers();
      app.addContentTypeParser('*', (_request, _payload, done) => done(null));
    }
    app.all('/bots/wx', (request, reply) => {
      reply.hijack();
      listener(request.raw, reply.raw);
    });
    closing.push(() => app.close());
    await app.listen({ port: 0, host: '127.0.0.1' });
    return (app.server.address() as AddressInfo).port;
  },
  async hono({ handler, onError }, parses) {
    const app = new Hono();
    if (parses) {
      app.use(async (c, next) => {
        await c.req.raw.json();
        await next();
      });
    }
    app.all('/bots/wx', (c) => handler(c.req.raw));
    return listen(toNodeListener(async (request) => app.fetch(request), { onError }));
  },
  async h3({ handler, onError }, parses) {
    const app = new H3();
    if (parses) {
      app.use(async (event) => {
        await event.req.json();
      });
    }
    app.all('/bots/wx', (event) => handler(event.req));
    return listen(toNodeListener(async (request) => app.fetch(request), { onError }));
  },
  async elysia({ handler, onError }, parses) {
    const app = new Elysia();
    if (parses) {
      app.all('/bots/wx', ({ request, body }) => {
        expect(body).toEqual({ a: '你好' });
        return handler(request);
      });
    } else app.mount('/bots/wx', handler);
    return listen(toNodeListener(async (request) => app.fetch(request), { onError }));
  },
};

/** Posts the pieces, each in another packet as far as the system does not join them. */
async function post(port: number, type: string, pieces: readonly Uint8Array[]): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  closing.push(() => socket.destroy());
  socket.write(
    `POST /bots/wx?x=1 HTTP/1.1\r\nhost: bot.example\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n`,
  );
  // Node's HTTP parser hands on each chunk of the encoding by itself.
  for (const piece of pieces) {
    socket.write(`${piece.length.toString(16)}\r\n`);
    socket.write(piece);
    socket.write('\r\n');
  }
  socket.write('0\r\n\r\n');
  let answer = '';
  for await (const chunk of socket.setEncoding('utf8')) answer += chunk;
  return answer;
}

function setUp() {
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  const runner = stubRunner(echoTexts);
  const handler = createWebhook(runner, textChannel(), { onError });
  return { bot: { handler, onError }, runner, errors };
}

describe('a body', () => {
  const bodies = [
    ['XML', 'text/xml', '<xml>  <a>你好，😀</a></xml>'],
    ['JSON of odd spacing', 'application/json', '{ "a" :  "你好，😀" }'],
  ] as const;
  const cases = Object.entries(hosts).flatMap(([name, host]) =>
    bodies.map(([what, type, body]) => [what, name, host, type, body] as const),
  );
  test.each(cases)(
    'of %s arrives byte for byte on %s, in pieces of a character, too',
    async (_what, _name, host, type, body) => {
      const { bot, runner, errors } = setUp();
      const port = await host(bot, false);
      const bytes = Array.from(Buffer.from(body), (byte) => Uint8Array.of(byte));
      expect(await post(port, type, bytes)).toMatch(/^HTTP\/1\.1 200 /);
      expect(runner.calls.map(({ message }) => message)).toEqual([
        { type: 'message.text', text: body },
      ]);
      expect(errors).toEqual([]);
    },
  );

  const { 'node:http': _bare, ...withParsers } = hosts;
  test.each(Object.entries(withParsers))(
    'that a parser of %s ate is said to be so, and is no message',
    async (_name, host) => {
      const { bot, runner, errors } = setUp();
      const port = await host(bot, true);
      const answer = await post(port, 'application/json', [Buffer.from('{ "a" :  "你好" }')]);
      expect(answer).toMatch(/^HTTP\/1\.1 500 /);
      expect(answer).not.toContain('body');
      expect(errors).toEqual([
        expect.toSatisfy((error) => ColloquyError.is(error, 'body_already_read')),
      ]);
      expect(runner.calls).toEqual([]);
    },
  );
});
