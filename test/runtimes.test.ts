import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PORTABLE } from './support/bundle.ts';
import { root } from './support/package.ts';

/** Hides from the bundle what only Node.js has, and gives it timers that are numbers. Node's own `fetch` needs the rest. */
const BARE_RUNTIME = `
const [process, Buffer, setImmediate, clearImmediate, global, require, module] = [];
const setTimeout = (callback, ms) => Number(globalThis.setTimeout(callback, ms));
const bareNames = { process, Buffer, setImmediate, clearImmediate, global, setTimeout, exit: globalThis.process.exit };
const bareRuntime = new Proxy(globalThis, {
  get: (all, name) => (name in bareNames ? bareNames[name] : all[name]),
});
`;

describe.each(['browser', 'neutral'] as const)('bundled for the platform %s', (platform) => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(root, `test/support/tmp-${process.pid}-`));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const bundle = (path: string, outfile: string): ReturnType<typeof build> =>
    build({
      entryPoints: [path],
      tsconfig: join(root, 'tsconfig.json'),
      bundle: true,
      platform,
      format: 'esm',
      outfile: join(folder, outfile),
      banner: { js: BARE_RUNTIME },
      define: { globalThis: 'bareRuntime' },
      logLevel: 'silent',
    });

  it.each(PORTABLE)('%s needs no module of Node.js', async (entry) => {
    await expect(bundle(entry, 'entry.mjs')).resolves.toBeDefined();
  });

  it('a bot works where there is no Node.js and a timer is a number', async () => {
    await bundle(join(root, 'test/runtimes.fixture.ts'), 'program.mjs');
    const [printed, warned] = await new Promise<string[]>((resolve, reject) => {
      const args = [join(folder, 'program.mjs')];
      execFile(process.execPath, args, { timeout: 30_000 }, (error, stdout, stderr) =>
        error ? reject(error) : resolve([stdout, stderr]),
      );
    });
    expect(printed?.trim().split('\n')).toEqual([
      '200 Name?',
      '200 Hello Ann, 你好.',
      'failed',
      'told 2',
      expect.stringMatching(/^UsageError: sealed\(\) needs the module node:crypto/u),
    ]);
    expect(warned).toMatch(/^ColloquyWarning unheard_error: An error of the runner went unheard/mu);
  });
});
