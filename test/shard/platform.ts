import { formatReply } from 'colloquy';
import { throughWechat } from 'colloquy/testing/wechat';
import { textOf } from '../nodes/dialogue.ts';
import { NODE } from './bot-process.ts';

/** WeChat waits five seconds for an answer, and sends a message without one twice more. */
const PATIENCE_MS = 5000;
const ATTEMPTS = 3;

/** An openid as long as those of WeChat. */
export function openidOf(user: number): string {
  return `oAbC-${String(user).padStart(23, '0')}`;
}

/** Number of users who wait for an answer at the same time; more would test the machine instead. */
const IN_FLIGHT = 16;

/** A user at the other side of WeChat, who sends one message after the other. */
export class User {
  readonly openid: string;
  /** The lines of the answers, one for each reply. */
  readonly heard: string[] = [];
  /** The nodes that answered, in order. */
  readonly nodes: string[] = [];
  said = 0;

  constructor(openid: string) {
    this.openid = openid;
  }
}

/** The results of a period. */
export interface Pushed {
  /** For each message, the time until the user received the answer. */
  readonly milliseconds: readonly number[];
  /** Number of messages that WeChat sent more than once. */
  readonly redelivered: number;
  /** Number of messages that WeChat gave up. */
  readonly lost: number;
}

/** A part of WeChat: it pushes signed messages to a server, and sends unanswered ones again. */
export class Platform {
  readonly users: readonly User[];
  readonly #address: string;
  readonly #side: ReturnType<typeof throughWechat>;

  constructor({ users, address, token }: { users: number; address: string; token: string }) {
    this.users = Array.from({ length: users }, (_, index) => new User(openidOf(index)));
    this.#address = address;
    this.#side = throughWechat({ token });
  }

  /** Every user sends that number of messages, in turn with the others. `during` runs while they speak. */
  async speak(messages: number, during?: () => Promise<void>): Promise<Pushed> {
    const milliseconds: number[] = [];
    let redelivered = 0;
    let lost = 0;
    const waiting = this.users.map((user) => ({ user, left: messages }));
    const serve = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const startedAt = performance.now();
        const attempts = await this.#push(next.user);
        milliseconds.push(performance.now() - startedAt);
        if (attempts === undefined) lost += 1;
        else if (attempts > 1) redelivered += 1;
        next.left -= 1;
        if (next.left > 0) waiting.push(next);
      }
    };
    await Promise.all([...Array.from({ length: IN_FLIGHT }, serve), during?.()]);
    return { milliseconds, redelivered, lost };
  }

  /** @returns the number of attempts until an answer; undefined without an answer */
  async #push(user: User): Promise<number | undefined> {
    user.said += 1;
    const { openid, said } = user;
    const sent = {
      openid,
      message: textOf(said, 'nothing'),
      id: `${said}`,
      at: Math.floor(performance.timeOrigin + performance.now()),
    };
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const request = await this.#side.toRequest(sent);
      const url = new URL(new URL(request.url).search, this.#address);
      url.searchParams.set('openid', openid);
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: request.headers,
          body: await request.text(),
          signal: AbortSignal.timeout(PATIENCE_MS),
        });
        const node = response.headers.get(NODE);
        const replies = await this.#side.fromResponse(response);
        if (node !== null) user.nodes.push(node);
        user.heard.push(...replies.flatMap((reply) => formatReply(reply).split('\n')));
        return attempt;
      } catch {
        // Refused, cut off or too late: all the same to WeChat.
      }
    }
    return undefined;
  }
}
