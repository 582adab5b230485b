import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = join(root, 'test/support');

/** The entries that need no module of Node.js. */
export const PORTABLE = [
  'colloquy',
  'colloquy/channels/source',
  'colloquy/channels/webhook',
  'colloquy/dialogue/parsers/date',
  'colloquy/dialogue/parsers/phone',
  'colloquy/model',
  'colloquy/otel',
  'colloquy/parsers',
  'colloquy/persist/memory',
];

/**
 * Programs of the repository as plain JavaScript, so that a test can start them by Node.js alone: by tsx each start
 * takes five times as long. Programs that are bundled together share their modules.
 * @param entries paths from the root of the repository
 * @returns gives the path of the program that an entry became; all of them are removed with this process, or by the next one
 */
export async function bundle(...entries: readonly string[]): Promise<(entry: string) => string> {
  // In the repository, where packages are found.
  const folder = mkdtempSync(join(here, `tmp-${process.pid}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  removeOld();
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

/**
 * The configuration of a worker for `workerd test`: one module, without a module of Node.js but those that workerd has.
 * @param date the compatibility date
 * @returns its path
 */
export async function createWorker(entry: string, date: string): Promise<string> {
  const folder = mkdtempSync(join(here, `tmp-${process.pid}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await build({
    entryPoints: [join(root, entry)],
    tsconfig: join(root, 'tsconfig.json'),
    outfile: join(folder, 'worker.mjs'),
    bundle: true,
    external: ['node:*'],
    format: 'esm',
    platform: 'browser',
    logLevel: 'silent',
  });
  const config = join(folder, 'config.capnp');
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "bot", worker = .bot)]);
const bot :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.mjs")],
  compatibilityDate = "${date}",
  compatibilityFlags = ["nodejs_compat"],
);
`,
  );
  return config;
}

/** A process that is killed, as vitest ends its workers, leaves its folders. */
function removeOld(): void {
  for (const name of readdirSync(here)) {
    const [, pid] = /^tmp-(\d+)-/u.exec(name) ?? [];
    if (pid !== undefined && !isRunning(Number(pid))) {
      rmSync(join(here, name), { recursive: true, force: true });
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function nameOf(entry: string): string {
  return entry.replaceAll(/[/.]/gu, '-');
}
