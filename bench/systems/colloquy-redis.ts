import { Redis } from 'ioredis';
import { entry } from '../library.ts';
import { redisUrl } from '../servers.ts';
import type { System } from '../system.ts';
import { open as openColloquy } from './colloquy.ts';

/** With leases, as several processes need them: one round trip to load, one to save. */
export async function open(users: number): Promise<System> {
  const { redis } = await entry('persist/redis');
  const client = new Redis(redisUrl());
  const prefix = `bench-${process.pid}-${performance.timeOrigin}`;
  const system = await openColloquy(users, { persister: redis(client, { prefix }) });
  return {
    turn: system.turn,
    async close() {
      await system.close?.();
      client.disconnect();
    },
  };
}
