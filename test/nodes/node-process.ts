import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fixture } from './built.ts';
import type { Counted } from './dialogue.ts';
import type { Answer, News, Order, Serving } from './serve.fixture.ts';

/** A node: a separate process that serves the dialogue. */
export class NodeProcess {
  readonly ready: Promise<void>;
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #hear: (news: News) => void;
  readonly #answers = new Map<number, (answer: Answer) => void>();
  #awaited: ((news: News) => void) | undefined;
  #deliveries = 0;

  /** @param hear receives the news that no call waits for */
  constructor(serving: Serving, hear: (news: News) => void) {
    this.#hear = hear;
    this.#process = fork(fixture('serve'), [], { execArgv: [] });
    this.#exited = once(this.#process, 'exit');
    this.#process.on('message', (news: News) => this.#take(news));
    this.#process.once('exit', (code) => {
      // It ends with 0 when the test lets it go.
      if (code !== 0) hear({ type: 'error', error: `the node ended with ${code}` });
    });
    this.ready = this.#ask('ready', { type: 'serve', ...serving }).then(() => undefined);
  }

  /** Resolves with the answer to the message. */
  deliver(message: {
    readonly openid: string;
    readonly id: string;
    readonly text: string;
    readonly deadlineMs: number;
  }): Promise<Answer> {
    this.#deliveries += 1;
    const delivery = this.#deliveries;
    return new Promise((resolve) => {
      this.#answers.set(delivery, resolve);
      this.#order({ type: 'message', delivery, ...message });
    });
  }

  /** Suspends the process, even in the middle of a turn. */
  pause(): void {
    this.#process.kill('SIGSTOP');
  }

  resume(): void {
    this.#process.kill('SIGCONT');
  }

  async report(openids: readonly string[]): Promise<readonly Counted[]> {
    const { known } = await this.#ask('report', { type: 'report', openids });
    return known;
  }

  /** Stops the runner and closes the store. */
  async stop(): Promise<void> {
    await this.#ask('stopped', { type: 'stop' });
  }

  /** Ends the process, whether it runs or is suspended. */
  async end(): Promise<void> {
    this.resume();
    if (this.#process.connected) this.#process.disconnect();
    await this.#exited;
  }

  #order(order: Order): void {
    this.#process.send(order, (error) => {
      if (error) this.#hear({ type: 'error', error: String(error) });
    });
  }

  #ask<Type extends News['type']>(
    type: Type,
    order: Order,
  ): Promise<Extract<News, { readonly type: Type }>> {
    return new Promise((resolve) => {
      this.#awaited = (news) => {
        if (news.type !== type) return this.#hear(news);
        this.#awaited = undefined;
        resolve(news as Extract<News, { readonly type: Type }>);
      };
      this.#order(order);
    });
  }

  #take(news: News): void {
    if (news.type === 'answer') {
      this.#answers.get(news.delivery)?.(news);
      this.#answers.delete(news.delivery);
    } else if (this.#awaited === undefined) this.#hear(news);
    else this.#awaited(news);
  }
}
