import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { type Persister, createContextStore } from 'colloquy';
import {
  type PgQuery,
  type PostgresClient,
  createSchema,
  postgres,
  schemaSql,
} from 'colloquy/persist/postgres';
import { Client, Pool, type PoolConfig } from 'pg';
import postgresJs from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selectCases } from '../../src/testing/contract.ts';
import { persisterContract } from '../../src/testing/persister-contract.ts';
import type { PersisterSubject } from '../../src/testing/persister/subject.ts';
import { expectSoundLists, placeOf } from '../support/listing.ts';
import { persistError, record, refusalOf } from '../support/persisting.ts';
import {
  NO_POSTGRES,
  type PostgresServer,
  startPostgres,
  waitingFor,
} from '../support/postgres.ts';

/** The type of bigint. */
const INT8 = 20;

describe('the PostgreSQL persister, without a server', () => {
  it.each<[sqlstate: string, code: string, retryable: boolean]>([
    ['08006', 'unavailable', true],
    ['25006', 'unavailable', true],
    ['40001', 'unavailable', true],
    ['40P01', 'unavailable', true],
    ['53300', 'unavailable', true],
    ['57P01', 'unavailable', true],
    ['57P03', 'unavailable', true],
    ['57014', 'timeout', true],
    ['55P03', 'timeout', true],
    ['42P01', 'schema_missing', false],
    ['3F000', 'schema_missing', false],
    ['42703', 'schema_missing', false],
    ['26000', 'refused', false],
    ['23514', 'refused', false],
    ['28P01', 'refused', false],
    ['42501', 'refused', false],
  ])('answers SQLSTATE %s with the code %s (retryable: %s)', async (sqlstate, code, retryable) => {
    const error = Object.assign(new Error('secret'), { code: sqlstate, severity: 'ERROR' });
    const refusal = await refusalOf(postgres(failing(error)).load('a'));
    expect(refusal).toMatchObject({ code, retryable, details: { sqlstate } });
    expect(refusal.message).toContain(sqlstate);
    expect(inspect(refusal, { depth: null, showHidden: true })).not.toContain('secret');
  });

  it.each<[what: string, error: unknown, code: string]>([
    ['a broken pipe', Object.assign(new Error('secret'), { code: 'EPIPE' }), 'unavailable'],
    ['a lost connection', new Error('Connection terminated unexpectedly'), 'unavailable'],
    ['the time limit of the client', new Error('Query read timeout'), 'timeout'],
    ['a value that is no error', 'secret', 'unavailable'],
    ['nothing at all', undefined, 'unavailable'],
  ])('treats %s as a passing failure', async (_what, error, code) => {
    const refusal = await refusalOf(postgres(failing(error)).load('a'));
    expect(refusal).toEqual(persistError(code, true));
    expect(inspect(refusal, { depth: null, showHidden: true })).not.toContain('secret');
  });

  it.each<[call: string, times: number, make: (persister: Persister) => unknown]>([
    ['load', 2, (persister) => persister.load('a')],
    ['due', 2, (persister) => persister.due(1, 1)],
    ['the time', 2, (persister) => persister.now?.()],
    ['taking a lease', 2, ({ lease }) => lease?.take('a', 'one', 1)],
    ['giving a lease back', 2, ({ lease }) => lease?.release('a', 'one')],
    ['save', 1, (persister) => persister.save(record('a'), 1)],
    ['saving with a lease', 1, ({ lease }) => lease?.save(record('a'), 1, 'one')],
    ['delete', 1, (persister) => persister.delete('a')],
    ['move', 1, (persister) => persister.move?.('a', 1, record('b'))],
  ])('makes a call for %s %i times if each connection is broken', async (_what, times, make) => {
    for (const broken of [
      Object.assign(new Error('secret'), { code: 'ECONNRESET' }),
      Object.assign(new Error('secret'), { code: 'CONNECTION_CLOSED' }),
      Object.assign(new Error('secret'), { code: '57P01', severity: 'FATAL' }),
      new Error('Connection terminated unexpectedly'),
    ]) {
      const client = failing(broken);
      expect(await refusalOf(make(postgres(client)) as Promise<unknown>)).toMatchObject({
        code: 'unavailable',
      });
      expect(client.calls).toBe(times);
    }
  });

  it.each(['ECONNREFUSED', 'ENOTFOUND', '57P03'])(
    'makes a call once if there is no server: %s',
    async (code) => {
      const client = failing(Object.assign(new Error('secret'), { code }));
      await refusalOf(postgres(client).load('a'));
      expect(client.calls).toBe(1);
    },
  );

  it.each([undefined, null, {}, 'postgresql://secret@host/db', () => {}])(
    'refuses %s as a client, without quoting it',
    (client) => {
      const make = (): Persister => postgres(client as unknown as PostgresClient);
      expect(make).toThrow(expect.objectContaining({ name: 'UsageError', code: 'bad_client' }));
      expect(make).not.toThrow('secret');
    },
  );

  it.each([
    ['an empty table', { table: '' }],
    ['a table whose sequence would be cut off', { table: 'x'.repeat(55) }],
    ['a table with a zero character', { table: 'a\0b' }],
    ['an empty schema', { schema: '' }],
    ['a schema that would be cut off', { schema: '微'.repeat(22) }],
  ])('refuses the name of %s', (_what, options) => {
    const bad = expect.objectContaining({ name: 'UsageError', code: 'bad_table' }) as Error;
    expect(() => schemaSql(options)).toThrow(bad);
    expect(() => postgres(failing(undefined), options)).toThrow(bad);
  });
});

const server = await startPostgres();
if (server === undefined) {
  const title = `the PostgreSQL persister on a server is left out: ${NO_POSTGRES}`;
  it(title, ({ skip }) => {
    expect(process.env['CI'] ?? '', 'in CI there has to be a server').toBe('');
    process.stderr.write(`${title}\n`);
    skip();
  });
} else {
  describe('the PostgreSQL persister', () => testOn(server));
}

function testOn({ url, own, stop }: PostgresServer): void {
  const schema = `colloquy test ${randomUUID()}`;
  const quoted = `"${schema}"`;
  const config: PoolConfig = { connectionString: url, max: 4 };
  const pool = new Pool(config);
  const sql = postgresJs(url, { max: 4, onnotice: () => {} });
  const untyped = postgresJs(url, { max: 4, onnotice: () => {}, fetch_types: false });
  // An idle connection of the pool meets an error when the server dies; without a listener that would end the process.
  pool.on('error', () => {});
  const clients: [name: string, client: PostgresClient][] = [
    ['a Pool of pg', pool],
    ['the sql function of postgres', sql],
    ['the sql function of postgres, with `fetch_types: false`', untyped],
  ];

  let tables = 0;
  /** A separate table for each test. */
  const newTable = async (): Promise<{ schema: string; table: string }> => {
    tables += 1;
    const options = { schema, table: `table ${tables}` };
    await createSchema(pool, options);
    return options;
  };
  const countRows = async (table: string): Promise<number> => {
    const { rows } = await pool.query<{ count: string }>(
      `SELECT count(*) FROM ${quoted}."${table}"`,
    );
    return Number(rows[0]?.count);
  };

  beforeAll(() => pool.query(`CREATE SCHEMA ${quoted}`));
  afterAll(async () => {
    if (own === undefined) await pool.query(`DROP SCHEMA ${quoted} CASCADE`);
    await pool.end();
    await sql.end({ timeout: 1 });
    await untyped.end({ timeout: 1 });
    await stop();
  });

  describe.each(clients)('over %s', (_name, client) => {
    const subject = (): PersisterSubject => {
      let options: { schema: string; table: string };
      return {
        capabilities: ['reopen', 'processes', 'leases', 'clock', 'moves', 'lists'],
        async open() {
          options = await newTable();
          return postgres(client, options);
        },
        reopen: async () => postgres(client, options),
        async passTime(ms) {
          await pool.query('SELECT pg_sleep($1::float8 / 1000)', [ms]);
        },
        async cleanUp() {
          await pool.query(`DROP TABLE ${quoted}."${options.table}"`);
        },
      };
    };
    const { cases, skipped } = selectCases(persisterContract, subject());

    it('lists soundly while records are written between the pages', async () => {
      await expectSoundLists(async () => {
        const options = await newTable();
        const removeTable = async (): Promise<void> => {
          await pool.query(`DROP TABLE ${quoted}."${options.table}"`);
        };
        return placeOf(postgres(client, options), removeTable);
      }, 10);
    });

    it('skips no case of the contract', () => {
      expect(cases.length).toBeGreaterThan(0);
      expect(skipped).toEqual([]);
    });
    // eslint-disable-next-line vitest/expect-expect -- a case of the contract throws by itself
    it.each(cases.map((each) => [each.name, each] as const))('%s', (_case, { run }) =>
      run(subject()),
    );

    it('returns the time of the server', async () => {
      const timeOf = async (): Promise<number> => {
        const { rows } = await pool.query<{ now: Date }>('SELECT clock_timestamp() AS now');
        return rows[0]?.now.getTime() ?? Number.NaN;
      };
      const before = await timeOf();
      const now = (await postgres(client, await newTable()).now?.()) ?? Number.NaN;
      expect(now).toBeGreaterThanOrEqual(before);
      // A Date has no fraction of a millisecond.
      expect(now).toBeLessThan((await timeOf()) + 1);
    });

    it('removes the row of a released lease', async () => {
      const options = await newTable();
      const persister = postgres(client, options);
      const { lease } = persister;
      await lease?.take('released', 'one', 60_000);
      await lease?.release('released', 'one');
      expect(await countRows(options.table)).toBe(0);

      await lease?.take('deleted', 'one', 60_000);
      await persister.save(record('deleted'), undefined);
      await persister.delete('deleted');
      expect(await countRows(options.table)).toBe(1);
      await lease?.release('deleted', 'one');
      expect(await countRows(options.table)).toBe(0);

      await lease?.take('run out', 'one', 0);
      await lease?.take('held', 'one', 60_000);
      await persister.save(record('kept'), undefined);
      await lease?.take('kept', 'one', 0);
      expect(await persister.due(0, 10)).toEqual([]);
      expect(await countRows(options.table)).toBe(2);
      expect(await persister.load('kept')).toMatchObject(record('kept'));
      expect(await lease?.take('held', 'two', 1)).toMatchObject({ taken: false });
    });

    it('says what to do if the table is missing', async () => {
      const persister = postgres(client, { schema, table: 'nowhere' });
      const { lease } = persister;
      for (const call of [
        () => persister.load('a'),
        () => persister.save(record('a'), undefined),
        () => persister.save(record('a'), 1),
        () => persister.delete('a'),
        () => persister.due(1, 1),
        () => lease?.take('a', 'one', 1),
        () => lease?.save(record('a'), undefined, 'one'),
        () => lease?.release('a', 'one'),
        () => postgres(client, { schema: 'nowhere' }).load('a'),
      ]) {
        const refusal = await refusalOf(call());
        expect(refusal).toEqual(persistError('schema_missing', false));
        expect(refusal.message).toContain('createSchema()');
      }
    });

    it('quotes nothing that the server quotes or the client keeps', async () => {
      const options = await newTable();
      await pool.query(
        `CREATE UNIQUE INDEX no_two_${tables} ON ${quoted}."${options.table}" (body)`,
      );
      const persister = postgres(client, options);
      await persister.save(record('canary one', 'canary body'), undefined);
      const refusal = await refusalOf(
        persister.save(record('canary two', 'canary body'), undefined),
      );
      expect(refusal).toMatchObject({
        code: 'refused',
        openid: 'canary two',
        details: { sqlstate: '23505', constraint: `no_two_${tables}` },
      });
      Reflect.deleteProperty(refusal, 'openid');
      const whole = inspect(refusal, { depth: null, showHidden: true });
      expect(whole).not.toContain('canary');
    });
  });

  it.each<[what: string, client: () => Promise<{ client: PostgresClient; end(): unknown }>]>([
    ['without prepared statements, over pg', async () => ({ client: pool, end: () => {} })],
    ['without prepared statements, over postgres', async () => ({ client: sql, end: () => {} })],
    [
      'over a client that turns int8 into bigint, and parses no other type',
      async () => {
        const odd = new Pool({
          ...config,
          types: { getTypeParser: (oid: number) => (oid === INT8 ? BigInt : String) },
        } as PoolConfig);
        return { client: odd, end: () => odd.end() };
      },
    ],
    [
      'over a client that renames columns',
      async () => {
        const odd = postgresJs(url, { max: 1, transform: postgresJs.pascal });
        return { client: odd, end: () => odd.end() };
      },
    ],
  ])('does the same %s', async (what, makeClient) => {
    const { client, end } = await makeClient();
    const prepare = !what.startsWith('without');
    const persister = postgres(client, { ...(await newTable()), prepare });
    const first = await persister.save(record('a\0', 'one', 10), undefined);
    expect(await persister.lease?.take('a\0', 'one', 1_000)).toEqual({
      taken: true,
      record: { ...record('a\0', 'one', 10), revision: first },
    });
    expect(await persister.lease?.take('a\0', 'two', 1_000)).toMatchObject({ taken: false });
    const second = await persister.save(record('a\0', 'two\0', 20), first);
    expect(await persister.load('a\0')).toEqual({
      ...record('a\0', 'two\0', 20),
      revision: second,
    });
    expect(await persister.due(20, 1)).toEqual([{ openid: 'a\0', wakeAt: 20 }]);
    expect(await persister.delete('a\0', second)).toBe(true);
    await end();
  });

  it('needs one round trip for each call, prepared under one name for each text', async () => {
    const names = new Map<string, Set<string | undefined>>();
    let trips = 0;
    const counting = {
      async query(query: PgQuery) {
        trips += 1;
        names.set(query.text, (names.get(query.text) ?? new Set()).add(query.name));
        return pool.query<unknown[]>(query);
      },
    };
    const calls: ((persister: Persister, revision: number) => Promise<unknown>)[] = [
      (persister) => persister.load('a'),
      (persister, revision) => persister.save(record('a'), revision),
      (persister) => persister.save(record('b'), undefined),
      (persister) => persister.delete('b'),
      (persister) => persister.due(1, 1),
      async (persister) => persister.lease?.take('a', 'one', 1),
      async (persister) => persister.lease?.save(record('c'), undefined, 'one'),
      async (persister) => persister.lease?.release('a', 'one'),
    ];
    for (const options of [await newTable(), await newTable()]) {
      const persister = postgres(counting, options);
      const revision = await persister.save(record('a'), undefined);
      for (const call of calls) {
        trips = 0;
        await call(persister, revision);
        expect(trips).toBe(1);
      }
    }
    const all = [...names.values()].flatMap((each) => [...each]);
    expect(all).not.toContain(undefined);
    expect(new Set(all).size).toBe(names.size);
    expect(all).toHaveLength(names.size);
  });

  it('creates its table once if many begin at the same time', async () => {
    const options = { schema: `${schema} new`, table: 'table' };
    const starters = Array.from({ length: 8 }, () => new Client({ connectionString: url }));
    await Promise.all(starters.map((each) => each.connect()));
    try {
      await Promise.all(starters.map((each) => createSchema(each, options)));
      const persister = postgres(pool, options);
      const revision = await persister.save(record('a'), undefined);
      await Promise.all(starters.map((each) => createSchema(each, options)));
      expect(await persister.load('a')).toMatchObject({ revision });
      expect(await persister.save(record('b'), undefined)).toBeGreaterThan(revision);
    } finally {
      await pool.query(`DROP SCHEMA "${options.schema}" CASCADE`);
      await Promise.all(starters.map((each) => each.end()));
    }
  });

  it('reports why it could not create the table', async () => {
    const closed = new Pool({ connectionString: 'postgresql://user:canary@127.0.0.1:1/db' });
    const refusal = await refusalOf(createSchema(closed));
    expect(refusal).toEqual(persistError('unavailable', true));
    expect(inspect(refusal, { depth: null, showHidden: true })).not.toContain('canary');
    await closed.end();
  });

  it.each([
    'Upper',
    'upper',
    'a.b',
    'with "quotes" and \'more\'',
    `'; DROP TABLE x; --`,
    '$1 $$ $colloquy$ \\ %I',
    '微信🙂',
    'x'.repeat(54),
  ])('uses the name %s unchanged', async (name) => {
    const options = { schema: `${schema.slice(0, 20)}${name}`.slice(0, 60), table: name };
    await createSchema(pool, options);
    const persister = postgres(pool, options);
    const revision = await persister.save(record('a', name), undefined);
    expect(await persister.load('a')).toMatchObject({ body: name, revision });
    const { rows } = await pool.query(
      'SELECT 1 FROM pg_tables WHERE schemaname = $1 AND tablename = $2',
      [options.schema, name],
    );
    expect(rows).toHaveLength(1);
    await pool.query(`DROP SCHEMA "${options.schema.replaceAll('"', '""')}" CASCADE`);
  });

  it('finds due records by the index, without sorting, even among many', async () => {
    const { table } = await newTable();
    await pool.query(
      `INSERT INTO ${quoted}."${table}" (openid, body, revision, wake_at)
       SELECT convert_to('user ' || n, 'UTF8'), repeat('x', 500), n, n FROM generate_series(1, 5000) AS n`,
    );
    await pool.query(`ANALYZE ${quoted}."${table}"`);
    const plans: string[] = [];
    const explaining = {
      async query(query: PgQuery) {
        const { rows } = await pool.query<unknown[]>({ ...query, text: `EXPLAIN ${query.text}` });
        plans.push(rows.flat().join('\n'));
        return { rows: [] };
      },
    };
    await postgres(explaining, { schema, table }).due(4_000, 100);
    expect(plans).toHaveLength(1);
    expect(plans[0]).toContain(`Index Only Scan using "${table}_wake_at"`);
    expect(plans[0]).not.toMatch(/Seq Scan|Sort/);
  });

  describe('after a call has waited for another one', () => {
    /** Makes the call while another change is not committed yet, and commits that change when the call waits for it. */
    const during = async <T>(table: string, change: string, call: () => Promise<T>): Promise<T> => {
      const other = await pool.connect();
      await other.query('BEGIN');
      await other.query(change.replace('TABLE', `${quoted}."${table}"`));
      const commit = async (): Promise<void> => {
        while ((await waitingFor(pool, table)).length === 0);
        await other.query('COMMIT');
        other.release();
      };
      const [answer] = await Promise.all([call(), commit()]);
      return answer;
    };
    const leaseTo = "lease_owner = 'two', lease_until = clock_timestamp() + interval '1 minute'";

    it('a lease comes with the record that the other call saved', async () => {
      const options = await newTable();
      const persister = postgres(pool, options);
      await persister.save(record('a', 'one'), undefined);
      const change = "UPDATE TABLE SET body = 'two', revision = 99";
      const leased = await during(options.table, change, async () =>
        persister.lease?.take('a', 'one', 1_000),
      );
      expect(leased).toEqual({ taken: true, record: { ...record('a', 'two'), revision: 99 } });
    });

    it('a lease is not taken that another call took first', async () => {
      const options = await newTable();
      const persister = postgres(pool, options);
      const change = `INSERT INTO TABLE (openid, lease_owner, lease_until)
        VALUES ('a', 'two', clock_timestamp() + interval '1 minute')`;
      const leased = await during(options.table, change, async () =>
        persister.lease?.take('a', 'one', 1_000),
      );
      expect(leased).toMatchObject({ taken: false });
      expect(leased).toHaveProperty('heldForMs', expect.closeTo(60_000, -4));
    });

    it('a delete keeps the lease that the other call took', async () => {
      const options = await newTable();
      const persister = postgres(pool, options);
      const revision = await persister.save(record('a'), undefined);
      const deleted = await during(options.table, `UPDATE TABLE SET ${leaseTo}`, () =>
        persister.delete('a', revision),
      );
      expect(deleted).toBe(true);
      expect(await persister.load('a')).toBeUndefined();
      expect(await persister.lease?.take('a', 'one', 1)).toMatchObject({ taken: false });
    });

    it('a release keeps the record that the other call saved', async () => {
      const options = await newTable();
      const persister = postgres(pool, options);
      await persister.lease?.take('a', 'one', 60_000);
      const change = "UPDATE TABLE SET body = 'body', revision = 99, wake_at = 100";
      await during(options.table, change, async () => persister.lease?.release('a', 'one'));
      expect(await persister.load('a')).toEqual({ ...record('a'), revision: 99 });
      expect(await persister.lease?.take('a', 'two', 1)).toMatchObject({ taken: true });
    });

    it('a save is a conflict where another call saved first', async () => {
      const options = await newTable();
      const persister = postgres(pool, options);
      const revision = await persister.save(record('a'), undefined);
      const change = "UPDATE TABLE SET body = 'two', revision = 99";
      const refusal = during(options.table, change, () =>
        persister.save(record('a', 'three'), revision),
      );
      await expect(refusal).rejects.toMatchObject({ name: 'ConflictError', code: 'conflict' });
      expect(await persister.load('a')).toMatchObject({ body: 'two', revision: 99 });
    });
  });

  it('gives up a call when the server does, by the limit of the server', async () => {
    const options = await newTable();
    const hurried = new Pool({ ...config, statement_timeout: 50 });
    const persister = postgres(hurried, options);
    const revision = await persister.save(record('a'), undefined);
    const blocker = await pool.connect();
    await blocker.query('BEGIN');
    await blocker.query(`SELECT 1 FROM ${quoted}."${options.table}" FOR UPDATE`);
    await expect(persister.save(record('a', 'two'), revision)).rejects.toThrow(
      persistError('timeout', true),
    );
    await blocker.query('ROLLBACK');
    blocker.release();
    expect(await persister.load('a')).toMatchObject({ body: 'body', revision });
    await hurried.end();
  });

  it('leaves the durability setting of the connection unchanged', async () => {
    const options = await newTable();
    const single = new Client({ connectionString: url });
    await single.connect();
    const persister = postgres(single, options);
    await persister.lease?.take('a', 'one', 1_000);
    await persister.lease?.release('a', 'one');
    const { rows } = await single.query('SHOW synchronous_commit');
    expect(rows).toEqual([{ synchronous_commit: 'on' }]);
    await single.end();
  });

  it('keeps competing owners, saves and deletes correct, without a deadlock', async () => {
    const options = await newTable();
    const owners = ['one', 'two', 'three', 'four'];
    let saves = 0;
    const work = async (owner: string, index: number): Promise<void> => {
      const persister = postgres(index % 2 === 0 ? pool : sql, options);
      for (let round = 0; round < 60; round += 1) {
        const openid = `user ${(round * (index + 1)) % 3}`;
        const leased = await persister.lease?.take(openid, owner, 50);
        if (leased?.taken !== true) continue;
        const next = record(openid, `${Number(leased.record?.body ?? 0) + 1}`, round);
        try {
          await persister.lease?.save(next, leased.record?.revision, owner);
          saves += 1;
        } catch (error) {
          expect(error).toMatchObject({ code: 'conflict' });
          await persister.lease?.release(openid, owner);
        }
        if (round % 7 === 0) await persister.delete(openid);
        if (round % 5 === 0) await persister.due(round, 10);
      }
    };
    await Promise.all(owners.map(work));
    expect(saves).toBeGreaterThan(0);
    const persister = postgres(pool, options);
    for (const openid of ['user 0', 'user 1', 'user 2']) {
      for (const owner of owners) await persister.lease?.release(openid, owner);
      await persister.delete(openid);
    }
    expect(await countRows(options.table)).toBe(0);
  });

  it('does not end the client that it was given', async () => {
    const persister = postgres(pool, await newTable());
    await persister.close();
    expect(await pool.query('SELECT 1')).toMatchObject({ rowCount: 1 });
  });

  it('keeps the data of a context store over a restart', async () => {
    const options = await newTable();
    const before = createContextStore<{ step: number }>({ persister: postgres(pool, options) });
    await before.update('a', (context) => void context.set('step', 2));
    await before.close();
    const after = createContextStore<{ step: number }>({ persister: postgres(sql, options) });
    expect((await after.open('a')).get('step')).toBe(2);
    await after.close();
  });
}

/** A client whose every call fails. */
function failing(error: unknown): PostgresClient & { readonly calls: number } {
  let calls = 0;
  return {
    get calls() {
      return calls;
    },
    query: async () => {
      calls += 1;
      throw error;
    },
  };
}
