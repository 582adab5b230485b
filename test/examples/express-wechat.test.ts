import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Incoming } from 'colloquy';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WECHAT_SETTINGS } from '../../examples/express-wechat/account.ts';
import {
  type Account,
  createPush,
  createText,
  deliver,
  verifyUrl,
} from '../../examples/express-wechat/client.ts';
import { startBot } from '../../examples/express-wechat/server.ts';
import { createTables } from '../../examples/restaurant-booking/tables.ts';
import { startProgram } from '../support/program.ts';
import { startWechatApi } from '../support/wechat-api.ts';
import { playOverWire } from '../support/wire.ts';

const SECRET = 'canary-app-secret';
const shared = {
  token: 'canary-token',
  encodingAESKey: 'canaryKeyabcdefghijklmnopqrstuvwxyz01234567',
  appId: 'wx0123456789abcdef',
};

/** The settings that the example needs, with a new folder. */
function environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'colloquy-wechat-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return {
    WECHAT_TOKEN: shared.token,
    WECHAT_AES_KEY: shared.encodingAESKey,
    WECHAT_APP_ID: shared.appId,
    DATA: folder,
    PORT: '0',
    ...more,
  };
}

/** The bot on a manual clock, and a user of WeChat. */
async function boot(more?: Readonly<Record<string, string>>) {
  // A Thursday, eight in the morning in Shanghai.
  const clock = createManualClock({ now: Date.UTC(2026, 0, 1) });
  const tables = createTables({ fails: () => false, pause: async () => {} });
  const bot = await startBot(environment(more), { clock, tables });
  onTestFinished(() => bot.close());
  return { account: { ...shared, url: bot.url } satisfies Account, clock };
}

test('the transcript is what a user in WeChat sees', async () => {
  const { url, pushed } = await startWechatApi(SECRET);
  const { account, clock } = await boot({ WECHAT_SECRET: SECRET, WECHAT_API: url });
  const shown: string[] = [];
  let last = '';
  const take = async (push: string): Promise<void> => {
    last = push;
    shown.push((await deliver(account, push)) ?? '(nothing)');
  };
  let taken = 0;
  await playOverWire('examples/express-wechat/booking.chat', {
    clock,
    send: (message) => take(toPush('o-wang', message)),
    again: () => take(last),
    shown() {
      shown.push(...pushed.slice(taken).map(({ text }) => text));
      taken = pushed.length;
      return shown;
    },
  });
  expect(new Set(pushed.map(({ openid }) => openid))).toEqual(new Set(['o-wang']));
});

function toPush(openid: string, message: Incoming): string {
  if (typeof message === 'string') return createText(openid, message);
  expect(message.type).toBe('event.follow');
  return createPush(openid, { MsgType: 'event', Event: 'subscribe' });
}

test('without a right to push, a reminder waits for the next message', async () => {
  const { account, clock } = await boot();
  await deliver(account, createText('o-li', '订位，明天晚上七点，四个人'));
  await clock.advance({ minutes: 10 });
  // The bot first has to store the waiting reply, in real time.
  await expect
    .poll(() => deliver(account, createText('o-li', '帮助')))
    .toMatch(/^您还在吗？座位还没有订好。\n您可以直接回答问题/);
});

describe('the route', () => {
  test('verifies its URL', async () => {
    const { account } = await boot();
    expect(await verifyUrl(account, '4375120948345356249')).toBe('4375120948345356249');
    expect(await verifyUrl({ ...account, token: 'another' }, '1')).toBe('');
  });

  test('refuses everything that is not encrypted with the key of the account', async () => {
    const { account } = await boot();
    const push = createText('o-li', '你好');
    const wrong = { ...account, encodingAESKey: 'anotherKeyabcdefghijklmnopqrstuvwxyz0123456' };
    await expect(deliver(wrong, push)).rejects.toThrow('The bot answered 403.');
    await expect(deliver({ ...account, appId: 'wx1' }, push)).rejects.toThrow('403');
    const bare = await fetch(account.url, { method: 'POST', body: push });
    expect([bare.status, await bare.text()]).toEqual([403, '']);
  });

  test('leaves the rest of the app to the app', async () => {
    const { account } = await boot();
    await deliver(account, createText('o-li', '你好'));
    const health = await fetch(new URL('/health', account.url));
    expect(await health.json()).toEqual({ records: 1 });
    expect((await fetch(new URL('/', account.url))).status).toBe(404);
  });
});

describe('the program', () => {
  test('continues a conversation after a clean end and a new start', async () => {
    const env = environment({ WECHAT_SECRET: SECRET });
    const first = await startProgram('express-wechat', { env });
    const account = { ...shared, url: await first.listening() };
    expect(await deliver(account, createText('o-li', '你好'))).toMatch(/^欢迎光临外滩小厨！\n/);
    expect(await deliver(account, createText('o-li', '1'))).toBe('请问几位？');
    expect(await first.end('SIGTERM')).toBe(0);
    await expect(fetch(account.url)).rejects.toThrow();

    const second = await startProgram('express-wechat', { env });
    account.url = await second.listening();
    expect(await deliver(account, createText('o-li', '四'))).toBe('请问什么时候来？');
    const forged = { ...account, token: 'another' };
    await expect(deliver(forged, createText('o-li', '五'))).rejects.toThrow('403');
    expect(await second.end('SIGTERM')).toBe(0);
    for (const { output } of [first, second]) {
      expect(output()).toMatch(/^listening on \S+\/wechat\nstopped\n$/);
    }
  });

  test('names all missing settings at once', async () => {
    const { WECHAT_TOKEN, DATA } = environment();
    const program = await startProgram('express-wechat', { env: { WECHAT_TOKEN, DATA } });
    expect(await program.exit).toBe(1);
    expect(program.output()).toMatch(
      /^Missing in the environment:\n {2}WECHAT_AES_KEY: .+\n {2}WECHAT_APP_ID: .+\n$/,
    );
  });

  test.each([
    ['WECHAT_AES_KEY', 'canary-key', /EncodingAESKey/],
    ['PORT', 'canary', /PORT has to be a number/],
  ])('says of %s that it is none, without quoting it', async (name, value, message) => {
    const program = await startProgram('express-wechat', { env: environment({ [name]: value }) });
    expect(await program.exit).toBe(1);
    expect(program.output()).toMatch(message);
    expect(program.output()).not.toMatch(/canary| {4}at /);
  });

  test('has its settings in the README of the examples', () => {
    const readme = readFileSync(new URL('../../examples/README.md', import.meta.url), 'utf8');
    for (const name of [...Object.keys(WECHAT_SETTINGS), 'WECHAT_SECRET', 'DATA', 'PORT']) {
      expect(readme).toContain(`\`${name}\``);
    }
  });
});
