import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Elysia } from 'elysia';
import express from 'express';
import Fastify from 'fastify';
import { H3 } from 'h3';
import { Hono } from 'hono';
import Koa from 'koa';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { toNodeListener } from 'colloquy/channels/node';
import { type WebhookHandler, createWebhook } from 'colloquy/channels/webhook';
import { echoTexts, stubRunner, textChannel } from './stubs.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  vi.restoreAllMocks();
});

const NOTHING = {};

/** A request as a platform sends it, with a body that the parsers of hosts would read. */
const jsonOf = (body: string): Request =>
  new Request('http://bot.example/bot', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });

function setUp() {
  const errors: unknown[] = [];
  const runner = stubRunner(echoTexts);
  const idle = vi.fn(async () => {});
  Object.assign(runner, { idle });
  const handler = createWebhook(runner, textChannel(), { onError: (error) => errors.push(error) });
  return { handler, runner, errors, idle };
}

type Answers = Response | Promise<Response>;

/** How each host calls its handlers; the types are those of its package, or copied from its documentation. */
const hosts: Record<string, (handler: WebhookHandler, request: Request) => Answers> = {
  'Hono, post()': (handler, request) => new Hono().post('/bot', handler).request(request),
  'Hono, mount()': (handler, request) => new Hono().mount('/', handler).request(request),
  'h3, post()': async (handler, request) => new H3().post('/bot', handler).request(request),
  'Elysia, post()': (handler, request) =>
    new Elysia().post('/bot', handler, { parse: 'none' }).handle(request),
  'Elysia, mount()': (handler, request) => new Elysia().mount('/', handler).handle(request),
  'Next.js, a route'(handler, request) {
    const POST: (request: Request, context: { params: Promise<{ id: string }> }) => Answers =
      handler;
    return POST(request, { params: Promise.resolve({ id: '1' }) });
  },
  'SvelteKit, React Router and Astro, a route'(handler, request) {
    interface RouteEvent {
      readonly request: Request;
      readonly params: Partial<Record<string, string>>;
    }
    const POST: (event: RouteEvent) => Answers = handler;
    return POST({ request, params: {} });
  },
  'Deno.serve()'(handler, request) {
    interface Info {
      readonly remoteAddr: { readonly hostname: string };
    }
    const serve: (request: Request, info: Info) => Answers = handler;
    return serve(request, { remoteAddr: { hostname: '127.0.0.1' } });
  },
  'Bun.serve()'(handler, request) {
    interface Server {
      upgrade(request: Request): boolean;
    }
    const bun: { fetch(this: Server, request: Request, server: Server): Answers } = {
      fetch: handler,
    };
    return bun.fetch.call({ upgrade: () => false }, request, { upgrade: () => false });
  },
  'Cloudflare Workers'(handler, request) {
    interface Env {
      readonly TOKEN: string;
    }
    interface ExecutionContext {
      waitUntil(work: Promise<unknown>): void;
      passThroughOnException(): void;
    }
    const worker: { fetch(request: Request, env: Env, context: ExecutionContext): Answers } = {
      fetch: handler,
    };
    return worker.fetch(
      request,
      { TOKEN: 't' },
      { waitUntil: () => {}, passThroughOnException: () => {} },
    );
  },
};

describe('the handler, given as it is to', () => {
  test.each(Object.entries(hosts))('%s, answers', async (_name, host) => {
    const { handler, errors } = setUp();
    const response = await host(handler, jsonOf('{ "a":  "你好" }'));
    expect([response.status, await response.text()]).toEqual([200, '{ "a":  "你好" }']);
    expect(errors).toEqual([]);
  });
});

describe('the work after the answer is kept alive by', () => {
  const waiting = () => {
    const works: Promise<unknown>[] = [];
    return { works, waitUntil: (work: Promise<unknown>) => void works.push(work) };
  };
  const request = jsonOf('hi');
  const ways: Record<
    string,
    (handler: WebhookHandler, host: ReturnType<typeof waiting>) => Answers
  > = {
    'the second argument': (handler, host) => handler(request.clone(), host),
    'the third, as on Workers': (handler, host) => handler(request.clone(), NOTHING, host),
    'the event that holds the request, as on Cloudflare Pages': (handler, host) => {
      const event = { request: request.clone(), waitUntil: host.waitUntil };
      return handler(event);
    },
    'the context of Hono on Workers': (handler, host) =>
      new Hono().post('/bot', handler).request(request.clone(), {}, NOTHING, {
        waitUntil: host.waitUntil,
        passThroughOnException: () => {},
        props: {},
      }),
  };

  test.each(Object.entries(ways))('%s', async (_name, call) => {
    const { handler, idle } = setUp();
    const host = waiting();
    expect((await call(handler, host)).status).toBe(200);
    await Promise.all(host.works);
    expect([host.works.length, idle.mock.calls]).toEqual([1, [['user']]]);
  });
});

describe('what is no Request is refused, with what to do', () => {
  const refusal = expect.objectContaining({
    code: 'not_a_request',
    message: expect.stringMatching(/takes a Request.*toNodeListener\(\)/u),
  });

  test.each([
    ['undefined', undefined],
    ['null', null],
    ['a text', 'http://bot.example/'],
    ['an empty object', {}],
    ['a URL', new URL('http://bot.example/')],
    ['a context without a Request', { req: { raw: { url: '/', method: 'POST', headers: {} } } }],
  ])('%s', async (_what, given) => {
    const { handler, runner } = setUp();
    await expect(handler(given as Request)).rejects.toEqual(refusal);
    expect(runner.calls).toEqual([]);
  });

  const listening: Record<
    string,
    (handler: never, onError: (e: unknown) => void) => Promise<number>
  > = {
    async express(handler, onError) {
      const app = express();
      app.post('/bot', handler);
      app.use((error: unknown, _req: unknown, res: express.Response, _next: unknown) => {
        onError(error);
        res.status(500).end();
      });
      const server = app.listen(0, '127.0.0.1');
      closing.push(() => server.close());
      await new Promise((resolve) => server.once('listening', resolve));
      return (server.address() as AddressInfo).port;
    },
    async koa(handler, onError) {
      const app = new Koa();
      app.on('error', onError);
      app.use(handler);
      const callback = app.callback();
      const server = createServer((req, res) => void callback(req, res)).listen(0, '127.0.0.1');
      closing.push(() => server.close());
      await new Promise((resolve) => server.once('listening', resolve));
      return (server.address() as AddressInfo).port;
    },
    async fastify(handler, onError) {
      const app = Fastify();
      app.setErrorHandler(async (error, _request, reply) => {
        onError(error);
        return reply.status(500).send();
      });
      app.post('/bot', handler);
      closing.push(() => app.close());
      await app.listen({ port: 0, host: '127.0.0.1' });
      return (app.server.address() as AddressInfo).port;
    },
  };

  test.each(Object.entries(listening))('that of %s', async (_name, listen) => {
    const { handler } = setUp();
    const errors: unknown[] = [];
    const port = await listen(handler as never, (error) => errors.push(error));
    const response = await fetch(`http://127.0.0.1:${port}/bot`, { method: 'POST' });
    expect(response.status).toBe(500);
    expect(errors).toEqual([refusal]);
  });
});

describe('an error of the Node listener', () => {
  const parsed = async (
    handler: WebhookHandler,
    options?: Parameters<typeof toNodeListener>[1],
  ) => {
    const app = express();
    app.use(express.json(), toNodeListener(handler, options));
    const server = app.listen(0, '127.0.0.1');
    closing.push(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
    expect((await fetch(`http://127.0.0.1:${port}/`, init)).status).toBe(500);
  };
  const already = expect.objectContaining({ code: 'body_already_read' });

  test('reaches the `onError` of the webhook', async () => {
    const { handler, errors } = setUp();
    await parsed(handler);
    expect(errors).toEqual([already]);
  });

  test('reaches its own `onError` instead, if it has one', async () => {
    const { handler, errors } = setUp();
    const own: unknown[] = [];
    await parsed(handler, { onError: (error) => own.push(error) });
    expect([own, errors]).toEqual([[already], []]);
  });

  test('names both in its warning, if there is neither', async () => {
    const emitWarning = vi.spyOn(process, 'emitWarning').mockReturnValue();
    await parsed(createWebhook(stubRunner(echoTexts), textChannel()));
    expect(emitWarning.mock.calls).toEqual([
      [
        "A channel reports UsageError 'body_already_read'. Pass onError to createWebhook() or toNodeListener() to see the whole error.",
        expect.anything(),
      ],
    ]);
  });
});
