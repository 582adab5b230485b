import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BroadcastProgress } from 'colloquy';
import { expect, it, onTestFinished } from 'vitest';
import { fixture } from './built.ts';

type News =
  { readonly type: 'heard' } | { readonly type: 'done'; readonly progress: BroadcastProgress };

/** Runs the process, and kills it when so many have heard it; undefined lets it come to its end. */
async function run(
  args: string[],
  killAfter: number | undefined,
): Promise<BroadcastProgress | undefined> {
  const child = fork(fixture('broadcast'), args, { execArgv: [] });
  let heard = 0;
  let progress: BroadcastProgress | undefined;
  child.on('message', (news: News) => {
    if (news.type === 'done') ({ progress } = news);
    else heard += 1;
    if (heard === killAfter) child.kill('SIGKILL');
  });
  await once(child, 'exit');
  return progress;
}

it('a broadcast that is killed again and again on LMDB is said once to everyone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'colloquy-broadcast-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const ledger = join(folder, 'ledger');
  const args = [join(folder, 'db'), ledger];
  // In the middle of a page, at its very beginning, and around its end.
  for (const killAfter of [1, 40, 3, 77, 90, 45, 1, 30]) {
    expect(await run(args, killAfter)).toBeUndefined();
  }
  const progress = await run(args, undefined);
  expect(progress).toMatchObject({ failed: 0, skipped: 1, done: true });
  expect(progress?.known).toBeGreaterThan(200);
  expect(existsSync(ledger)).toBe(true);
  /** The ids under which each one heard something: one that a crash has delivered twice has the same. */
  const ids = new Map<string, Set<string>>();
  for (const line of readFileSync(ledger, 'utf8').trim().split('\n')) {
    const [openid = '', id = ''] = line.split(' ');
    ids.set(openid, (ids.get(openid) ?? new Set()).add(id));
  }
  expect(ids.size).toBe(399);
  expect([...ids].filter(([, of]) => of.size !== 1)).toEqual([]);
}, 120_000);
