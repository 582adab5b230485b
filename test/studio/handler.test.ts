import { describe, expect, onTestFinished, test, vi } from 'vitest';
import * as fc from 'fast-check';
import { createManualClock } from 'colloquy/testing';
import { UsageError } from 'colloquy';
import type { Desk, StudioEvent } from '../../src/studio/server/desk.ts';
import { type StudioHandlerOptions, createStudioHandler } from '../../src/studio/server/handler.ts';
import { isRequestName, problemInBody } from '../../src/studio/server/request-shapes.ts';
import type { Hello, StudioRecording, TurnEntry } from '../../src/studio/wire.ts';

const HELLO: Hello = {
  wire: 1,
  kind: 'studio',
  dialogue: { id: 'd', version: '0', structure: 'x' },
  powers: ['say'],
  isRedacted: false,
  clock: { now: 0, isVirtual: true },
  charts: [],
  services: [],
  findings: [],
};

function turn(number: number, text = 'hi'): TurnEntry {
  return {
    turn: number,
    openid: 'ann',
    at: 0,
    cause: 'message',
    label: text,
    outcome: 'silent',
    replies: [],
    phases: [],
    way: [],
  };
}

/** A desk whose events the test sends. */
function scriptedDesk() {
  const listeners = new Set<(event: StudioEvent) => void>();
  const backlog: StudioEvent[] = [{ name: 'hello', data: HELLO }];
  const request = vi.fn<(name: string, body: unknown) => Promise<object>>(async () => ({
    outcome: 'silent',
  }));
  const desk: Desk = {
    backlog: () => [...backlog],
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    request: request as never,
  };
  const send = (event: StudioEvent): void => {
    backlog.push(event);
    for (const listener of listeners) listener(event);
  };
  return { desk, send, request, listeners };
}

const ORIGIN = 'http://127.0.0.1:4000';
const COOKIE = 'colloquy_studio_4000=secret';

function studio(options: StudioHandlerOptions = {}) {
  const clock = createManualClock();
  const scripted = scriptedDesk();
  const handler = createStudioHandler(scripted.desk, { token: 'secret', clock, ...options });
  onTestFinished(() => handler.close());
  const get = (path: string, headers: Record<string, string> = {}) =>
    handler(new Request(`${ORIGIN}${path}`, { headers: { cookie: COOKIE, ...headers } }));
  const post = (name: string, body: unknown, headers: Record<string, string> = {}) =>
    handler(
      new Request(`${ORIGIN}/api/${name}`, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: {
          cookie: COOKIE,
          'content-type': 'application/json',
          'x-colloquy-csrf': '1',
          origin: ORIGIN,
          ...headers,
        },
      }),
    );
  return { clock, handler, get, post, ...scripted };
}

/** The next events of a stream. */
function reader(response: Response) {
  const chunks = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    async next(): Promise<{ id: string; event: string; data: unknown } | undefined> {
      for (;;) {
        const end = text.indexOf('\n\n');
        if (end >= 0) {
          const block = text.slice(0, end);
          text = text.slice(end + 2);
          const field = (name: string) =>
            new RegExp(`^${name}: (.*)$`, 'mu').exec(block)?.[1] ?? '';
          if (field('event') === '') continue;
          return { id: field('id'), event: field('event'), data: JSON.parse(field('data')) };
        }
        const read = await chunks?.read();
        if (read === undefined || read.done) return undefined;
        text += read.value;
      }
    },
    cancel: () => chunks?.cancel(),
  };
}

describe('the page', () => {
  test('is behind a token, which becomes a cookie and leaves the address', async () => {
    const { handler } = studio();
    const first = await handler(new Request(`${ORIGIN}/?token=secret&theme=dark`));
    expect(first.status).toBe(303);
    expect(first.headers.get('location')).toBe('./?theme=dark');
    expect(first.headers.get('set-cookie')).toBe(
      'colloquy_studio_4000=secret; Path=/; HttpOnly; SameSite=Strict',
    );
    for (const path of ['/', '/events', '/recording.colloquy.json', '/?token=wrong']) {
      const refused = await handler(new Request(`${ORIGIN}${path}`));
      expect([refused.status, await refused.json()]).toMatchObject([
        401,
        { error: { code: 'unauthorized' } },
      ]);
    }
  });

  test.each([
    ['under another name of this machine', { host: 'evil.example:4000' }],
    ['through a proxy', { 'x-forwarded-for': '10.0.0.1' }],
    ['through another proxy', { forwarded: 'for=10.0.0.1' }],
  ])('is refused with the right cookie %s', async (_, headers) => {
    const { get } = studio();
    expect((await get('/', headers)).status).toBe(401);
  });

  test.each([
    ['among others', `a=b;${COOKIE}; c=d`],
    ['behind one of its name, of another path', `colloquy_studio_4000=stale; ${COOKIE}`],
  ])('is there with its cookie %s', async (_, cookie) => {
    const { get } = studio();
    expect((await get('/', { cookie })).status).not.toBe(401);
    expect((await get('/', { cookie: cookie.replaceAll('=secret', '="secret"') })).status).toBe(
      401,
    );
  });

  test('is what `authorize` decides, where there is one', async () => {
    const { handler } = studio({
      token: undefined,
      authorize: (request) => request.headers.get('authorization') === 'Bearer good',
    });
    const at = (authorization: string) =>
      handler(new Request('https://bot.example/inspect/', { headers: { authorization } }));
    expect((await at('Bearer bad')).status).toBe(401);
    expect((await at('Bearer good')).status).not.toBe(401);
  });

  test('may be answered by `authorize`, with a question for a password', async () => {
    const headers = { 'www-authenticate': 'Basic realm="studio"' };
    const { handler } = studio({
      token: undefined,
      authorize: () => new Response('who?', { status: 401, headers }),
    });
    const response = await handler(new Request(`${ORIGIN}/events`));
    expect([response.status, await response.text()]).toEqual([401, 'who?']);
    expect(response.headers.get('www-authenticate')).toContain('Basic');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('that `authorize` fails for is refused, and nothing of its error is said', async () => {
    const { handler } = studio({ authorize: () => Promise.reject(new Error('secret')) });
    const response = await handler(new Request(ORIGIN));
    expect([response.status, await response.text()]).toEqual([
      500,
      expect.not.stringContaining('secret'),
    ]);
  });

  test('has its folder for an address, wherever it is mounted', async () => {
    const { get } = studio();
    const moved = await get('/admin/inspect?x=1');
    expect([moved.status, moved.headers.get('location')]).toEqual([308, './inspect/?x=1']);
    expect((await get('/admin/inspect/nothing.js')).status).toBe(404);
    expect((await get('/admin/../../package.json')).status).toBe(404);
  });

  test('leads to no other host, with any address', async () => {
    const { get } = studio();
    for (const path of [
      '/inspect/http:2130706433',
      '/inspect/https:evil',
      '//evil',
      '/a/javascript:x',
    ]) {
      for (const query of ['', '?token=secret']) {
        const to = (await get(`${path}${query}`)).headers.get('location') ?? '';
        expect(new URL(to, `https://127.0.0.1:4000${path}`).origin).toBe('https://127.0.0.1:4000');
      }
    }
  });

  test('says so where it is not built', async () => {
    const { get } = studio({ folder: new URL('file:///nowhere/') });
    const response = await get('/');
    expect([response.status, await response.text()]).toEqual([
      503,
      expect.stringContaining('npm run build'),
    ]);
  });

  test('is protected by headers, and so is every answer', async () => {
    const { get, post } = studio();
    for (const response of [
      await get('/'),
      await get('/x.js'),
      await post('say', {}),
      await get('/events'),
    ]) {
      expect(response.headers.get('content-security-policy')).toMatch(
        /default-src 'none'; script-src 'self';.*frame-ancestors 'none'/u,
      );
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('referrer-policy')).toBe('no-referrer');
      expect(response.headers.get('cache-control')).toContain('no-store');
    }
  });
});

describe('the stream', () => {
  test('begins with what was before, and goes on with what happens', async () => {
    const { get, send } = studio();
    send({ name: 'turn', data: turn(1) });
    const response = await get('/events');
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const events = reader(response);
    expect(await events.next()).toMatchObject({ event: 'hello', data: HELLO });
    expect(await events.next()).toMatchObject({ event: 'turn', data: { turn: 1 } });
    send({ name: 'turn', data: turn(2) });
    expect(await events.next()).toMatchObject({ event: 'turn', data: { turn: 2 } });
  });

  test('continues where it was lost, or begins again', async () => {
    const { get, send } = studio();
    const events = reader(await get('/events'));
    await events.next();
    send({ name: 'turn', data: turn(1) });
    const last = (await events.next())?.id ?? '';
    await events.cancel();
    send({ name: 'turn', data: turn(2) });
    const again = reader(await get('/events', { 'last-event-id': last }));
    expect(await again.next()).toMatchObject({ event: 'turn', data: { turn: 2 } });
    for (const unknown of ['other-1', 'x', `${last}999`]) {
      const anew = reader(await get('/events', { 'last-event-id': unknown }));
      expect(await anew.next()).toMatchObject({ event: 'hello' });
    }
  });

  test('that was lost in the middle of what was before begins again, and misses nothing', async () => {
    const { get, send } = studio();
    for (let count = 1; count <= 3; count += 1) send({ name: 'turn', data: turn(count) });
    const events = reader(await get('/events'));
    const ids = [];
    for (let count = 0; count < 4; count += 1) ids.push((await events.next())?.id ?? '');
    expect(ids).toEqual(['', '', '', expect.stringMatching(/^\w+-\d+$/u)]);
    await events.cancel();
    const anew = reader(await get('/events', { 'last-event-id': ids[1] ?? '' }));
    expect(await anew.next()).toMatchObject({ event: 'hello' });
    send({ name: 'turn', data: turn(4) });
    const further = reader(await get('/events', { 'last-event-id': ids[3] ?? '' }));
    expect(await further.next()).toMatchObject({ event: 'turn', data: { turn: 4 } });
  });

  test('is opened by no HEAD, which has no reader', async () => {
    const { handler, get } = studio();
    for (let count = 0; count < 70; count += 1) {
      const { status, body } = await handler(
        new Request(`${ORIGIN}/events`, { method: 'HEAD', headers: { cookie: COOKIE } }),
      );
      expect([status, body]).toEqual([200, null]);
    }
    expect((await get('/events')).status).toBe(200);
  });

  test('to a page that does not read ends behind 8 MiB, and the page begins again', async () => {
    const { get, send } = studio();
    const response = await get('/events');
    for (let count = 1; count < 12; count += 1) {
      send({ name: 'turn', data: turn(count, 'x'.repeat(1_000_000)) });
    }
    const events = reader(response);
    expect(await events.next()).toBeUndefined();
    expect(await reader(await get('/events')).next()).toMatchObject({ event: 'hello' });
  });

  test('has a sign of life every fifteen seconds', async () => {
    const { get, clock } = studio();
    const body = (await get('/events')).body?.pipeThrough(new TextDecoderStream()).getReader();
    await body?.read();
    const next = body?.read();
    await clock.advance(15_000);
    const texts = [(await next)?.value, (await body?.read())?.value];
    expect(texts.join('')).toContain(':\n\n');
  });

  test('is there for 64 pages', async () => {
    const { get } = studio();
    for (let count = 0; count < 64; count += 1) expect((await get('/events')).status).toBe(200);
    expect((await get('/events')).status).toBe(503);
  });

  test('leaves nothing behind when its page leaves', async () => {
    const { get, handler, listeners } = studio();
    for (let count = 0; count < 100; count += 1) await reader(await get('/events')).cancel();
    expect((await get('/events')).status).toBe(200);
    handler.close();
    expect(listeners.size).toBe(0);
  });
});

describe('a request', () => {
  test('is passed on, and answered', async () => {
    const { post, request } = studio();
    const response = await post('say', { openid: 'ann', message: 'hi' });
    expect([response.status, await response.json()]).toEqual([200, { outcome: 'silent' }]);
    expect(request).toHaveBeenCalledExactlyOnceWith('say', { openid: 'ann', message: 'hi' });
  });

  test('that the desk refuses has its code', async () => {
    const { post, request } = studio();
    request.mockRejectedValue(new UsageError('bad_option', 'It cannot.'));
    const response = await post('undo', {});
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: { code: 'bad_option', text: 'It cannot.' } },
    ]);
    request.mockRejectedValue(new Error('secret'));
    const failed = await post('undo', {});
    expect([failed.status, await failed.text()]).toEqual([
      500,
      expect.not.stringContaining('secret'),
    ]);
  });

  test.each<[string, Record<string, string>, number]>([
    ['without its cookie', { cookie: '' }, 401],
    ['from another site', { origin: 'https://evil.example' }, 403],
    ['from a frame without an origin', { origin: 'null' }, 403],
    ['from another port of this machine', { origin: 'http://127.0.0.1:4001' }, 403],
    ['that the browser calls cross-site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['that the browser calls same-site', { 'sec-fetch-site': 'same-site' }, 403],
    ['as a form sends it', { 'content-type': 'text/plain' }, 415],
  ])('%s is refused, and does nothing', async (_, headers, status) => {
    const { post, request } = studio();
    expect((await post('say', { openid: 'ann', message: 'hi' }, headers)).status).toBe(status);
    expect(request).not.toHaveBeenCalled();
  });

  test('without the header that no other site can send is refused', async () => {
    const { handler, request } = studio();
    const bare = new Request(`${ORIGIN}/api/undo`, {
      method: 'POST',
      body: '{}',
      headers: { cookie: COOKIE, 'content-type': 'application/json' },
    });
    expect((await handler(bare)).status).toBe(403);
    expect(request).not.toHaveBeenCalled();
  });

  test.each<[string, string, unknown, number]>([
    ['an unknown name', 'toString', {}, 404],
    ['a body that is no JSON', 'say', '{', 400],
    ['a body that is no object', 'say', '[]', 400],
    ['a field too many', 'undo', { turn: 1 }, 400],
    ['a prototype', 'undo', '{"__proto__":{}}', 400],
    ['a field too few', 'say', { openid: 'ann' }, 400],
    ['a field of another kind', 'fork', { turn: '1' }, 400],
    ['a body of over a MiB', 'say', { openid: 'ann', message: 'x'.repeat(1_100_000) }, 413],
  ])('with %s is refused, and does nothing', async (_, name, body, status) => {
    const { post, request } = studio();
    expect((await post(name, body)).status).toBe(status);
    expect(request).not.toHaveBeenCalled();
  });

  test('of any shape is refused or is of the shape that its name has', async () => {
    const { post, request } = studio();
    const names = fc.constantFrom(
      'say',
      'send',
      'advance',
      'fire',
      'fork',
      'service',
      'play',
      'save',
      'x',
    );
    await fc.assert(
      fc.asyncProperty(names, fc.json({ maxDepth: 3 }), async (name, body) => {
        request.mockClear();
        const { status } = await post(name, body);
        expect([200, 400, 404]).toContain(status);
        for (const [asked, given] of request.mock.calls) {
          expect(isRequestName(asked) && problemInBody(asked, given)).toBeUndefined();
        }
      }),
    );
  });

  test('without a signature of any kind never reaches the desk', async () => {
    const { handler, request } = studio();
    const header = fc.constantFrom('cookie', 'origin', 'sec-fetch-site', 'x-colloquy-csrf', 'host');
    const value = fc.constantFrom(
      'colloquy_studio_4000=',
      'null',
      'same-origin',
      '1',
      'localhost',
      ORIGIN,
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(header, value), async (headers) => {
        const response = await handler(
          new Request(`${ORIGIN}/api/undo`, {
            method: 'POST',
            body: '{}',
            headers: { 'content-type': 'application/json', ...headers },
          }),
        );
        expect(response.status).toBe(401);
      }),
    );
    expect(request).not.toHaveBeenCalled();
  });
});

test('a recording holds what a page sees, and nothing can be asked of it', async () => {
  const { get, send } = studio();
  send({ name: 'turn', data: turn(3) });
  const response = await get('/recording.colloquy.json');
  expect(response.headers.get('content-disposition')).toContain('recording.colloquy.json');
  expect((await response.json()) as StudioRecording).toMatchObject({
    colloquy: 'recording',
    wire: 1,
    hello: { kind: 'recording', powers: [] },
    turns: [{ turn: 3 }],
    dropped: 2,
  });
});
