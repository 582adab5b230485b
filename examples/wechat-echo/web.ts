import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { createContextStore, createRunner } from 'colloquy';
import { toNodeListener } from 'colloquy/channels/node';
import { createWebChat } from 'colloquy/channels/web';
import { chatSite } from '../chat-page.ts';
import { type Bot, closeServer, listen } from '../serving.ts';
import dialogue from './dialogue.ts';

const html = `<!doctype html>
<html lang="zh-CN">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <meta name="color-scheme" content="light dark">
    <link rel="icon" href="data:,">
    <title>Echo</title>
  </head>
  <body>
    <colloquy-chat endpoint="/chat" layout="page" title="Echo"></colloquy-chat>
    <script src="/chat/chat.js"></script>
  </body>
</html>
`;

/** The same dialogue on a page of this machine: what differs from WeChat is the channel. */
export async function startPage(options: { port: number }): Promise<Bot> {
  const store = createContextStore({ max: 100_000, age: 7200 });
  const runner = createRunner(dialogue, { store });
  const chat = createWebChat(runner, { secret: randomBytes(24).toString('base64url') });
  const server = createServer(toNodeListener(chatSite(chat, { html })));
  const url = await listen(server, { PORT: String(options.port) });
  return {
    url,
    async close() {
      const closed = closeServer(server);
      chat.close();
      await closed;
      await runner.stop();
      await store.close();
    },
  };
}
