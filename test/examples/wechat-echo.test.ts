import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type Account,
  createPush,
  createText,
  deliver,
  verifyUrl,
} from '../../examples/wechat-echo/client.ts';
import { playConversation } from '../../examples/wechat-echo/conversation.ts';
import { startBot } from '../../examples/wechat-echo/server.ts';
import { startProgram } from '../support/program.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const token = 'MY_WECHAT_TOKEN';

async function boot(): Promise<Account> {
  const bot = await startBot({ port: 0, token });
  closing.push(() => bot.close());
  return { url: bot.url, token };
}

describe('the bot', () => {
  test('counts the texts of each user and remembers the last one', async () => {
    const account = await boot();
    const say = (openid: string, text: string) => deliver(account, createText(openid, text));
    expect(await say('a', '一')).toBe('这是第 1 次对话');
    expect(await say('b', 'x')).toBe('这是第 1 次对话');
    expect(await say('a', ' 1.0 ')).toBe('这是第 2 次对话,上一次对话文字:一');
    expect(await say('a', '三')).toBe('这是第 3 次对话,上一次对话文字: 1.0 ');
    expect(await say('b', 'y')).toBe('这是第 2 次对话,上一次对话文字:x');
  });

  test.each([
    ['an image', { MsgType: 'image', PicUrl: 'http://p', MediaId: 'm' }],
    ['a location', { MsgType: 'location', Location_X: '1', Location_Y: '2' }],
    ['a kind it does not know', { MsgType: 'hologram' }],
    ['a follow', { MsgType: 'event', Event: 'subscribe' }],
    ['a menu click', { MsgType: 'event', Event: 'CLICK', EventKey: 'HELP' }],
  ])('says of %s that it is the wrong kind, and does not count it', async (_, fields) => {
    const account = await boot();
    await deliver(account, createText('a', 'one'));
    expect(await deliver(account, createPush('a', fields))).toBe('错误的信息类型');
    expect(await deliver(account, createText('a', 'two'))).toBe(
      '这是第 2 次对话,上一次对话文字:one',
    );
  });

  test('does not answer a user who left, and knows them when they are back', async () => {
    const account = await boot();
    await deliver(account, createText('a', 'one'));
    const left = createPush('a', { MsgType: 'event', Event: 'unsubscribe' });
    expect(await deliver(account, left)).toBeUndefined();
    expect(await deliver(account, createText('a', 'two'))).toBe(
      '这是第 2 次对话,上一次对话文字:one',
    );
  });

  test('counts a message once, even if it is delivered several times at once', async () => {
    const account = await boot();
    const push = createText('a', 'one');
    const answers = await Promise.all([1, 2, 3].map(() => deliver(account, push)));
    answers.push(await deliver(account, push));
    expect(new Set(answers)).toEqual(new Set(['这是第 1 次对话']));
    expect(await deliver(account, createText('a', 'two'))).toBe(
      '这是第 2 次对话,上一次对话文字:one',
    );
  });

  test('escapes the words of a user', async () => {
    const account = await boot();
    const text =
      'hi]]></Content><MsgType><![CDATA[transfer_customer_service]]></MsgType><Content><![CDATA[';
    await deliver(account, createText('a', text));
    expect(await deliver(account, createText('a', 'two'))).toBe(
      `这是第 2 次对话,上一次对话文字:${text}`,
    );
  });

  test('verifies its URL, and refuses other senders', async () => {
    const account = await boot();
    expect(await verifyUrl(account, '123')).toBe('123');
    expect(await verifyUrl({ ...account, token: 'other' }, '123')).toBe('');
    const forged = await fetch(account.url, { method: 'POST', body: createText('a', 'x') });
    expect([forged.status, await forged.text()]).toEqual([403, '']);
  });

  test('answers at one path only', async () => {
    const { url } = await boot();
    for (const path of ['/', '/wechat/', '/wechatx', '/x/wechat']) {
      const response = await fetch(new URL(path, url));
      expect([path, response.status, await response.text()]).toEqual([path, 404, '']);
    }
  });
});

test('the conversation reports differences from the expected one', async () => {
  const account = await boot();
  await deliver(account, createText('alice', 'before'));
  const problems = await playConversation(account, () => {});
  expect(problems[0]).toBe('expected 这是第 1 次对话, got 这是第 2 次对话,上一次对话文字:before');
});

describe('the program', { timeout: 60_000 }, () => {
  test('plays its conversation and ends by itself', async () => {
    const program = await startProgram('wechat-echo', { byTsx: true });
    expect(await program.exit).toBe(0);
    expect(program.output()).toContain('< 这是第 2 次对话,上一次对话文字:你好\n');
    expect(program.output()).toContain('< 错误的信息类型\n');
    expect(program.output().match(/< 这是第 3 次对话,上一次对话文字:今天天气不错\n/g)).toHaveLength(
      2,
    );
  });

  test('serves until a signal stops it', async () => {
    const program = await startProgram('wechat-echo', {
      args: ['--serve'],
      env: { PORT: '0', WECHAT_TOKEN: 'another' },
    });
    const url = await program.listening();
    expect(await deliver({ url, token: 'another' }, createText('a', 'x'))).toBe('这是第 1 次对话');
    expect(await program.end('SIGTERM')).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  });

  test('reports a taken port in one line', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    closing.push(() => taken.close());
    const { port } = taken.address() as AddressInfo;
    const program = await startProgram('wechat-echo', {
      args: ['--serve'],
      env: { PORT: String(port) },
    });
    expect(await program.exit).toBe(1);
    expect(program.output()).toContain(`Port ${port} is in use.`);
    expect(program.output()).not.toContain('    at ');
  });

  test('reports an invalid port in one line', async () => {
    const program = await startProgram('wechat-echo', { args: ['--serve'], env: { PORT: 'http' } });
    expect(await program.exit).toBe(1);
    expect(program.output()).toContain('PORT has to be a number');
  });
});
