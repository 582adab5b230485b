import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import express from 'express';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import type * as node from '../../src/channels/node.ts';
import type * as colloquy from '../../src/index.ts';
import type * as studio from '../../src/studio/index.ts';
import { canShowPages, launchBrowser, problemsOf } from '../support/browser.ts';

const project = inject('full');

/** `npx colloquy studio` in an empty folder, until it has said where its page is. */
async function startStudio(): Promise<{ readonly folder: string; readonly url: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-empty-'));
  // The program that npx runs.
  const program = join(project.packageFolder, 'dist/cli/main.js');
  const child = spawn(process.execPath, [program, 'studio'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    const isRunning = child.exitCode === null && child.signalCode === null;
    if (isRunning && child.kill('SIGTERM')) await once(child, 'close');
    await rm(folder, { recursive: true, force: true });
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const [url] = /http:\/\/\S+$/u.exec(line) ?? [];
    if (url === undefined) continue;
    child.stdout.resume();
    return { folder, url };
  }
  throw new Error('Studio ended before it said where its page is.');
}

/** An Express app of a bot, with its inspector behind a password. */
async function startBot(): Promise<{ readonly url: string; say(text: string): Promise<void> }> {
  const load = createRequire(join(project.folder, 'bot.cjs'));
  const { createRunner, setupDialogue } = load('colloquy') as typeof colloquy;
  const { createInspector } = load('colloquy/studio') as typeof studio;
  const { toNodeListener } = load('colloquy/channels/node') as typeof node;
  const { createDialogue, reply } = setupDialogue({ types: {} as { context: object } });
  const runner = createRunner(
    createDialogue({
      id: 'hello',
      version: '1',
      context: {},
      initial: 'asleep',
      states: {
        asleep: { on: { 'message.text': { target: 'awake', actions: reply('Good morning.') } } },
        awake: {},
      },
    }),
  );
  const admin = `Basic ${btoa('admin:a long secret')}`;
  const inspector = createInspector(runner, {
    authorize: (request) =>
      request.headers.get('authorization') === admin ||
      new Response('', { status: 401, headers: { 'www-authenticate': 'Basic realm="inspector"' } }),
  });
  const app = express();
  app.use('/inspect', toNodeListener(inspector));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    inspector.close();
    server.closeAllConnections();
    server.close();
    await runner.stop();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/inspect/`,
    say: async (text) => void (await runner.handle('openid-of-ann', text)),
  };
}

describe('colloquy studio in an empty folder', () => {
  it('shows its page, and writes no file', async () => {
    const { folder, url } = await startStudio();
    const entered = await fetch(url, { redirect: 'manual' });
    const cookie = entered.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
    for (const name of ['', 'studio.js', 'studio.css']) {
      const { status } = await fetch(new URL(`/${name}`, url), { headers: { cookie } });
      expect(status).toBe(200);
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it.skipIf(!canShowPages)('is talked with in a browser', async () => {
    const { url } = await startStudio();
    const browser = await launchBrowser();
    onTestFinished(() => browser.close());
    const page = await browser.newPage({ locale: 'en-US' });
    const problems = problemsOf(page);
    await page.goto(url);
    await page.getByRole('textbox', { name: 'Message from' }).fill('hi');
    await page.keyboard.press('Enter');
    await page.locator('.exchange').first().waitFor();
    await page.locator('.box.active').first().waitFor();
    expect(problems).toEqual([]);
  });
});

describe.skipIf(!canShowPages)('an inspector that is mounted in an Express app', () => {
  it('shows in a browser what the bot does, to those who have the password, without a text', async () => {
    const { url, say } = await startBot();
    expect((await fetch(url)).status).toBe(401);
    const browser = await launchBrowser();
    onTestFinished(() => browser.close());
    const page = await browser.newPage({
      locale: 'en-US',
      httpCredentials: { username: 'admin', password: 'a long secret' },
    });
    const problems = problemsOf(page);
    await page.goto(url);
    await page.locator('.box').first().waitFor();
    await say('a secret text');
    await page.locator('[data-box="hello:awake"].active').waitFor();
    await page.locator('.turn').first().waitFor();
    expect(await page.content()).not.toMatch(/openid-of-ann|a secret text|Good morning/u);
    expect(problems).toEqual([]);
  });
});
