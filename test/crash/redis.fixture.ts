import type { Persister } from 'colloquy';
import { redis } from 'colloquy/persist/redis';
import { Redis } from 'ioredis';

export function openPersister({ url }: { readonly url: string }): Persister {
  // If the client resent unanswered commands by itself, the desk would never have to send a message again.
  const client = new Redis(url, { retryStrategy: () => 50, autoResendUnfulfilledCommands: false });
  // Errors while the server is down; the client connects again by itself.
  client.on('error', () => {});
  return redis(client);
}
