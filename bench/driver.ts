import { type RecordableHistogram, createHistogram } from 'node:perf_hooks';
import { TURNS, check, line } from './survey.ts';
import type { System } from './system.ts';

/** Number of turns between two looks at the clock. */
const STRIDE = 32;

/**
 * Percentiles of the duration of a turn in microseconds, and of the time in milliseconds that it held the event loop.
 */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly loopP99: number;
}

/** Plays the conversations of all users, who speak in turn, and checks every reply. */
export class Driver {
  readonly #system: System;
  readonly #users: number;
  /** Number of turns that have begun. */
  #begun = 0;
  /** Number of turns that have begun and not ended. */
  #open = 0;
  #through: (() => void)[] = [];

  constructor(system: System, users: number) {
    this.#system = system;
    this.#users = users;
  }

  /** Number of conversations. */
  get conversations(): number {
    return Math.min(this.#begun, this.#users);
  }

  /** Plays the first round of every user, or as much of it as the time limit allows. */
  async fill(limitMs: number, inFlight: number): Promise<void> {
    const end = performance.now() + limitMs;
    const all = this.#users * TURNS;
    await Promise.all(
      Array.from({ length: inFlight }, async () => {
        while (this.#begun < all && performance.now() < end) {
          for (let turn = 0; turn < STRIDE && this.#begun < all; turn += 1) {
            const done = this.#turn();
            if (done !== undefined) await done;
          }
        }
      }),
    );
  }

  /** Plays turns for about `milliseconds`. @returns the number of turns, and the time that they took */
  async play(milliseconds: number, inFlight: number): Promise<{ turns: number; ms: number }> {
    const begun = this.#begun;
    const start = performance.now();
    const end = start + milliseconds;
    if (inFlight === 1) await this.#worker(end);
    else await Promise.all(Array.from({ length: inFlight }, () => this.#worker(end)));
    return { turns: this.#begun - begun, ms: performance.now() - start };
  }

  /**
   * Times each turn. One in flight: one turn after the other; more in flight: that number of messages arrives at once,
   * and the next ones follow when all are answered.
   */
  async time(milliseconds: number, inFlight: number): Promise<Latency> {
    const turns = createHistogram();
    const loop = createHistogram();
    const end = performance.now() + milliseconds;
    while (performance.now() < end) {
      const arrived = performance.now();
      if (inFlight === 1) await this.#timed(turns, arrived);
      else {
        await Promise.all(Array.from({ length: inFlight }, () => this.#timed(turns, arrived)));
        await new Promise((resolve) => setImmediate(resolve));
      }
      loop.record(nanoseconds(arrived));
    }
    return {
      p50: turns.percentile(50) / 1000,
      p99: turns.percentile(99) / 1000,
      p999: turns.percentile(99.9) / 1000,
      loopP99: loop.percentile(99) / 1e6,
    };
  }

  async #worker(end: number): Promise<void> {
    do {
      for (let turn = 0; turn < STRIDE; turn += 1) {
        const done = this.#turn();
        if (done !== undefined) await done;
      }
    } while (performance.now() < end);
  }

  async #timed(histogram: RecordableHistogram, arrived: number): Promise<void> {
    const done = this.#turn();
    if (done !== undefined) await done;
    histogram.record(nanoseconds(arrived));
  }

  /**
   * Plays the next turn. Undefined if it ended at once. A round begins when the round before has ended, so that no user
   * has two messages in flight.
   */
  #turn(): Promise<void> | undefined {
    if (this.#open > 0 && this.#begun % (this.#users * TURNS) === 0) {
      return new Promise<void>((resolve) => this.#through.push(resolve)).then(() => this.#turn());
    }
    const users = this.#users;
    const user = this.#begun % users;
    const step = (this.#begun - user) / users;
    const turn = step % TURNS;
    const round = (step - turn) / TURNS;
    this.#begun += 1;
    const said = this.#system.turn(user, line(user, turn));
    if (typeof said !== 'string') {
      this.#open += 1;
      return said.then((text) => {
        check(user, round, turn, text);
        this.#open -= 1;
        if (this.#open > 0 || this.#through.length === 0) return;
        const through = this.#through;
        this.#through = [];
        for (const resolve of through) resolve();
      });
    }
    check(user, round, turn, said);
    return undefined;
  }
}

function nanoseconds(since: number): number {
  return Math.max(1, Math.round((performance.now() - since) * 1e6));
}
