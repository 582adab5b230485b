import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('a finished script exits, although it leaves timers and expiries', async () => {
  const script = fileURLToPath(new URL('exit.fixture.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script], {
    timeout: 30_000,
  });
  expect(stdout).toBe('said: wait\ndone\n');
}, 40_000);
