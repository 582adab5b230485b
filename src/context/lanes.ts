import { isPromise, type MaybePromise } from '../internal/maybe.ts';

type Task = () => MaybePromise<unknown>;

/** The promises between a task and whoever awaits what became of it, and a few to spare. */
const HOPS = 8;

/** A microtask from now, for less than `queueMicrotask` takes. */
const NOW = Promise.resolve();

export interface LanesOptions {
  /** What the first task of a lane waits for; undefined where there is nothing to wait for. */
  readonly ready?: () => Promise<void> | undefined;
  /** Is called when a task of an openid has ended, before the next one begins. */
  readonly onEnd?: (openid: string) => void;
}

/** What waits behind a running task. */
interface Lane {
  readonly openid: string;
  queue: Task[] | undefined;
}

/**
 * One lane per openid: its tasks run strictly one after another, those of different openids do not wait for each
 * other. A lane exists only while something runs in it, and an idle one runs its task at once, synchronously.
 */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();
  readonly #ready: LanesOptions['ready'];
  readonly #onEnd: LanesOptions['onEnd'];
  #idle: (() => void)[] = [];
  /** Whose task is through: they go on when the hops under way are over, or after another round of them. */
  #leaving: Lane[] = [];
  #arriving: Lane[] = [];
  #hops = 0;

  constructor({ ready, onEnd }: LanesOptions = {}) {
    this.#ready = ready;
    this.#onEnd = onEnd;
  }

  /** How many openids have something running. */
  get busy(): number {
    return this.#lanes.size;
  }

  /** How many tasks wait behind the running one. */
  waiting(openid: string): number {
    return this.#lanes.get(openid)?.queue?.length ?? 0;
  }

  /** The same of all openids. It looks at every busy lane. */
  get queued(): number {
    let queued = 0;
    for (const { queue } of this.#lanes.values()) queued += queue?.length ?? 0;
    return queued;
  }

  /** Whether a task of this openid is running. */
  isBusy(openid: string): boolean {
    return this.#lanes.has(openid);
  }

  /** Runs `task` when all earlier tasks of `openid` are through. What it throws is the caller's alone. */
  run<T>(openid: string, task: () => MaybePromise<T>): MaybePromise<T> {
    const busy = this.#lanes.get(openid);
    if (busy !== undefined) return queued(busy, task);
    const lane: Lane = { openid, queue: undefined };
    this.#lanes.set(openid, lane);
    let result: MaybePromise<T>;
    try {
      const ready = this.#ready?.();
      result = ready === undefined ? task() : ready.then(task);
    } catch (error) {
      this.#next(lane);
      throw error;
    }
    if (isPromise(result)) {
      this.#after(result, lane);
      return result;
    }
    this.#next(lane);
    return result;
  }

  /** Resolves when no lane has anything left to do. */
  async drained(): Promise<void> {
    while (this.#lanes.size > 0) {
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
  }

  #next(lane: Lane): void {
    const task = lane.queue?.shift();
    if (task !== undefined) return this.#after(Promise.resolve(task()), lane);
    this.#lanes.delete(lane.openid);
    if (this.#lanes.size === 0 && this.#idle.length > 0) {
      const idle = this.#idle;
      this.#idle = [];
      for (const resolve of idle) resolve();
    }
  }

  /**
   * Goes on when a task is through and its caller has the result in hand: what a later task says must not overtake the
   * answer to an earlier one. A result passes a few promises on its way out, one microtask each.
   */
  #after(result: Promise<unknown>, lane: Lane): void {
    const end = (): void => {
      this.#onEnd?.(lane.openid);
      if (this.#hops > 0) {
        this.#arriving.push(lane);
        return;
      }
      this.#leaving.push(lane);
      this.#hops = HOPS;
      void NOW.then(this.#hop);
    };
    result.then(end, end);
  }

  /** One after the other, for all lanes together: many tasks end at the same time, with the commit that they share. */
  readonly #hop = (): void => {
    this.#hops -= 1;
    if (this.#hops === 0) {
      const through = this.#leaving;
      this.#leaving = this.#arriving;
      this.#arriving = [];
      if (this.#leaving.length > 0) this.#hops = HOPS;
      for (const lane of through) this.#next(lane);
    }
    if (this.#hops > 0) void NOW.then(this.#hop);
  };
}

/** The result of `task`, once the lane has come to it. */
function queued<T>(lane: Lane, task: () => MaybePromise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    lane.queue ??= [];
    lane.queue.push(() => {
      try {
        const result = task();
        if (isPromise(result)) return result.then(resolve, reject);
        resolve(result);
      } catch (error) {
        reject(error as Error);
      }
      return undefined;
    });
  });
}
