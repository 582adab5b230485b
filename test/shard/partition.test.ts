import { createSchema, postgres } from 'colloquy/persist/postgres';
import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selectCases } from '../../src/testing/contract.ts';
import { persisterContract } from '../../src/testing/persister-contract.ts';
import type { PersisterSubject } from '../../src/testing/persister/subject.ts';
import { NO_POSTGRES, startPostgres } from '../support/postgres.ts';
import { blockOf } from './page.ts';

const server = await startPostgres();
afterAll(() => server?.stop());

it.runIf(server === undefined)(`partitions are not tested: ${NO_POSTGRES}`, () => {
  expect(process.env['CI'], 'what CI runs has PostgreSQL').not.toBe('true');
});

describe.runIf(server !== undefined)('the partitioned table of docs/scale.md', () => {
  const schema = `colloquy_partition_${process.pid}`;
  // The SQL of the page names no schema, so the table is in the first one on the path.
  const pool = new Pool({ connectionString: server?.url, options: `-c search_path=${schema}` });
  const subject: PersisterSubject = {
    capabilities: ['reopen', 'processes', 'leases', 'clock'],
    async open() {
      await pool.query('TRUNCATE colloquy_context');
      return postgres(pool);
    },
    reopen: async () => postgres(pool),
  };

  beforeAll(async () => {
    await pool.query(`CREATE SCHEMA ${schema}`);
    await pool.query(blockOf('sql'));
    await createSchema(pool);
  });
  afterAll(async () => {
    await pool.query(`DROP SCHEMA ${schema} CASCADE`);
    await pool.end();
  });

  it('has 64 partitions, each with an index of due times', async () => {
    const { rows } = await pool.query(
      `SELECT count(*)::int AS partitions FROM pg_inherits
       WHERE inhparent = 'colloquy_context_wake_at'::regclass`,
    );
    expect(rows).toEqual([{ partitions: 64 }]);
  });

  it('has the columns and conditions of the table that createSchema makes', async () => {
    await createSchema(pool, { table: 'plain' });
    const shape = (table: string): string => `
      (SELECT string_agg(attname || ' ' || atttypid::regtype || ' ' || attnotnull, ', ' ORDER BY attnum)
       FROM pg_attribute WHERE attrelid = '${table}'::regclass AND attnum > 0) ||
      (SELECT string_agg(pg_get_constraintdef(oid), ', ' ORDER BY pg_get_constraintdef(oid))
       FROM pg_constraint WHERE conrelid = '${table}'::regclass)`;
    const { rows } = await pool.query<{ ours: string; plain: string }>(
      `SELECT ${shape('colloquy_context')} AS ours, ${shape('plain')} AS plain`,
    );
    expect(rows[0]?.ours).toBe(rows[0]?.plain);
  });

  const { cases } = selectCases(persisterContract, subject);
  // eslint-disable-next-line vitest/expect-expect -- a case of the contract throws by itself
  it.each(cases.map((each) => [each.name, each] as const))('%s', (_case, { run }) => run(subject));
});
