import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { canShowPages, launchBrowser, problemsOf } from '../support/browser.ts';
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
      /failed \(2\):[^]*\ncolloquy: Charts are laid out by elkjs/u,
    );
  });

  it('serves a page to talk with, and ends on a signal', async () => {
    const server = await serve(['start'], { PORT: '0' });
    const page = await fetch(server.url);
    expect([page.status, await page.text()]).toEqual([
      200,
      expect.stringContaining('<colloquy-chat'),
    ]);
    const script = await fetch(`${server.url}/chat/chat.js`);
    expect([script.status, await script.text()]).toEqual([
      200,
      expect.stringContaining('colloquy-chat'),
    ]);
    const headers = { 'content-type': 'application/json', origin: server.url };
    const post = (body: object, cookie = ''): Promise<Response> =>
      fetch(`${server.url}/chat`, {
        method: 'POST',
        headers: { ...headers, cookie },
        body: JSON.stringify(body),
      });
    const welcome = await post({ type: 'hello' });
    expect(await welcome.json()).toMatchObject({
      replies: [{ reply: { type: 'choices', text: 'Which tea would you like?' } }],
    });
    const [cookie] = (welcome.headers.get('set-cookie') ?? '').split(';');
    const message = { type: 'message.text', text: 'black' };
    const answer = await post({ type: 'message', id: '1', message }, cookie);
    expect(await answer.json()).toMatchObject({ replies: [{ reply: { text: 'How many cups?' } }] });
    await server.end();
    await expect(fetch(server.url)).rejects.toThrow('fetch failed');
  });

  it.skipIf(!canShowPages)('is talked with in a browser, by both of its commands', async () => {
    const browser = await launchBrowser();
    onTestFinished(() => browser.close());
    for (const args of [['start'], ['run', 'chat', '--', '--web']]) {
      const server = await serve(args, { PORT: '0' });
      const page = await browser.newPage();
      const problems = problemsOf(page);
      await page.goto(server.url);
      // The server of the project speaks first.
      if (args[0] !== 'start') {
        await page.getByRole('textbox').fill('hi');
        await page.keyboard.press('Enter');
      }
      await page.getByRole('button', { name: 'green' }).click();
      await page.getByText('How many cups?').waitFor();
      expect(problems).toEqual([]);
      await page.close();
      await server.end();
    }
  });
});

/** Runs a script of the new project until it says where it listens. */
async function serve(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly url: string; end(): Promise<void> }> {
  const child = spawn('npm', args, {
    cwd: demo,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    // A separate process group, so that the signal also reaches the children of npm.
    detached: true,
  });
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  onTestFinished(() => {
    if (isRunning()) process.kill(-(child.pid ?? 0), 'SIGKILL');
  });
  return {
    url: await addressOf(child),
    async end() {
      const ended = once(child, 'close');
      process.kill(-(child.pid ?? 0), 'SIGTERM');
      await ended;
    },
  };
}

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
    const [url] = /http:\/\/\S+$/u.exec(line) ?? [];
    if (url !== undefined) {
      // The test continues to read, so that the pipe never fills.
      stdout.resume();
      return url;
    }
  }
  throw new Error('The server ended before it listened.');
}
