import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cli, root } from './program.ts';

describe.each([
  'telegram',
  'pizza-order',
  'group-quiz',
  'human-handover',
  'web-chat',
  'support-desk',
])('examples/%s', (name) => {
  const cwd = join(root, 'examples', name);

  it('goes as in all of its transcripts', async () => {
    const { code, out } = await cli(['test'], { cwd });
    expect(out).toMatch(/\n\nall \d+ as written\n$/);
    expect(code).toBe(0);
  });

  it('gives lint nothing to find', async () => {
    expect(await cli(['lint'], { cwd })).toMatchObject({ code: 0, err: '' });
  });

  it('is walked through by explore alone, and goes as that has found', async () => {
    const found = await mkdtemp(join(tmpdir(), 'colloquy-found-'));
    onTestFinished(() => rm(found, { recursive: true }));
    const { code, out } = await cli(['explore', '--threshold', '95', '--out', found], { cwd });
    expect(out).toMatch(/ conversations walk through /);
    expect(code).toBe(0);
    const played = await cli(['test', found], { cwd });
    expect(played.out).toMatch(/\n\nall \d+ as written\n$/);
  });
});
