import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { bundle } from './bundle.ts';

/** An example that runs as another process. */
export interface Program {
  /** All it has printed. */
  output(): string;
  /** What of it is a complaint. */
  errors(): string;
  /** Resolves with the address it says it listens on. */
  listening(): Promise<string>;
  /** Sends a signal and resolves with the code of its end. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
  readonly exit: Promise<number | null>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Of each program that was started: it is bundled once. */
const bundles = new Map<string, ReturnType<typeof bundle>>();

async function commandOf(entry: string): Promise<readonly string[]> {
  const bundled = bundles.get(entry) ?? bundle(entry);
  bundles.set(entry, bundled);
  const pathOf = await bundled;
  return [process.execPath, pathOf(entry)];
}

export interface ProgramOptions {
  /** All of its environment, but for the PATH. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly args?: readonly string[];
  /** What is typed; without them nothing can be. */
  readonly lines?: readonly string[];
  /** Whether it is started by tsx, which takes longer. */
  readonly byTsx?: boolean;
  /** The file that is started; by default `main.ts`. Another one is started by tsx. */
  readonly entry?: string;
}

export async function startProgram(
  example: string,
  { env, args = [], lines, byTsx = false, entry = 'main.ts' }: ProgramOptions = {},
): Promise<Program> {
  const path = `examples/${example}/${entry}`;
  const [file = '', ...first] =
    byTsx || entry !== 'main.ts' ? ['node_modules/.bin/tsx', path] : await commandOf(path);
  const child: ChildProcess = spawn(file, [...first, ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'], ...env },
    stdio: [lines === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  child.stdin?.end(lines?.map((line) => `${line}\n`).join(''));
  let output = '';
  let errors = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    errors += text;
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = once(child, 'close').then(([code]) => code as number | null);
  return {
    output: () => output,
    errors: () => errors,
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
