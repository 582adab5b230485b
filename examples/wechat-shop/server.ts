import { createServer } from 'node:http';
import {
  type Clock,
  type Recognizer,
  createContextStore,
  createRunner,
  systemClock,
} from 'colloquy';
import { toNodeListener } from 'colloquy/channels/node';
import { createWebhook } from 'colloquy/channels/webhook';
import { accessTokens, wechat } from 'colloquy/channels/wechat';
import { lmdb } from 'colloquy/persist/lmdb';
import { createCallbacks } from './callbacks.ts';
import shop from './dialogue.ts';
import { recognizerOf } from './model.ts';
import {
  type Bot,
  type Environment,
  closeServer,
  listen,
  readSettings,
  report,
} from './serving.ts';

/** 测试会换掉的部分。 */
export interface Parts {
  readonly clock?: Clock;
  readonly dialogue?: typeof shop;
  readonly recognize?: Recognizer;
}

/** 公众号（安全模式）里的奶茶店，加上支付平台和店里后厨的回调。 */
export async function startBot(
  env: Environment,
  { clock = systemClock, dialogue = shop, recognize = recognizerOf(env) }: Parts = {},
): Promise<Bot> {
  const settings = readSettings(env, {
    WECHAT_TOKEN: '“服务器配置”里的令牌（Token）',
    WECHAT_AES_KEY: '同一页上的消息加解密密钥（EncodingAESKey）',
    WECHAT_APP_ID: '公众号的 AppID',
    CALLBACK_SECRET: '支付平台和后厨给回调签名用的密钥',
  });
  const { WECHAT_SECRET: secret, WECHAT_API: baseUrl, DATA: folder = 'data' } = env;
  const appId = settings.WECHAT_APP_ID;
  const channel = wechat({
    mode: 'safe',
    token: settings.WECHAT_TOKEN,
    encodingAESKey: settings.WECHAT_AES_KEY,
    appId,
    // 多个进程要共用一个 access_token，这里只有一个进程，自己取就行。
    ...(secret && {
      push: { baseUrl, accessToken: accessTokens({ appId, secret, clock, baseUrl }) },
    }),
  });

  const store = createContextStore({ persister: lmdb(folder), clock, age: 7 * 24 * 3600 });
  const runner = createRunner(dialogue, {
    store,
    recognize,
    onError: () => '抱歉，出了点问题，请再试一次。',
    // 支付平台会把同一个回调重复发上一天。
    seen: { ageMs: 48 * 3_600_000 },
  });
  runner.on('error', ({ error }) => report(error));
  // 没有客服消息权限时，让微信重发，一轮就有 14.5 秒。
  const webhook = createWebhook(runner, channel, { clock, hold: !secret, onError: report });
  const callbacks = createCallbacks(runner, settings.CALLBACK_SECRET);

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === '/wechat') return webhook(request);
    if (pathname === '/paid' || pathname === '/ready') return callbacks(request, pathname);
    return pathname === '/health'
      ? Response.json({ records: store.stats().records })
      : new Response(null, { status: 404 });
  }

  const server = createServer(toNodeListener(answer, { onError: report }));
  const end = async (): Promise<void> => {
    await runner.stop();
    await store.close();
  };
  try {
    // 进程停着的时候到期的提醒、没发出去的话，这里接着做。
    await runner.start();
    const url = await listen(server, env);
    return { url, close: () => closeServer(server).then(end) };
  } catch (error) {
    await end();
    throw error;
  }
}
