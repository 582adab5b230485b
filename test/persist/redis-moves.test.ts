import { createContextStore, createRunner, setupDialogue } from 'colloquy';
import { type RedisClient, redis } from 'colloquy/persist/redis';
import { Cluster, Redis } from 'ioredis';
import { createCluster, createSentinel } from 'redis';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  type RedisServer,
  findRedis,
  startCluster,
  startRedis,
  startSentinel,
} from '../support/redis.ts';

const canStart = (await findRedis()) !== undefined;

it.skipIf(canStart)(
  'slots and primaries that move are not tested: there is no redis-server in the PATH',
  () => {
    expect(process.env['CI'], 'what CI runs has Redis').not.toBe('true');
  },
);

const SHARDS = 16;
const USERS = Array.from({ length: 24 }, (_, n) => `user-${n}`);

/** A bot that counts: the answer to the nth message of a user is n. */
function createCounter(client: RedisClient) {
  const words = setupDialogue({ types: {} as { context: { n: number } } });
  const dialogue = words.createDialogue({
    id: 'counter',
    context: { n: 0 },
    on: {
      'message.text': {
        actions: [
          words.assign({ n: ({ context }) => context.n + 1 }),
          words.reply(({ context }) => `${context.n}`),
        ],
      },
    },
  });
  const store = createContextStore({ persister: redis(client, { shards: SHARDS }), max: 8 });
  const runner = createRunner(dialogue, { store });
  const errors: unknown[] = [];
  runner.on('error', ({ error }) => errors.push(error));
  store.on('error', ({ error }) => errors.push(error));
  onTestFinished(async () => {
    await runner.stop();
    await store.close();
  });
  /** Sends a message until it counts, as a platform does. @returns the answer, or undefined if a redelivery lost it */
  const send = async (openid: string, n: number): Promise<string | undefined> => {
    for (let delivery = 1; ; delivery += 1) {
      const turn = await runner.handle(openid, 'on', { id: `m${n}` }).catch(() => undefined);
      if (turn?.outcome === 'replied' || turn?.outcome === 'duplicate') {
        const [reply] = turn.replies;
        return reply?.type === 'text' ? reply.text : undefined;
      }
      if (delivery === 100) throw new Error(`message ${n} of ${openid} was never taken`);
    }
  };
  return { runner, errors, send };
}

/** Every user says one thing after another, until told to stop. @returns how many each has said, and wrong answers */
async function talk(
  send: (openid: string, n: number) => Promise<string | undefined>,
  isOver: () => boolean,
): Promise<{ readonly said: number; readonly wrong: readonly string[] }> {
  const wrong: string[] = [];
  let said = 0;
  await Promise.all(
    USERS.map(async (openid) => {
      for (let n = 1; !isOver(); n += 1) {
        const answer = await send(openid, n);
        said += 1;
        if (answer !== `${n}`) wrong.push(`${openid} said ${n} and heard ${answer}`);
      }
    }),
  );
  return { said, wrong };
}

/** Moves a slot with its keys, as `redis-cli --cluster reshard` does. */
async function moveSlot(slot: number, from: Redis, to: Redis, target: RedisServer): Promise<void> {
  const [fromId, toId] = [await from.cluster('MYID'), await to.cluster('MYID')];
  await to.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId);
  await from.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId);
  for (;;) {
    const keys = (await from.call('CLUSTER', 'GETKEYSINSLOT', slot, 3)) as string[];
    if (keys.length === 0) break;
    await from.call('MIGRATE', '127.0.0.1', target.port, '', 0, 5000, 'KEYS', ...keys);
  }
  await to.call('CLUSTER', 'SETSLOT', slot, 'NODE', toId);
  await from.call('CLUSTER', 'SETSLOT', slot, 'NODE', toId);
}

describe.skipIf(!canStart).each([
  [
    'ioredis',
    async (nodes: readonly RedisServer[]): Promise<RedisClient> => {
      const client = new Cluster(nodes.map(({ port }) => ({ host: '127.0.0.1', port })));
      client.on('error', () => {});
      onTestFinished(() => client.disconnect());
      return client;
    },
  ],
  [
    'node-redis',
    async (nodes: readonly RedisServer[]): Promise<RedisClient> => {
      const client = createCluster({ rootNodes: nodes.map(({ url }) => ({ url })) });
      client.on('error', () => {});
      await client.connect();
      onTestFinished(() => client.destroy());
      return client as unknown as RedisClient;
    },
  ],
] as const)('a cluster whose slots move while users talk, by %s', (_name, connectTo) => {
  it('loses no message, counts none twice, and reports nothing', async () => {
    const nodes = await startCluster(2);
    onTestFinished(async () => void (await Promise.all(nodes.map((node) => node.stop()))));
    const [one, other] = nodes.map(({ url }) => new Redis(url));
    const [here, there] = nodes;
    if (!one || !other || !here || !there) throw new Error('There are not two nodes.');
    onTestFinished(() => [one, other].forEach((admin) => admin.disconnect()));
    const { send, errors } = createCounter(await connectTo(nodes));
    const progress = { isOver: false };
    const talking = talk(send, () => progress.isOver);
    const shards = Array.from({ length: SHARDS }, (_, shard) => `{${shard}}`);
    const slots = await Promise.all(shards.map((tag) => one.cluster('KEYSLOT', tag)));
    // Each slot goes to the other node, and back.
    for (const round of [1, 2]) {
      for (const slot of slots) {
        const isHere = round === 1 ? slot < 8192 : slot >= 8192;
        await (isHere ? moveSlot(slot, one, other, there) : moveSlot(slot, other, one, here));
      }
    }
    progress.isOver = true;
    const { said, wrong } = await talking;
    expect([wrong, errors]).toEqual([[], []]);
    expect(said).toBeGreaterThan(USERS.length);
  });
});

describe.skipIf(!canStart).each([
  [
    'ioredis',
    async (port: number): Promise<RedisClient> => {
      const client = new Redis({
        sentinels: [{ host: '127.0.0.1', port }],
        name: 'bot',
        sentinelRetryStrategy: () => 20,
        retryStrategy: () => 20,
      });
      client.on('error', () => {});
      onTestFinished(() => client.disconnect());
      return client;
    },
  ],
  [
    'node-redis',
    async (port: number): Promise<RedisClient> => {
      const client = createSentinel({
        name: 'bot',
        sentinelRootNodes: [{ host: '127.0.0.1', port }],
        scanInterval: 50,
      });
      client.on('error', () => {});
      await client.connect();
      onTestFinished(() => client.destroy());
      return client as unknown as RedisClient;
    },
  ],
] as const)('a primary that Sentinel replaces, by %s', (_name, connectTo) => {
  it('twice: what was answered before is there, and what comes meanwhile is taken in the end', async () => {
    // A primary waits for more replicas otherwise, before it sends what it has.
    const settings = { 'repl-diskless-sync-delay': '0' };
    const primary = await startRedis({ settings });
    const replicaof = `127.0.0.1 ${primary.port}`;
    const replica = await startRedis({ settings: { ...settings, replicaof } });
    const servers = [primary, replica];
    onTestFinished(async () => void (await Promise.all(servers.map((each) => each.stop()))));
    const sentinel = await startSentinel('bot', primary.port);
    onTestFinished(() => sentinel.stop());
    const admin = new Redis(sentinel.url);
    onTestFinished(() => admin.disconnect());
    const { send } = createCounter(await connectTo(sentinel.port));
    const heard: (string | undefined)[] = [];
    for (const promotion of [1, 2]) {
      heard.push(await send('ann', 2 * promotion - 1));
      const before = await primaryOf(admin);
      await replicated(servers, before);
      const promoted = promote(admin, before);
      heard.push(await send('ann', 2 * promotion));
      await promoted;
      await replicated(servers, await primaryOf(admin));
    }
    expect(heard).toEqual(['1', '2', '3', '4']);
  });
});

async function primaryOf(sentinel: Redis): Promise<number> {
  const address = (await sentinel.call('SENTINEL', 'get-master-addr-by-name', 'bot')) as string[];
  return Number(address[1]);
}

/** Resolves when the replica has all that its primary has. */
async function replicated(servers: readonly RedisServer[], primary: number): Promise<void> {
  const server = servers.find(({ port }) => port === primary);
  if (server === undefined) throw new Error('Sentinel names another primary.');
  const client = new Redis(server.url);
  try {
    await vi.waitFor(
      async () => {
        await client.set('colloquy-test', '1');
        expect(await client.wait(1, 1000)).toBe(1);
      },
      { timeout: 30_000, interval: 50 },
    );
  } finally {
    client.disconnect();
  }
}

/** Has the replica promoted. Sentinel refuses, or gives up, while it has not heard from the replica lately. */
async function promote(sentinel: Redis, before: number): Promise<void> {
  await vi.waitFor(
    async () => {
      if ((await primaryOf(sentinel)) !== before) return;
      await sentinel.call('SENTINEL', 'FAILOVER', 'bot').catch(() => {});
      throw new Error('The replica is not the primary yet.');
    },
    { timeout: 45_000, interval: 100 },
  );
}
