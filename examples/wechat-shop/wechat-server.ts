import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** 本机上的假微信：只有取 access_token 和发客服消息两个接口。 */
export interface WechatServer {
  readonly url: string;
  close(): Promise<void>;
}

/** @param onPush 用户收到一条客服消息 */
export async function startWechatServer(
  secret: string,
  onPush: (openid: string, text: string) => void,
): Promise<WechatServer> {
  const server = createServer((request, response) => {
    void (async () => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const answer = (data: object): void => void response.end(JSON.stringify(data));
      if (pathname === '/cgi-bin/token') {
        if (searchParams.get('secret') === secret)
          answer({ access_token: 'token', expires_in: 7200 });
        else answer({ errcode: 40_125, errmsg: 'invalid appsecret' });
        return;
      }
      const { touser, text } = JSON.parse(Buffer.concat(chunks).toString()) as {
        readonly touser: string;
        readonly text: { readonly content: string };
      };
      onPush(touser, text.content);
      answer({ errcode: 0, errmsg: 'ok' });
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
