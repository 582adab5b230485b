import { isPromise, type MaybePromise } from '../internal/maybe.ts';

type Task = () => MaybePromise<unknown>;

/**
 * One lane per openid: its tasks run strictly one after another, those of different openids do not wait for each
 * other. A lane exists only while something runs in it, and an idle one runs its task at once, synchronously.
 */
export class Lanes {
  /** What waits behind the running task of an openid; an openid without an entry is idle. */
  readonly #waiting = new Map<string, Task[]>();
  #idle: (() => void)[] = [];

  /** How many openids have something running. */
  get busy(): number {
    return this.#waiting.size;
  }

  /** How many tasks wait behind the running one. */
  waiting(openid: string): number {
    return this.#waiting.get(openid)?.length ?? 0;
  }

  /** Whether a task of this openid is running. */
  isBusy(openid: string): boolean {
    return this.#waiting.has(openid);
  }

  /** Runs `task` when all earlier tasks of `openid` are through. What it throws is the caller's alone. */
  run<T>(openid: string, task: () => MaybePromise<T>): MaybePromise<T> {
    const queue = this.#waiting.get(openid);
    if (queue === undefined) {
      this.#waiting.set(openid, NOTHING);
      let result: MaybePromise<T>;
      try {
        result = task();
      } catch (error) {
        this.#next(openid);
        throw error;
      }
      if (isPromise(result)) return result.finally(() => this.#next(openid));
      this.#next(openid);
      return result;
    }
    return new Promise<T>((resolve, reject) => {
      const queued: Task = () => {
        try {
          const result = task();
          if (isPromise(result)) return result.then(resolve, reject);
          resolve(result);
        } catch (error) {
          reject(error as Error);
        }
        return undefined;
      };
      if (queue === NOTHING) this.#waiting.set(openid, [queued]);
      else queue.push(queued);
    });
  }

  /** Resolves when no lane has anything left to do. */
  async drained(): Promise<void> {
    while (this.#waiting.size > 0) {
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
  }

  #next(openid: string): void {
    for (;;) {
      const queue = this.#waiting.get(openid);
      const task = queue === NOTHING ? undefined : queue?.shift();
      if (task === undefined) break;
      const result = task();
      if (isPromise(result)) {
        void result.finally(() => this.#next(openid));
        return;
      }
    }
    this.#waiting.delete(openid);
    if (this.#waiting.size === 0 && this.#idle.length > 0) {
      const idle = this.#idle;
      this.#idle = [];
      for (const resolve of idle) resolve();
    }
  }
}

/** Shared by every lane behind whose running task nothing waits; never written to. */
const NOTHING: Task[] = [];
