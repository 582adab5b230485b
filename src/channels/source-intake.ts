import type { Clock } from '../clock.ts';
import { ColloquyError } from '../errors.ts';
import { Barrier, backoff } from '../internal/async.ts';
import type { Answer, Delivery, Inbound } from './reception.ts';
import { routeMessages } from './instead.ts';
import type { Report } from './report.ts';
import type { Responder } from './response.ts';
import type { SourceCursor } from './source-cursor.ts';
import type { TurnTaker } from './turn-taker.ts';

/** The maximum of messages of a source whose turns run at the same time. Further ones wait before they are taken in. */
const MAX_RUNNING = 100;

const pauseAfter = backoff({ firstMs: 1000, longestMs: 30_000 });

interface IntakeOptions {
  readonly runner: TurnTaker;
  readonly answers: Responder;
  readonly place: SourceCursor;
  readonly clock: Clock;
  readonly report: Report;
  readonly deadlineMs: number | undefined;
  /** A span, made a little different. */
  spread(ms: number, attempt: number): number;
  /** Aborted when nothing more is taken. */
  readonly signal: AbortSignal;
}

/** Takes the messages of a source through their turns, from its opening to its end. */
export class SourceIntake {
  readonly #options: IntakeOptions;
  /** Resolves when the messages of all earlier calls are in the queues of their users. */
  #entered: Promise<unknown> = Promise.resolve();
  /** Resolves when all earlier calls are committed. */
  #committed: Promise<unknown> = Promise.resolve();
  /** The end of the queue of each user with a message that runs. */
  readonly #queues = new Map<string, Promise<unknown>>();
  readonly #room = new Barrier();
  /** One listener of the signal for all that pauses: a hundred of them would look like a leak. */
  readonly #closing = new Barrier();
  #running = 0;

  constructor(options: IntakeOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', () => this.#closing.check(), { once: true });
  }

  /** As `take` of SourceOpening. */
  take(delivery: Delivery, cursor?: string): Promise<Answer> {
    const entering = this.#entered.then(() => this.#enter(delivery));
    // What could not enter ends the source; what came after it must not pass it.
    this.#entered = entering;
    const taken = entering.then((turns) => this.#answer(delivery, turns));
    const before = this.#committed;
    const done =
      cursor === undefined
        ? taken
        : Promise.all([taken, before]).then(([answer]) => this.#store(answer, cursor));
    this.#committed = Promise.all([before, done]);
    // Who called has `done`.
    this.#committed.catch(() => undefined);
    entering.catch(() => undefined);
    return done;
  }

  /** Resolves when nothing runs any more. */
  idle(): Promise<unknown> {
    return this.#room.until(() => this.#running === 0);
  }

  async #enter({ messages, acknowledge, notice }: Delivery): Promise<Promise<Answer>[]> {
    const answers: Promise<Answer>[] = [];
    for (const inbound of messages) {
      await this.#room.until(() => this.#running < MAX_RUNNING);
      this.#options.signal.throwIfAborted();
      // Replies have no place in the answer: what is said is committed to the outbox, and pushed from there.
      const rest = { acknowledge, ...(notice && { notice }) };
      answers.push(this.#queue(inbound.openid, () => this.#takeOne(inbound, rest)));
    }
    return answers;
  }

  async #answer({ acknowledge }: Delivery, turns: readonly Promise<Answer>[]): Promise<Answer> {
    const answers = await Promise.all(turns);
    // Where commits are written behind, they have to be there before the platform forgets the messages.
    const { persister } = this.#options.runner;
    if (persister?.flush !== undefined) {
      await this.#untilTaken(async () => {
        await persister.flush?.();
        return true;
      });
    }
    return answers.findLast((answer) => answer !== acknowledge) ?? acknowledge;
  }

  /** Runs a message behind those of the same user. */
  #queue(openid: string, work: () => Promise<Answer>): Promise<Answer> {
    this.#running += 1;
    const before = this.#queues.get(openid);
    const running = before === undefined ? work() : before.then(work);
    const last: Promise<unknown> = running.finally(() => {
      this.#running -= 1;
      if (this.#queues.get(openid) === last) this.#queues.delete(openid);
      this.#room.check();
    });
    this.#queues.set(openid, last);
    last.catch(() => undefined);
    return running;
  }

  /** What a webhook would have answered with 503, so that the platform delivers it again, is tried again here. */
  async #takeOne(addressed: Inbound, rest: Omit<Delivery, 'type' | 'messages'>): Promise<Answer> {
    const { runner, answers, clock, deadlineMs } = this.#options;
    const messages =
      addressed.instead === undefined
        ? [addressed]
        : await this.#untilTaken(() => routeMessages(runner, [addressed]));
    const delivery: Delivery = { ...rest, type: 'messages', messages };
    const [inbound = addressed] = messages;
    return this.#untilTaken(async () => {
      const turn = await answers.take(inbound, clock.now(), deadlineMs, delivery);
      const answer = await answers.make(delivery, [turn]);
      return answer.status === 503 ? undefined : answer;
    });
  }

  #store(answer: Answer, cursor: string): Promise<Answer> {
    return this.#untilTaken(async () => {
      await this.#options.place.save(cursor);
      return answer;
    });
  }

  /**
   * Repeats work until it has a result, or the source ends: what was taken in is tried once more then. A fault that passes is
   * reported each time.
   * @throws what does not pass, and the reason of the signal
   */
  async #untilTaken<T>(work: () => Promise<T | undefined>): Promise<T> {
    const { clock, report, signal, spread } = this.#options;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const result = await work();
        if (result !== undefined) return result;
      } catch (error) {
        if (!isPassing(error)) throw error;
        report(error);
      }
      const at = clock.now() + spread(pauseAfter(attempt), attempt);
      await this.#closing.until(() => signal.aborted, { clock, at });
      signal.throwIfAborted();
    }
  }
}

/** A conflict does not pass: another process has the source. */
function isPassing(error: unknown): boolean {
  return ColloquyError.is(error) && error.retryable && error.code !== 'conflict';
}
