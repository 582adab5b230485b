import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { AgentNews, AgentServing, Answer, Delivery } from './agent.fixture.ts';
import { fixture } from './built.ts';

/** A node that serves the desk with the agent, from its start to its death. */
export class AgentNode {
  readonly ready: Promise<void>;
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #answers = new Map<number, (answer: Answer | undefined) => void>();
  #deliveries = 0;
  #mayEnd = false;
  #isDead = false;

  /** @param hear receives the news that no call waits for */
  constructor(serving: AgentServing, hear: (news: AgentNews, from: AgentNode) => void) {
    const child = fork(fixture('agent'), [], { execArgv: [] });
    this.#process = child;
    // The pipe outlives the process: what it has said is heard.
    this.#ended = Promise.all([once(child, 'exit'), once(child, 'disconnect')]).then(() => {
      this.#isDead = true;
      if (!this.#mayEnd) hear({ type: 'error', error: 'a node ended by itself' }, this);
      for (const resolve of this.#answers.values()) resolve(undefined);
      this.#answers.clear();
    });
    this.ready = new Promise((resolve) => {
      child.on('message', (news: AgentNews) => {
        if (news.type === 'ready') resolve();
        else if (news.type === 'answer') this.#take(news);
        else hear(news, this);
      });
    });
    child.send(serving, () => {});
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Resolves with the answer; undefined where the node died before it gave one. */
  async deliver(message: Omit<Delivery, 'delivery'>): Promise<Answer | undefined> {
    if (this.#mayEnd || this.#isDead) return undefined;
    this.#deliveries += 1;
    const delivery = this.#deliveries;
    return new Promise((resolve) => {
      this.#answers.set(delivery, resolve);
      this.#process.send({ ...message, delivery }, () => {});
    });
  }

  async kill(): Promise<void> {
    this.#mayEnd = true;
    this.#process.kill('SIGKILL');
    await this.#ended;
  }

  #take(answer: Answer): void {
    this.#answers.get(answer.delivery)?.(answer);
    this.#answers.delete(answer.delivery);
  }
}
