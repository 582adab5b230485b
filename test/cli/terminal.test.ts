import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { access, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { cli, command, fixtures, temporaryFolder } from './program.ts';

/** `script` of util-linux runs a program in a new pseudo-terminal, and is on every Debian. */
async function findScript(): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, 'script');
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}

const script = await findScript();
if (script === undefined && process.env['CI'] === undefined) {
  process.stderr.write('Skipped: chat in a terminal, which wants `script` of util-linux.\n');
}

/** A program whose output is waited for. */
class Session {
  readonly #child;
  #seen = '';
  #read = 0;
  readonly ended: Promise<unknown[]>;

  constructor(file: string, args: readonly string[], cwd: string) {
    this.#child = spawn(file, args, {
      cwd,
      // In most CIs Node.js takes no terminal for one with colours.
      env: { ...process.env, TERM: 'xterm', NO_COLOR: undefined, CI: undefined },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#seen += text;
        this.#child.emit('seen');
      });
    }
    this.ended = once(this.#child, 'close');
    onTestFinished(() => void this.#child.kill('SIGKILL'));
  }

  /** All that was printed. */
  get screen(): string {
    return this.#seen;
  }

  type(keys: string): void {
    this.#child.stdin.write(keys);
  }

  kill(): void {
    this.#child.kill('SIGTERM');
  }

  /** Until it prints a text, after the one that was waited for before. */
  async until(text: string): Promise<void> {
    for (;;) {
      const index = this.#seen.indexOf(text, this.#read);
      if (index >= 0) {
        this.#read = index + text.length;
        return;
      }
      const isOver = this.#child.exitCode !== null || this.#child.signalCode !== null;
      if (isOver) throw new Error(`It ended without '${text}':\n${this.#seen}`);
      await Promise.race([once(this.#child, 'seen'), this.ended]);
    }
  }
}

it.skipIf(script === undefined && process.env['CI'] === undefined)(
  'chat talks on a real terminal: prompt, colours, commands, and Ctrl-D',
  async () => {
    const cwd = temporaryFolder();
    const flags = command.map((flag) => (flag === 'tsx' ? import.meta.resolve('tsx') : flag));
    const line = [...flags, 'chat', join(fixtures, 'tea.ts')].map((word) => `'${word}'`).join(' ');
    // -e: with the exit code of the program; -q: without its own messages.
    const talk = new Session(script ?? 'script', ['-qec', line, '/dev/null'], cwd);
    await talk.until('Say something. /help lists commands, Ctrl-D ends.');
    await talk.until('> ');
    talk.type('hi\r');
    await talk.until('\u001b[36mHow many cups?');
    // What is mistyped is taken back before it is said, as on any line.
    talk.type('99x\u007f\u007f\u007f\u007f20\r');
    await talk.until('\u001b[36m');
    talk.type('/undo\r');
    await talk.until('came of it: > 20');
    await talk.until('after 1h in tea.cups');
    talk.type('/state\r');
    await talk.until('cups.waiting');
    talk.type('/forward 1h\r');
    await talk.until('Are you still there?');
    talk.type('/timers\r');
    await talk.until('No timer is running.');
    talk.type('2\r');
    await talk.until('Tea, 2 cups.');
    talk.type('/context\r');
    await talk.until('{ cups: 2 }');
    talk.type('/save talk.chat\r');
    await talk.until('Written to talk.chat.');
    talk.type('\u0004');
    expect(await talk.ended).toEqual([0, null]);
    expect(await readFile(join(cwd, 'talk.chat'), 'utf8')).toContain('> 2\n< Tea, 2 cups.\n');
    expect(await cli(['test', 'talk.chat'], { cwd })).toMatchObject({ code: 0 });
  },
);

it('test --watch plays again when a file changes, with what is in it now', async () => {
  const dialogue = await readFile(join(fixtures, 'tea.ts'), 'utf8');
  const cwd = temporaryFolder({
    'tea.ts': dialogue,
    'a.chat': '# dialogue: ./tea.ts\n> hi\n< How many cups?\n',
  });
  const [node = '', ...before] = command;
  const flags = before.map((flag) => (flag === 'tsx' ? import.meta.resolve('tsx') : flag));
  const watching = new Session(node, [...flags, 'test', '--watch', 'a.chat'], cwd);
  await watching.until('all 1 as written');
  await watching.until('waiting for a change');
  await writeFile(join(cwd, 'tea.ts'), dialogue.replace('How many cups?', 'How many?'));
  await watching.until('tea.ts has changed');
  await watching.until('- < How many cups?');
  await watching.until('1 of 1 failed');
  await watching.until('waiting for a change');
  watching.kill();
  expect(await watching.ended).toEqual([null, 'SIGTERM']);
});
