import { setTimeout } from 'node:timers/promises';

/** What the dialogue needs of the reservation book. A real one would ask a server, and pass the `signal` on. */
export interface Tables {
  /**
   * Reserves a table and returns its name; undefined if there is none.
   * @param signal aborted when the guest does not want it any more
   */
  find(when: Date, people: number, signal: AbortSignal): Promise<{ table: string } | undefined>;
}

const TABLES = [
  { table: 'W1', seats: 2 },
  { table: 'G3', seats: 4 },
  { table: 'L8', seats: 8 },
];

export interface FakeOptions {
  /** Whether a call fails, by its number, from 1. */
  readonly fails?: (call: number) => boolean;
  readonly isFull?: (when: Date) => boolean;
  /** The time it takes. */
  readonly pause?: (signal: AbortSignal) => Promise<unknown>;
}

/** A reservation book in memory: every third call fails, and at eight in the evening it is full. */
export function createTables({
  fails = (call) => call % 3 === 0,
  isFull = (when) => when.getUTCHours() === 20 - 8,
  pause = (signal) => setTimeout(300, undefined, { signal }),
}: FakeOptions = {}): Tables {
  let calls = 0;
  return {
    async find(when, people, signal) {
      calls += 1;
      const failing = fails(calls);
      await pause(signal);
      if (failing) throw new Error('The reservation book does not answer.');
      const fitting = TABLES.find(({ seats }) => seats >= people);
      return fitting === undefined || isFull(when) ? undefined : { table: fitting.table };
    },
  };
}
