import {
  type Reply,
  type Runner,
  createContextStore,
  createRunner,
  setupDialogue,
} from '../../src/index.ts';
import { createDisk, memory } from '../../src/persist/memory.ts';
import { type ManualClock, createManualClock } from '../../src/testing/clock.ts';

const words = setupDialogue({ types: {} as { context: { count: number } } });
/** Every second reply is larger than what is kept for redeliveries, so that the soak plays both kinds. */
const echo = words.createDialogue({
  id: 'echo',
  context: { count: 0 },
  initial: 'on',
  states: {
    on: {
      on: {
        'message.text': {
          actions: [
            words.assign({ count: ({ context }) => context.count + 1 }),
            words.reply(({ event, context }) =>
              event.text.padEnd(context.count % 2 === 0 ? 60_000 : 30_000, '.'),
            ),
          ],
        },
      },
    },
  },
});

export interface SoakOptions {
  readonly users: number;
  /** The maximum of records in memory. */
  readonly max: number;
  /** The maximum of the weight of all records in memory. */
  readonly maxWeight: number;
}

interface Sent {
  readonly openid: string;
  readonly id: string;
}

/** What was sent, and how it ended. */
export interface SoakCounts {
  messages: number;
  duplicates: number;
  said: number;
  refused: number;
  errors: number;
}

/**
 * A bot of many users over a persister; a part of the records is in memory. Every tenth message is delivered again, and the
 * bot says something to every twentieth user, which a listener takes at the third try. Counters decide all of it.
 */
export class Soak {
  readonly counts: SoakCounts = { messages: 0, duplicates: 0, said: 0, refused: 0, errors: 0 };
  readonly #users: number;
  readonly #runner: Runner;
  readonly #clock: ManualClock = createManualClock();
  #at = 0;
  /** How often a reply that is not taken yet was refused. */
  readonly #tries = new Map<string, number>();

  constructor({ users, max, maxWeight }: SoakOptions) {
    this.#users = users;
    const persister = memory(createDisk());
    const store = createContextStore({
      clock: this.#clock,
      persister,
      max,
      maxWeight,
      age: 86_400,
    });
    this.#runner = createRunner(echo, { store }) as unknown as Runner;
    this.#runner.on('reply', ({ id }) => {
      const tries = this.#tries.get(id) ?? 0;
      this.#tries.delete(id);
      if (tries === 2) return;
      this.#tries.set(id, tries + 1);
      throw new Error('503');
    });
    this.#runner.on('error', () => {
      this.counts.errors += 1;
    });
  }

  /** Each user says something once. Two minutes pass: after five rounds, ids are forgotten as fast as they come. */
  async round(): Promise<void> {
    for (let user = 0; user < this.#users; user += 1) await this.#next(`u${user}`);
    await this.#clock.advance({ minutes: 2 });
  }

  async end(): Promise<void> {
    await this.#runner.stop();
  }

  async #next(openid: string): Promise<void> {
    this.#at += 1;
    const sent = { openid, id: `m${this.#at}` };
    await this.#send(sent, 'replied');
    if (this.#at % 10 === 0) await this.#send(sent, 'duplicate');
    if (this.#at % 20 === 0) await this.#say(openid, `Number ${this.#at}.`.padEnd(20_000, '.'));
  }

  /** @throws Error for another outcome: a soak that does not work stays flat, too */
  async #send({ openid, id }: Sent, expected: string): Promise<void> {
    const { outcome } = await this.#runner.handle(openid, `Hi ${id}.`, { id });
    if (outcome !== expected) throw new Error(`${id} of ${openid} was ${outcome}.`);
    if (expected === 'duplicate') this.counts.duplicates += 1;
    else this.counts.messages += 1;
  }

  async #say(openid: string, said: string | Reply): Promise<void> {
    try {
      await this.#runner.say(openid, said);
      this.counts.said += 1;
    } catch {
      this.counts.refused += 1;
    }
  }
}

/** The heap in use after a collection. @throws Error without `--expose-gc` */
export function heapUsed(): number {
  if (globalThis.gc === undefined) throw new Error('Run it with `node --expose-gc`.');
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

export interface Verdict {
  /** Mean bytes in the second and in the last fifth of the samples. */
  readonly early: number;
  readonly late: number;
  readonly isFlat: boolean;
}

/** The share by which the heap may grow between the second and the last fifth. */
const MOST_GROWTH = 0.05;

/** @throws Error for fewer than ten samples, which say nothing */
export function judge(samples: readonly number[]): Verdict {
  if (samples.length < 10) throw new Error('A soak needs at least ten samples.');
  const fifth = Math.floor(samples.length / 5);
  const early = mean(samples.slice(fifth, 2 * fifth));
  const late = mean(samples.slice(-fifth));
  return { early, late, isFlat: late <= early * (1 + MOST_GROWTH) };
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0) / numbers.length;
}
