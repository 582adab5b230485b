import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root: string = fileURLToPath(new URL('../..', import.meta.url));

/** A copy of an example, to be changed and written to. */
export async function copyOfExample(
  name: string,
): Promise<{ readonly folder: string; readonly remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), `colloquy-${name}-`));
  await cp(join(root, 'examples', name), folder, { recursive: true });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

function startCli(folder: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', join(root, 'src/cli/main.ts'), ...args], {
    cwd: folder,
    env: { ...process.env, TSX_TSCONFIG_PATH: join(root, 'tsconfig.json') },
  });
}

/** Runs a command to its end, and returns what it printed. */
export async function runCli(
  folder: string,
  args: readonly string[],
): Promise<{ readonly status: number | null; readonly printed: string }> {
  const child = startCli(folder, args);
  let printed = '';
  child.stdout?.on('data', (data: Buffer) => (printed += data.toString()));
  child.stderr?.on('data', (data: Buffer) => (printed += data.toString()));
  const status = await new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  return { status, printed };
}

/** Starts `colloquy studio` in a folder. It is there when it has printed its address. */
export async function startStudio(
  folder: string,
  ...args: readonly string[]
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const child = startCli(folder, ['studio', ...args]);
  const ended = new Promise<void>((resolve) => {
    child.on('close', () => resolve());
  });
  let printed = '';
  const url = await new Promise<string>((resolve, reject) => {
    const read = (data: Buffer): void => {
      printed += data.toString();
      const [address] = /http:\S+/u.exec(printed) ?? [];
      if (address !== undefined) resolve(address);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.on('close', () => reject(new Error(`Studio ended and printed:\n${printed}`)));
  });
  return {
    url,
    stop: async () => {
      child.kill('SIGINT');
      await ended;
    },
  };
}
