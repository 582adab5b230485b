import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BotOptions } from './bot.fixture.ts';

/** The header in which an answer names its node. */
export const NODE = 'x-node';

type News = { readonly type: 'ready' } | { readonly type: 'error'; readonly error: string };

/** A bot server in a separate process, which a test can kill and start again on its port. */
export class BotProcess {
  readonly #options: BotOptions;
  readonly #onError: (error: string) => void;
  #process: ChildProcess | undefined;

  constructor(options: BotOptions, onError: (error: string) => void) {
    this.#options = options;
    this.#onError = onError;
  }

  get name(): string {
    return this.#options.name;
  }

  get address(): string {
    return `127.0.0.1:${this.#options.port}`;
  }

  /** Resolves when it listens. */
  async start(): Promise<void> {
    const script = fileURLToPath(new URL('bot.fixture.ts', import.meta.url));
    const child = fork(script, [], { execArgv: ['--import', 'tsx'] });
    this.#process = child;
    const { name } = this;
    await new Promise<void>((resolve, reject) => {
      child.on('message', (news: News) => {
        if (news.type === 'ready') resolve();
        else this.#onError(`${name}: ${news.error}`);
      });
      child.once('exit', () => reject(new Error(`${name} ended before it listened.`)));
      child.send(this.#options);
    });
  }

  /** Kills the process, even in the middle of a turn. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** Suspends the process: its port takes connections, and gets no answer. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }
}
