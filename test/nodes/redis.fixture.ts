import type { Persister } from 'colloquy';
import { redis } from 'colloquy/persist/redis';
import { Redis } from 'ioredis';

export interface RedisPlace {
  readonly url: string;
  readonly prefix: string;
}

export function openPersister({ url, prefix }: RedisPlace): Persister {
  return redis(new Redis(url), { prefix });
}

/** The same from outside, with facts that a persister does not report. */
export function look({ url, prefix }: RedisPlace): {
  readonly persister: Persister;
  leases(): Promise<string[]>;
  close(): Promise<void>;
} {
  const client = new Redis(url);
  return {
    persister: redis(client, { prefix }),
    leases: () => leasesOf(client, prefix),
    async close() {
      const keys = await keysOf(client, `${prefix}:*`);
      if (keys.length > 0) await client.unlink(...keys);
      client.disconnect();
    },
  };
}

/** The keys that hold a lease, with the time at which it expires. */
async function leasesOf(client: Redis, prefix: string): Promise<string[]> {
  const [seconds] = await client.time();
  const leased: string[] = [];
  for (const key of await keysOf(client, `${prefix}:*:record:*`)) {
    if (Number(await client.getrange(key, 16, 28)) > Number(seconds) * 1000) leased.push(key);
  }
  return leased;
}

async function keysOf(client: Redis, pattern: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const some of client.scanStream({ match: pattern, count: 1000 })) {
    keys.push(...(some as string[]));
  }
  return keys;
}
