import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { textOf } from './client.ts';
import { Guest, problemsOf } from './guests.ts';
import { type NodeProcess, startNodes } from './node-process.ts';

// Two nodes on one Redis, and guests who drink tea at both. One node is killed while it works.

const GUESTS = 20;
const CUPS = 3;
const { REDIS_URL = 'redis://127.0.0.1:6379' } = process.env;
const secret = randomUUID();

// The program behind the webhook, which the nodes push to.
const guests = new Map<string, Guest>();
const receiver = createServer((request, response) => {
  void (async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { user, id, reply } = JSON.parse(Buffer.concat(chunks).toString()) as {
      readonly user: string;
      readonly id: string;
      readonly reply: { readonly type: string; readonly text?: string };
    };
    guests.get(user)?.take(id, textOf(reply));
    response.end();
  })();
}).listen(0, '127.0.0.1');
await once(receiver, 'listening');

const env = {
  REDIS_URL,
  // Keys of this run alone.
  REDIS_PREFIX: `tea-${randomUUID()}`,
  JSON_SECRET: secret,
  JSON_PUSH_URL: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`,
};

let started: readonly NodeProcess[] = [];
try {
  const [first, second] = await startNodes(env);
  started = [first, second];
  console.log(`Two nodes on one Redis: ${first.url} and ${second.url}`);
  const nodes = [first, second].map(({ url }) => ({ url: `${url}/json`, secret }));
  for (let index = 0; index < GUESTS; index += 1) {
    const name = `guest-${index + 1}`;
    guests.set(name, new Guest(name, nodes, index));
  }
  const all = [...guests.values()];
  console.log(`${GUESTS} guests order ${CUPS} cups each, half of them at either node.`);
  const drinking = Promise.all(all.map((guest) => guest.drink(CUPS)));

  // In the middle of the second cup: some have just ordered it, some wait for it to steep.
  const half = (GUESTS * CUPS * 3) / 2;
  const heard = (): number => all.reduce((sum, guest) => sum + guest.heard.length, 0);
  const tick = setInterval(() => {
    if (heard() < half) return;
    clearInterval(tick);
    void first.kill();
    console.log(`After ${heard()} replies, ${first.url} is killed.`);
  }, 1);
  await drinking;
  const repeated = all.reduce((sum, guest) => sum + guest.repeated, 0);
  console.log(`The guests sent ${repeated} messages again, to ${second.url}.`);
  const problems = all.flatMap((guest) => problemsOf(guest, CUPS));
  if (problems.length > 0) throw new Error(problems.join('\n'));
  console.log(`${GUESTS * CUPS} cups: no message was lost, and none counted twice.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await Promise.all(started.map((node) => node.stop()));
  receiver.closeAllConnections();
  receiver.close();
}
