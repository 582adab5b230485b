import { createContextStore, createRunner } from 'colloquy';
import { createWebChat } from 'colloquy/channels/web';
import { createDesk } from 'colloquy/takeover';
import { shopWith } from '../takeover/shop.ts';
import { persisterIn, serve, userOf } from './dying-server.ts';

/** A shop with a bot for customers, and at `/desk` a desk for operators, each over a folder of its own. */
const options = { getUser: userOf, rate: { perMinute: 600, burst: 100 } } as const;
const desk = createDesk({ operators: ['desk:bob'] });
const bot = createRunner(shopWith({ tell: desk.tell }), {
  store: createContextStore({ persister: persisterIn('bot') }) as never,
});
const office = createRunner(desk.dialogue, {
  store: createContextStore({ persister: persisterIn('office') }) as never,
});
desk.connect(bot, office);
const customers = createWebChat(bot, options);
const operators = createWebChat(office, { ...options, prefix: 'desk:' });
await Promise.all([bot.start(), office.start()]);
await serve({ '/chat': customers, '/desk/chat': operators });
