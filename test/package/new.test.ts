import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { run } from '../support/package.ts';
import { type Registry, startRegistry } from '../support/registry.ts';

/** A new project: the packed program creates it, and npm installs it from a registry on this machine. */
const project = inject('bare');
let registry: Registry;
let folder: string;
let demo: string;

beforeAll(async () => {
  [registry, folder] = await Promise.all([
    startRegistry(),
    mkdtemp(join(tmpdir(), 'colloquy-new-')),
  ]);
  const program = join(project.packageFolder, 'dist/cli/main.js');
  await run(process.execPath, [program, 'new', 'demo'], folder);
  demo = join(folder, 'demo');
  const flags = ['--registry', registry.url, '--cache', join(folder, 'cache'), '--no-audit'];
  // No package may need an install script.
  await run('npm', ['install', project.tarball, '--ignore-scripts', '--no-fund', ...flags], demo);
  return async () => {
    await registry.close();
    await rm(folder, { recursive: true, force: true });
  };
}, 300_000);

describe('a new project', () => {
  it('installs few packages, and only the loader of the optional peers', async () => {
    const lock = JSON.parse(await readFile(join(demo, 'package-lock.json'), 'utf8')) as {
      readonly packages: Readonly<Record<string, unknown>>;
    };
    const names = Object.keys(lock.packages).map((path) => path.replace(/^node_modules\//u, ''));
    expect(names).toEqual(expect.arrayContaining(['colloquy', 'xstate', 'tsx', 'typescript']));
    const peers = 'vitest lmdb elkjs libphonenumber-js @opentelemetry/api';
    for (const peer of peers.split(' ')) {
      expect(names).not.toContain(peer);
    }
  });

  it('passes its own tests', async () => {
    const output = await run('npm', ['test'], demo);
    expect(output).toContain('Nothing was found in demo.');
    expect(output).toContain('all 1 as written');
    expect(output).toMatch(/# pass 3\n# fail 0|pass 3\n.*fail 0/su);
  });

  it('explores its dialogue in full, by its own program', async () => {
    const output = await run('npx', ['--no', 'colloquy', 'explore', '--threshold', '100'], demo);
    expect(output).toContain('21 of 21 transitions of demo');
  });

  it('says what a picture of the dialogue needs', async () => {
    const drawn = run('npx', ['--no', 'colloquy', 'graph', '-f', 'svg'], demo);
    await expect(drawn).rejects.toThrow(
      /failed \(2\):[^]*\ncolloquy: A picture is laid out by elkjs/u,
    );
  });

  it('serves messages, and ends on a signal', async () => {
    const secret = 'a secret of the test';
    const child = spawn('npm', ['start'], {
      cwd: demo,
      env: { ...process.env, PORT: '0', SECRET: secret },
      stdio: ['ignore', 'pipe', 'inherit'],
      // A separate process group, so that the signal also reaches the children of npm.
      detached: true,
    });
    try {
      const url = await addressOf(child);
      const body = JSON.stringify({ user: 'ann', id: '1', text: 'hi' });
      const seconds = String(Math.floor(Date.now() / 1000));
      const proof = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'x-colloquy-signature': `t=${seconds},v1=${proof}` },
        body,
      });
      expect([response.status, await response.json()]).toMatchObject([
        200,
        { replies: [{ type: 'choices', text: 'Which tea would you like?' }] },
      ]);
      const ended = once(child, 'close');
      process.kill(-(child.pid ?? 0), 'SIGTERM');
      await ended;
      await expect(fetch(url)).rejects.toThrow('fetch failed');
    } finally {
      if (child.exitCode === null && child.signalCode === null)
        process.kill(-(child.pid ?? 0), 'SIGKILL');
    }
  });
});

describe('the program without a loader', () => {
  it('says what to install if Node.js does not load TypeScript', async () => {
    const bare = join(folder, 'bare');
    const program = join(project.packageFolder, 'dist/cli/main.js');
    await run(process.execPath, [program, 'new', 'bare'], folder);
    await symlink(join(project.folder, 'node_modules'), join(bare, 'node_modules'), 'junction');
    const linted = run(process.execPath, [program, 'lint'], bare);
    const takesTypescript = Boolean((process.features as { typescript?: unknown }).typescript);
    if (takesTypescript) await expect(linted).resolves.toBe('Nothing was found in bare.\n');
    else await expect(linted).rejects.toThrow('run `npm install --save-dev tsx`');
  });
});

/** The address that the server prints when it listens. */
async function addressOf({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('There is nothing to read from.');
  for await (const line of createInterface({ input: stdout })) {
    const [, url] = /^listening on (\S+)$/u.exec(line) ?? [];
    if (url !== undefined) {
      // The test continues to read, so that the pipe never fills.
      stdout.resume();
      return url;
    }
  }
  throw new Error('The server ended before it listened.');
}
