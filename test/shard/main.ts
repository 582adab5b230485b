import { parseArgs } from 'node:util';
import { openRedis } from '../support/redis.ts';
import { findNginx } from './nginx.ts';
import { Scene } from './scene.ts';

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '200' },
    messages: { type: 'string', default: '50' },
    nodes: { type: 'string', default: '2' },
    // Life of a lease that no process releases; by default as long as that of a store.
    'ttl-ms': { type: 'string' },
  },
});

const program = await findNginx();
const redis = await openRedis();
if (program === undefined || redis === undefined) {
  throw new Error(
    'This wants `nginx` in the PATH or its path in NGINX_PROGRAM, and `redis-server` or REDIS_URL.',
  );
}
const ttlMs = values['ttl-ms'] === undefined ? undefined : Number(values['ttl-ms']);
const scene = await Scene.open({
  nginx: program,
  redis: redis.url,
  users: Number(values.users),
  nodes: Number(values.nodes),
  lease: ttlMs === undefined ? {} : { ttlMs },
  say: (text) => process.stdout.write(`${text}\n`),
});
const messages = Number(values.messages);
await scene.allServe(messages);
await scene.oneIsKilled(messages);
await scene.itComesBack(messages);
await scene.oneIsSuspended(messages);
const breaches = await scene.compare();
await scene.close();
await redis.stop();

/** Maximal number of breaches to print. */
const SHOWN = 20;
for (const breach of breaches.slice(0, SHOWN)) process.stdout.write(`BREACH ${breach}\n`);
if (breaches.length === 0) {
  process.stdout.write('Each user stayed on one node; no message was lost, none counted twice.\n');
} else {
  process.stdout.write(`${breaches.length} breaches\n`);
  process.exitCode = 1;
}
