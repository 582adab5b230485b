import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { bundle } from '../support/bundle.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
export const root: string = fileURLToPath(new URL('../..', import.meta.url));
export const fixtures: string = join(here, 'fixtures');

/** How to run the program from its source. */
export const command: readonly string[] = [
  process.execPath,
  '--import',
  'tsx',
  join(root, 'src/cli/main.ts'),
];

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process. */
export async function cli(
  args: readonly string[],
  {
    cwd = fixtures,
    input = '',
    isTTY = false,
    env = {},
    stopped = Promise.resolve(),
  }: {
    cwd?: string;
    input?: string;
    isTTY?: boolean;
    env?: Record<string, string>;
    /** When the program is to end. */
    stopped?: Promise<void>;
  } = {},
): Promise<Ran> {
  const stdout = Object.assign(new PassThrough(), { isTTY });
  const stderr = Object.assign(new PassThrough(), { isTTY });
  const printed = Promise.all([stdout, stderr].map((stream) => textOf(stream)));
  const code = await run(args, {
    cwd,
    env,
    stdin: Readable.from([input]),
    stdout,
    stderr,
    load: (path) => import(path) as Promise<unknown>,
    stopped: () => stopped,
    again: () => Promise.reject(new Error('No test in this process watches.')),
  });
  stdout.end();
  stderr.end();
  const [out = '', err = ''] = await printed;
  return { code, out, err };
}

/** Runs it in a new process. */
export async function program(args: readonly string[], cwd: string = fixtures): Promise<Ran> {
  // The project's own tsx, wherever it is run.
  const flags = command.map((flag) => (flag === 'tsx' ? import.meta.resolve('tsx') : flag));
  return start([...flags, ...args], cwd);
}

let bundled: ReturnType<typeof bundle> | undefined;

/**
 * The same as one file, as the package has it: for what does not import the library, which would be there twice. It
 * starts in a fraction of the time.
 */
export async function bundledProgram(args: readonly string[], cwd: string): Promise<Ran> {
  bundled ??= bundle('src/cli/main.ts');
  const pathOf = await bundled;
  return start([process.execPath, pathOf('src/cli/main.ts'), ...args], cwd);
}

async function start([file = '', ...args]: readonly string[], cwd: string): Promise<Ran> {
  const child = spawn(file, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  const [code] = (await once(child, 'close')) as [number | null];
  const [out, err] = await printed;
  return { code, out, err };
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const part of stream) text += String(part);
  return text;
}

/** A folder for one test, beside this file, so that what is in it finds the library. */
export function temporaryFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(here, 'tmp-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
