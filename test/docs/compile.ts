import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './pages.ts';

/** The compiler in Go, which is several times as fast. Tests that look into types need the one in JavaScript, which has an API. */
const COMPILER = join(root, 'node_modules/typescript-native/bin/tsc');
/** Where it keeps what it knows of the files that have not changed. */
const KNOWN = join(root, 'node_modules/.cache/colloquy');
/** Compiles a folder with a `tsconfig.json`. @returns what does not compile, a line each */
export function compile(folder: string): readonly string[] {
  const known = join(KNOWN, `types-${folder.replaceAll(/\W+/gu, '-')}.tsbuildinfo`);
  const { stdout, stderr, status, error } = spawnSync(
    process.execPath,
    [
      ...[COMPILER, '--project', folder, '--noEmit', '--pretty', 'false'],
      ...['--incremental', '--tsBuildInfoFile', known],
    ],
    { cwd: root, encoding: 'utf8', maxBuffer: 64 * 2 ** 20 },
  );
  if (error !== undefined) throw error;
  const found = `${stdout}${stderr}`.split('\n').filter((line) => line.trim() !== '');
  return found.length > 0 || status === 0 ? found : [`The compiler ended with ${status}.`];
}
