import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Callback, sign } from './callbacks.ts';
import { type Account, type Fields, createPush, createText, deliver } from './client.ts';
import { startBot } from './server.ts';
import { startWechatServer } from './wechat-server.ts';

// 不用公众号也能看完一单：本机上的假微信，一个用户，一个支付平台，一个后厨。

const OPENID = 'o-xiaoming';
const CALLBACK_SECRET = randomUUID();
const startedAt = performance.now();
const news = new EventEmitter();
const heard: string[] = [];

function print(mark: string, text: string): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(5);
  console.log(`${seconds}s ${mark} ${text.replaceAll('\n', '\n         ')}`);
}

const api = await startWechatServer('secret', (_openid, text) => {
  print('推 <', text);
  heard.push(text);
  news.emit('push');
});
const folder = await mkdtemp(join(tmpdir(), 'wechat-shop-'));
const keys = {
  token: 'token',
  encodingAESKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
  appId: 'wx0123456789abcdef',
};
const bot = await startBot({
  WECHAT_TOKEN: keys.token,
  WECHAT_AES_KEY: keys.encodingAESKey,
  WECHAT_APP_ID: keys.appId,
  WECHAT_SECRET: 'secret',
  WECHAT_API: api.url,
  CALLBACK_SECRET,
  DATA: folder,
  PORT: '0',
});
const account: Account = { ...keys, url: `${bot.url}/wechat` };

async function push(shown: string, body: string): Promise<void> {
  print('   >', shown);
  const answer = await deliver(account, body);
  if (answer !== undefined) print('答 <', answer);
}
const say = (text: string): Promise<void> => push(text, createText(OPENID, text));
const event = (shown: string, fields: Fields): Promise<void> =>
  push(shown, createPush(OPENID, { MsgType: 'event', ...fields }));

async function hears(pattern: RegExp): Promise<string> {
  const signal = AbortSignal.timeout(30_000);
  for (;;) {
    const found = heard.find((text) => pattern.test(text));
    if (found !== undefined) return found;
    await once(news, 'push', { signal });
  }
}

async function callBack(path: '/paid' | '/ready', callback: Callback): Promise<void> {
  const body = JSON.stringify(callback);
  const headers = { 'x-signature': sign(CALLBACK_SECRET, body) };
  const { status } = await fetch(bot.url + path, { method: 'POST', headers, body });
  print(path, `${callback.order}，应答 ${status}`);
}

try {
  await event('［关注］', { Event: 'subscribe' });
  await event('［菜单：点单］', { Event: 'CLICK', EventKey: 'ORDER' });
  for (const text of ['1', '半糖', '两杯', '对']) await say(text);
  await say('好了没');
  const [order = ''] = /A\d+/u.exec(await hears(/^订单/u)) ?? [];
  const paid = { id: 'pay-1', openid: OPENID, order };
  await callBack('/paid', paid);
  await callBack('/paid', paid);
  await hears(/^收到付款/u);
  await event('［菜单：我的订单］', { Event: 'CLICK', EventKey: 'MY_ORDER' });
  await callBack('/ready', { id: 'ready-1', openid: OPENID, order });
  await hears(/做好了/u);
} finally {
  await bot.close();
  await api.close();
  await rm(folder, { recursive: true, force: true });
}
