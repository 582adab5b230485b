import { Pool } from 'pg';
import { entry } from '../library.ts';
import { postgresUrl } from '../servers.ts';
import type { System } from '../system.ts';
import { open as openColloquy } from './colloquy.ts';

export async function open(users: number): Promise<System> {
  const { createSchema, postgres } = await entry('persist/postgres');
  const pool = new Pool({ connectionString: postgresUrl(), max: 16 });
  const table = `bench_${process.pid}_${Math.floor(performance.timeOrigin)}`;
  await createSchema(pool, { table });
  const system = await openColloquy(users, { persister: postgres(pool, { table }) });
  return {
    turn: system.turn,
    async close() {
      await system.close?.();
      await pool.end();
    },
  };
}
