import { Redis } from 'ioredis';
import { redisUrl } from '../servers.ts';
import { type System, namesOf } from '../system.ts';
import { step } from './xstate-json.ts';

/** A GET and a SET for each turn, without a lock or a revision. */
export function open(users: number): System {
  const names = namesOf(users);
  const client = new Redis(redisUrl(), {
    keyPrefix: `xstate-${process.pid}-${performance.timeOrigin}:`,
  });
  return {
    async turn(user, text) {
      const name = names[user] as string;
      const { said, next } = step(await client.get(name), text);
      await client.set(name, next);
      return said;
    },
    async close() {
      client.disconnect();
    },
  };
}
