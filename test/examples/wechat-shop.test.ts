import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createManualClock } from 'colloquy/testing';
import { LLMock } from '@copilotkit/aimock';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fromPromise } from 'xstate';
import { type Callback, sign } from '../../examples/wechat-shop/callbacks.ts';
import type { Order } from '../../examples/wechat-shop/cashier.ts';
import type { Sale } from '../../examples/wechat-shop/menu.ts';
import {
  type Account,
  type Fields,
  createPush,
  createText,
  deliver,
  verifyUrl,
} from '../../examples/wechat-shop/client.ts';
import shop from '../../examples/wechat-shop/dialogue.ts';
import { model, recognizerOf } from '../../examples/wechat-shop/model.ts';
import { startBot } from '../../examples/wechat-shop/server.ts';
import { startProgram } from '../support/program.ts';
import { startWechatApi } from '../support/wechat-api.ts';

const SECRET = 'canary-app-secret';
const CALLBACK_SECRET = 'canary-callback-secret';
const USER = 'o-li';
const shared = {
  token: 'canary-token',
  encodingAESKey: 'canaryKeyabcdefghijklmnopqrstuvwxyz01234567',
  appId: 'wx0123456789abcdef',
};

/** The settings that the example needs, with a new folder. */
function environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'colloquy-shop-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return {
    WECHAT_TOKEN: shared.token,
    WECHAT_AES_KEY: shared.encodingAESKey,
    WECHAT_APP_ID: shared.appId,
    CALLBACK_SECRET,
    DATA: folder,
    PORT: '0',
    ...more,
  };
}

/** The shop on a manual clock, with a cashier who is as slow as the test wants. */
async function boot(more: Readonly<Record<string, string>> = {}) {
  const clock = createManualClock({ now: Date.UTC(2026, 0, 1) });
  const answers: ((order: Order) => void)[] = [];
  const placeOrder = fromPromise<Order, Sale>(
    () => new Promise((resolve) => answers.push(resolve)),
  );
  const dialogue = shop.provide({ actors: { placeOrder } });
  const bot = await startBot(environment(more), { clock, dialogue });
  onTestFinished(() => bot.close());
  const account: Account = { ...shared, url: `${bot.url}/wechat` };
  return {
    account,
    clock,
    answers,
    say: (text: string) => deliver(account, createText(USER, text)),
    event: (fields: Fields) => deliver(account, createPush(USER, { MsgType: 'event', ...fields })),
    async callBack(path: string, callback: Partial<Callback>, secret = CALLBACK_SECRET) {
      const body = JSON.stringify(callback);
      const headers = { 'x-signature': sign(secret, body) };
      return (await fetch(bot.url + path, { method: 'POST', headers, body })).status;
    },
  };
}

const CLICK = { Event: 'CLICK', EventKey: 'ORDER' };
const ORDER = { id: 'A101', yuan: 30 };

/** Orders two cups, up to the answer that the order is being placed. */
async function order({ event, say, clock, answers }: Awaited<ReturnType<typeof boot>>) {
  await event({ Event: 'subscribe' });
  expect(await event(CLICK)).toMatch(/^想喝点什么？\n1\. 珍珠奶茶 15 元\n/u);
  for (const text of ['1', '少糖', '两杯']) await say(text);
  const answer = say('对');
  await expect.poll(() => answers.length).toBe(1);
  await clock.advance({ milliseconds: 4500 });
  expect(await answer).toBe('正在下单，请稍等。');
}

test('a slow order is answered in time, pushed later, paid once and called out', async () => {
  const { url, pushed } = await startWechatApi(SECRET);
  const bot = await boot({ WECHAT_SECRET: SECRET, WECHAT_API: url });
  const { answers, callBack, clock, say } = bot;
  const texts = (): Promise<readonly string[]> =>
    clock.advance(0).then(() => pushed.map(({ text }) => text));
  await order(bot);
  expect(await say('好了没')).toBe('还在下单，请稍等。');
  answers[0]?.(ORDER);
  const placed = '订单 A101：2 杯珍珠奶茶，少糖，共 30 元。\n付款：https://pay.example/A101';
  await expect.poll(texts).toEqual([placed]);

  const paid = { id: 'pay-1', openid: USER, order: 'A101' };
  expect(await callBack('/paid', { ...paid, order: 'A999' })).toBe(409);
  expect(await callBack('/ready', { ...paid, id: 'early' })).toBe(409);
  for (let times = 0; times < 3; times += 1) expect(await callBack('/paid', paid)).toBe(200);
  const thanks = '收到付款，开始做了。做好会通知您。';
  await expect.poll(texts).toEqual([placed, thanks]);
  expect(await say('取消')).toBe('已经开始做了，退款请到柜台。');

  expect(await callBack('/ready', { ...paid, id: 'ready-1' })).toBe(200);
  await expect.poll(texts).toEqual([placed, thanks, 'A101 号做好了，请到柜台取。']);
  expect(new Set(pushed.map(({ openid }) => openid))).toEqual(new Set([USER]));
});

test('an account that may not push uses the redeliveries of WeChat', async () => {
  const { account, answers, clock, event, say } = await boot();
  await event(CLICK);
  for (const text of ['1', '少糖', '两杯']) await say(text);
  const message = createText(USER, '对');
  const first = deliver(account, message);
  await expect.poll(() => answers.length).toBe(1);
  await clock.advance({ seconds: 5 });
  const second = deliver(account, message);
  await expect.poll(() => fetch(new URL('/health', account.url)).then(({ ok }) => ok)).toBe(true);
  answers[0]?.(ORDER);
  await expect
    .poll(() => clock.advance(0).then(() => Promise.race([second, Promise.resolve('waiting')])))
    .toMatch(/^正在下单，请稍等。\n订单 A101：/u);
  // WeChat has given up the first one; it gets a bare acknowledgement.
  expect(await first).toBeUndefined();
});

test('an order that is not paid for is dropped, and its late payment refused', async () => {
  const { url, pushed } = await startWechatApi(SECRET);
  const bot = await boot({ WECHAT_SECRET: SECRET, WECHAT_API: url });
  await order(bot);
  bot.answers[0]?.(ORDER);
  await expect.poll(() => bot.clock.advance(0).then(() => pushed.length)).toBe(1);
  expect(await bot.say('我的订单')).toContain('A101');
  await bot.clock.advance({ minutes: 15 });
  await expect
    .poll(() => bot.clock.advance(0).then(() => pushed.at(-1)?.text))
    .toBe('15 分钟没有付款，订单取消了。');
  expect(await bot.callBack('/paid', { id: '1', openid: USER, order: 'A101' })).toBe(409);
});

describe('a model that the environment names', () => {
  async function startServer(): Promise<LLMock> {
    const server = new LLMock({ port: 0, auth: { apiKeys: ['sk-shop'] } });
    await server.start();
    onTestFinished(() => server.stop());
    return server;
  }
  const environmentOf = (server: LLMock, MODEL_KEY = 'sk-shop') => ({
    MODEL_URL: `${server.url}/v1`,
    MODEL_NAME: 'a-model',
    MODEL_KEY,
  });

  test('hears an order in the words of a customer of WeChat', async () => {
    const server = await startServer();
    const found = (values: object) => ({ intents: [{ intent: 'want', score: 0.9, values }] });
    server.on({ userMessage: '来一对' }, { content: found({ drink: '珍珠奶茶', cups: '两杯' }) });
    server.on(
      { userMessage: '微微甜' },
      { content: { intents: [], values: { drink: null, sweet: '少糖', cups: null } } },
    );
    const { say } = await boot(environmentOf(server));
    expect(await say('渴死了，珍奶来一对')).toMatch(/^甜度呢？\n/u);
    expect(await say('微微甜就行')).toMatch(/^2 杯珍珠奶茶，少糖，共 30 元，对吗？/u);
    const body = server.getLastRequest()?.body as object;
    expect(JSON.stringify(body)).toContain('手打柠檬茶 13 元');
    // Which not every server has.
    expect(body).not.toHaveProperty('response_format');
  });

  test('leaves the order to the menu where it fails', async () => {
    const server = await startServer();
    const { event, say } = await boot(environmentOf(server, 'sk-wrong'));
    expect(await event(CLICK)).toMatch(/^想喝点什么？/u);
    expect(await say('珍奶')).toMatch(/^甜度呢？/u);
  });

  test.each([{}, { MODEL_URL: 'http://127.0.0.1:9/v1' }, { MODEL_NAME: 'a-model' }])(
    'is the stand-in without both variables: %j',
    (settings) => expect(recognizerOf(settings)).toBe(model),
  );
});

describe('the callbacks', () => {
  test('refuse what is not signed, not complete or too long, and change nothing', async () => {
    const { account, callBack } = await boot();
    const paid = { id: 'pay-1', openid: USER, order: 'A101' };
    expect(await callBack('/paid', paid, 'another')).toBe(401);
    expect(await callBack('/paid', { openid: USER, order: 'A101' })).toBe(400);
    expect(await callBack('/paid', { ...paid, order: 'A'.repeat(20_000) })).toBe(413);
    expect(await callBack('/paid', paid)).toBe(409);
    expect((await fetch(new URL('/paid', account.url))).status).toBe(405);
    const health = await fetch(new URL('/health', account.url));
    expect(await health.json()).toEqual({ records: 0 });
  });
});

describe('the route of WeChat', () => {
  test('verifies its URL', async () => {
    const { account } = await boot();
    expect(await verifyUrl(account, '4375120948345356249')).toBe('4375120948345356249');
    expect(await verifyUrl({ ...account, token: 'another' }, '1')).toBe('');
  });

  test('refuses everything that is not encrypted with the key of the account', async () => {
    const { account } = await boot();
    const push = createText(USER, '你好');
    const wrong = { ...account, encodingAESKey: 'anotherKeyabcdefghijklmnopqrstuvwxyz0123456' };
    await expect(deliver(wrong, push)).rejects.toThrow('The bot answered 403.');
    await expect(deliver({ ...account, appId: 'wx1' }, push)).rejects.toThrow('403');
    const bare = await fetch(account.url, { method: 'POST', body: push });
    expect([bare.status, await bare.text()]).toEqual([403, '']);
  });
});

describe('the program', () => {
  test('continues a conversation after a clean end and a new start', async () => {
    const env = environment({ WECHAT_SECRET: SECRET });
    const first = await startProgram('wechat-shop', { env });
    const account = { ...shared, url: `${await first.listening()}/wechat` };
    expect(await deliver(account, createText(USER, '点单'))).toMatch(/^想喝点什么？\n/u);
    expect(await deliver(account, createText(USER, '生椰拿铁'))).toMatch(/^甜度呢？\n/u);
    expect(await first.end('SIGTERM')).toBe(0);
    await expect(fetch(account.url)).rejects.toThrow();

    const second = await startProgram('wechat-shop', { env });
    account.url = `${await second.listening()}/wechat`;
    expect(await deliver(account, createText(USER, '无糖'))).toBe('要几杯？');
    const forged = { ...account, token: 'another' };
    await expect(deliver(forged, createText(USER, '五杯'))).rejects.toThrow('403');
    expect(await second.end('SIGTERM')).toBe(0);
    for (const { output } of [first, second]) {
      expect(output()).toMatch(/^listening on \S+\nstopped\n$/);
    }
  });

  test('names all missing settings at once', async () => {
    const { WECHAT_TOKEN, DATA } = environment();
    const program = await startProgram('wechat-shop', { env: { WECHAT_TOKEN, DATA } });
    expect(await program.exit).toBe(1);
    expect(program.output().match(/^ {2}\w+(?=: .)/gmu)).toEqual([
      '  WECHAT_AES_KEY',
      '  WECHAT_APP_ID',
      '  CALLBACK_SECRET',
    ]);
  });

  test.each([
    ['WECHAT_AES_KEY', 'canary-key', /EncodingAESKey/],
    ['PORT', 'canary', /PORT has to be a number/],
  ])('says of %s that it is none, without quoting it', async (name, value, message) => {
    const program = await startProgram('wechat-shop', { env: environment({ [name]: value }) });
    expect(await program.exit).toBe(1);
    expect(program.output()).toMatch(message);
    expect(program.output()).not.toMatch(/canary| {4}at /);
  });

  test('has its settings in its README', () => {
    const readme = readFileSync(
      new URL('../../examples/wechat-shop/README.md', import.meta.url),
      'utf8',
    );
    for (const name of [
      ...Object.keys(environment()),
      'WECHAT_SECRET',
      'WECHAT_API',
      'MODEL_URL',
      'MODEL_NAME',
      'MODEL_KEY',
      'HOST',
    ]) {
      expect(readme).toContain(`\`${name}\``);
    }
  });
});
