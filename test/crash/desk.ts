import { setTimeout as pause } from 'node:timers/promises';
import type { Counted } from './dialogue.ts';
import type { News, Order } from './serve.fixture.ts';

/** The results of a run. */
export interface Survived {
  /** Number of messages that the desk sent; the processes acknowledged all of them in the end. */
  readonly acknowledged: number;
  /** Number of messages that the desk sent more than once. */
  readonly redelivered: number;
  /** Number of timers that the dialogue set. */
  readonly timers: number;
  /** Each breach of a promise, in words. */
  readonly breaches: readonly string[];
  /** Number of errors that a later attempt may not meet. */
  readonly passing: number;
  /** The other errors of the serving processes. */
  readonly errors: readonly string[];
}

const USERS = 8;
const RETRY_MS = 50;
const ACKNOWLEDGED: ReadonlySet<string> = new Set(['replied', 'duplicate']);

interface Sent {
  readonly openid: string;
  readonly id: string;
  readonly text: string;
  deliveries: number;
}

/**
 * The platform: it delivers the messages of each user one after the other, and again until a process acknowledges them.
 */
export class Desk {
  readonly openids: readonly string[] = Array.from({ length: USERS }, (_, n) => `user-${n}`);
  readonly #sent = new Map<string, Sent>();
  readonly #unacknowledged = new Map<string, Sent>();
  /** The ids under which the reply of a timer came, by the message that set it: its own, or that of an answer. */
  readonly #heard = new Map<string, Set<string>>();
  readonly #errors: string[] = [];
  #passing = 0;
  #give: (order: Order) => void = () => {};
  #acknowledged = 0;
  #open = true;
  #onAcknowledged: () => void = () => {};

  /** A process is ready to serve, and takes its orders by `give`. */
  connect(give: (order: Order) => void): void {
    this.#give = give;
    for (const sent of this.#unacknowledged.values()) this.#deliver(sent);
    const waiting = new Set([...this.#unacknowledged.values()].map(({ openid }) => openid));
    for (const openid of this.openids) if (!waiting.has(openid)) this.#sendNext(openid);
  }

  hear(news: News): void {
    if (news.type === 'turn') {
      // The reply of a timer that was overdue is in the answer to the message, each time that it is given.
      for (const text of news.replies) if (this.#sent.has(text)) this.#heardOnce(text, news.id);
      this.#turnEnded(news.id, news.outcome);
    }
    if (news.type === 'error') {
      if (news.passing) this.#passing += 1;
      else this.#errors.push(news.error);
    }
    if (news.type === 'said') this.#heardOnce(news.text, news.id);
  }

  #heardOnce(text: string, id: string): void {
    this.#heard.set(text, (this.#heard.get(text) ?? new Set()).add(id));
  }

  /** Resolves when the processes have acknowledged that number of further messages. */
  async acknowledged(more: number): Promise<void> {
    const enough = this.#acknowledged + more;
    await this.#until(() => this.#acknowledged >= enough);
  }

  /** Sends nothing new, and resolves when everything is acknowledged. */
  async close(): Promise<void> {
    this.#open = false;
    await this.#until(() => this.#unacknowledged.size === 0);
  }

  compare(known: readonly Counted[]): Survived {
    const breaches: string[] = [];
    const mustBeOnce = (what: string, text: string, times: number): void => {
      if (times !== 1) breaches.push(`${what} ${text}: ${times} times`);
    };
    const byOpenid = new Map(this.openids.map((openid, index) => [openid, known[index]]));
    for (const { openid, text } of this.#sent.values()) {
      mustBeOnce('message', text, byOpenid.get(openid)?.counted[text] ?? 0);
    }
    let timers = 0;
    for (const { counted, armed, fired } of known) {
      for (const text of Object.keys(armed)) {
        timers += 1;
        mustBeOnce('arming', text, armed[text] ?? 0);
        mustBeOnce('timer', text, fired[text] ?? 0);
        mustBeOnce('different replies of the timer', text, this.#heard.get(text)?.size ?? 0);
      }
      for (const text of [...Object.keys(counted), ...Object.keys(fired)]) {
        if (!this.#sent.has(text)) breaches.push(`no user sent ${text}`);
      }
    }
    const sent = [...this.#sent.values()];
    return {
      acknowledged: this.#acknowledged,
      redelivered: sent.filter(({ deliveries }) => deliveries > 1).length,
      timers,
      breaches,
      passing: this.#passing,
      errors: this.#errors,
    };
  }

  #sendNext(openid: string): void {
    if (!this.#open) return;
    const text = `${this.#sent.size + 1}`;
    const sent = { openid, id: text, text, deliveries: 0 };
    this.#sent.set(text, sent);
    this.#unacknowledged.set(text, sent);
    this.#deliver(sent);
  }

  #deliver(sent: Sent): void {
    const { openid, id, text } = sent;
    sent.deliveries += 1;
    this.#give({ type: 'message', openid, id, text });
  }

  #turnEnded(id: string, outcome: string): void {
    const sent = this.#unacknowledged.get(id);
    if (sent === undefined) return;
    if (!ACKNOWLEDGED.has(outcome)) {
      // As a platform does: after a while, and without a limit.
      void pause(RETRY_MS).then(() => {
        if (this.#unacknowledged.has(id)) this.#deliver(sent);
      });
      return;
    }
    this.#unacknowledged.delete(id);
    this.#acknowledged += 1;
    this.#sendNext(sent.openid);
    this.#onAcknowledged();
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#onAcknowledged = resolve;
      });
    }
  }
}
