import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type PageFile, readPage } from '../docs/pages.ts';
import { root, run } from '../support/package.ts';
import { playVercel } from './vercel.ts';
import { HOSTS, type Host, answers, settings } from './hosts.ts';
import { playWorker } from './worker.ts';

/**
 * A part of `npm run test:versions`: the files that the guide shows for frameworks and hosts that are too large to be installed
 * with this project. npm takes them from its registry; each builds its files, and answers a message. `npx tsx
 * test/frameworks/main.ts nitro bun` plays some of them.
 */
const wanted = process.argv.slice(2);

class NotInstalled extends Error {}

if (!existsSync(join(root, 'dist/index.js'))) {
  throw new Error('There is no dist/index.js: run `npm run build` first.');
}
const folder = await mkdtemp(join(tmpdir(), 'colloquy-frameworks-'));
const files = [...readPage('docs/frameworks.md').files, ...readPage('docs/serverless.md').files];
Object.assign(process.env, settings, { NEXT_TELEMETRY_DISABLED: '1' });
try {
  for (const [name, host] of Object.entries(HOSTS)) await play(name, () => playHost(name, host));
  await play('vercel', () => playVercel(install));
  await play('workers', () => playWorker(install));
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** A registry that has not got a package is named and skipped; in CI it fails, as everything else does. */
async function play(name: string, playing: () => Promise<void>): Promise<void> {
  if (wanted.length > 0 && !wanted.includes(name)) return;
  try {
    await playing();
    process.stdout.write(`${name} answers.\n`);
  } catch (error) {
    const isMissing = error instanceof NotInstalled;
    const text = isMissing ? `${name} is skipped: npm has not got it from its registry.` : error;
    process.stdout.write(`${String(text)}\n`);
    if (!isMissing || process.env['CI'] === 'true') process.exitCode = 1;
  }
}

async function playHost(name: string, host: Host): Promise<void> {
  const project = await install(name, host.packages);
  const [command, ...args] = host.build ?? [];
  if (command !== undefined) await run(command, args, project);
  await answers(project, host);
}

/** A project with the files of the pages, the tarball of this build and some packages. */
async function install(name: string, packages: readonly string[]): Promise<string> {
  const project = join(folder, name);
  await mkdir(project);
  const manifest = { name, private: true, type: 'module' };
  await write(project, { path: 'package.json', text: JSON.stringify(manifest) });
  const own = HOSTS[name]?.files ?? {};
  const more = Object.entries(own).map(([path, text]) => ({ path, text }));
  for (const file of [...files, ...more]) await write(project, file);
  const pack = ['pack', '--ignore-scripts', '--pack-destination', project];
  await run('npm', pack, root);
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
  const names = ['./colloquy-0.1.0.tgz', 'xstate@5.33.3', ...packages];
  await run('npm', ['install', ...flags, ...names], project).catch((error: unknown) => {
    throw new NotInstalled(String(error));
  });
  return project;
}

async function write(
  project: string,
  { path, text }: Pick<PageFile, 'path' | 'text'>,
): Promise<void> {
  await mkdir(dirname(join(project, path)), { recursive: true });
  await writeFile(join(project, path), text);
}
