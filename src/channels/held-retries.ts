import type { Clock } from '../clock.ts';
import { type Responder, type HandledTurn, isRefused } from './response.ts';
import type { Answer, Delivery, Inbound } from './reception.ts';

export interface HeldRetriesOptions {
  readonly answers: Responder;
  readonly clock: Clock;
  /** How often the platform delivers a message in all. */
  readonly attempts: number;
  /** How long the platform waits before it gives up an attempt and makes the next. */
  readonly answerMs: number;
  /** How long before that an answer has to be on its way. */
  readonly marginMs: number;
}

/** One delivery of a message, and the request that waits for its answer. */
interface Attempt {
  readonly delivery: Delivery;
  readonly answer: (answer: Promise<Answer>) => void;
  /** Whether the platform still waits for it. */
  isOpen: boolean;
  /** Ends the watch over it. */
  forget: () => void;
}

/** The maximum of messages that are held at a time; the next one is answered without `hold`. */
const MAX_HELD = 10_000;

/**
 * Leaves the attempts of a platform unanswered until the turn of their message ends, so that it may take as long as all
 * of them together. The newest attempt that is still open gets the replies, older ones a bare acknowledgement. The last
 * one is acknowledged when its time is up.
 *
 * Attempts are counted by openid and id, in this process: what another process counts, it counts from one.
 */
export class HeldRetries {
  readonly #options: HeldRetriesOptions;
  readonly #held = new Map<string, HeldMessage>();

  constructor(options: HeldRetriesOptions) {
    this.#options = options;
  }

  /**
   * The answer to one attempt; undefined where it is not held: it has no id, or too many others are.
   * @param signal aborted when the client of this attempt hangs up
   */
  take(delivery: Delivery, receivedAt: number, signal: AbortSignal): Promise<Answer> | undefined {
    const [inbound, ...others] = delivery.messages;
    if (inbound?.id === undefined || others.length > 0 || !delivery.render) return undefined;
    const key = `${inbound.openid.length}:${inbound.openid}${inbound.id}`;
    let held = this.#held.get(key);
    if (held === undefined) {
      if (this.#held.size >= MAX_HELD) return undefined;
      held = new HeldMessage(this.#options, inbound, receivedAt, () => this.#held.delete(key));
      this.#held.set(key, held);
    }
    return held.arrive(delivery, receivedAt, signal);
  }
}

class HeldMessage {
  readonly #options: HeldRetriesOptions;
  readonly #inbound: Inbound;
  readonly #startedAt: number;
  readonly #onEnd: () => void;
  #arrived = 0;
  #attempts: Attempt[] = [];
  #isRunning = false;
  /** Said, and not answered to anybody yet: the turn ended between two attempts. */
  #unanswered: HandledTurn | undefined;
  /** No further attempt is to be expected. */
  #isOver = false;
  #cancelEnd = (): void => {};

  constructor(options: HeldRetriesOptions, inbound: Inbound, startedAt: number, onEnd: () => void) {
    this.#options = options;
    this.#inbound = inbound;
    this.#startedAt = startedAt;
    this.#onEnd = onEnd;
  }

  get #isLast(): boolean {
    return this.#arrived >= this.#options.attempts;
  }

  arrive(delivery: Delivery, receivedAt: number, signal: AbortSignal): Promise<Answer> {
    const { clock, answerMs } = this.#options;
    this.#arrived += 1;
    this.#isOver = false;
    this.#cancelEnd();
    // The next attempt comes when this one is given up. It has the time of another to get here.
    this.#cancelEnd = clock.wake(receivedAt + 2 * answerMs, () => this.#end());
    return new Promise((answer) => {
      const attempt: Attempt = { delivery, answer, isOpen: true, forget: () => {} };
      this.#attempts.push(attempt);
      this.#watch(attempt, receivedAt, signal);
      const unanswered = this.#unanswered;
      this.#unanswered = undefined;
      if (unanswered !== undefined) this.#settle(unanswered);
      else if (!this.#isRunning) void this.#run(receivedAt);
    });
  }

  #watch(attempt: Attempt, receivedAt: number, signal: AbortSignal): void {
    const { clock, answerMs, marginMs } = this.#options;
    const isLast = this.#isLast;
    const close = (): void => {
      attempt.isOpen = false;
    };
    const cancel = clock.wake(receivedAt + answerMs - (isLast ? marginMs : 0), () => {
      close();
      if (isLast) this.#close([attempt], []);
    });
    signal.addEventListener('abort', close, { once: true });
    if (signal.aborted) close();
    attempt.forget = () => {
      cancel();
      signal.removeEventListener('abort', close);
    };
  }

  async #run(receivedAt: number): Promise<void> {
    const { answers, attempts, answerMs, marginMs } = this.#options;
    this.#isRunning = true;
    const deadlineAt = this.#startedAt + attempts * answerMs;
    // A message that comes again after all that time has the time of one attempt.
    const deadlineMs = Math.max(deadlineAt - receivedAt, answerMs) - marginMs;
    const taken = await answers.take(this.#inbound, receivedAt, deadlineMs);
    this.#isRunning = false;
    this.#settle(taken);
  }

  #settle(taken: HandledTurn): void {
    const { answers } = this.#options;
    const newest = this.#attempts.findLast(({ isOpen }) => isOpen);
    if (newest === undefined && taken.replies.length > 0) {
      // After an attempt that was given up comes another; after the last one, none.
      if (this.#isLast || this.#isOver) void answers.sayInstead(this.#inbound, taken);
      else this.#unanswered = taken;
    }
    if (newest !== undefined) this.#close([newest], [taken]);
    // Where the message has to come again, no attempt may hear that it need not.
    this.#close(this.#attempts, isRefused(taken) ? [taken] : []);
    if (this.#isOver) this.#onEnd();
  }

  #close(attempts: readonly Attempt[], turns: readonly HandledTurn[]): void {
    const { answers } = this.#options;
    this.#attempts = this.#attempts.filter((attempt) => !attempts.includes(attempt));
    for (const { forget, answer, delivery } of attempts) {
      forget();
      answer(answers.make(delivery, turns));
    }
  }

  #end(): void {
    this.#isOver = true;
    if (this.#isRunning) return;
    const unanswered = this.#unanswered;
    this.#unanswered = undefined;
    if (unanswered !== undefined) void this.#options.answers.sayInstead(this.#inbound, unanswered);
    this.#onEnd();
  }
}
