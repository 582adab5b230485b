import { type Persister, createContextStore, createRunner } from 'colloquy';
import { lmdb } from 'colloquy/persist/lmdb';
import { createSchema, postgres } from 'colloquy/persist/postgres';
import { redis } from 'colloquy/persist/redis';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { dialogue, textOf } from '../nodes/dialogue.ts';
import { openidOf } from './platform.ts';

/** Where records are kept, and what protects them from other processes. */
export type Way =
  | 'memory'
  | 'LMDB'
  | 'LMDB, lease'
  | 'Redis, unconditional'
  | 'Redis'
  | 'Redis, lease'
  | 'PostgreSQL, unconditional'
  | 'PostgreSQL'
  | 'PostgreSQL, lease';

/** What the parent sends to a player. `place` is a folder, or an address, or nothing. */
export type Order =
  | { readonly open: Way; readonly place: string; readonly name: string; readonly users: number }
  | { readonly turns: number; readonly inFlight: number };

/** The cost in this process. */
export interface Played {
  readonly milliseconds: number;
  readonly cpuMicroseconds: number;
}

async function persisterFor(way: Way, place: string, name: string): Promise<Persister | undefined> {
  if (way === 'memory') return undefined;
  if (way.startsWith('LMDB')) return lmdb(place, { shared: way === 'LMDB, lease' });
  const persister = way.startsWith('Redis') ? onRedis : onPostgres;
  const { leased, unconditional } = await persister(place, name);
  if (way.endsWith('lease')) return leased;
  const { lease: _, ...alone } = leased;
  return way.endsWith('unconditional') ? { ...alone, ...unconditional } : alone;
}

interface Ways {
  readonly leased: Persister;
  /** Overwrites whatever revision is there, to measure what revisions cost. */
  readonly unconditional: Pick<Persister, 'save'>;
}

async function onRedis(url: string, prefix: string): Promise<Ways> {
  const client = new Redis(url);
  let revision = 0;
  return {
    leased: redis(client, { prefix }),
    unconditional: {
      async save({ openid, body, wakeAt }) {
        revision += 1;
        const record = `${prefix}:{0}:record:${openid}`;
        await client
          .multi()
          .zadd(`${prefix}:{0}:due`, wakeAt, openid)
          .set(record, `${String(revision).padStart(16, '0')} 1.1 ${wakeAt}\n${body}`)
          .exec();
        return revision;
      },
    },
  };
}

async function onPostgres(connectionString: string, table: string): Promise<Ways> {
  const pool = new Pool({ connectionString, max: 16, idleTimeoutMillis: 0 });
  await createSchema(pool, { table });
  let revision = 0;
  return {
    leased: postgres(pool, { table }),
    unconditional: {
      async save({ openid, body, wakeAt }) {
        revision += 1;
        await pool.query({
          name: 'unconditional',
          text: `INSERT INTO ${table} (openid, body, wake_at, revision) VALUES ($1, $2, $3, $4)
            ON CONFLICT (openid) DO UPDATE
            SET body = excluded.body, wake_at = excluded.wake_at, revision = excluded.revision`,
          values: [Buffer.from(openid), body, wakeAt, revision],
        });
        return revision;
      },
    },
  };
}

let turn: ((user: number) => Promise<void>) | undefined;
let users = 0;
let next = 0;

async function open(order: Extract<Order, { open: unknown }>): Promise<void> {
  const persister = await persisterFor(order.open, order.place, order.name);
  const store = createContextStore({ ...(persister && { persister }) });
  const runner = createRunner(dialogue, { store });
  users = order.users;
  const counts = new Uint32Array(users);
  turn = async (user) => {
    const number = (counts[user] ?? 0) + 1;
    counts[user] = number;
    const text = textOf(number, 'nothing');
    const { outcome } = await runner.handle(openidOf(user), text, { id: `${number}` });
    if (outcome !== 'replied') throw new Error(`${order.open}: the outcome was ${outcome}.`);
  };
}

async function play({ turns, inFlight }: Extract<Order, { turns: unknown }>): Promise<Played> {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  let left = turns;
  const talk = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const user = next % users;
      next += 1;
      await turn?.(user);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, talk));
  const milliseconds = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  return { milliseconds, cpuMicroseconds: user + system };
}

process.on('message', (order: Order) => {
  const work = 'open' in order ? open(order) : play(order);
  work.then(
    (played) => process.send?.(played ?? {}),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
