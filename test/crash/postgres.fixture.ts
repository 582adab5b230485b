import type { Persister } from 'colloquy';
import { createSchema, postgres } from 'colloquy/persist/postgres';
import { Pool } from 'pg';

export async function openPersister({ url }: { readonly url: string }): Promise<Persister> {
  const pool = new Pool({ connectionString: url });
  // An idle connection meets an error when the server dies; without a listener that would end the process.
  pool.on('error', () => {});
  await createSchema(pool);
  return postgres(pool);
}
