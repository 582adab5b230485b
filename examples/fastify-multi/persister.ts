import type { Persister } from 'colloquy';
import { lmdb } from 'colloquy/persist/lmdb';
import { redis } from 'colloquy/persist/redis';
import { Redis } from 'ioredis';
import { type Environment, report } from '../serving.ts';

export interface Keeping {
  readonly persister: Persister;
  /** Call it after the store is closed. */
  close(): Promise<void>;
}

/** Stores in Redis with `REDIS_URL`, for any number of processes; otherwise in a folder of this machine. */
export function openPersister({
  REDIS_URL: url,
  REDIS_PREFIX: prefix = 'tea',
  DATA: folder = 'data/fastify-multi',
}: Environment): Keeping {
  if (!url) return { persister: lmdb(folder), close: async () => {} };
  // A call without a server fails soon, so that the webhook can ask the platform to send its message again.
  const client = new Redis(url, { maxRetriesPerRequest: 1, commandTimeout: 2000 });
  client.on('error', report);
  return { persister: redis(client, { prefix }), close: async () => client.disconnect() };
}
