import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createContextStore, createRunner } from 'colloquy';
import { toNodeListener } from 'colloquy/channels/node';
import { type WebChatSettings, createWebChat } from 'colloquy/channels/web';
import type { AnyStateMachine } from 'xstate';
import type { Clock } from '../../src/clock.ts';
import type { Persister } from '../../src/persist/persister.ts';
import { type PageOptions, pageWith } from './page-with.ts';
import { scriptResponse } from './scripted-bot.ts';

export interface WebBotOptions {
  /** Default: a free one. */
  readonly port?: number;
  readonly clock?: Clock;
  readonly persister?: Persister;
  readonly page?: PageOptions;
  readonly chat?: WebChatSettings;
}

/** A bot behind the real web channel, with a page that has the element. */
export interface WebBot {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

export async function startWebBot(
  dialogue: AnyStateMachine,
  { port = 0, clock, persister, page, chat: settings }: WebBotOptions = {},
): Promise<WebBot> {
  const store = createContextStore({ ...(clock && { clock }), ...(persister && { persister }) });
  const runner = createRunner(dialogue, { store });
  const secret = 'the secret of a test, long enough';
  const chat = createWebChat(runner, { ...settings, secret });
  await runner.start();
  const server: Server = createServer(
    toNodeListener((request) => {
      const { pathname } = new URL(request.url);
      if (pathname === '/chat') return chat(request);
      return pathname === '/chat/chat.js' ? scriptResponse() : Promise.resolve(pageWith(page));
    }),
  );
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${bound}/`,
    port: bound,
    async close() {
      const closed = once(server, 'close');
      server.close();
      chat.close();
      server.closeAllConnections();
      await closed;
      await runner.stop();
      await store.close();
    },
  };
}
