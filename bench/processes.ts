import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Answer, Calls } from './serve.ts';

/** A separate process that measures something. */
export interface Measurer<C extends Calls> {
  call<Name extends keyof C & string>(
    name: Name,
    argument: Parameters<C[Name]>[0],
  ): Promise<Awaited<ReturnType<C[Name]>>>;
  end(): Promise<void>;
}

export interface LaunchOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
}

/** The folder of the compiled programs of the benchmark. */
export const PROGRAMS = fileURLToPath(new URL('dist/', import.meta.url));

/** Longer than any measurement takes. */
const PATIENCE_MS = 300_000;

/** No child outlives this process: it ends when its channel closes. */
export function launch<C extends Calls>(
  program: string,
  { env = {}, flags = [] }: LaunchOptions = {},
): Measurer<C> {
  const path = `${PROGRAMS}${program}.js`;
  if (!existsSync(path)) throw new Error(`There is no program ${path}.`);
  const child = fork(path, {
    execArgv: ['--expose-gc', '--max-old-space-size=12288', ...flags],
    env: { ...process.env, NODE_ENV: 'production', ...env },
    serialization: 'advanced',
  });
  return {
    async call(name, argument) {
      child.send({ name, argument });
      const answer = await answerOf(child);
      if ('error' in answer) throw new Error(`${program}, ${name}: ${answer.error}`);
      return answer.value as never;
    },
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    },
  };
}

function answerOf(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve) => {
    const tooLong = setTimeout(
      () => onExit(null, `no answer for ${PATIENCE_MS / 1000} s`),
      PATIENCE_MS,
    );
    const onExit = (code: number | null, signal: string | null): void => {
      clearTimeout(tooLong);
      child.off('message', onMessage);
      resolve({ error: `the process gave up: ${code ?? signal}` });
    };
    const onMessage = (answer: unknown): void => {
      clearTimeout(tooLong);
      child.off('exit', onExit);
      resolve(answer as Answer);
    };
    child.once('message', onMessage);
    child.once('exit', onExit);
  });
}
