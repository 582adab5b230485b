import Database from 'libsql';
import type { Persister } from 'colloquy';
import { type SqliteDatabase, sqlite } from 'colloquy/persist/sqlite';

export function openPersister({ path }: { readonly path: string }): Persister {
  const database = new Database(`${path}/bot.db`) as unknown as SqliteDatabase;
  return sqlite(database);
}
