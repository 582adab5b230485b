import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { type Clock, createContextStore, createRunner, systemClock } from 'colloquy';
import { toNodeListener } from 'colloquy/channels/node';
import { createWebChat } from 'colloquy/channels/web';
import { lmdb } from 'colloquy/persist/lmdb';
import { createRestaurant } from './dialogue.ts';
import { css, html, respond } from './page.ts';
import { type Bot, type Environment, closeServer, listen, report } from './serving.ts';
import { type Tables, createTables } from './tables.ts';

/** What a test replaces. */
export interface Parts {
  readonly clock?: Clock;
  readonly tables?: Tables;
}

/** A restaurant that takes bookings on its own website, on LMDB. */
export async function startBot(
  env: Environment,
  { clock = systemClock, tables = createTables() }: Parts = {},
): Promise<Bot> {
  // Without a secret that stays, each start has new visitors, and nobody finds their conversation again.
  const { DATA: folder = 'data', SECRET: secret = randomBytes(24).toString('base64url') } = env;
  if (secret.length < 16) throw new Error('SECRET has to have at least 16 characters.');
  const store = createContextStore({ persister: lmdb(folder), clock, age: 7 * 24 * 3600 });
  const runner = createRunner(createRestaurant(tables, { locale: 'en' }), {
    store,
    onError: () => 'Sorry, please say that again.',
  });
  runner.on('error', ({ error }) => report(error));
  const chat = createWebChat(runner, { secret, greet: true, onError: report });

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    // What is said, and the script of the page.
    if (pathname === '/chat' || pathname === '/chat/chat.js') return chat(request);
    if (pathname === '/page.css') return respond(css, 'text/css');
    return pathname === '/' ? respond(html, 'text/html') : new Response(null, { status: 404 });
  }

  const server = createServer(toNodeListener(answer, { onError: report }));
  const end = async (): Promise<void> => {
    await runner.stop();
    await store.close();
  };
  try {
    await runner.start();
    const url = await listen(server, env);
    return {
      url,
      async close() {
        const closed = closeServer(server);
        // A page keeps its stream open, and the server would wait for it.
        chat.close();
        await closed;
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}
