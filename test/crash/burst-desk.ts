import { setTimeout as pause } from 'node:timers/promises';
import type { BurstNews, BurstOrder } from './burst.fixture.ts';

export interface BurstsSurvived {
  /** Number of messages that the desk sent; the processes acknowledged all of them in the end. */
  readonly acknowledged: number;
  readonly redelivered: number;
  /** Number of turns, and of those with more than one part. */
  readonly turns: number;
  readonly bursts: number;
  /** Each breach of a promise, in words. */
  readonly breaches: readonly string[];
  readonly passing: number;
  readonly errors: readonly string[];
}

const USERS = 8;
const RETRY_MS = 50;
const IMAGE = 'message.image';

interface Sent {
  readonly user: Writer;
  readonly id: string;
  readonly text: string;
  deliveries: number;
}

/** Someone who writes several short messages, waits a moment, and writes again. */
interface Writer {
  readonly openid: string;
  /** Whether the platform delivers the next message when this one is answered, as Telegram does, or all at once, as WeChat. */
  readonly isSequential: boolean;
}

/** The platform: it delivers each message again until a process has taken it in. */
export class BurstDesk {
  readonly users: readonly Writer[] = Array.from({ length: USERS }, (_, n) => ({
    openid: `user-${n}`,
    isSequential: n % 2 === 0,
  }));
  readonly #random: () => number;
  readonly #sent = new Map<string, Sent>();
  readonly #unacknowledged = new Map<string, Sent>();
  readonly #heard = new Set<string>();
  readonly #errors: string[] = [];
  readonly #onAcknowledged = new Set<() => void>();
  #passing = 0;
  #give: (order: BurstOrder) => void = () => {};
  #acknowledged = 0;
  #isOpen = true;
  #isStarted = false;

  constructor(random: () => number) {
    this.#random = random;
  }

  connect(give: (order: BurstOrder) => void): void {
    this.#give = give;
    for (const sent of this.#unacknowledged.values()) this.#deliver(sent);
    if (this.#isStarted) return;
    this.#isStarted = true;
    for (const user of this.users) void this.#write(user);
  }

  hear(news: BurstNews): void {
    if (news.type === 'said') this.#heard.add(news.text);
    if (news.type === 'error') {
      if (news.passing) this.#passing += 1;
      else this.#errors.push(news.error);
    }
    if (news.type !== 'turn') return;
    for (const text of news.replies) this.#heard.add(text);
    const sent = this.#unacknowledged.get(news.id);
    if (sent === undefined) return;
    if (!news.isStored) {
      void pause(RETRY_MS).then(() => {
        if (this.#unacknowledged.has(news.id)) this.#deliver(sent);
      });
      return;
    }
    this.#unacknowledged.delete(news.id);
    this.#acknowledged += 1;
    for (const check of this.#onAcknowledged) check();
  }

  /** Resolves when the processes have acknowledged that number of further messages. */
  async acknowledged(more: number): Promise<void> {
    const enough = this.#acknowledged + more;
    await this.#until(() => this.#acknowledged >= enough);
  }

  /** Sends nothing new, and resolves when everything is acknowledged. */
  async close(): Promise<void> {
    this.#isOpen = false;
    await this.#until(() => this.#unacknowledged.size === 0);
  }

  compare(known: readonly (readonly string[])[]): BurstsSurvived {
    const breaches: string[] = [];
    let bursts = 0;
    for (const [index, user] of this.users.entries()) {
      const turns = known[index] ?? [];
      const texts = turns.flatMap((turn) => turn.split('\n'));
      const wrote = [...this.#sent.values()].filter((sent) => sent.user === user);
      for (const { text } of wrote.filter((sent) => sent.text !== IMAGE)) {
        const times = texts.filter((each) => each === text).length;
        if (times !== 1) breaches.push(`${text} of ${user.openid}: ${times} times`);
      }
      const pictures = wrote.filter(({ text }) => text === IMAGE).length;
      const seen = texts.filter((text) => text === IMAGE).length;
      if (pictures !== seen) breaches.push(`${seen} pictures of ${pictures} of ${user.openid}`);
      if (user.isSequential && texts.join() !== wrote.map(({ text }) => text).join()) {
        breaches.push(`out of order for ${user.openid}: ${texts.join()}`);
      }
      for (const turn of turns) {
        if (turn.includes('\n')) bursts += 1;
        if (turn.includes('\n') && turn.includes(IMAGE)) breaches.push(`a picture is in ${turn}`);
        if (turn !== IMAGE && !this.#heard.has(turn))
          breaches.push(`never said to ${user.openid}: ${turn}`);
      }
    }
    return {
      acknowledged: this.#acknowledged,
      redelivered: [...this.#sent.values()].filter(({ deliveries }) => deliveries > 1).length,
      turns: known.flat().length,
      bursts,
      breaches,
      passing: this.#passing,
      errors: this.#errors,
    };
  }

  async #write(user: Writer): Promise<void> {
    while (this.#isOpen) {
      const parts = 1 + Math.floor(this.#random() * 6);
      for (let part = 0; part < parts && this.#isOpen; part += 1) {
        const id = `${this.#sent.size + 1}`;
        const isPicture = this.#random() < 0.1;
        const sent = { user, id, text: isPicture ? IMAGE : `t${id}`, deliveries: 0 };
        this.#sent.set(id, sent);
        this.#unacknowledged.set(id, sent);
        this.#deliver(sent);
        if (user.isSequential) await this.#until(() => !this.#unacknowledged.has(id));
        await pause(this.#random() * 20);
      }
      // Of the last sixteen messages, a process remembers the replies.
      await this.#until(() => this.#waitingOf(user) < 8);
      await pause(this.#random() * 80);
    }
  }

  #waitingOf(user: Writer): number {
    return [...this.#unacknowledged.values()].filter((sent) => sent.user === user).length;
  }

  #deliver(sent: Sent): void {
    const { user, id, text } = sent;
    sent.deliveries += 1;
    this.#give({ type: 'message', ...user, id, ...(text !== IMAGE && { text }) });
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        const check = (): void => {
          this.#onAcknowledged.delete(check);
          resolve();
        };
        this.#onAcknowledged.add(check);
      });
    }
  }
}
