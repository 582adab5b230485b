import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** An example that runs as another process. */
export interface Program {
  /** All it has printed. */
  output(): string;
  /** Resolves with the address it says it listens on. */
  listening(): Promise<string>;
  /** Sends a signal and resolves with the code of its end. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
  readonly exit: Promise<number | null>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));

/** @param env all of its environment, but for the PATH */
export function startProgram(
  example: string,
  env: Readonly<Record<string, string | undefined>>,
): Program {
  // Without tsx or npx around it, so that a signal is for this very process.
  const args = ['--import', 'tsx', `examples/${example}/main.ts`];
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = once(child, 'close').then(([code]) => code as number | null);
  return {
    output: () => output,
    exit,
    async listening() {
      for (;;) {
        const [, url] = /^listening on (\S+)$/m.exec(output) ?? [];
        if (url !== undefined) return url;
        const news = await Promise.race([once(child.stdout ?? child, 'data'), exit]);
        if (!Array.isArray(news)) throw new Error(`It ended with ${news}: ${output}`);
      }
    },
    end(signal) {
      child.kill(signal);
      return exit;
    },
  };
}
