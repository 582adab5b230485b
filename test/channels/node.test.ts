import { once } from 'node:events';
import { Agent, createServer, request, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { toNodeListener } from 'colloquy/channels/node';
import { createWebhook, type WebhookHandler, type WebhookOptions } from 'colloquy/channels/webhook';
import { wechat } from 'colloquy/channels/wechat';
import type { Channel } from '../../src/channels/channel.ts';
import { parseXml } from '../../src/channels/wechat/parse.ts';
import { ColloquyError } from '../../src/errors.ts';
import { echoTexts, stubClock, stubRunner, textChannel } from './stubs.ts';
import { signedQuery, TOKEN, xml } from './wechat/pushes.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server on a free port that lives as long as the test. */
async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function listen(handler: (request: Request) => Promise<Response>) {
  const errors: unknown[] = [];
  const listener = toNodeListener(handler, { onError: (error) => errors.push(error) });
  return { listener, errors };
}

interface Seen {
  readonly status: number | undefined;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

function send(
  port: number,
  options: { method?: string; path?: string; headers?: Record<string, string>; agent?: Agent },
  body: string | Uint8Array = '',
): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const sending = request({ host: '127.0.0.1', port, method: 'POST', ...options }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sending.on('error', reject);
    sending.end(body);
  });
}

const mirror = async (incoming: Request): Promise<Response> =>
  Response.json({
    method: incoming.method,
    url: incoming.url,
    header: incoming.headers.get('x-test'),
    body: await incoming.text(),
  });

describe('a request arrives as it was sent', () => {
  test('method, query, headers and body', async () => {
    const port = await serve(listen(mirror).listener);
    const { status, headers, body } = await send(
      port,
      { path: '/a/b?x=1&x=2&y=%2B+', headers: { 'x-test': 'a, b' } },
      '{ "odd" : "spacing" }',
    );
    expect([status, headers['content-type']]).toEqual([200, 'application/json']);
    expect(JSON.parse(body)).toEqual({
      method: 'POST',
      url: `http://127.0.0.1:${port}/a/b?x=1&x=2&y=%2B+`,
      header: 'a, b',
      body: '{ "odd" : "spacing" }',
    });
  });

  test('and so does a GET, which has no body', async () => {
    const port = await serve(listen(mirror).listener);
    const { body } = await send(port, { method: 'GET', path: '/?x=1' });
    expect(JSON.parse(body)).toMatchObject({ method: 'GET', body: '' });
  });

  test.each([
    ['a host that is none', { host: 'a b' }, 400],
    ['a host with a password', { host: 'a:b@c' }, 400],
    ['a whole URL as its path', {}, 200],
  ])('or not at all: %s', async (_, headers, status) => {
    const { listener, errors } = listen(mirror);
    const port = await serve(listener);
    const path = status === 200 ? 'http://elsewhere.example/?x=1' : '/';
    const answer = await send(port, { path, headers });
    expect(answer.status).toBe(status);
    if (status === 400) expect(answer.body).toBe('');
    expect(errors).toEqual([]);
  });

  test('a method that a Request cannot have gets 400', async () => {
    const port = await serve(listen(mirror).listener);
    expect(await send(port, { method: 'TRACE' })).toMatchObject({ status: 400, body: '' });
  });
});

test('a response is sent as it was made', async () => {
  const { listener } = listen(async () => {
    const headers = new Headers({ 'x-a': 'b' });
    headers.append('set-cookie', 'a=1');
    headers.append('set-cookie', 'b=2');
    return new Response(Uint8Array.of(0x68, 0xe4, 0xbd, 0xa0), { status: 202, headers });
  });
  const port = await serve(listener);
  expect(await send(port, {})).toMatchObject({
    status: 202,
    headers: { 'x-a': 'b', 'set-cookie': ['a=1', 'b=2'], 'content-length': '4' },
    body: 'h你',
  });
  expect(await send(port, { method: 'HEAD' })).toMatchObject({ status: 202, body: '' });
});

describe('a body', () => {
  test('in pieces inside a character is whole', async () => {
    const runner = stubRunner(echoTexts);
    const port = await serve(listen(createWebhook(runner, wechat({ token: TOKEN }))).listener);
    const bytes = Buffer.from(xml({ Content: '你好，😀' }));
    const socket = connect(port, '127.0.0.1');
    closing.push(() => socket.destroy());
    socket.write(
      `POST /?${signedQuery()} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n`,
    );
    // Node's HTTP parser hands on each chunk of the encoding by itself.
    for (const byte of bytes) {
      socket.write('1\r\n');
      socket.write(Uint8Array.of(byte));
      socket.write('\r\n');
    }
    socket.end('0\r\n\r\n');
    let answer = '';
    for await (const chunk of socket.setEncoding('utf8')) answer += chunk;
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 200 /);
    expect(parseXml(Buffer.from(body))['Content']).toBe('你好，😀');
  });

  test.each([
    ['too long', signedQuery(), 413],
    ['of an unknown sender', signedQuery('other'), 403],
  ])('%s is refused, and the next request has another connection', async (_, query, status) => {
    const runner = stubRunner(echoTexts);
    const { listener } = listen(createWebhook(runner, wechat({ token: TOKEN })));
    const sockets = new Set<unknown>();
    const port = await serve((req, res) => {
      sockets.add(req.socket);
      listener(req, res);
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    closing.push(() => agent.destroy());
    const path = `/?${query}`;
    const huge = xml({ Content: 'x'.repeat(10_000_000) });
    const headers = expect.objectContaining({ connection: 'close' }) as Record<string, unknown>;
    expect(await send(port, { path, agent }, huge)).toMatchObject({ status, headers, body: '' });
    expect(runner.calls).toEqual([]);
    const next = await send(port, { path: `/?${signedQuery()}`, agent }, xml());
    expect(next.status).toBe(200);
    expect(runner.calls).toHaveLength(1);
    expect(sockets.size).toBe(2);
    // A body that was read leaves the connection in use.
    await send(port, { path: `/?${signedQuery()}`, agent }, xml({ MsgId: '2' }));
    expect(sockets.size).toBe(2);
  });

  test.each([
    ['too long', signedQuery(), '413'],
    ['of an unknown sender', signedQuery('other'), '403'],
  ])('%s is heard out before its connection is closed', async (_, query, status) => {
    const webhook = createWebhook(stubRunner(), wechat({ token: TOKEN }));
    const handlers = [webhook, (incoming: Request) => webhook(incoming)];
    for (const handler of handlers) {
      const port = await serve(listen(handler).listener);
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      closing.push(() => socket.destroy());
      const errors: unknown[] = [];
      let answer = '';
      socket.on('error', (error) => errors.push(error));
      socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
      const closed = new Promise((resolve) => socket.once('close', resolve));
      const length = 20 * 100_000;
      socket.write(
        `POST /?${query} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${length}\r\n\r\n`,
      );
      socket.write(Buffer.alloc(100_000, 'x'));
      await vi.waitUntil(() => answer.includes('\r\n\r\n'), { interval: 1, timeout: 20_000 });
      expect(answer).toContain(`HTTP/1.1 ${status} `);
      for (let part = 1; part < 20; part += 1) {
        const error = await new Promise((written) =>
          socket.write(Buffer.alloc(100_000, 'x'), written),
        );
        if (error) errors.push(error);
      }
      await closed;
      expect(errors).toEqual([]);
    }
  });

  test('is taken from the socket only as it is read', async () => {
    let isFlowing: (boolean | null)[] = [];
    let look = (): boolean | null => null;
    const { listener } = listen(async (incoming) => {
      const reader = incoming.body?.getReader();
      isFlowing = [look()];
      await reader?.read();
      isFlowing.push(look());
      return new Response('ok');
    });
    const port = await serve((req, res) => {
      look = () => req.readableFlowing;
      listener(req, res);
    });
    const socket = connect(port, '127.0.0.1');
    closing.push(() => socket.destroy());
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10000000\r\n\r\n');
    socket.write(Buffer.alloc(1_000_000));
    await new Promise((resolve) => socket.once('data', resolve));
    expect(isFlowing).toEqual([null, false]);
  });

  test('whose client hangs up half-way is no message', async () => {
    const runner = stubRunner(echoTexts);
    const webhook = createWebhook(runner, wechat({ token: TOKEN }));
    const answers: number[] = [];
    const { listener, errors } = listen(async (incoming) => {
      const response = await webhook(incoming);
      answers.push(response.status);
      return response;
    });
    const arrived = new Promise<void>((resolve) => {
      closing.push(resolve);
      void serve((req, res) => {
        req.once('data', () => resolve());
        listener(req, res);
      }).then((port) => {
        const socket = connect(port, '127.0.0.1');
        socket.write(
          `POST /?${signedQuery()} HTTP/1.1\r\nhost: x\r\ncontent-length: 9999\r\n\r\n<xml>`,
        );
        void arrived.then(() => socket.destroy());
      });
    });
    await vi.waitUntil(() => answers.length === 1);
    expect(answers).toEqual([400]);
    expect(runner.calls).toEqual([]);
    expect(errors).toEqual([]);
  });
});

test('a client that hangs up while its turn runs does not end the turn', async () => {
  let finish = (): void => {};
  let turns = 0;
  const runner = stubRunner(async () => {
    await new Promise<void>((resolve) => (finish = resolve));
    turns += 1;
    return ['too late'];
  });
  const { listener, errors } = listen(createWebhook(runner, wechat({ token: TOKEN })));
  let isGone = false;
  const port = await serve((req, res) => {
    res.on('close', () => (isGone = true));
    listener(req, res);
  });
  const body = xml();
  const socket = connect(port, '127.0.0.1');
  socket.write(
    `POST /?${signedQuery()} HTTP/1.1\r\nhost: x\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  await vi.waitUntil(() => runner.calls.length === 1);
  socket.destroy();
  await vi.waitUntil(() => isGone);
  finish();
  await vi.waitUntil(() => turns === 1);
  expect((await send(port, { path: '/' })).status).toBe(403);
  expect(errors).toEqual([]);
});

/** As a program may wrap a handler: a Request is made for it, while a webhook by itself does without. */
const wrapped =
  (handler: WebhookHandler): WebhookHandler =>
  (incoming) =>
    handler(incoming);

describe.each([
  ['as it is', (handler: WebhookHandler) => handler],
  ['wrapped', wrapped],
])('a webhook %s', (_way, wrap) => {
  const serveChannel = async (channel: Channel, options: WebhookOptions = {}) => {
    const runner = stubRunner(echoTexts);
    const { listener, errors } = listen(wrap(createWebhook(runner, channel, options)));
    return { runner, errors, port: await serve(listener) };
  };

  test('gives its channel the request as it was sent', async () => {
    const { receive } = textChannel();
    const seen: unknown[] = [];
    const { port } = await serveChannel(
      textChannel({
        async receive(incoming) {
          const { method, url, headers } = incoming;
          seen.push(method, url.href, headers.get('x-test'), await incoming.readBody());
          expect(await incoming.readBody()).toBe(await incoming.readBody());
          return receive(incoming);
        },
      }),
    );
    await send(port, { path: '/a?x=1&x=2', headers: { 'X-Test': 'a, b' } }, '你好');
    const body = new Uint8Array(Buffer.from('你好'));
    expect(seen).toEqual(['POST', `http://127.0.0.1:${port}/a?x=1&x=2`, 'a, b', body]);
  });

  test.each([
    ['/a?x=1&x=%2B+%zz', 'plain.example:80'],
    ['/a?x=1&x=2', 'plain.example:80'],
    ['//a?x=?&y', 'plain.example:80'],
    ['/a', 'plain.example:80'],
    ['/a?x=1', 'odd?x=2'],
    ['/a?x=1', 'odd#b'],
    ['/a?x=1', 'odd/b'],
    ['http://elsewhere.example/?x=3', 'plain.example:80'],
  ])('gives its channel the query of %s at %s', async (path, host) => {
    const { receive } = textChannel();
    const seen: string[] = [];
    const { port } = await serveChannel(
      textChannel({
        receive(incoming) {
          seen.push(String(incoming.query), String(incoming.url.searchParams));
          return receive(incoming);
        },
      }),
    );
    await send(port, { path, headers: { host } }, 'x');
    await send(port, { path, headers: { host } }, 'x');
    const [query] = seen;
    expect(query).toBe(
      String(new URL(path.startsWith('/') ? `http://${host}${path}` : path).searchParams),
    );
    expect(seen).toEqual([query, query, query, query]);
  });

  test('leaves to a host what it has set, and lets it hear of the end of a body', async () => {
    const webhook = wrap(createWebhook(stubRunner(echoTexts), textChannel()));
    const { listener } = listen(webhook);
    let hasEnded = false;
    const port = await serve((req, res) => {
      req.on('close', () => (hasEnded = req.readableEnded));
      res.setHeader('x-powered-by', 'a host');
      listener(req, res);
    });
    expect(await send(port, {}, '你好')).toMatchObject({
      status: 200,
      headers: { 'x-powered-by': 'a host', 'content-length': '6' },
      body: '你好',
    });
    await vi.waitUntil(() => hasEnded);
  });

  test.each([
    ['TRACE', {}],
    ['POST', { host: 'a b' }],
    ['POST', { host: 'a:b@c' }],
  ])('answers 400 to a %s with the headers %j', async (method, headers) => {
    const { port, runner, errors } = await serveChannel(textChannel());
    expect(await send(port, { method, headers })).toMatchObject({ status: 400, body: '' });
    expect([runner.calls, errors]).toEqual([[], []]);
  });

  test('sends the answer of its channel, as a text unless it says otherwise', async () => {
    const { port } = await serveChannel(textChannel());
    expect(await send(port, {}, '你好')).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/plain;charset=UTF-8', 'content-length': '6' },
      body: '你好',
    });
    expect(await send(port, { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });

  test.each([
    ['longer than its limit', { maxBodyBytes: 3 }, 413],
    ['as long as its limit', { maxBodyBytes: 4 }, 200],
  ])('answers to a body %s', async (_, limits, status) => {
    const { port } = await serveChannel(textChannel({ limits }));
    expect((await send(port, {}, '1234')).status).toBe(status);
    const kept = await serve((req, res) => {
      const { listener } = listen(
        wrap(createWebhook(stubRunner(echoTexts), textChannel({ limits }))),
      );
      listener(Object.assign(req, { rawBody: Buffer.from('1234') }), res);
    });
    expect((await send(kept, {}, '1234')).status).toBe(status);
  });

  test('answers 408 to a body that does not come in time', async () => {
    const clock = stubClock();
    let hasAsked = false;
    const { receive } = textChannel();
    const channel = textChannel({
      receive(incoming) {
        const reception = receive(incoming);
        hasAsked = true;
        return reception;
      },
    });
    const { port } = await serveChannel(channel, { clock });
    const socket = connect(port, '127.0.0.1');
    closing.push(() => socket.destroy());
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhi');
    await vi.waitUntil(() => hasAsked);
    clock.advance(2999);
    expect(socket.bytesRead).toBe(0);
    clock.advance(1);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('holds a message for the next attempt when the client of the first hangs up', async () => {
    let finish = (): void => {};
    const runner = stubRunner(async () => {
      await new Promise<void>((resolve) => (finish = resolve));
      return ['late'];
    });
    const clock = stubClock();
    const webhook = createWebhook(runner, wechat({ token: TOKEN }), { clock, hold: true });
    const { listener } = listen(wrap(webhook));
    let isGone = false;
    const port = await serve((req, res) => {
      res.on('close', () => (isGone = true));
      listener(req, res);
    });
    const body = xml();
    const socket = connect(port, '127.0.0.1');
    socket.write(
      `POST /?${signedQuery()} HTTP/1.1\r\nhost: x\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    await vi.waitUntil(() => runner.calls.length === 1);
    socket.destroy();
    await vi.waitUntil(() => isGone);
    finish();
    const next = await send(port, { path: `/?${signedQuery()}` }, body);
    expect([next.status, runner.calls.length]).toEqual([200, 1]);
    expect(parseXml(Buffer.from(next.body))['Content']).toBe('late');
  });
});

test('a body that came with its head takes no timer', async () => {
  const clock = stubClock();
  const wake = vi.spyOn(clock, 'wake');
  const webhook = createWebhook(stubRunner(echoTexts), textChannel(), { clock });
  const port = await serve(listen(webhook).listener);
  const socket = connect(port, '127.0.0.1');
  closing.push(() => socket.destroy());
  for (const body of ['你好', '']) {
    const length = Buffer.byteLength(body);
    socket.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\n${body}`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(new RegExp(`^HTTP/1\\.1 200 [^]*\r\n\r\n${body}$`));
  }
  expect(wake).not.toHaveBeenCalled();
});

describe('behind other middleware', () => {
  const withBody = (listener: RequestListener, kept: object): RequestListener => {
    return (req, res) => {
      req.resume();
      req.on('end', () => listener(Object.assign(req, kept), res));
    };
  };

  test('the path under which it is mounted does not matter', async () => {
    const { listener } = listen(createWebhook(stubRunner(echoTexts), wechat({ token: TOKEN })));
    const port = await serve((req, res) => {
      // As Express does for app.use('/bots/wx', listener).
      req.url = req.url?.replace('/bots/wx', '/') ?? '/';
      listener(req, res);
    });
    expect((await send(port, { path: `/bots/wx?${signedQuery()}` }, xml())).status).toBe(200);
  });

  test.each([
    ['parsed', { body: { a: 1 } }],
    ['made a string', { body: '{"a":1}' }],
    ['thrown away', {}],
  ])('a body that was %s is an error of the program', async (_, kept) => {
    const runner = stubRunner(echoTexts);
    const { listener, errors } = listen(createWebhook(runner, textChannel()));
    const port = await serve(withBody(listener, kept));
    expect(await send(port, {}, '{"a":1}')).toMatchObject({ status: 500, body: '' });
    expect(errors).toHaveLength(1);
    expect(ColloquyError.is(errors[0], 'body_already_read')).toBe(true);
    expect(String(errors[0])).toContain('before body parsers');
    expect(runner.calls).toEqual([]);
  });

  test.each([
    ['req.rawBody', { rawBody: Buffer.from('你好'), body: { a: 1 } }],
    ['req.body', { body: new Uint8Array(Buffer.from('你好')) }],
  ])('the bytes that a parser kept in %s are taken', async (_, kept) => {
    const { listener } = listen(createWebhook(stubRunner(echoTexts), textChannel()));
    const port = await serve(withBody(listener, kept));
    expect(await send(port, {}, 'x')).toMatchObject({ status: 200, body: '你好' });
  });

  test('a parser that left the body alone is not in the way', async () => {
    const { listener } = listen(createWebhook(stubRunner(echoTexts), textChannel()));
    const port = await serve((req, res) => listener(Object.assign(req, { body: {} }), res));
    expect(await send(port, {}, 'hi')).toMatchObject({ status: 200, body: 'hi' });
  });

  test('an answer that the host gave stays', async () => {
    const { listener, errors } = listen(async () => new Response('ours'));
    const port = await serve((req, res) => {
      listener(req, res);
      res.end('theirs');
    });
    expect(await send(port, {})).toMatchObject({ status: 200, body: 'theirs' });
    expect(errors).toEqual([]);
  });
});

describe('a handler that fails gets an empty 500, and is reported', () => {
  const fault = new Error('secret');
  const failures: readonly [string, () => Promise<Response>][] = [
    ['it rejects', () => Promise.reject(fault)],
    [
      'it throws at once',
      () => {
        throw fault;
      },
    ],
    [
      'its body breaks',
      async () => new Response(new ReadableStream({ pull: (to) => to.error(fault) })),
    ],
  ];

  test.each(failures)('%s', async (_, handler) => {
    const { listener, errors } = listen(handler);
    const port = await serve(listener);
    expect(await send(port, {}, 'x')).toMatchObject({ status: 500, body: '' });
    expect(errors).toEqual([fault]);
  });

  test('by a process warning without a listener', async () => {
    const emitWarning = vi.spyOn(process, 'emitWarning').mockReturnValue();
    closing.push(() => emitWarning.mockRestore());
    const port = await serve(toNodeListener(() => Promise.reject(fault)));
    expect((await send(port, {})).status).toBe(500);
    expect(emitWarning).toHaveBeenCalledOnce();
    expect(JSON.stringify(emitWarning.mock.calls)).not.toContain('secret');
  });
});
