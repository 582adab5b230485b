import { describe, expect, it } from 'vitest';
import { HOST } from './browser-page.ts';
import { createChatWorld } from './world.ts';

const SHOP = 'https://shop.example';
const hi = { type: 'message', id: 'm1', message: { type: 'message.text', text: 'hi' } };

/** What a browser says of where a request comes from, and whether it may use the chat. */
const cases: readonly [what: string, headers: Record<string, string>, isAdmitted: boolean][] = [
  ['its own page', { origin: HOST, 'sec-fetch-site': 'same-origin' }, true],
  ['its own page in an old browser', { origin: HOST }, true],
  ['its own page behind a proxy that ends TLS', { origin: 'http://bot.example' }, true],
  ['a page of an allowed origin', { origin: SHOP, 'sec-fetch-site': 'cross-site' }, true],
  ['a page of an allowed origin in an old browser', { origin: SHOP }, true],
  ['a program, which has no browser', {}, true],
  [
    'a page of another site',
    { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    false,
  ],
  ['a page of another site in an old browser', { origin: 'https://evil.example' }, false],
  [
    'a page of another host of the site',
    { origin: 'https://x.bot.example', 'sec-fetch-site': 'same-site' },
    false,
  ],
  ['another port', { origin: `${HOST}:8443` }, false],
  ['a host whose name begins the same', { origin: `${HOST}.evil.example` }, false],
  ['an allowed origin without TLS', { origin: 'http://shop.example' }, false],
  ['a sandboxed frame or a file', { origin: 'null', 'sec-fetch-site': 'cross-site' }, false],
  ['a sandboxed frame in an old browser', { origin: 'null' }, false],
  ['a page of another site that hides its origin', { 'sec-fetch-site': 'cross-site' }, false],
];

describe.each(cases)('a request of %s', (_what, headers, isAdmitted) => {
  it(isAdmitted ? 'is taken' : 'is refused, and no turn is taken', async () => {
    const { page: open, runner } = createChatWorld({ origins: [SHOP] });
    const page = open();
    await page.hello();
    page.headers = headers;
    const posted = await page.post(hi);
    const got = await page.get();
    await got.body?.cancel();
    expect([posted.status, got.status]).toEqual(isAdmitted ? [200, 200] : [403, 403]);
    expect(runner.stats().records).toBe(isAdmitted ? 1 : 0);
    if (!isAdmitted) expect(await posted.json()).toEqual({ type: 'error', error: 'bad_origin' });
  });

  it('may be read by a page of an allowed origin alone', async () => {
    const page = createChatWorld({ origins: [SHOP] }).page();
    await page.hello();
    page.headers = headers;
    for (const response of [await page.post(hi), await page.get()]) {
      const isShop = headers['origin'] === SHOP;
      expect(response.headers.get('access-control-allow-origin')).toBe(isShop ? SHOP : null);
      expect(response.headers.get('access-control-allow-credentials')).toBe(isShop ? 'true' : null);
      expect(response.headers.get('vary')).toBe('origin');
      await response.body?.cancel();
    }
  });
});

describe('a browser that asks before it sends', () => {
  const ask = async (origin: string) => {
    const { chat } = createChatWorld({ origins: [SHOP] });
    return chat(
      new Request(`${HOST}/chat`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type',
        },
      }),
    );
  };

  it('gets a yes for an allowed origin', async () => {
    const { status, headers } = await ask(SHOP);
    expect(status).toBe(204);
    expect(Object.fromEntries(headers)).toEqual({
      'access-control-allow-origin': SHOP,
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'content-type, user-agent, last-event-id',
      'access-control-allow-methods': 'GET, POST',
      'access-control-expose-headers': 'retry-after',
      'access-control-max-age': '600',
      vary: 'origin',
    });
  });

  it('gets a no for any other', async () => {
    for (const origin of ['https://evil.example', 'null', `${SHOP}.evil.example`]) {
      const { status, headers } = await ask(origin);
      expect([status, headers.get('access-control-allow-origin')]).toEqual([403, null]);
    }
  });
});

describe('a request', () => {
  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', ''])(
    'of the content type %j, which a form of another site can send, is refused',
    async (type) => {
      const { page: open, runner } = createChatWorld();
      const page = open();
      await page.hello();
      const response = await page.post(hi, { 'content-type': type });
      expect([response.status, await response.json()]).toEqual([
        415,
        { type: 'error', error: 'not_json' },
      ]);
      expect(runner.stats().records).toBe(0);
    },
  );

  it('of another method is refused', async () => {
    const { chat } = createChatWorld();
    for (const method of ['PUT', 'DELETE', 'HEAD', 'PATCH']) {
      const { status, headers } = await chat(new Request(HOST, { method }));
      expect([status, headers.get('allow')]).toEqual([405, 'GET, POST, OPTIONS']);
    }
  });

  it('that asks for no stream gets none', async () => {
    const page = createChatWorld().page();
    await page.hello();
    expect((await page.get({ accept: 'text/html' })).status).toBe(406);
  });

  it('has an answer that no cache keeps and no browser takes for a page', async () => {
    const page = createChatWorld().page();
    for (const response of [
      await page.post({ type: 'hello' }),
      await page.post(hi),
      await page.post('{'),
    ]) {
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    }
  });
});
