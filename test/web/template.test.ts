import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newFiles } from '../cli/new-projects.ts';
import { root } from '../cli/program.ts';
import { canShowPages } from '../support/browser.ts';
import { accessibilityProblems, people } from './browser-pages.ts';

/** The server of a new project, over the sources of the library. */
function startServer(env: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(root, 'test/web/tmp-'));
  for (const [name, text] of Object.entries(newFiles())) {
    if (/\.(?:ts|html)$/u.test(name)) writeFileSync(join(folder, name), text);
  }
  const child = spawn(process.execPath, ['--import', 'tsx', join(folder, 'server.ts')], {
    cwd: root,
    env: { PATH: process.env['PATH'], PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (part: Buffer) => (errors += part.toString()));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, errors }));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true });
  });
  const url = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      const [, found] = /^listening on (\S+)$/u.exec(line) ?? [];
      if (found !== undefined) {
        child.stdout.resume();
        return found;
      }
    }
    throw new Error(`It ended before it listened: ${errors}`);
  })();
  url.catch(() => undefined);
  return { url, ended, kill: (signal: 'SIGTERM') => child.kill(signal) };
}

describe('the server of a new project', () => {
  const { person } = people();

  it.each([
    ['without a secret in production', { NODE_ENV: 'production' }],
    ['with a short secret in production', { NODE_ENV: 'production', SECRET: 'short' }],
    ['with a short secret', { SECRET: 'short' }],
  ])('does not start %s, and says why in one line', async (_name, env) => {
    const { code, errors } = await startServer(env).ended;
    expect([code, errors]).toEqual([1, expect.stringMatching(/^SECRET .*: it signs .* makes\n$/u)]);
  });

  it('starts in production with a secret, where HOST says', async () => {
    const server = startServer({
      NODE_ENV: 'production',
      SECRET: 'x'.repeat(16),
      HOST: 'localhost',
    });
    const url = await server.url;
    expect(url).toMatch(/^http:\/\/localhost:\d+$/u);
    expect((await fetch(`${url}/other`)).status).toBe(404);
    expect(await (await fetch(`${url}/health`)).text()).toBe('ok');
    server.kill('SIGTERM');
    expect(await server.ended).toEqual({ code: 0, errors: '' });
  });

  it.skipIf(!canShowPages)(
    'has a page that speaks first, and ends while the page is open',
    async () => {
      const server = startServer({});
      const ann = await (await person({}, /ERR_|Failed to load/u)).open(await server.url);
      await ann.button('black tea').click();
      await ann.page.getByText('How many cups?').waitFor();
      await ann.say('three');
      await ann.sees(
        ...[
          'Answer: Which tea would you like?',
          'You: black tea',
          'Answer: How many cups?',
          'You: three',
        ],
        'Answer: On its way: black tea, cups: 3.',
      );
      expect(await accessibilityProblems(ann.page)).toEqual([]);
      server.kill('SIGTERM');
      expect(await server.ended).toEqual({ code: 0, errors: '' });
    },
  );
});
