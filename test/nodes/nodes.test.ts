import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { surviveOnNodes } from './agents.ts';
import { textOf } from './dialogue.ts';
import { NodeProcess } from './node-process.ts';
import { type Place, type Server, kinds } from './places.ts';
import type { News } from './serve.fixture.ts';
import { spray } from './spray.ts';

const messages = 2000;
const users = 200;
/** Short enough to expire while a node is suspended. */
const lease = { ttlMs: 1000, waitMs: 10_000 };
const pauseMs = 1500;
/** Long enough that a node of a busy machine takes no work from the other, and delivers what that one is delivering. */
const calmly = { ttlMs: 60_000 };

const servers = await Promise.all(
  kinds.map(async (kind) => ({ ...kind, server: await kind.start() })),
);
afterAll(async () => {
  for (const { server } of servers) await server?.stop();
});

async function open(server: Server | undefined): Promise<Place> {
  if (server === undefined) throw new Error('This test needs a server.');
  const place = await server.open();
  onTestFinished(() => place.close());
  return place;
}

for (const { name, missing, server } of servers) {
  it.runIf(server === undefined)(`two nodes on one ${name} are not run: ${missing}`, () => {
    expect(process.env['CI'], `what CI runs has ${name}`).not.toBe('true');
  });

  describe.runIf(server !== undefined)(`two nodes on one ${name}`, () => {
    it('count each message once and in order, and deliver each reply once', async () => {
      const place = await open(server);
      const sprayed = await spray(place, { messages, users, seed: 1, lease: calmly });
      expect(sprayed).toMatchObject({ breaches: [], errors: [], conflicts: 0, repeated: 0 });
      expect(sprayed.messages).toBe(messages);
      const { redelivered, said, timers, services } = sprayed;
      expect(Math.min(redelivered, said, timers, services)).toBeGreaterThan(0);
    }, 120_000);

    it('do so even if one of them is suspended for longer than its leases last', async () => {
      const place = await open(server);
      const pauses = { times: 2, milliseconds: pauseMs };
      const sprayed = await spray(place, { messages: 1000, users, seed: 2, lease, pauses });
      expect(sprayed).toMatchObject({ messages: 1000, breaches: [], errors: [] });
    }, 120_000);

    it('commit nothing that a node began before its lease expired', async () => {
      const place = await open(server);
      const news: News[] = [];
      const start = (owner: string): NodeProcess => {
        const serving = { persister: place.source, lease: { owner, ...lease }, max: users };
        const node = new NodeProcess(serving, (piece) => news.push(piece));
        onTestFinished(() => node.end());
        return node;
      };
      const [first, second] = [start('first'), start('second')] as const;
      await Promise.all([first.ready, second.ready]);
      const send = (node: NodeProcess, number: number, text: string) =>
        node.deliver({ openid: 'ann', id: `${number}`, text, deadlineMs: 60_000 });

      const working = send(first, 1, textOf(1, 'service', 1000));
      while ((await place.persister.load('ann')) === undefined) await pause(5);
      first.pause();
      expect(await place.leases()).toHaveLength(1);
      expect(await send(second, 2, textOf(2, 'nothing'))).toMatchObject({
        outcome: 'replied',
        replies: ['heard 2 2'],
      });
      await pause(lease.ttlMs);
      first.resume();
      expect(await working).toMatchObject({
        outcome: 'replied',
        replies: ['heard 1 1', 'started 1', 'worked 1'],
      });

      expect(news).toEqual([{ type: 'conflict', openid: 'ann' }]);
      expect(await second.report(['ann'])).toMatchObject([
        { count: 2, misplaced: 0, recent: [1, 2], worked: 1 },
      ]);
      expect(await place.leases()).toEqual([]);
    }, 60_000);

    // `npm run test:nodes -- --dialogue agent` does the same over a hundred kills, with another seed each time.
    it('repeat no finished call of an agent, lose none, and run no tool without its approval while they are killed', async () => {
      const place = await open(server);
      const survived = await surviveOnNodes(place, { kills: 5, users: 8, seed: 1, speed: 10 });
      expect(survived).toMatchObject({ breaches: [], errors: [] });
      const { ended, agreed, approved, again, drafts } = survived;
      expect(ended).toBeGreaterThanOrEqual(8);
      expect(Math.min(agreed, approved, again, drafts)).toBeGreaterThan(0);
    }, 120_000);
  });
}
