import { setTimeout as sleep } from 'node:timers/promises';
import { ColloquyError } from 'colloquy';
import { type RedisClient, redis } from 'colloquy/persist/redis';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { record, refusalOf } from '../support/persisting.ts';
import { type RedisServer, findRedis, startRedis } from '../support/redis.ts';

const canStart = (await findRedis()) !== undefined;

it.skipIf(canStart)(
  'a Redis in trouble is not tested: there is no redis-server in the PATH',
  () => {
    expect(process.env['CI'], 'what CI runs has Redis').not.toBe('true');
  },
);

function ioredis(url: string): Redis {
  const client = new Redis(url, { retryStrategy: () => 1 });
  client.on('error', () => {});
  onTestFinished(() => client.disconnect());
  return client;
}

async function nodeRedis(url: string): Promise<RedisClient> {
  const client = createClient({ url, socket: { reconnectStrategy: () => 1 } });
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.destroy());
  return client as unknown as RedisClient;
}

async function start(): Promise<RedisServer> {
  const server = await startRedis();
  onTestFinished(() => server.stop());
  return server;
}

describe.skipIf(!canStart).each([
  ['ioredis', async (url: string) => ioredis(url) as RedisClient],
  ['node-redis', nodeRedis],
])('a Redis in trouble, by %s', (_name, connectTo) => {
  it('that ends all connections again and again fails calls and nothing else, and keeps what it answered', async () => {
    const server = await start();
    const admin = ioredis(server.url);
    const persister = redis(await connectTo(server.url));
    const saved = new Map<string, number>();
    const faults: unknown[] = [];
    let calls = 0;
    const state = { isOver: false };
    const work = async (openid: string): Promise<void> => {
      for (let n = 1; !state.isOver; n += 1) {
        try {
          calls += 1;
          const found = await persister.load(openid);
          await persister.save(record(openid, `${n}`), found?.revision);
          saved.set(openid, n);
        } catch (error) {
          faults.push(error);
          await sleep(1);
        }
      }
    };
    const workers = ['a', 'b', 'c', 'd'].map(work);
    for (let round = 0; round < 40; round += 1) {
      await admin.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await sleep(5);
    }
    state.isOver = true;
    await Promise.all(workers);
    expect(faults.filter((error) => !ColloquyError.is(error))).toEqual([]);
    expect([saved.size, calls > 40]).toEqual([4, true]);
    for (const [openid, n] of saved) {
      const found = await redis(admin).load(openid);
      expect(Number(found?.body)).toBeGreaterThanOrEqual(n);
    }
  });

  it('that stops for longer than a lease lasts gives the lease to another process, and refuses the late save', async () => {
    const server = await start();
    const [one, two] = [await connectTo(server.url), await connectTo(server.url)].map((client) =>
      redis(client),
    );
    const revision = await one?.save(record('a', 'first'), undefined);
    expect(await one?.lease.take('a', 'one', 200)).toMatchObject({ taken: true });
    await ioredis(server.url).client('PAUSE', 400, 'ALL');
    const taken = await two?.lease.take('a', 'two', 60_000);
    expect(taken).toMatchObject({ taken: true, record: { body: 'first', revision } });
    const next = await two?.lease.save(record('a', 'second'), revision, 'two');
    const late = one?.lease.save(record('a', 'late'), revision, 'one') ?? Promise.resolve();
    expect(await refusalOf(late)).toMatchObject({ code: 'conflict' });
    expect(await two?.load('a')).toMatchObject({ body: 'second', revision: next });
  });
});
