import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { bundle } from '../support/bundle.ts';

/** A server in a process of its own, which is killed and started again on the same folder and port. */
export interface KilledServer {
  readonly url: string;
  /** Kills it without a word. */
  kill(): Promise<void>;
  /** Starts it again. @param argument for a server that kills itself: it may do so before it listens */
  start(argument?: string): Promise<void>;
  /** Resolves when it has ended by itself. */
  died(): Promise<unknown>;
}

/** @param fixture a program that takes a folder, a port and an argument, and prints where it listens */
export async function startServer(fixture: string): Promise<KilledServer> {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-web-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const program = (await bundle(fixture))(fixture);
  let running = await startProcess(program, [folder, '0']);
  const { url } = running;
  if (url === undefined) throw new Error('The server ended before it listened.');
  return {
    url,
    async kill() {
      running.child.kill('SIGKILL');
      await running.ended;
    },
    async start(argument = '') {
      running = await startProcess(program, [folder, new URL(url).port, argument]);
    },
    died: () => running.ended,
  };
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  /** Undefined where it has ended before it listened. */
  readonly url: string | undefined;
}

async function startProcess(program: string, args: readonly string[]): Promise<Running> {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url] = /^listening on (\S+)$/u.exec(line) ?? [];
    if (url === undefined) continue;
    child.stdout.resume();
    return { child, ended, url };
  }
  return { child, ended, url: undefined };
}
