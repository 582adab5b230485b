import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SqliteDatabase, sqlite } from 'colloquy/persist/sqlite';
import { createManualClock, persisterContract, selectCases } from 'colloquy/testing';

/** The contract of persisters on Bun's own SQLite. A case that fails ends the program with an error. */
const bun: string = 'bun:sqlite';
const { Database } = (await import(bun)) as {
  readonly Database: new (path: string) => SqliteDatabase;
};

for (const shared of [false, true]) {
  const leases = shared ? (['leases'] as const) : [];
  const capabilities = ['reopen', 'processes', 'moves', 'lists', ...leases] as const;
  const { cases } = selectCases(persisterContract, { capabilities });
  for (const { run } of cases) {
    const clock = createManualClock();
    const folder = mkdtempSync(join(tmpdir(), 'colloquy-bun-'));
    const open = async () => sqlite(new Database(join(folder, 'bot.db')), { shared, clock });
    await run({ capabilities, open, reopen: open, passTime: (ms) => clock.advance(ms) });
    rmSync(folder, { recursive: true });
  }
}
