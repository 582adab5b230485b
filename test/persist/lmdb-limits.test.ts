import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { lmdb } from 'colloquy/persist/lmdb';

it('LMDB saves more records than it remembers the places of, each over its last revision', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-lmdb-'));
  const persister = lmdb(folder);
  onTestFinished(async () => {
    await persister.close();
    await rm(folder, { recursive: true });
  });
  const openids = Array.from({ length: 10_010 }, (_, n) => `u${n}`);
  const save = (body: string, before: readonly (number | undefined)[]) =>
    Promise.all(openids.map((openid, n) => persister.save({ openid, body, wakeAt: n }, before[n])));
  const first = await save('first', []);
  const second = await save('second', first);
  await expect(
    persister.save({ openid: 'u0', body: 'x', wakeAt: 0 }, first[0]),
  ).rejects.toMatchObject({ code: 'conflict' });
  for (const n of [0, 5, 10_009]) {
    expect(await persister.load(`u${n}`)).toEqual({
      openid: `u${n}`,
      body: 'second',
      wakeAt: n,
      revision: second[n],
    });
  }
  expect(await persister.due(10_010, 20_000)).toHaveLength(10_010);
});
