import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { PROGRAMS } from './processes.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** Builds the library. @returns the folder of the build */
export function makeBuild(): string {
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: `${HERE}..`,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('`npm run build` failed.');
  return `${HERE}../dist`;
}

/** Installs the systems to compare with, unless they are installed already. */
export function installPeers(): void {
  if (existsSync(`${HERE}node_modules/grammy`)) return;
  console.error('Installing what is compared with …');
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: HERE,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('`npm ci` in bench/ failed.');
}

/**
 * Compiles the programs that run as separate processes, because a loader would add code to functions at run time, and
 * the benchmark would measure it. The library is not bundled: the programs import its build.
 */
export async function compilePrograms(): Promise<void> {
  rmSync(PROGRAMS, { recursive: true, force: true });
  await build({
    absWorkingDir: HERE,
    entryPoints: ['programs/*.ts'],
    outbase: 'programs',
    outdir: PROGRAMS,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    // The configuration of this folder is about the types of the peers.
    tsconfigRaw: {},
    sourcemap: true,
    logLevel: 'warning',
  });
}
