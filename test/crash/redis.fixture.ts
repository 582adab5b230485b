import type { Persister } from 'colloquy';
import { redis } from 'colloquy/persist/redis';
import { Redis } from 'ioredis';

export function openPersister({ url }: { readonly url: string }): Persister {
  // Would it send again by itself what was not answered, no message would ever have to be.
  const client = new Redis(url, { retryStrategy: () => 50, autoResendUnfulfilledCommands: false });
  // What it meets while the server is down; it connects again by itself.
  client.on('error', () => {});
  return redis(client);
}
