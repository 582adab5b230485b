import { createRunner, setupDialogue } from 'colloquy';
import { createWebChat } from 'colloquy/channels/web';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { stubRunner } from '../stubs.ts';
import { BrowserPage, HOST, SECRET } from './browser-page.ts';
import { createChatWorld, openidOf } from './world.ts';

const hello = { type: 'hello' };
const hi = { type: 'message', id: 'm1', message: { type: 'message.text', text: 'hi' } };

const cookieOf = async (page: BrowserPage, headers = {}): Promise<string> => {
  const response = await page.post(hello, headers);
  return response.headers.getSetCookie().join();
};

describe('the cookie of a session', () => {
  it('is for the host alone, no script and no other site', async () => {
    const cookie = await cookieOf(createChatWorld().page());
    expect(cookie).toMatch(/^__Host-colloquy-web=[\w-]{22}\.\d{10}\.[\da-f]{64}; Path=\/; /u);
    expect(cookie).toContain('; Max-Age=2592000; HttpOnly; Secure; SameSite=Strict');
  });

  it('works without https, as on a developer’s machine', async () => {
    const chat = createWebChat(stubRunner(), { secret: SECRET });
    const request = new Request('http://localhost:3000/', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: 'http://localhost:3000' },
      body: JSON.stringify(hello),
    });
    const cookie = (await chat(request)).headers.get('set-cookie');
    expect(cookie).toMatch(/^colloquy-web=.*; HttpOnly; SameSite=Strict$/u);
  });

  it('is secure behind a proxy that ends TLS, and where the option says so', async () => {
    const chat = createWebChat(stubRunner(), { secret: SECRET });
    const request = (origin: string): Request =>
      new Request('http://bot.example/', {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin },
        body: JSON.stringify(hello),
      });
    const proxied = await chat(request('https://bot.example'));
    expect(proxied.headers.get('set-cookie')).toContain('; Secure');
    const insisting = createWebChat(stubRunner(), { secret: SECRET, secure: true });
    const plain = await insisting(request('http://bot.example'));
    expect(plain.headers.get('set-cookie')).toContain('; Secure');
  });

  it('goes to a page that other sites show, one for each site', async () => {
    const page = createChatWorld({ embedded: true, origins: ['https://shop.example'] }).page();
    page.headers = { origin: 'https://shop.example', 'sec-fetch-site': 'cross-site' };
    const cookie = await cookieOf(page);
    expect(cookie).toContain('; HttpOnly; Secure; SameSite=None; Partitioned');
  });

  it('is another one for each visitor, and lasts as long as its page is opened', async () => {
    const { page: open, clock } = createChatWorld({ sessionMs: 86_400_000 });
    const [one, other] = [open(), open()];
    await one.open();
    await other.open();
    expect(openidOf(one)).not.toBe(openidOf(other));
    const first = openidOf(one);
    await clock.advance({ hours: 23 });
    await one.open();
    await clock.advance({ hours: 23 });
    expect((await one.post(hi)).status).toBe(200);
    expect(openidOf(one)).toBe(first);
    expect(await (await other.post(hi)).json()).toEqual({ type: 'error', error: 'no_session' });
    await other.hello();
    expect((await other.post(hi)).status).toBe(200);
  });

  it('holds by each secret of a rotation, and is signed by the first one from then on', async () => {
    const before = createChatWorld({ secret: 'the former secret' });
    const page = before.page();
    await page.open();
    const openid = openidOf(page);
    const chatOf = (...secret: string[]) => createChatWorld({ secret, clock: before.clock }).chat;
    page.chat = chatOf('the newest secret', 'the former secret');
    expect((await page.post(hi)).status).toBe(200);
    await page.hello();
    page.chat = chatOf('the newest secret');
    expect((await page.post(hi)).status).toBe(200);
    expect(openidOf(page)).toBe(openid);
  });

  it('is none if it is missing, forged, changed, or of another chat', async () => {
    const { page: open, clock, runner } = createChatWorld();
    const page = open();
    await page.open();
    const [[name = '', value = ''] = []] = page.jar.cookies;
    const [id = '', seconds = '', signature = ''] = value.split('.');
    const another = createChatWorld({ clock, prefix: 'shop:' });
    const shop = another.page();
    await shop.open();
    const [ofShop = ''] = shop.jar.cookies.values();
    for (const cookie of [
      '',
      `${name}=`,
      `${name}=${id}`,
      `${name}=${id}.${seconds}.${'0'.repeat(64)}`,
      `${name}=${'A'.repeat(22)}.${seconds}.${signature}`,
      `${name}=${id}.${Number(seconds) + 1}.${signature}`,
      `${name}=${value}0`,
      `${name}=${value}=`,
      `${name}=${value}=0`,
      `${name}=${ofShop}`,
      `other=${value}`,
    ]) {
      for (const body of [hi, { type: 'ack', shown: ['1'] }, 'not json', {}]) {
        const response = await page.post(body, { cookie });
        expect([response.status, await response.text()]).toEqual([
          401,
          '{"type":"error","error":"no_session"}',
        ]);
        expect(response.headers.get('set-cookie')).toBeNull();
      }
      expect((await page.get({ cookie })).status).toBe(401);
    }
    expect(runner.stats().records).toBe(0);
    const others = `a=b; ${name}=${value}; c`;
    expect((await page.post(hi, { cookie: others })).status).toBe(200);
  });

  it('of the whole host goes before one that a page of plain http may have set', async () => {
    const { page: open } = createChatWorld();
    const [page, evil] = [open(), open()];
    await page.open();
    await evil.open();
    const [[name = '', value = ''] = []] = page.jar.cookies;
    const [planted = ''] = evil.jar.cookies.values();
    const plain = name.replace('__Host-', '');
    await page.connect();
    await page.post(hi, { cookie: `${plain}=${planted}; ${name}=${value}` });
    expect(page.events.map(({ type }) => type)).toContain('answer');
  });

  it('counts, though others of its name stand before it: of another path, domain or partition', async () => {
    const { page: open } = createChatWorld();
    const page = open();
    await page.open();
    const [[name = '', value = ''] = []] = page.jar.cookies;
    const plain = name.replace('__Host-', '');
    for (const cookie of [
      `${name}=stale; ${name}=${value}`,
      `${name}=stale; ${plain}=${value}`,
      `${plain}=stale; ${plain}=${value}`,
      `${plain}=${value};${plain}=stale`,
    ]) {
      expect((await page.post(hi, { cookie })).status).toBe(200);
      const stream = await page.get({ cookie });
      expect(stream.status).toBe(200);
      await stream.body?.cancel();
    }
    // Names tell small letters from capitals, and a value has no quotes around it.
    for (const cookie of [`${name.toUpperCase()}=${value}`, `${name}="${value}"`]) {
      expect((await page.post(hi, { cookie })).status).toBe(401);
    }
  });
});

describe('the program that knows its users', () => {
  it('says who sends a request; no other person gets in', async () => {
    const { page: open, runner } = createChatWorld({
      getUser: async ({ headers }) => headers.get('x-user') ?? undefined,
    });
    const page = open();
    const refused = await page.post(hello);
    expect([refused.status, refused.headers.get('set-cookie')]).toEqual([401, null]);
    page.headers = { ...page.headers, 'x-user': 'ann' };
    const response = await page.post(hi);
    expect([response.status, response.headers.get('set-cookie')]).toEqual([200, null]);
    expect(await runner.standing('web:ann', [])).toMatchObject({ isKept: true });
  });

  it('may say what others call them: messages are from a person of this name', async () => {
    const { createDialogue, reply } = setupDialogue({ types: {} });
    const who = createDialogue({
      id: 'who',
      initial: 'open',
      states: {
        open: {
          on: {
            'message.*': {
              actions: reply(({ event }) => `${event.from?.id} is ${event.from?.name}`),
            },
          },
        },
      },
    });
    const runner = createRunner(who, { clock: createManualClock() });
    const chat = createWebChat(runner, { getUser: () => ({ id: 'ann', name: 'Ann' }) });
    const response = await new BrowserPage(chat).post(hi);
    expect(await response.json()).toMatchObject({ replies: [{ reply: { text: 'ann is Ann' } }] });
    expect(await runner.standing('web:ann', [])).toMatchObject({ isKept: true });
  });

  it('that has no name for a visitor lets none in, with any other answer', async () => {
    for (const nobody of [null, undefined, '', false]) {
      const { page, runner } = createChatWorld({ getUser: () => nobody as undefined });
      expect((await page().post(hi)).status).toBe(401);
      expect((await page().get()).status).toBe(401);
      expect(runner.stats().records).toBe(0);
    }
    for (const wrong of [5, {}, [], { id: '' }, { id: 5 }, { id: 'ann', name: 5 }]) {
      const { page, errors } = createChatWorld({ getUser: () => wrong as never });
      expect((await page().post(hi)).status).toBe(500);
      expect(errors).toEqual([expect.objectContaining({ code: 'bad_option' })]);
    }
  });

  it('hears of its own mistakes, and the page does not', async () => {
    const failing = createChatWorld({
      getUser: () => {
        throw new Error('no database');
      },
    });
    const response = await failing.page().post(hi);
    expect([response.status, await response.text()]).toEqual([500, '']);
    expect(failing.errors).toEqual([new Error('no database')]);
    const long = createChatWorld({ getUser: () => 'x'.repeat(600) });
    expect((await long.page().post(hi)).status).toBe(500);
    expect((await long.page().get()).status).toBe(500);
    const tooLong = expect.objectContaining({ code: 'bad_openid' });
    expect(long.errors).toEqual([tooLong, tooLong]);
  });
});

describe('createWebChat', () => {
  it.each([
    [{ secret: '' }, 'bad_secret'],
    [{ secret: 'short' }, 'bad_secret'],
    [{ secret: [SECRET, ''] }, 'bad_secret'],
    [{}, 'bad_secret'],
    [{ secret: SECRET, getUser: () => 'ann' }, 'bad_option'],
    [{ secret: SECRET, prefix: 'web' }, 'bad_prefix'],
    [{ secret: SECRET, origins: ['*'] }, 'bad_option'],
    [{ secret: SECRET, origins: ['https://shop.example/a'] }, 'bad_option'],
    [{ secret: SECRET, origins: 'https://shop.example' }, 'bad_option'],
    [{ secret: SECRET, embedded: true, secure: false }, 'bad_option'],
    [{ secret: SECRET, sessionMs: 0 }, 'bad_option'],
    [{ secret: SECRET, rate: { perMinute: 0 } }, 'bad_option'],
    [{ secret: SECRET, rate: { perSecond: 1 } }, 'bad_option'],
    [{ secret: SECRET, maxBodyBytes: 0 }, 'bad_option'],
  ])('refuses %j', (options, code) => {
    expect(() => createWebChat(stubRunner(), options as never)).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('has the openids of its prefix for itself', () => {
    const runner = stubRunner();
    createWebChat(runner, { secret: SECRET });
    createWebChat(runner, { secret: SECRET, prefix: 'shop:' });
    expect(() => createWebChat(runner, { secret: SECRET })).toThrow('web:');
    expect(HOST).toBe('https://bot.example');
  });
});
