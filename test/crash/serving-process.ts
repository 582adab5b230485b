import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fixture } from './built.ts';
import type { Counted } from './dialogue.ts';
import type { News, Order, PersisterSource } from './serve.fixture.ts';

/** A process that serves the dialogue, from its start to its death. */
export class ServingProcess {
  /** Resolves when it serves. */
  readonly ready: Promise<void>;
  /** Rejects if it ends before the test kills it. */
  readonly failed: Promise<never>;
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  #mayEnd = false;

  constructor(persister: PersisterSource, onNews: (news: News) => void) {
    this.#process = fork(fixture('serve'), [], { execArgv: [] });
    this.#exited = once(this.#process, 'exit');
    this.failed = this.#exited.then(() =>
      this.#mayEnd
        ? new Promise<never>(() => {})
        : Promise.reject(new Error('It ended by itself.')),
    );
    this.failed.catch(() => {});
    this.ready = this.#news('ready').then(() => {});
    this.#process.on('message', onNews);
    this.order({ type: 'serve', persister });
  }

  order(order: Order): void {
    // A dead process does not matter here: the next one receives what this one did not acknowledge.
    this.#process.send(order, () => {});
  }

  async kill(): Promise<void> {
    this.#mayEnd = true;
    this.#process.kill('SIGKILL');
    await this.#exited;
  }

  /** Waits for all timers, ends the process, and returns the data of the conversations. */
  async report(openids: readonly string[]): Promise<readonly Counted[]> {
    const report = this.#news('report');
    this.order({ type: 'report', openids });
    const { known } = await report;
    this.#mayEnd = true;
    this.#process.disconnect();
    await this.#exited;
    return known;
  }

  #news<Type extends News['type']>(type: Type): Promise<Extract<News, { type: Type }>> {
    return new Promise((resolve) => {
      this.#process.on('message', (news: News) => {
        if (news.type === type) resolve(news as Extract<News, { type: Type }>);
      });
    });
  }
}
