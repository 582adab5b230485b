import type { Persister } from 'colloquy';
import { createSchema, postgres } from 'colloquy/persist/postgres';
import { Pool } from 'pg';

export async function openPersister({ url }: { readonly url: string }): Promise<Persister> {
  const pool = new Pool({ connectionString: url });
  // What an idle connection meets when the server goes; without a listener the process would end.
  pool.on('error', () => {});
  await createSchema(pool);
  return postgres(pool);
}
