import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { run } from '../support/package.ts';
import { type Registry, startRegistry } from '../support/registry.ts';

type Environment = Readonly<Record<string, string>>;

/** npm, without a network: it installs from what is installed here. */
export interface Npm {
  readonly registry: Registry;
  /** For a program that calls npm. */
  readonly env: Environment;
  /** Installs what a project asks for, and what is named beside that. No package may need an install script. */
  install(folder: string, ...names: readonly string[]): Promise<void>;
}

/** @param cache a folder for what npm has fetched */
export async function startNpm(cache: string): Promise<Npm> {
  const registry = await startRegistry();
  const flags = ['--registry', registry.url, '--cache', cache, '--no-audit', '--no-fund'];
  return {
    registry,
    env: { npm_config_registry: registry.url, npm_config_cache: cache },
    async install(folder, ...names) {
      await run('npm', ['install', ...names, '--ignore-scripts', ...flags], folder);
    },
  };
}

export interface RunningBot {
  readonly url: string;
  /** Ends it as Ctrl-C does, or an orchestrator. @returns its exit code, or null where a signal has ended npm around it */
  end(signal?: 'SIGINT' | 'SIGTERM'): Promise<number | null>;
}

/** Runs a program of a new project until it says where it listens. */
export async function serve(
  [command = '', ...args]: readonly string[],
  folder: string,
  env: Environment,
): Promise<RunningBot> {
  const child = spawn(command, args, {
    cwd: folder,
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
    async end(signal = 'SIGTERM') {
      const ended = once(child, 'close');
      process.kill(-(child.pid ?? 0), signal);
      const [code] = (await ended) as [number | null];
      return code;
    },
  };
}

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

/** What a program prints that ends when its input does. @throws Error where it fails */
export async function pipe(
  [command = '', ...args]: readonly string[],
  folder: string,
  lines: readonly string[],
): Promise<string> {
  const child = spawn(command, args, { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (output += part));
  child.stdin.end(lines.map((line) => `${line}\n`).join(''));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return output;
  throw new Error(`It ended with ${code}:\n${output}`);
}
