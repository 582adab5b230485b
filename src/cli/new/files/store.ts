import { type NewProject, type StoreKind, inLanguage } from '../project.ts';
import { quoted } from './quoted.ts';

/** `store.ts` of a new project: where its conversations are. */
export function storeFile({ store, lang }: NewProject): string {
  return FILES[store](inLanguage(lang));
}

type Say = (english: string, chinese: string) => string;

const FILES: Readonly<Record<StoreKind, (say: Say) => string>> = {
  memory: (say) => `import { type ContextStore, createContextStore } from 'colloquy';

/** ${say('In memory: a restart forgets all conversations.', '放在内存里：重启之后对话就没了。')} */
export async function openStore(): Promise<{ store: ContextStore; close(): Promise<void> }> {
  const store = createContextStore();
  return { store, close: () => store.close() };
}
`,
  lmdb: (say) => `import { type ContextStore, createContextStore } from 'colloquy';
import { lmdb } from 'colloquy/persist/lmdb';
import { fail, settings } from './settings.ts';

/** ${say('In a folder of this machine, which one process uses.', '放在本机的一个文件夹里，只给一个进程用。')} */
export async function openStore(): Promise<{ store: ContextStore; close(): Promise<void> }> {
  const store = createContextStore({ persister: open() });
  return { store, close: () => store.close() };
}

function open(): ReturnType<typeof lmdb> {
  try {
    return lmdb(settings.data);
  } catch (error) {
    return fail(\`DATA: ${say('the folder cannot be used: ', '文件夹不能用：')}\${String(error)}\`);
  }
}
`,
  sqlite: (say) => `import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ContextStore, createContextStore } from 'colloquy';
import { sqlite } from 'colloquy/persist/sqlite';
import Database from 'libsql';
import { fail, settings } from './settings.ts';

/** ${say('In a file of this machine, which one process uses.', '放在本机的一个文件里，只给一个进程用。')} */
export async function openStore(): Promise<{ store: ContextStore; close(): Promise<void> }> {
  const { database, persister } = open();
  const store = createContextStore({ persister });
  return {
    store,
    async close() {
      await store.close();
      database.close();
    },
  };
}

function open() {
  try {
    mkdirSync(settings.data, { recursive: true });
    const database = new Database(join(settings.data, 'bot.db'));
    return { database, persister: sqlite(database) };
  } catch (error) {
    return fail(\`DATA: ${say('the folder cannot be used: ', '文件夹不能用：')}\${String(error)}\`);
  }
}
`,
  redis: (say) => `import { type ContextStore, createContextStore } from 'colloquy';
import { redis } from 'colloquy/persist/redis';
import { Redis } from 'ioredis';
import { fail, settings } from './settings.ts';

/** ${say('In Redis: any number of processes may serve the same users.', '放在 Redis 里：多少个进程都可以一起服务同一批用户。')} */
export async function openStore(): Promise<{ store: ContextStore; close(): Promise<void> }> {
  const client = new Redis(settings.redisUrl, { lazyConnect: true, maxRetriesPerRequest: 3 });
  client.on('error', ({ message }) => console.error(\`Redis: \${message}\`));
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    fail(
      \`REDIS_URL: ${say('no Redis takes us there: ', '连不上 Redis：')}\${String(error)}\`,
      ${quoted(say('Start one with `docker compose up --detach redis`, or correct the address.', '用 `docker compose up --detach redis` 启动一个，或者改好地址。'))},
    );
  }
  const store = createContextStore({ persister: redis(client) });
  return {
    store,
    async close() {
      await store.close();
      await client.quit();
    },
  };
}
`,
  postgres: (say) => `import { type ContextStore, createContextStore } from 'colloquy';
import { createSchema, postgres } from 'colloquy/persist/postgres';
import { Pool } from 'pg';
import { fail, settings } from './settings.ts';

/** ${say('In PostgreSQL: any number of processes may serve the same users.', '放在 PostgreSQL 里：多少个进程都可以一起服务同一批用户。')} */
export async function openStore(): Promise<{ store: ContextStore; close(): Promise<void> }> {
  const pool = new Pool({
    connectionString: settings.databaseUrl,
    connectionTimeoutMillis: 5000,
    statement_timeout: 5000,
  });
  pool.on('error', ({ message }) => console.error(\`PostgreSQL: \${message}\`));
  try {
    await createSchema(pool);
  } catch (error) {
    fail(
      \`DATABASE_URL: ${say('no PostgreSQL takes us there: ', '连不上 PostgreSQL：')}\${String(error)}\`,
      ${quoted(say('Start one with `docker compose up --detach postgres`, or correct the address.', '用 `docker compose up --detach postgres` 启动一个，或者改好地址。'))},
    );
  }
  const store = createContextStore({ persister: postgres(pool) });
  return {
    store,
    async close() {
      await store.close();
      await pool.end();
    },
  };
}
`,
};
