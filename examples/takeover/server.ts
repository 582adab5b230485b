import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type Clock, createContextStore, createRunner, systemClock } from 'colloquy';
import { toNodeListener } from 'colloquy/channels/node';
import { createWebChat } from 'colloquy/channels/web';
import { lmdb } from 'colloquy/persist/lmdb';
import { type DeskContext, createDesk } from 'colloquy/takeover';
import { createShop } from './dialogue.ts';
import { operatorsIn } from './operators.ts';
import { askWho, desk as deskPage, respond, shop as shopPage } from './page.ts';
import { type Bot, type Environment, closeServer, listen, report } from './serving.ts';

/** A bot for customers and a desk for operators: two dialogues, each with a runner, a store and a chat of its own. */
export async function startBot(env: Environment, clock: Clock = systemClock): Promise<Bot> {
  const { DATA: folder = 'data', SECRET: secret = randomBytes(24).toString('base64url') } = env;
  const operators = operatorsIn(env['OPERATORS'] ?? announced(randomBytes(6).toString('hex')));
  const desk = createDesk({ operators: operators.names.map((name) => `desk:${name}`) });

  const conversations = createContextStore({ persister: lmdb(join(folder, 'shop')), clock });
  const desks = createContextStore<DeskContext>({ persister: lmdb(join(folder, 'desk')), clock });
  const bot = createRunner(createShop(desk.tell), { store: conversations });
  const office = createRunner(desk.dialogue, { store: desks });
  desk.connect(bot, office);

  const customerChat = createWebChat(bot, { secret, greet: true, onError: report });
  const operatorChat = createWebChat(office, {
    prefix: 'desk:',
    getUser: (request) => operators.find(request),
    onError: report,
  });
  const server = createServer(
    toNodeListener(
      async (request) => {
        const { pathname } = new URL(request.url);
        if (pathname === '/chat' || pathname === '/chat/chat.js') return customerChat(request);
        if (pathname === '/desk/chat') return operatorChat(request);
        if (pathname === '/desk') return operators.find(request) ? respond(deskPage) : askWho();
        return pathname === '/' ? respond(shopPage) : new Response(null, { status: 404 });
      },
      { onError: report },
    ),
  );
  const end = async (): Promise<void> => {
    await Promise.all([bot.stop(), office.stop()]);
    await Promise.all([conversations.close(), desks.close()]);
  };
  try {
    for (const runner of [bot, office]) runner.on('error', ({ error }) => report(error));
    // Each tells the other at once what was under way when the process ended.
    await Promise.all([bot.start(), office.start()]);
    const url = await listen(server, env);
    return {
      url,
      async close() {
        const closed = closeServer(server);
        for (const chat of [customerChat, operatorChat]) chat.close();
        await closed;
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

function announced(password: string): string {
  console.log(`the desk is at /desk, for bob with the password ${password}`);
  return `bob:${password}`;
}
