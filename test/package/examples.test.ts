import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { root, run } from '../support/package.ts';
import { type Registry, startRegistry } from '../support/registry.ts';

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** The examples, copied out of the repository, with one `node_modules` above all of them: npm installs it from the tarball. */
const project = inject('bare');
const entries = await readdir(join(root, 'examples'), { withFileTypes: true });
const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
let registry: Registry;
let folder: string;

const placeOf = (name: string): string => join(folder, 'examples', name);
const manifestOf = async (name: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(root, 'examples', name, 'package.json'), 'utf8')) as Manifest;

beforeAll(async () => {
  [registry, folder] = await Promise.all([
    startRegistry(),
    mkdtemp(join(tmpdir(), 'colloquy-examples-')),
  ]);
  const manifests = await Promise.all(names.map((name) => manifestOf(name)));
  const dependencies = Object.fromEntries(
    manifests.flatMap((each) => Object.entries({ ...each.dependencies, ...each.devDependencies })),
  );
  const manifest = { name: 'copies', private: true, dependencies };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  const flags = ['--registry', registry.url, '--cache', join(folder, 'cache'), '--no-audit'];
  // No package may need an install script.
  await run('npm', ['install', project.tarball, '--ignore-scripts', '--no-fund', ...flags], folder);
  await mkdir(join(folder, 'examples'));
  for (const name of names) {
    await cp(join(root, 'examples', name), placeOf(name), {
      recursive: true,
      filter: (path) => !/[/\\](?:node_modules|data)$/u.test(path),
    });
  }
  return async () => {
    await registry.close();
    await rm(folder, { recursive: true, force: true });
  };
}, 300_000);

it('all examples are checked by TypeScript, as their own tsconfig.json says', async () => {
  const text = await readFile(join(root, 'examples/telegram/tsconfig.json'), 'utf8');
  const config = { ...(JSON.parse(text) as object), include: ['examples/*/*.ts'] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  await expect(run('npx', ['--no', 'tsc'], folder)).resolves.toBe('');
});

describe.each(names)('a copy of examples/%s', (name) => {
  it('passes its own tests', async () => {
    const { scripts } = await manifestOf(name);
    // The types of all examples are checked above, once.
    const [types, ...steps] = (scripts['test'] ?? '').split(' && ');
    expect([types, steps]).toEqual(['tsc', ['colloquy lint', 'colloquy test']]);
    for (const step of steps) {
      const [program = '', ...args] = step.split(' ');
      const output = await run('npx', ['--no', program, ...args], placeOf(name));
      expect(output).toMatch(
        step.endsWith('lint') ? /^Nothing was found in / : /all \d+ as written/,
      );
    }
  });
});

describe.each([
  ['web-chat', {}, '/chat/chat.js', 200],
  ['telegram', { TELEGRAM_TOKEN: '1:token', TELEGRAM_SECRET: 'secret' }, '/', 405],
  [
    'slack',
    { SLACK_SIGNING_SECRET: 'secret', SLACK_TOKEN: 'xoxb-1', SLACK_CHANNEL: 'C1' },
    '/',
    405,
  ],
])('a copy of examples/%s', (name, env, path, status) => {
  it('starts, answers, and ends on a signal', async () => {
    const { scripts } = await manifestOf(name);
    expect(scripts['start']).toBe('tsx main.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', 'main.ts'], {
      cwd: placeOf(name),
      env: { PATH: process.env['PATH'], PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let url = '';
    const output: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      output.push(line);
      [, url = ''] = /^listening on (\S+)$/u.exec(line) ?? ['', url];
      if (line !== 'stopped' && url !== '') {
        const { status: answered } = await fetch(url + (path === '/' ? '' : path));
        expect(answered).toBe(status);
        child.kill('SIGTERM');
      }
    }
    expect(output).toEqual([`listening on ${url}`, 'stopped']);
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(0);
  });
});
