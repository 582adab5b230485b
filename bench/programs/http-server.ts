// A server of WeChat messages: with colloquy behind it, or with a handler that does the least possible.
import { type RequestListener, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseXml } from '../../src/channels/wechat/parse.ts';
import { entry, library } from '../library.ts';
import { serve } from '../serve.ts';
import { survey } from '../survey.ts';

export type HttpKind = 'bare' | 'colloquy';

/** Parses with the parser of the channel, and answers a constant. */
function bare(): RequestListener {
  return (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { MsgType: kind } = parseXml(Buffer.concat(chunks));
      if (kind !== 'text') throw new Error('That was no text.');
      response.writeHead(200, { 'content-type': 'application/xml; charset=utf-8' });
      response.end('<xml><Content><![CDATA[constant]]></Content></xml>');
    });
  };
}

async function colloquy(token: string): Promise<RequestListener> {
  const { createRunner } = await library();
  const { toNodeListener } = await entry('channels/node');
  const { createWebhook } = await entry('channels/webhook');
  const { wechat } = await entry('channels/wechat');
  return toNodeListener(createWebhook(createRunner(survey), wechat({ token })));
}

const calls = {
  /** @returns its port */
  async start({ kind, token }: { kind: HttpKind; token: string }): Promise<number> {
    const listener = kind === 'bare' ? bare() : await colloquy(token);
    const server = createServer(listener);
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return (server.address() as AddressInfo).port;
  },
  /** @returns the microseconds of CPU time that this process has used until now */
  cpu(): number {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
};

export type HttpServerCalls = typeof calls;

serve(calls);
