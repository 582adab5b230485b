import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** The interface of WeChat that an account pushes by. */
export interface WechatApi {
  readonly url: string;
  /** What was pushed, in order. */
  readonly pushed: readonly { readonly openid: string; readonly text: string }[];
  /** Whether it is out of order. */
  isDown: boolean;
}

/** @param secret of the account: no token is given for another, and nothing is taken under another token */
export async function startWechatApi(secret: string): Promise<WechatApi> {
  const pushed: { openid: string; text: string }[] = [];
  const api = { url: '', pushed, isDown: false };
  const server = createServer((req, res) => {
    void (async () => {
      if (api.isDown) {
        res.writeHead(503).end();
        return;
      }
      const url = new URL(req.url ?? '', 'http://api.example');
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk as Buffer);
      const answer = (data: object): void => void res.end(JSON.stringify(data));
      if (url.pathname === '/cgi-bin/token') {
        if (url.searchParams.get('secret') === secret) {
          answer({ access_token: `token of ${secret}`, expires_in: 7200 });
        } else answer({ errcode: 40_125, errmsg: 'invalid appsecret' });
        return;
      }
      if (url.searchParams.get('access_token') !== `token of ${secret}`) {
        answer({ errcode: 40_001, errmsg: 'invalid credential' });
        return;
      }
      const { touser: openid, text } = JSON.parse(Buffer.concat(chunks).toString()) as {
        touser: string;
        text: { content: string };
      };
      pushed.push({ openid, text: text.content });
      answer({ errcode: 0, errmsg: 'ok' });
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  api.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return api;
}
