import { captureContext } from '../internal/async-context.ts';
import { Barrier } from '../internal/async.ts';
import { isPromise, type MaybePromise } from '../internal/maybe.ts';

type Task = () => MaybePromise<unknown>;

/** The number of promises between a task and the caller of its result, and some more. */
const HOPS = 8;

/** `then` on it costs less than `queueMicrotask`. */
const NOW = Promise.resolve();

interface LanesOptions {
  /** What the first task of a lane waits for; undefined where there is nothing to wait for. */
  readonly ready?: () => Promise<void> | undefined;
  /** Is called when a task of an openid has ended, before the next one begins. */
  readonly onEnd?: (openid: string) => void;
}

/** The tasks that wait behind a running one. */
interface Lane {
  readonly openid: string;
  queue: Task[] | undefined;
}

/**
 * Each openid has one lane, whose tasks run strictly one after another. Tasks of different openids do not wait for each
 * other. A lane exists only while a task runs in it; the first task of a lane runs at once, synchronously.
 */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();
  /**
   * The lane that began last, until its task waits or has ended: it is in no map. To enter most lanes and to take them out
   * again took a tenth of a turn.
   */
  #current: Lane | undefined;
  readonly #ready: LanesOptions['ready'];
  readonly #onEnd: LanesOptions['onEnd'];
  readonly #idle = new Barrier();
  /** Lanes whose task has ended: they continue after the current round of hops, or after the next one. */
  #leaving: Lane[] = [];
  #arriving: Lane[] = [];
  #hops = 0;

  constructor({ ready, onEnd }: LanesOptions = {}) {
    this.#ready = ready;
    this.#onEnd = onEnd;
  }

  /** The number of openids with a running task. */
  get busy(): number {
    return this.#lanes.size + (this.#current ? 1 : 0);
  }

  /** The number of tasks that wait behind the running one. */
  waiting(openid: string): number {
    return this.#find(openid)?.queue?.length ?? 0;
  }

  /** The same for all openids together. It looks at every busy lane. */
  get queued(): number {
    let queued = this.#current?.queue?.length ?? 0;
    for (const { queue } of this.#lanes.values()) queued += queue?.length ?? 0;
    return queued;
  }

  /** Whether a task of this openid is running. */
  isBusy(openid: string): boolean {
    return this.#find(openid) !== undefined;
  }

  /** Runs `task` when all earlier tasks of `openid` have ended. Only the caller receives what it throws. */
  run<T>(openid: string, task: () => MaybePromise<T>): MaybePromise<T> {
    const busy = this.#find(openid);
    if (busy !== undefined) return queued(busy, task);
    const lane: Lane = { openid, queue: undefined };
    // The task of one lane may begin another.
    this.#enter(this.#current);
    this.#current = lane;
    let result: MaybePromise<T>;
    try {
      const ready = this.#ready?.();
      result = ready === undefined ? task() : ready.then(task);
    } catch (error) {
      this.#next(lane);
      throw error;
    }
    if (isPromise(result)) {
      this.#enter(lane);
      this.#after(result, lane);
      return result;
    }
    this.#next(lane);
    return result;
  }

  /**
   * Runs `task` in the lanes of two openids. It enters both queues at once: later tasks of either openid wait behind it, and
   * of two tasks for the same openids, one is first in both.
   */
  async runInBoth<T>(openid: string, other: string, task: () => Promise<T>): Promise<T> {
    let arrive = (): void => {};
    let leave = (): void => {};
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const left = new Promise<void>((resolve) => (leave = resolve));
    void this.run(other, () => {
      arrive();
      return left;
    });
    return this.run(openid, () => arrived.then(task).finally(leave));
  }

  /** Resolves when no lane has a task left. */
  async drained(): Promise<void> {
    await this.#idle.until(() => this.busy === 0);
  }

  #next(lane: Lane): void {
    const task = lane.queue?.shift();
    if (task !== undefined) {
      this.#enter(lane);
      return this.#after(Promise.resolve(task()), lane);
    }
    if (lane === this.#current) this.#current = undefined;
    else this.#lanes.delete(lane.openid);
    if (this.busy === 0) this.#idle.check();
  }

  #find(openid: string): Lane | undefined {
    const current = this.#current;
    return current?.openid === openid ? current : this.#lanes.get(openid);
  }

  /** Puts a lane into the map, if it is not there. */
  #enter(lane: Lane | undefined): void {
    if (lane === undefined || lane !== this.#current) return;
    this.#current = undefined;
    this.#lanes.set(lane.openid, lane);
  }

  /**
   * Starts the next task when one has ended and its caller has the result: the replies of a later task must not overtake
   * the answer to an earlier one. A result passes some promises on its way out, one microtask each.
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

  /** One chain of microtasks for all lanes: many tasks end at the same time, with a commit that they share. */
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

/** The result of `task`, which runs after those that wait in the lane already, in the async context of its caller. */
function queued<T>(lane: Lane, task: () => MaybePromise<T>): Promise<T> {
  const inContext = captureContext();
  return new Promise<T>((resolve, reject) => {
    lane.queue ??= [];
    lane.queue.push(() => {
      try {
        const result = inContext(task);
        if (isPromise(result)) return result.then(resolve, reject);
        resolve(result);
      } catch (error) {
        reject(error as Error);
      }
      return undefined;
    });
  });
}
