import type { Persister } from 'colloquy';
import { createSchema, postgres } from 'colloquy/persist/postgres';
import { Pool } from 'pg';

export interface PostgresPlace {
  readonly url: string;
  readonly table: string;
}

export async function openPersister({ url, table }: PostgresPlace): Promise<Persister> {
  const pool = new Pool({ connectionString: url });
  await createSchema(pool, { table });
  return postgres(pool, { table });
}

/** The same from outside, with facts that a persister does not report. */
export async function look({ url, table }: PostgresPlace): Promise<{
  readonly persister: Persister;
  leases(): Promise<string[]>;
  close(): Promise<void>;
}> {
  const pool = new Pool({ connectionString: url, max: 2 });
  await createSchema(pool, { table });
  return {
    persister: postgres(pool, { table }),
    async leases() {
      const { rows } = await pool.query<{ openid: string }>(
        `SELECT convert_from(openid, 'UTF8') AS openid FROM "${table}" WHERE lease_until > now()`,
      );
      return rows.map(({ openid }) => openid);
    },
    async close() {
      await pool.query(`DROP TABLE "${table}"; DROP SEQUENCE "${table}_revision"`);
      await pool.end();
    },
  };
}
