import { inspect } from 'node:util';
import { ConflictError, UsageError, systemClock } from 'colloquy';
import {
  type IoredisClient,
  type RedisClient,
  type RedisPersister,
  redis,
} from 'colloquy/persist/redis';
import { type PersisterSubject, persisterContract, selectCases } from 'colloquy/testing';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { RESP_TYPES, type RedisClientOptions, createClient, createCluster } from 'redis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { expectSoundLists, placeOf } from '../support/listing.ts';
import { record, refusalOf } from '../support/persisting.ts';
import {
  type RedisServer,
  findRedis,
  freePort,
  openRedis,
  slotOf,
  startCluster,
  startProxy,
  startRedis,
} from '../support/redis.ts';

const server = await openRedis();
const url = server?.url ?? '';
const canStart = (await findRedis()) !== undefined;
afterAll(async () => {
  await server?.stop();
});

let prefixes = 0;
/** An unused prefix, even on a server that other programs use. */
function freshPrefix(): string {
  prefixes += 1;
  return `colloquy-test-${process.pid}-${prefixes}`;
}

function ioredis(at: string, options: RedisOptions = {}): Redis {
  const client = new Redis(at, { retryStrategy: () => 1, ...options });
  client.on('error', () => {});
  onTestFinished(() => client.disconnect());
  return client;
}

async function nodeRedis(at: string, options: RedisClientOptions = {}) {
  const client = createClient({
    url: at,
    socket: { reconnectStrategy: () => 1 },
    ...options,
  });
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.destroy());
  return client;
}

const clients: [name: string, connectTo: (at: string) => Promise<RedisClient>][] = [
  ['ioredis', async (at) => ioredis(at)],
  ['node-redis', async (at) => (await nodeRedis(at)) as unknown as RedisClient],
];

/** A client, and the commands that it sent. */
function recorded(client: Redis) {
  const calls: string[][] = [];
  const run = async (how: 'eval' | 'evalsha', script: string, count: number, rest: string[]) => {
    calls.push(rest.slice(0, count));
    return client[how](script, count, ...rest);
  };
  const recording: IoredisClient = {
    eval: (script, count, ...rest) => run('eval', script, count, rest),
    evalsha: (script, count, ...rest) => run('evalsha', script, count, rest),
  };
  return { calls, recording };
}

/** Each call of the port once, by name. */
const everyCall: Record<string, (persister: RedisPersister, openid: string) => Promise<unknown>> = {
  load: (persister, openid) => persister.load(openid),
  save: (persister, openid) => persister.save(record(openid), undefined),
  'lease.take': (persister, openid) => persister.lease.take(openid, 'owner', 60_000),
  'lease.save': async (persister, openid) =>
    persister.lease.save(record(openid), (await persister.load(openid))?.revision, 'owner'),
  'lease.release': (persister, openid) => persister.lease.release(openid, 'owner'),
  delete: (persister, openid) => persister.delete(openid),
  due: (persister) => persister.due(1000, 10),
  list: async (persister) => persister.list?.(undefined, 10),
};

async function callEverything(persister: RedisPersister, openid = 'ann'): Promise<void> {
  for (const call of Object.values(everyCall)) await call(persister, openid);
}

describe('a server for these tests', () => {
  it.runIf(server === undefined)('is missing: set REDIS_URL or install redis-server', () => {
    expect(process.env['CI'], 'what CI runs has a Redis').not.toBe('true');
  });
  it.runIf(!canStart)('cannot be started, although the tests of crashes need that', () => {
    expect(process.env['CI'], 'what CI runs has a redis-server').not.toBe('true');
  });
  it.runIf(server !== undefined)('is available', async () => {
    expect(await ioredis(url).ping()).toBe('PONG');
  });
});

describe.skipIf(server === undefined).each(clients)('the contract, by %s', (_name, connectTo) => {
  const subject = (): PersisterSubject => {
    const prefix = freshPrefix();
    const open = async () => redis(await connectTo(url), { prefix });
    return {
      capabilities: ['reopen', 'processes', 'leases', 'clock', 'lists'],
      open,
      reopen: open,
      cleanUp: () => removeKeys(prefix),
    };
  };
  const { cases, skipped } = selectCases(persisterContract, subject());
  for (const { name, run } of cases) {
    it(name, async () => {
      await expect(run(subject())).resolves.toBeUndefined();
    });
  }

  it('except moves, which two slots of a cluster do not allow', () => {
    const moves = persisterContract.filter(({ needs }) => needs.includes('moves'));
    expect(skipped).toEqual(moves.map(({ name }) => name));
  });
});

describe.skipIf(server === undefined).each(clients)('the time, by %s', (_name, connectTo) => {
  it('is that of the server, to the millisecond', async () => {
    const prefix = freshPrefix();
    const persister = redis(await connectTo(url), { prefix });
    const client = ioredis(url);
    const timeOf = async (): Promise<number> => {
      const [seconds, microseconds] = await client.time();
      return Math.floor(Number(seconds) * 1000 + Number(microseconds) / 1000);
    };
    const before = await timeOf();
    const now = await persister.now();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(await timeOf());
    await removeKeys(prefix);
  });
});

describe.skipIf(server === undefined)('the pages of a list', () => {
  it.each([1, 16])(
    'are sound over %i shards while records are written between them',
    async (shards) => {
      const client = ioredis(url);
      await expectSoundLists(async () => {
        const prefix = freshPrefix();
        return placeOf(redis(client, { prefix, shards }), () => removeKeys(prefix));
      }, 25);
    },
  );

  it('go on where the copy of the openids has expired or was evicted, and leave none behind', async () => {
    const prefix = freshPrefix();
    const client = ioredis(url);
    const persister = redis(client, { prefix, shards: 2 });
    const { list } = persister;
    if (list === undefined) throw new Error('it has a list');
    const openids = Array.from({ length: 40 }, (_, index) => `user-${index}`);
    for (const openid of openids) await persister.save(record(openid), undefined);
    const copies = (): Promise<string[]> => client.keys(`${prefix}:*:list`);
    const listed: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list(cursor, 7);
      listed.push(...page.openids);
      cursor = page.next;
      for (const copy of await copies()) {
        expect(await client.pttl(copy)).toBeGreaterThan(50_000);
        await client.del(copy);
      }
    } while (cursor !== undefined);
    expect(listed.toSorted()).toEqual(openids.toSorted());
    await list(undefined, 1000);
    expect(await copies()).toEqual([]);
    await removeKeys(prefix);
  });

  it.each(['user-1', '16:a', ':a', '-1:a', 'x:a'])('have no cursor %j', async (cursor) => {
    const prefix = freshPrefix();
    const persister = redis(ioredis(url), { prefix });
    await expect(persister.list?.(cursor, 10)).rejects.toMatchObject({ code: 'bad_option' });
    await removeKeys(prefix);
  });
});

async function removeKeys(prefix: string): Promise<void> {
  const client = ioredis(url);
  const keys = await client.keys(`${prefix}:*`);
  if (keys.length > 0) await client.del(keys);
}

describe.skipIf(server === undefined)('the keys', () => {
  it('and their values are as format 2 describes', async () => {
    const prefix = freshPrefix();
    const client = ioredis(url);
    const persister = redis(client, { prefix });
    const revision = await persister.save(
      record('ann', '{"a":"微信"}', 1_700_000_000_000),
      undefined,
    );
    await persister.lease.take('ann', 'owner', 60_000);
    expect((await client.keys(`${prefix}:*`)).sort()).toEqual([
      `${prefix}:layout`,
      `${prefix}:{5}:due`,
      `${prefix}:{5}:record:ann`,
    ]);
    expect(await client.hgetall(`${prefix}:layout`)).toEqual({
      signature: 'format 2, 16 shards',
      opened: '1',
    });
    const filedAt = '1700000000000'.padEnd(24);
    const leased = (await client.get(`${prefix}:{5}:record:ann`)) ?? '';
    const [until, owner] = [Number(leased.slice(16, 29)), leased.slice(29, 51)];
    expect(leased).toBe(`${revision}${until}${owner}${filedAt} 1700000000000 1.1\n{"a":"微信"}`);
    expect(owner).toMatch(/^[\w-]{22}$/);
    expect(Math.abs(until - 60_000 - (await persister.now()))).toBeLessThan(60_000);
    expect(await client.zrange(`${prefix}:{5}:due`, 0, -1, 'WITHSCORES')).toEqual([
      'ann',
      '1700000000000',
    ]);
    await persister.lease.release('ann', 'owner');
    expect(await client.get(`${prefix}:{5}:record:ann`)).toBe(
      leased.replace(`${until}${owner}`, `${'0'.repeat(13)}${'-'.repeat(22)}`),
    );
    await persister.delete('ann');
    expect(await client.get(`${prefix}:{5}:revision`)).toBe(String(revision));
    await persister.lease.take('ann', 'owner', 60_000);
    expect(await client.get(`${prefix}:{5}:record:ann`)).toMatch(
      new RegExp(String.raw`^0{16}\d{13}${owner}$`),
    );
    await removeKeys(prefix);
  });

  it('of one script are in one slot, for every openid', async () => {
    const { calls, recording } = recorded(ioredis(url));
    const prefix = freshPrefix();
    const persister = redis(recording, { prefix });
    const odd = ['a', '{b}', '}{', '{}', '{', '}c', 'd:{0}', '\0', '微信', 'x'.repeat(512)];
    for (const openid of odd) await callEverything(persister, openid);
    expect(calls.length).toBeGreaterThan(odd.length * 7);
    for (const keys of calls) expect(new Set(keys.map(slotOf)).size).toBe(1);
    await removeKeys(prefix);
  });

  it('are spread over all shards, evenly over a few primaries', async () => {
    const { calls, recording } = recorded(ioredis(url));
    const prefix = freshPrefix();
    const persister = redis(recording, { prefix });
    await persister.load('ann');
    calls.length = 0;
    for (let index = 0; index < 1600; index += 1) await persister.load(`user-${index}`);
    const tags = countBy(calls.flat(), (key) => /\{\d+\}/.exec(key)?.[0] ?? '');
    expect(tags.size).toBe(16);
    expect(Math.min(...tags.values())).toBeGreaterThan(60);
    for (const primaries of [2, 3, 4]) {
      const parts = countBy(tags.keys(), (tag) => Math.floor((slotOf(tag) * primaries) / 16384));
      expect(parts.size).toBe(primaries);
      expect(Math.max(...parts.values()) - Math.min(...parts.values())).toBeLessThanOrEqual(2);
    }
    await removeKeys(prefix);
  });

  it('are deleted with the record and the lease; a counter for each shard stays', async () => {
    const prefix = freshPrefix();
    const client = ioredis(url);
    const persister = redis(client, { prefix, shards: 1 });
    const keysNow = async () => (await client.keys(`${prefix}:*`)).sort();
    const left = [`${prefix}:layout`, `${prefix}:{0}:revision`];
    await persister.save(record('ann'), undefined);
    await persister.lease.take('ann', 'owner', 60_000);
    await persister.delete('ann');
    // The lease outlives the record.
    expect(await client.pttl(`${prefix}:{0}:record:ann`)).toBeGreaterThan(0);
    expect(await persister.load('ann')).toBeUndefined();
    expect(await persister.lease.take('ann', 'other', 60_000)).toMatchObject({ taken: false });
    await persister.lease.release('ann', 'owner');
    expect(await keysNow()).toEqual(left);
    await persister.lease.take('ann', 'owner', 1);
    await vi.waitFor(async () => expect(await keysNow()).toEqual(left));
    await removeKeys(prefix);
  });

  it('cannot be opened with another number of shards', async () => {
    const prefix = freshPrefix();
    const client = ioredis(url);
    await redis(client, { prefix, shards: 4 }).save(record('ann'), undefined);
    for (const shards of [3, 5, 16]) {
      const other = redis(client, { prefix, shards });
      for (const call of Object.values(everyCall)) {
        const error = await refusalOf(call(other, 'ann'));
        expect(error).toBeInstanceOf(UsageError);
        expect(error.code).toBe('wrong_shards');
        expect(error.message).toContain('4 shards');
      }
    }
    expect(await redis(client, { prefix, shards: 4 }).load('ann')).toMatchObject(record('ann'));
    await removeKeys(prefix);
  });

  it.each<[what: string, break_: (client: Redis, prefix: string) => Promise<unknown>]>([
    ['record', (client, prefix) => client.lpush(`${prefix}:{0}:record:ann`, 'x')],
    ['due index', (client, prefix) => client.set(`${prefix}:{0}:due`, 'x')],
    ['revision', (client, prefix) => client.lpush(`${prefix}:{0}:revision`, 'x')],
    ['layout', (client, prefix) => client.set(`${prefix}:layout`, 'x')],
    ['layout of a stranger', (client, prefix) => client.hset(`${prefix}:layout`, 'signature', 'x')],
  ])('of another program are detected, and nothing is changed: the %s', async (_what, breakKey) => {
    const prefix = freshPrefix();
    const client = ioredis(url);
    await breakKey(client, prefix);
    const before = await dump(client, prefix);
    const persister = redis(client, { prefix, shards: 1 });
    const error = await refusalOf(persister.lease.save(record('ann'), undefined, 'owner'));
    expect(error).toMatchObject({ name: 'PersistError', code: 'corrupt', retryable: false });
    expect(error.message).not.toContain('ann');
    const after = await dump(client, prefix);
    after.delete(`${prefix}:layout`);
    before.delete(`${prefix}:layout`);
    expect(after).toEqual(before);
    await removeKeys(prefix);
  });

  it.each(['', 'x', '17 1.1 100\nbody', `${'1'.repeat(16)}\nbody`])(
    'that hold no record are corrupt: %j',
    async (text) => {
      const prefix = freshPrefix();
      const client = ioredis(url);
      await client.set(`${prefix}:{0}:record:ann`, text);
      const persister = redis(client, { prefix, shards: 1 });
      for (const call of [persister.load('ann'), persister.lease.take('ann', 'owner', 10)]) {
        expect(await refusalOf(call)).toMatchObject({ code: 'corrupt', openid: 'ann' });
      }
      await removeKeys(prefix);
    },
  );
});

function countBy<T, Key>(items: Iterable<T>, keyOf: (item: T) => Key): Map<Key, number> {
  const counts = new Map<Key, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}

/** All that is stored under a prefix. */
async function dump(client: Redis, prefix: string): Promise<Map<string, string | undefined>> {
  const keys = await client.keys(`${prefix}:*`);
  const values = await Promise.all(keys.map((key) => client.dumpBuffer(key)));
  return new Map(keys.map((key, index) => [key, values[index]?.toString('hex')]));
}

describe.skipIf(server === undefined)('a record in format 1', () => {
  const lastRevision = '1700000000000000';

  /** A prefix with the keys of the version before. */
  async function startFormer() {
    const prefix = freshPrefix();
    const client = ioredis(url);
    await client.hset(`${prefix}:layout`, 'signature', 'format 1, 1 shards', 'opened', '3');
    await client.set(`${prefix}:{0}:record:ann`, '1600000000000000 2.7 500\nthe\nbody');
    await client.zadd(`${prefix}:{0}:due`, 500, 'ann');
    await client.set(`${prefix}:{0}:revision`, lastRevision);
    onTestFinished(() => removeKeys(prefix));
    return { prefix, client, persister: redis(client, { prefix, shards: 1 }) };
  }
  const stored = { ...record('ann', 'the\nbody', 500), revision: 1_600_000_000_000_000 };

  it('can be read, and is in format 2 after that', async () => {
    const { prefix, client, persister } = await startFormer();
    expect(await persister.load('ann')).toEqual(stored);
    expect(await persister.due(1000, 10)).toEqual([{ openid: 'ann', wakeAt: 500 }]);
    expect(await client.hgetall(`${prefix}:layout`)).toEqual({
      signature: 'format 2, 1 shards',
      opened: '4',
    });
    const other = redis(client, { prefix, shards: 2 });
    expect((await refusalOf(other.load('ann'))).code).toBe('wrong_shards');
  });

  it.each(['saved', 'leased and saved', 'released and saved'])(
    'is %s by its revision',
    async (how) => {
      const { persister } = await startFormer();
      const { lease } = persister;
      if (how !== 'saved') {
        expect(await lease.take('ann', 'one', 60_000)).toEqual({ taken: true, record: stored });
        expect(await persister.load('ann')).toEqual(stored);
        expect(await lease.take('ann', 'two', 60_000)).toMatchObject({ taken: false });
      }
      if (how === 'released and saved') await lease.release('ann', 'one');
      expect(await refusalOf(persister.save(record('ann'), 1))).toBeInstanceOf(ConflictError);
      const next = record('ann', 'next', 900);
      const revision = await lease.save(next, stored.revision, 'one');
      expect(revision).toBeGreaterThan(stored.revision);
      expect(await persister.load('ann')).toEqual({ ...next, revision });
      expect(await lease.take('ann', 'two', 60_000)).toMatchObject({ taken: true });
      expect(await persister.due(899, 10)).toEqual([]);
      expect(await persister.due(900, 10)).toEqual([{ openid: 'ann', wakeAt: 900 }]);
    },
  );

  it('can be deleted, and none of its revisions is given again', async () => {
    const { prefix, client, persister } = await startFormer();
    expect(await persister.delete('ann', 1)).toBe(false);
    expect(await persister.delete('ann', stored.revision)).toBe(true);
    expect(await persister.due(1000, 10)).toEqual([]);
    expect(await client.get(`${prefix}:{0}:revision`)).toBe(lastRevision);
    expect(await persister.save(record('ann'), undefined)).toBeGreaterThan(Number(lastRevision));
  });
});

describe.skipIf(server === undefined)('calls at the same time', () => {
  it('of one script and shard are one command', async () => {
    const { calls, recording } = recorded(ioredis(url));
    const prefix = freshPrefix();
    const persister = redis(recording, { prefix, shards: 1 });
    await callEverything(persister);
    calls.length = 0;
    const openids = ['ann', 'bob', 'eve'];
    const revisions = await Promise.all(
      openids.map((openid) => persister.save(record(openid, `of ${openid}`), undefined)),
    );
    expect(calls.length).toBe(1);
    const taken = await Promise.all(
      openids.map((openid) => persister.lease.take(openid, 'owner', 60_000)),
    );
    expect(taken).toEqual(
      openids.map((openid, index) => ({
        taken: true,
        record: { ...record(openid, `of ${openid}`), revision: revisions[index] },
      })),
    );
    await Promise.all(
      openids.map((openid, index) =>
        persister.lease.save(record(openid), revisions[index], 'owner'),
      ),
    );
    expect(calls.length).toBe(3);
    await Promise.all(openids.map((openid) => persister.load(openid)));
    expect(calls.length).toBe(4);
    await removeKeys(prefix);
  });

  it('each belong to the owner that they name', async () => {
    const prefix = freshPrefix();
    const { lease, load, save } = redis(ioredis(url), { prefix, shards: 1 });
    await save(record('ann'), undefined);
    const owners = ['one', 'two', 'one'];
    const taken = await Promise.all(owners.map((owner) => lease.take('ann', owner, 60_000)));
    expect(taken.map((each) => each.taken)).toEqual([true, false, true]);
    const { revision } = (await load('ann')) ?? {};
    const saves = [
      lease.save(record('ann'), revision, 'two'),
      lease.save(record('bob'), undefined, 'one'),
    ];
    await Promise.all(saves);
    expect(await lease.take('ann', 'two', 60_000)).toMatchObject({ taken: false });
    await removeKeys(prefix);
  });

  it('fail or are refused one by one', async () => {
    const prefix = freshPrefix();
    const client = ioredis(url);
    const persister = redis(client, { prefix, shards: 1 });
    await client.lpush(`${prefix}:{0}:record:bad`, 'x');
    const revision = await persister.save(record('old'), undefined);
    const outcomes = await Promise.allSettled([
      persister.save(record('ann'), undefined),
      persister.save(record('bad'), undefined),
      persister.save(record('old'), revision - 1),
      persister.save(record('bob'), undefined),
    ]);
    expect(outcomes).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'corrupt', openid: 'bad' } },
      { status: 'rejected', reason: { code: 'conflict', openid: 'old' } },
      { status: 'fulfilled' },
    ]);
    const found = await Promise.allSettled(
      ['ann', 'bad', 'none', 'bob'].map((openid) => persister.load(openid)),
    );
    expect(found).toMatchObject([
      { value: record('ann') },
      { reason: { code: 'corrupt', openid: 'bad' } },
      { value: undefined },
      { value: record('bob') },
    ]);
    await removeKeys(prefix);
  });

  it('use several commands if they are many', async () => {
    const { calls, recording } = recorded(ioredis(url));
    const prefix = freshPrefix();
    const persister = redis(recording, { prefix, shards: 1 });
    await persister.load('ann');
    calls.length = 0;
    const openids = Array.from({ length: 40 }, (_, index) => `user-${index}`);
    await Promise.all(openids.map((openid) => persister.save(record(openid), undefined)));
    expect(calls.map((keys) => keys.length - 2)).toEqual([16, 16, 8]);
    calls.length = 0;
    const long = 'x'.repeat(400_000);
    await Promise.all(
      openids.slice(0, 4).map((openid) => persister.save(record(`${openid}!`, long), undefined)),
    );
    expect(calls.map((keys) => keys.length - 2)).toEqual([3, 1]);
    await removeKeys(prefix);
  });
});

describe.skipIf(server === undefined)('the index of what is due', () => {
  it('is written when a record becomes due earlier; one that becomes due later moves at the next search', async () => {
    const prefix = freshPrefix();
    const client = ioredis(url);
    const { calls, recording } = recorded(client);
    const persister = redis(recording, { prefix, shards: 1 });
    const index = async () => client.zrange(`${prefix}:{0}:due`, 0, -1, 'WITHSCORES');
    let revision = await persister.save(record('ann', 'a', 100), undefined);
    revision = await persister.save(record('ann', 'b', 300), revision);
    await persister.save(record('bob', 'b', 200), undefined);
    expect(await index()).toEqual(['ann', '100', 'bob', '200']);
    calls.length = 0;
    expect(await persister.due(99, 10)).toEqual([]);
    expect(calls.length).toBe(1);
    calls.length = 0;
    expect(await persister.due(250, 1)).toEqual([{ openid: 'bob', wakeAt: 200 }]);
    expect(calls.length).toBe(4);
    expect(await index()).toEqual(['bob', '200', 'ann', '300']);
    expect(await persister.load('ann')).toEqual({ ...record('ann', 'b', 300), revision });
    revision = await persister.save(record('ann', 'c', 400), revision);
    revision = await persister.save(record('ann', 'd', 50), revision);
    expect(await index()).toEqual(['ann', '50', 'bob', '200']);
    expect(await persister.due(Number.POSITIVE_INFINITY, 10)).toEqual([
      { openid: 'ann', wakeAt: 50 },
      { openid: 'bob', wakeAt: 200 },
    ]);
    await removeKeys(prefix);
  });

  it('leaves lease and body unchanged when it moves their record', async () => {
    const prefix = freshPrefix();
    const persister = redis(ioredis(url), { prefix });
    const revision = await persister.save(record('ann', 'a', 100), undefined);
    await persister.save(record('ann', '微\n信', Number.MAX_VALUE), revision);
    await persister.lease.take('ann', 'one', 60_000);
    expect(await persister.due(1e9, 10)).toEqual([]);
    expect(await persister.load('ann')).toMatchObject(record('ann', '微\n信', Number.MAX_VALUE));
    expect(await persister.lease.take('ann', 'two', 60_000)).toMatchObject({ taken: false });
    await removeKeys(prefix);
  });
});

describe.skipIf(server === undefined)('a call', () => {
  it('takes one round trip, after the first; due and list take one command for each shard', async () => {
    const { calls, recording } = recorded(ioredis(url));
    const prefix = freshPrefix();
    const persister = redis(recording, { prefix, shards: 4 });
    await callEverything(persister);
    const trips: Record<string, number> = {};
    for (const [name, call] of Object.entries(everyCall)) {
      calls.length = 0;
      await call(persister, 'bob');
      trips[name] = calls.length;
    }
    expect(trips).toEqual({
      load: 1,
      save: 1,
      'lease.take': 1,
      // With the load that the test itself needs.
      'lease.save': 2,
      'lease.release': 1,
      delete: 1,
      due: 4,
      list: 4,
    });
    await removeKeys(prefix);
  });

  it.each(clients)('succeeds if the server has forgotten the scripts: %s', async (_name, to) => {
    const prefix = freshPrefix();
    const persister = redis(await to(url), { prefix });
    const admin = ioredis(url);
    for (const call of Object.values(everyCall)) {
      await admin.script('FLUSH');
      await expect(call(persister, 'ann')).resolves.not.toThrow();
    }
    await removeKeys(prefix);
  });

  const settings: [name: string, connectTo: () => Promise<RedisClient>][] = [
    ['ioredis with a key prefix', async () => ioredis(url, { keyPrefix: '{app}:' })],
    ['ioredis with numbers as strings', async () => ioredis(url, { stringNumbers: true })],
    ['ioredis with automatic pipelines', async () => ioredis(url, { enableAutoPipelining: true })],
    ['node-redis with RESP 3', async () => (await nodeRedis(url, { RESP: 3 })) as never],
    [
      'node-redis that answers with buffers',
      async () => {
        const typeMapping = { [RESP_TYPES.BLOB_STRING]: Buffer, [RESP_TYPES.NUMBER]: String };
        return (await nodeRedis(url, { commandOptions: { typeMapping } })) as never;
      },
    ],
    [
      'a pool of node-redis',
      async () => {
        const pool = (await nodeRedis(url)).createPool({ minimum: 1, maximum: 3 });
        pool.on('error', () => {});
        await pool.connect();
        onTestFinished(() => pool.destroy());
        return pool as never;
      },
    ],
  ];
  it.each(settings)('works with %s', async (_name, connectTo) => {
    const prefix = freshPrefix();
    const persister = redis(await connectTo(), { prefix });
    const revision = await persister.save(record('ann', 'é微👋', 5), undefined);
    const stored = { ...record('ann', 'é微👋', 5), revision };
    expect(await persister.load('ann')).toEqual(stored);
    expect(await persister.due(10, 10)).toEqual([{ openid: 'ann', wakeAt: 5 }]);
    expect(await persister.lease.take('ann', 'one', 60_000)).toEqual({
      taken: true,
      record: stored,
    });
    const held = await persister.lease.take('ann', 'two', 60_000);
    expect(!held.taken && held.heldForMs).toBeGreaterThan(0);
    expect(await refusalOf(persister.save(record('ann'), 1))).toBeInstanceOf(ConflictError);
    expect(await persister.delete('ann', revision)).toBe(true);
    expect(await persister.delete('ann')).toBe(false);
    await removeKeys(prefix);
    await removeKeys(`{app}:${prefix}`);
  });

  it('leaves the client open after close()', async () => {
    const client = ioredis(url);
    const prefix = freshPrefix();
    const persister = redis(client, { prefix });
    await callEverything(persister);
    await persister.close();
    expect((await refusalOf(persister.load('ann'))).code).toBe('closed');
    expect(await client.ping()).toBe('PONG');
    await removeKeys(prefix);
  });

  it('gives revisions by the time of the server, which grow also where it does not advance', async () => {
    const prefix = freshPrefix();
    const client = ioredis(url);
    const persister = redis(client, { prefix });
    const [seconds] = await client.time();
    let revision = await persister.save(record('ann'), undefined);
    expect(Math.abs(revision / 1_000_000 - Number(seconds))).toBeLessThan(60);
    // As if an administrator had set the clock back since.
    await persister.delete('ann');
    const later = revision + 3_600_000_000;
    const [counter = ''] = await client.keys(`${prefix}:*:revision`);
    await client.set(counter, String(later));
    for (let next = 1; next <= 3; next += 1) {
      revision = await persister.save(record('ann'), next === 1 ? undefined : revision);
      expect(revision).toBe(later + next);
    }
    await persister.delete('ann');
    expect(await persister.save(record('ann'), undefined)).toBe(later + 4);
    await removeKeys(prefix);
  });

  it('is refused as unavailable while the client is not connected', async () => {
    const port = await freePort();
    const nowhere = `redis://user:hunter2@127.0.0.1:${port}`;
    const options = { retryStrategy: () => null, maxRetriesPerRequest: 0 };
    const unconnected = createClient({ url: nowhere });
    const destroyed = createClient({ url });
    await destroyed.connect();
    destroyed.destroy();
    const offline = ioredis(url, { lazyConnect: true, enableOfflineQueue: false });
    for (const client of [ioredis(nowhere, options), unconnected, destroyed, offline]) {
      const persister = redis(client as unknown as RedisClient);
      for (const call of Object.values(everyCall)) {
        const error = await refusalOf(call(persister, 'ann'));
        expect(error).toMatchObject({ code: 'unavailable', retryable: true });
        expect(inspect(error, { depth: 9 })).not.toMatch(/hunter2|127\.0\.0\.1/);
      }
    }
  });
});

describe('an error of a client', () => {
  const reply = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' });
  const TimeoutError = class extends Error {};
  Object.defineProperty(TimeoutError, 'name', { value: 'TimeoutError' });

  it.each<[code: string, retryable: boolean, thrown: unknown]>([
    ['unavailable', true, reply('LOADING Redis is loading the dataset in memory')],
    ['unavailable', true, reply('BUSY Redis is busy running a script.')],
    ['unavailable', true, reply("READONLY You can't write against a read only replica.")],
    ['unavailable', true, reply("OOM command not allowed when used memory > 'maxmemory'.")],
    ['unavailable', true, reply('-OOM allow-oom flag is not set on the script')],
    ['unavailable', true, reply('CLUSTERDOWN The cluster is down')],
    ['unavailable', true, reply('MISCONF Errors writing to the AOF file: No space left on device')],
    ['unavailable', true, reply('NOREPLICAS Not enough good replicas to write.')],
    [
      'unavailable',
      true,
      reply(
        'ERR Error running script (call to f_00): @user_script:8: @user_script: 8: -OOM command not allowed',
      ),
    ],
    [
      'corrupt',
      false,
      reply(
        'ERR Error running script (call to f_00): @user_script:2: WRONGTYPE Operation against a key',
      ),
    ],
    ['corrupt', false, reply('WRONGTYPE Operation against a key script: 00, on @user_script:2.')],
    ['refused', false, reply('NOAUTH Authentication required.')],
    ['refused', false, reply('WRONGPASS invalid username-password pair or user is disabled.')],
    ['refused', false, reply("NOPERM this user has no permissions to run the 'evalsha' command")],
    ['refused', false, reply('MOVED 3999 127.0.0.1:6381')],
    ['refused', false, reply("ERR unknown command 'EVALSHA', with args beginning with: 'ann'")],
    ['timeout', true, new Error('Command timed out')],
    ['timeout', true, new TimeoutError()],
    ['unavailable', true, new Error('Connection is closed.')],
    ['unavailable', true, Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })],
    ['unavailable', true, 'redis://user:hunter2@host'],
    ['unavailable', true, undefined],
  ])('becomes %s (retryable: %s): %s', async (code, retryable, thrown) => {
    if (thrown instanceof Error) {
      const args = ['ann', 'the body', 'redis://user:hunter2@host'];
      thrown.message += ' redis://user:hunter2@host the body';
      Object.assign(thrown, { command: { name: 'evalsha', args } });
    }
    const fail = async (): Promise<never> => {
      throw thrown;
    };
    const persister = redis({ evalSha: fail, eval: fail });
    const error = await refusalOf(persister.save(record('ann', 'the body'), undefined));
    expect(error).toMatchObject({ name: 'PersistError', code, retryable });
    expect(inspect(error, { depth: 9 })).not.toMatch(/hunter2|the body|'ann'/);
  });

  it('gives the word with which the server refused, or the cause in the client', async () => {
    const failWith = (error: Error) => {
      const fail = async (): Promise<never> => {
        throw error;
      };
      return refusalOf(redis({ evalsha: fail, eval: fail }).load('ann'));
    };
    const refused = new Error('connect ECONNREFUSED 10.0.0.1:6379');
    expect((await failWith(reply('NOPERM no'))).details).toEqual({ reply: 'NOPERM' });
    expect((await failWith(Object.assign(refused, { code: 'ECONNREFUSED' }))).details).toEqual({
      reason: 'ECONNREFUSED',
    });
  });
});

describe('a slot of a cluster that moves', () => {
  const reply = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' });
  const refusals = [
    'MOVED 3999 127.0.0.1:6381',
    'ASK 3999 127.0.0.1:6381',
    'TRYAGAIN Multiple keys request during rehashing of slot',
    'CLUSTERDOWN Hash slot not served',
    'ERR Script attempted to access a non local key in a cluster node script: 00',
    'Too many Cluster redirections. Last error: ReplyError: MOVED 3999 127.0.0.1:6381',
  ];

  /** A cluster of which a node refuses some calls, each with one of the replies in turn. */
  function cluster(kind: 'ioredis' | 'node-redis', count: number, replies: readonly string[]) {
    let calls = 0;
    const run = async (): Promise<unknown> => {
      calls += 1;
      // The opening of the prefix is no part of it.
      if (calls === 1) return ['format 2, 1 shards', 1, 'noeviction'];
      if (calls <= 1 + count) throw reply(replies[calls % replies.length] ?? '');
      return [];
    };
    const client =
      kind === 'ioredis'
        ? { isCluster: true, evalsha: run, eval: run }
        : { nodeByAddress: new Map(), evalSha: run, eval: run };
    return { persister: redis(client, { shards: 1 }), callCount: () => calls };
  }

  it.each(refusals.flatMap((each) => [['ioredis', each] as const, ['node-redis', each] as const]))(
    'is asked again: %s, %s',
    async (kind, refusal) => {
      const { persister, callCount } = cluster(kind, 1, [refusal]);
      expect(await persister.due(1, 10)).toEqual([]);
      expect(callCount()).toBe(3);
    },
  );

  it('is asked five times in all, also if it refuses in several ways; then it is unavailable', async () => {
    const { persister, callCount } = cluster('ioredis', 4, refusals);
    expect(await persister.due(1, 10)).toEqual([]);
    expect(callCount()).toBe(6);
    for (const refusal of refusals) {
      const lasting = cluster('ioredis', 100, [refusal]);
      expect(await refusalOf(lasting.persister.due(1, 10))).toMatchObject({
        code: 'unavailable',
        retryable: true,
        details: { reply: 'TRYAGAIN' },
      });
      expect(lasting.callCount()).toBe(6);
    }
  });

  it('is not asked again for another reason', async () => {
    const { persister, callCount } = cluster('ioredis', 100, ['NOPERM no']);
    expect(await refusalOf(persister.due(1, 10))).toMatchObject({ code: 'refused' });
    expect(callCount()).toBe(2);
  });

  it('that stops a script at one of several records makes that one unavailable', async () => {
    const run = async (...given: unknown[]): Promise<unknown> =>
      given[1] === 1 && String(given[2]).endsWith('layout')
        ? ['format 2, 1 shards', 1, 'noeviction']
        : [['ERR Script attempted to access a non local key in a cluster node'], null];
    const persister = redis({ isCluster: true, evalsha: run, eval: run } as never, { shards: 1 });
    await persister.due(1, 0);
    const [one, other] = [persister.load('ann'), persister.load('bob')];
    expect(await refusalOf(one)).toMatchObject({ code: 'unavailable', retryable: true });
    expect(await other).toBeUndefined();
  });
});

describe('redis()', () => {
  const client = { evalsha: async () => null, eval: async () => null };

  it.each([
    { prefix: '' },
    { prefix: 'a{b' },
    { prefix: 'a}b' },
    { prefix: 'x'.repeat(129) },
    { prefix: '\ud800' },
    { prefix: 1 as unknown as string },
    { shards: 0 },
    { shards: -1 },
    { shards: 1.5 },
    { shards: 1025 },
    { shards: Number.NaN },
    { shards: '16' as unknown as number },
  ])('refuses the options %j', (options) => {
    expect(() => redis(client, options)).toThrow(expect.objectContaining({ code: 'bad_option' }));
  });

  it.each([undefined, null, 'redis://localhost', {}, { get: async () => null }])(
    'refuses a value that is no client: %j',
    (client) => {
      expect(() => redis(client as unknown as RedisClient)).toThrow(
        expect.objectContaining({ name: 'UsageError', code: 'bad_client' }),
      );
    },
  );

  it('accepts the clients of both packages, by their types', () => {
    const take = (): RedisPersister[] => [
      redis(new Redis()),
      redis(new Cluster([])),
      redis(createClient()),
      redis(createCluster({ rootNodes: [] })),
    ];
    expect(take).toBeTypeOf('function');
  });
});

describe.skipIf(!canStart)('a server that fails', () => {
  it.each(clients)('and comes back has every save that it answered: %s', async (_name, to) => {
    const redisServer = await start({ appendfsync: 'always' });
    const persister = redis(await to(redisServer.url));
    const answered = new Map<string, number>();
    const crash = new AbortController();
    let talkedEnough = (): void => {};
    const enough = new Promise<void>((resolve) => {
      talkedEnough = resolve;
    });
    const talk = async (openid: string): Promise<void> => {
      for (let turn = 0; !crash.signal.aborted; turn += 1) {
        const next = record(openid, `turn ${turn}`, turn);
        answered.set(openid, await persister.save(next, answered.get(openid)));
        if (turn === 20) talkedEnough();
      }
    };
    const openids = Array.from({ length: 20 }, (_, index) => `user-${index}`);
    const talks = openids.map(talk);
    const ended = Promise.allSettled(talks);
    await enough;
    const dead = redisServer.kill();
    crash.abort();
    await dead;
    await redisServer.restart();
    for (const end of await ended) {
      // A client may send its last save again, or give it up; neither is a conflict.
      if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'unavailable' });
    }
    const after = redis(await to(redisServer.url));
    const due = await after.due(1e9, 1000);
    expect(due.map(({ openid }) => openid).sort()).toEqual(openids.toSorted());
    for (const { openid, wakeAt } of due) {
      const stored = await after.load(openid);
      expect(stored).toMatchObject(record(openid, `turn ${wakeAt}`, wakeAt));
      expect(stored?.revision).toBeGreaterThanOrEqual(answered.get(openid) ?? Infinity);
    }
  });

  it('and loses its data does not give a revision again', async () => {
    const redisServer = await start();
    const client = ioredis(redisServer.url);
    const persister = redis(client);
    const lost = await persister.save(record('ann', 'lost'), undefined);
    await redisServer.kill();
    await redisServer.restart();
    expect(await persister.load('ann')).toBeUndefined();
    const next = await persister.save(record('ann', 'new'), undefined);
    expect(next).toBeGreaterThan(lost);
    expect((await refusalOf(persister.save(record('ann', 'stale'), lost))).code).toBe('conflict');
    expect(await persister.load('ann')).toMatchObject({ body: 'new', revision: next });
  });

  it('after it answered has saved once: the client sends the save again without a conflict', async () => {
    const redisServer = await start();
    const proxy = await startProxy(redisServer.port);
    onTestFinished(() => proxy.stop());
    const persister = redis(ioredis(proxy.url));
    const first = await persister.save(record('ann', 'one', 1), undefined);
    await persister.lease.take('ann', 'owner', 60_000);
    const lost = proxy.loseAnswer();
    const second = await persister.lease.save(record('ann', 'two', 2), first, 'owner');
    await lost;
    expect(await persister.load('ann')).toEqual({ ...record('ann', 'two', 2), revision: second });
    expect(await persister.due(10, 10)).toEqual([{ openid: 'ann', wakeAt: 2 }]);
    expect(await persister.lease.take('ann', 'other', 10)).toMatchObject({ taken: true });
    // The same words from another persister are still a conflict.
    const other = redis(ioredis(proxy.url));
    const refused = refusalOf(other.save(record('ann', 'two', 2), first));
    expect(await refused).toBeInstanceOf(ConflictError);
  });

  it('before its answer came: node-redis cannot know whether the save succeeded', async () => {
    const redisServer = await start();
    const proxy = await startProxy(redisServer.port);
    onTestFinished(() => proxy.stop());
    const persister = redis((await nodeRedis(proxy.url)) as unknown as RedisClient);
    await persister.save(record('ann', 'one'), undefined);
    await persister.load('ann');
    const lost = proxy.loseAnswer();
    const refused = refusalOf(persister.save(record('bob', 'two'), undefined));
    await lost;
    expect(await refused).toMatchObject({ code: 'unavailable', retryable: true, openid: 'bob' });
    expect(await persister.load('bob')).toMatchObject({ body: 'two' });
  });
});

describe.skipIf(!canStart)('a server that refuses', () => {
  it('as a replica: reads continue, writes are unavailable and change nothing', async () => {
    const { persister, admin } = await startWithRecord();
    await admin.replicaof('127.0.0.1', await freePort());
    await expectRefused(persister, 'unavailable', 'READONLY');
    await admin.replicaof('NO', 'ONE');
    expect(await persister.delete('ann')).toBe(true);
    await callEverything(persister);
  });

  it('with its memory full: reads and deletes continue, writes are unavailable', async () => {
    const { persister, admin } = await startWithRecord();
    await persister.save(
      record('eve', 'late', 1e6),
      await persister.save(record('eve'), undefined),
    );
    await admin.config('SET', 'maxmemory', '1');
    await expectRefused(persister, 'unavailable', 'OOM');
    expect(await persister.delete('ann')).toBe(true);
    expect(await persister.due(1000, 10)).toEqual([]);
    await admin.config('SET', 'maxmemory', '0');
    await callEverything(persister);
  });

  it('a client without the password, and does not reveal the one it has', async () => {
    const { admin, redisServer } = await startWithRecord();
    await admin.config('SET', 'requirepass', 'sesame');
    const at = (secret: string): string => redisServer.url.replace('://', `://${secret}`);
    for (const [secret, reply] of [
      ['', 'NOAUTH'],
      [':hunter2@', 'WRONGPASS'],
    ] as const) {
      const error = await refusalOf(redis(ioredis(at(secret))).load('ann'));
      expect(error).toMatchObject({ code: 'refused', retryable: false, details: { reply } });
      expect(inspect(error, { depth: 9 })).not.toContain('hunter2');
    }
    expect(await redis(ioredis(at(':sesame@'))).load('ann')).toMatchObject(record('ann'));
  });

  it('a user without rights; the documented rights are enough', async () => {
    const { admin, redisServer } = await startWithRecord();
    await admin.acl(
      'SETUSER',
      'none',
      'on',
      '>secret',
      '~colloquy:*',
      '-@all',
      '+evalsha',
      '+eval',
    );
    const commands =
      'eval evalsha get set del getrange setrange zadd zrem zrangebyscore hget hset hsetnx hincrby time info zunionstore zrangebylex exists pexpire';
    const rights = commands.split(' ').map((command) => `+${command}`);
    await admin.acl('SETUSER', 'bot', 'on', '>secret', '~colloquy:*', '-@all', ...rights);
    const by = (username: string) =>
      redis(ioredis(redisServer.url, { username, password: 'secret', enableReadyCheck: false }));
    expect(await refusalOf(by('none').load('ann'))).toMatchObject({
      code: 'refused',
      retryable: false,
    });
    await callEverything(by('bot'), 'bob');
    await admin.acl('SETUSER', 'bot', '-info');
    await callEverything(by('bot'), 'bob');
  });

  it('to keep its data causes one warning for each persister', async () => {
    const { admin, redisServer } = await startWithRecord();
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    onTestFinished(() => warn.mockRestore());
    for (const [policy, times] of [
      ['noeviction', 0],
      ['volatile-lru', 0],
      ['allkeys-lru', 1],
    ] as const) {
      warn.mockClear();
      await admin.config('SET', 'maxmemory-policy', policy);
      const persister = redis(ioredis(redisServer.url));
      await callEverything(persister, 'bob');
      expect(warn).toHaveBeenCalledTimes(times);
    }
    expect(warn.mock.lastCall?.[1]).toMatchObject({ code: 'redis_evicts' });
  });

  it('to keep its data from some moment on causes a warning within a minute of patrols', async () => {
    const { admin, persister } = await startWithRecord();
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const now = vi.spyOn(systemClock, 'now');
    onTestFinished(() => warn.mockRestore());
    onTestFinished(() => now.mockRestore());
    const start = Date.now();
    const patrolAfter = async (ms: number): Promise<number> => {
      now.mockReturnValue(start + ms);
      warn.mockClear();
      await persister.due(start, 10);
      // On one connection, answers come in the order of the calls.
      await persister.load('ann');
      return warn.mock.calls.length;
    };
    await admin.config('SET', 'maxmemory-policy', 'allkeys-random');
    expect(await patrolAfter(30_000)).toBe(0);
    expect(await patrolAfter(61_000)).toBe(1);
    expect(warn.mock.lastCall?.[1]).toMatchObject({ code: 'redis_evicts' });
    // Each policy once, until it is mended.
    expect(await patrolAfter(122_000)).toBe(0);
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    expect(await patrolAfter(183_000)).toBe(1);
    await admin.config('SET', 'maxmemory-policy', 'noeviction');
    expect(await patrolAfter(244_000)).toBe(0);
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    expect(await patrolAfter(305_000)).toBe(1);
  });
});

describe.skipIf(!canStart)('a cluster', () => {
  let servers: readonly RedisServer[] = [];
  beforeAll(async () => {
    servers = await startCluster(3);
  }, 30_000);
  afterAll(async () => {
    for (const one of servers) await one.stop();
  });

  const clusters: [name: string, connectTo: () => Promise<RedisClient>][] = [
    [
      'ioredis',
      async () => {
        const client = new Cluster(servers.map(({ url }) => url));
        onTestFinished(() => client.disconnect());
        return client;
      },
    ],
    [
      'node-redis',
      async () => {
        const client = createCluster({ rootNodes: servers.map(({ url }) => ({ url })) });
        client.on('error', () => {});
        await client.connect();
        onTestFinished(() => client.destroy());
        return client;
      },
    ],
  ];
  it.each(clusters)('holds the shards on all of its nodes: %s', async (name, connectTo) => {
    const persister = redis(await connectTo(), { prefix: name });
    const openids = Array.from({ length: 100 }, (_, index) => `{user}-${index}`);
    await Promise.all(
      openids.map((openid, index) => persister.save(record(openid, 'body', index), undefined)),
    );
    await callEverything(persister);
    const due = await persister.due(89, 80);
    expect(due).toEqual(openids.slice(0, 80).map((openid, wakeAt) => ({ openid, wakeAt })));
    for (const { url } of servers) {
      expect((await ioredis(url).keys(`${name}:*`)).length).toBeGreaterThan(20);
    }
  });

  it('is distinguished from a single server: a plain client is refused', async () => {
    const [one] = servers;
    const error = await refusalOf(callEverything(redis(ioredis(one?.url ?? ''))));
    expect(error).toMatchObject({ code: 'refused', details: { reply: 'MOVED' } });
    expect(error.message).toContain('cluster client');
  });
});

async function start(options: Parameters<typeof startRedis>[0] = {}): Promise<RedisServer> {
  const redisServer = await startRedis(options);
  onTestFinished(() => redisServer.stop());
  return redisServer;
}

/** A server with the record of ann, and an admin's client. */
async function startWithRecord() {
  const redisServer = await start();
  const persister = redis(ioredis(redisServer.url));
  await callEverything(persister);
  await persister.save(record('ann'), undefined);
  return { redisServer, persister, admin: ioredis(redisServer.url) };
}

/** Checks that the server refuses writes with that reply and changes nothing, while it still answers reads. */
async function expectRefused(persister: RedisPersister, code: string, reply: string) {
  const stored = await persister.load('ann');
  const writes = [
    persister.save(record('ann', 'more', 5), stored?.revision),
    persister.save(record('bob'), undefined),
    persister.lease.save(record('ann', 'more', 5), stored?.revision, 'owner'),
    persister.lease.take('ann', 'owner', 60_000),
  ];
  for (const write of writes) {
    expect(await refusalOf(write)).toMatchObject({ code, retryable: true, details: { reply } });
  }
  expect(await persister.load('ann')).toEqual(stored);
  expect(await persister.load('bob')).toBeUndefined();
  expect(await persister.due(1000, 10)).toEqual([{ openid: 'ann', wakeAt: 100 }]);
}
