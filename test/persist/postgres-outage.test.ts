import { ColloquyError } from 'colloquy';
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

// Each test has a separate client: a shared one would lose the connections of all tests, and `postgres` also gives the
// error of a cut connection to the next call over it (https://github.com/porsager/postgres/issues/1223).

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
      const client = postgresJs(url, { max, onnotice: () => {} });
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

  it('continues after its only connection was cut in the middle of a save', async () => {
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
