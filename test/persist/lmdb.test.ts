import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lmdb } from 'colloquy/persist/lmdb';
import { createManualClock, persisterContract, selectCases, type PersisterSubject } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

function subject(shared: boolean): PersisterSubject {
  const clock = createManualClock();
  const place = mkdtemp(join(tmpdir(), 'colloquy-lmdb-'));
  const open = async () => lmdb(await place, { shared, clock });
  return {
    capabilities: ['reopen', 'processes', ...(shared ? (['leases'] as const) : [])],
    open,
    reopen: open,
    passTime: (ms) => clock.advance(ms),
    cleanUp: async () => rm(await place, { recursive: true }),
  };
}

describe.each([true, false])('the contract, shared: %s', (shared) => {
  const { cases, skipped } = selectCases(persisterContract, subject(shared));
  it.each(cases)('$name', async ({ run }) => { await run(subject(shared)); });
  it('skips', () => { expect(skipped.length >= 0).toBe(true); });
});
