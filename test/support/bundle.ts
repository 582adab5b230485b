import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Programs of the repository as plain JavaScript, so that a test can start them by Node.js alone: by tsx each start
 * takes five times as long. Programs that are bundled together share their modules.
 * @param entries paths from the root of the repository
 * @returns gives the path of the program that an entry became; all of them go with this process
 */
export async function bundle(...entries: readonly string[]): Promise<(entry: string) => string> {
  // In the repository, where packages are found.
  const folder = mkdtempSync(join(root, 'test/support/tmp-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await build({
    entryPoints: Object.fromEntries(entries.map((entry) => [nameOf(entry), join(root, entry)])),
    tsconfig: join(root, 'tsconfig.json'),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
  });
  return (entry) => join(folder, `${nameOf(entry)}.mjs`);
}

function nameOf(entry: string): string {
  return entry.replaceAll(/[/.]/gu, '-');
}
