import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

/** The command of the README: `npm run example …`, and with the name of the echo also `npm start`. */

const root = fileURLToPath(new URL('../../', import.meta.url));

function start(args: readonly string[], lines: readonly string[] = []) {
  const tsx = [join(root, 'node_modules/tsx/dist/cli.mjs'), 'test/support/example.ts'];
  const child = spawn(process.execPath, [...tsx, ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'], PORT: '0' },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdin.end(lines.map((line) => `${line}\n`).join(''));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const exit = once(child, 'close').then(([code]) => code as number | null);
  return { child, exit, output: () => output };
}

test('without the name of an example it lists them', async () => {
  for (const args of [[], ['..']]) {
    const { exit, output } = start(args);
    expect(await exit).toBe(1);
    expect(output()).toMatch(/^Which example\? npm run example <name>, with one of: group-quiz, /u);
  }
});

test('it starts an example, on the sources of the library', async () => {
  const { exit, output } = start(['pizza-order'], ['hi', 'large']);
  expect(await exit).toBe(0);
  expect(output()).toContain('> large\n< Which toppings?');
});

test('it starts another script of an example', async () => {
  const { exit, output } = start(['telegram', 'chat'], ['hi', 'no']);
  expect(await exit).toBe(0);
  expect(output()).toContain('< We keep nothing about you.\n');
});

test('it opens an example in the browser', async () => {
  const { child, exit, output } = start(['wechat-echo', '--web']);
  await expect.poll(output, { timeout: 30_000 }).toMatch(/^echo is at http:\S+\n/u);
  const [, url = ''] = /is at (\S+)/u.exec(output()) ?? [];
  const { origin } = new URL(url);
  expect(await (await fetch(`${origin}/chat/chat.js`)).text()).toContain('colloquy-chat');
  child.kill('SIGTERM');
  expect(await exit).toBe(0);
});
