import { Pool } from 'pg';
import { postgresUrl } from '../servers.ts';
import { type System, namesOf } from '../system.ts';
import { step } from './xstate-json.ts';

/** A transaction for each turn that locks the row of the user, `SELECT … FOR UPDATE`, and updates it. */
export async function open(users: number): Promise<System> {
  const names = namesOf(users);
  const pool = new Pool({ connectionString: postgresUrl(), max: 16 });
  const table = `xstate_${process.pid}_${Math.floor(performance.timeOrigin)}`;
  await pool.query(`CREATE TABLE ${table} (name text PRIMARY KEY, snapshot text)`);
  await pool.query(`INSERT INTO ${table} (name) SELECT unnest($1::text[])`, [names]);
  const select = {
    name: 'select',
    text: `SELECT snapshot FROM ${table} WHERE name = $1 FOR UPDATE`,
  };
  const update = { name: 'update', text: `UPDATE ${table} SET snapshot = $2 WHERE name = $1` };
  return {
    async turn(user, text) {
      const name = names[user] as string;
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        const { rows } = await client.query<{ snapshot: string | null }>({
          ...select,
          values: [name],
        });
        const { said, next } = step(rows[0]?.snapshot, text);
        await client.query({ ...update, values: [name, next] });
        await client.query('COMMIT');
        return said;
      } finally {
        client.release();
      }
    },
    close: () => pool.end(),
  };
}
