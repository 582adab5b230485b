import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A node that runs as another process. */
export interface NodeProcess {
  readonly url: string;
  /** Ends it in the middle of what it does, as a crash does. */
  kill(): Promise<void>;
  /** Lets it end by itself. */
  stop(): Promise<void>;
}

/** Starts two nodes; resolves when both listen. If one does not start, none stays. */
export async function startNodes(
  env: Readonly<Record<string, string>>,
): Promise<readonly [NodeProcess, NodeProcess]> {
  const [first, second] = await Promise.allSettled([startNode(env), startNode(env)]);
  if (first.status === 'fulfilled' && second.status === 'fulfilled') {
    return [first.value, second.value];
  }
  for (const node of [first, second]) if (node.status === 'fulfilled') await node.value.kill();
  throw new Error('The nodes did not start.');
}

async function startNode(env: Readonly<Record<string, string>>): Promise<NodeProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'main.ts'], {
    cwd: import.meta.dirname,
    env: { ...process.env, ...env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  return { url: await addressOf(child), kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
}

async function addressOf({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('The output of a node cannot be read.');
  for await (const line of createInterface(stdout)) {
    const [, url] = /^listening on (\S+)$/u.exec(line) ?? [];
    if (url !== undefined) {
      stdout.resume();
      return url;
    }
  }
  throw new Error('A node ended before it listened.');
}
