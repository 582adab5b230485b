import { setTimeout as sleep } from 'node:timers/promises';
import { ColloquyError, PersistError } from 'colloquy';
import { type PostgresClient, createSchema, postgres } from 'colloquy/persist/postgres';
import { Pool } from 'pg';
import postgresJs from 'postgres';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { persistError, record, refusalOf } from '../support/persisting.ts';
import {
  NO_POSTGRES,
  type OwnPostgres,
  startOwnPostgres,
  waitingFor,
} from '../support/postgres.ts';
import { startProxy } from '../support/redis.ts';

// A separate client for each test: a lost connection would disturb others, and `postgres` gives the error of a
// connection that was cut off to the next call over it, too (https://github.com/porsager/postgres/issues/1223).

let tables = 0;

type Connect = (url: string, max: number) => { client: PostgresClient; end(): Promise<void> };

const clients: [name: string, connect: Connect][] = [
  [
    'a Pool of pg',
    (connectionString, max) => {
      const client = new Pool({ connectionString, max });
      client.on('error', () => {});
      return { client, end: () => client.end() };
    },
  ],
  [
    'the sql function of postgres',
    (url, max) => {
      // With `fetch_types`, a connection that is cut while it begins is an unhandled rejection of the client.
      const client = postgresJs(url, { max, onnotice: () => {}, fetch_types: false });
      return { client, end: () => client.end({ timeout: 1 }) };
    },
  ],
];

const server = await startOwnPostgres({ syncs: false });
afterAll(() => server?.stop());

it.runIf(server === undefined)(`the outage of PostgreSQL is not tested: ${NO_POSTGRES}`, () => {
  expect(process.env['CI'], 'what CI runs has PostgreSQL').not.toBe('true');
});

if (server !== undefined) {
  describe.each(clients)('PostgreSQL over %s', (_name, connect) => testOver(connect, server));
}

function testOver(connect: Connect, { url, own }: OwnPostgres): void {
  const open = async (at: string, max: number) => {
    tables += 1;
    const { client, end } = connect(at, max);
    onTestFinished(end);
    const table = `table_${tables}`;
    await createSchema(client, { table });
    return { persister: postgres(client, { table }), table };
  };

  it('keeps saved records through a crash of the server', async () => {
    const { persister } = await open(url, 4);
    await persister.lease?.take('a', 'one', 60_000);
    const revision = (await persister.lease?.save(record('a'), undefined, 'one')) ?? 0;
    await own.crash();
    await expect(persister.load('a')).rejects.toThrow(persistError('unavailable', true));
    await own.restart();
    const found = await retried(() => persister.load('a'));
    expect(found).toEqual({ ...record('a'), revision });
    expect(await persister.save(record('a', 'two'), revision)).toBeGreaterThan(revision);
  });

  it('continues after its only connection was cut off in the middle of a save', async () => {
    const { persister, table } = await open(url, 1);
    const revision = await persister.save(record('a', 'one'), undefined);
    const blocker = new Pool({ connectionString: url, max: 2 });
    const blocking = await blocker.connect();
    await blocking.query('BEGIN');
    await blocking.query(`SELECT 1 FROM ${table} FOR UPDATE`);
    const refusal = refusalOf(persister.save(record('a', 'two'), revision));
    let pid: number | undefined;
    while (pid === undefined) [pid] = await waitingFor(blocker, table);
    await blocker.query('SELECT pg_terminate_backend($1)', [pid]);
    expect(await refusal).toEqual(persistError('unavailable', true));
    await blocking.query('ROLLBACK');
    blocking.release();
    await blocker.end();
    expect(await persister.load('a')).toMatchObject({ body: 'one', revision });
    await persister.save(record('a', 'three'), revision);
    expect(await persister.load('a')).toMatchObject({ body: 'three' });
  });

  it('fails calls and nothing else if all connections are ended again and again, and keeps what was saved', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    onTestFinished(() => void process.off('unhandledRejection', note));
    const { persister, table } = await open(url, 4);
    const admin = new Pool({ connectionString: url, max: 1 });
    onTestFinished(() => admin.end());
    const saved = new Map<string, number>();
    const faults: unknown[] = [];
    const state = { isOver: false };
    const work = async (openid: string): Promise<void> => {
      for (let n = 1; !state.isOver; n += 1) {
        try {
          const found = await inTime(persister.load(openid));
          await inTime(persister.save(record(openid, `${n}`), found?.revision));
          saved.set(openid, n);
        } catch (error) {
          faults.push(error);
        }
      }
    };
    const workers = ['a', 'b', 'c', 'd'].map(work);
    for (let round = 0; round < 40; round += 1) {
      await admin.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()',
      );
      await admin.query('SELECT pg_sleep(0.02)');
    }
    state.isOver = true;
    await Promise.all(workers);
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.filter((error) => !ColloquyError.is(error))).toEqual([]);
    expect(saved.size).toBeGreaterThan(0);
    for (const [openid, n] of saved) {
      const found = await postgres(admin, { table }).load(openid);
      expect(Number(found?.body)).toBeGreaterThanOrEqual(n);
    }
    expect(unhandled).toEqual([]);
  });

  it('reads and takes a lease over a connection that was cut while it was idle', async () => {
    const { host, port } = new URL(url);
    const proxy = await startProxy(Number(port));
    onTestFinished(() => proxy.stop());
    const { persister } = await open(url.replace(host, new URL(proxy.url).host), 1);
    await persister.save(record('a'), undefined);
    void proxy.loseAnswer();
    expect(await persister.load('a')).toMatchObject(record('a'));
    void proxy.loseAnswer();
    expect(await persister.lease?.take('a', 'one', 60_000)).toMatchObject({ taken: true });
    void proxy.loseAnswer();
    expect(await refusalOf(persister.save(record('b'), undefined))).toEqual(
      persistError('unavailable', true),
    );
  });
}

/**
 * Gives a call up after a second, as a store does: over `postgres` (3.4.9), one whose connection is ended at a bad moment
 * never gets an answer.
 */
async function inTime<T>(call: Promise<T>): Promise<T> {
  const limit = new AbortController();
  const passed = sleep(1000, undefined, { signal: limit.signal }).then(
    () => Promise.reject(new PersistError('timeout', 'There was no answer.', { retryable: true })),
    () => new Promise<never>(() => {}),
  );
  return Promise.race([call, passed]).finally(() => limit.abort());
}

/** Makes a call again as long as that may help; each idle connection may prove broken once. @returns its result */
async function retried<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (!ColloquyError.is(error) || !error.retryable) throw error;
    }
  }
  return call();
}
