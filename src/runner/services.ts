import { type AnyActorLogic, createActor } from 'xstate';
import type { RunningService } from '../context/record/record.ts';

/** How a service ended, as the event that the dialogue gets. */
export type ServiceResult = { readonly type: string; readonly actorId: string } & (
  { readonly output: unknown } | { readonly error: unknown }
);

/** @param openid the one that it works for by then */
type OnEnd = (result: ServiceResult, openid: string) => void;

interface Running {
  openid: string;
  readonly stop: () => void;
  onEnd: OnEnd;
}

/** The services that run in this process, by token. A stopped one is aborted, and what it still returns is dropped. */
export class Services {
  readonly #running = new Map<string, Running>();
  /**
   * Those that have ended, and whose result waits for its turn: nobody is to run them again in the meantime. By token, the
   * openid in whose lane it waits, or goes on to wait.
   */
  readonly #ended = new Map<string, string>();
  #waiting: { readonly openid: string; readonly resolve: () => void }[] = [];

  get size(): number {
    return this.#running.size;
  }

  get tokens(): string[] {
    return [...this.#running.keys()];
  }

  /** Whether it runs, or has ended here and its result waits for its turn. */
  has(token: string): boolean {
    return this.#running.has(token) || this.#ended.has(token);
  }

  /** Holds the place of one that has ended, until its result has had its turn. */
  hold(token: string, openid: string): void {
    this.#ended.set(token, openid);
  }

  /** Where the result of one that is held belongs. */
  homeOf(token: string): string | undefined {
    return this.#ended.get(token);
  }

  /** A conversation has another openid. What runs for it goes on, and works for that one. */
  move(tokens: readonly string[], from: string, openid: string): void {
    for (const token of tokens) {
      const running = this.#running.get(token);
      if (running !== undefined) running.openid = openid;
      if (this.#ended.has(token)) this.#ended.set(token, openid);
    }
    this.#tell(from);
  }

  letGo(token: string): void {
    this.#ended.delete(token);
  }

  /**
   * Runs `logic` as an XState actor of its own, which gives it an `AbortSignal` and takes what it throws. The actor's
   * id (`self.id`) is the idempotency key: the same whenever this very invocation is run again.
   */
  start(openid: string, service: RunningService, logic: AnyActorLogic, onEnd: OnEnd): void {
    const { id, input, token } = service;
    let isStarting = true;
    const end = (result: ServiceResult): void => {
      // One that throws at once ends before its caller could even know that it runs.
      if (isStarting) return queueMicrotask(() => end(result));
      const running = this.#running.get(token);
      if (running === undefined) return;
      this.#running.delete(token);
      running.onEnd(result, running.openid);
      this.#tell(running.openid);
    };
    const actor = createActor(logic, { id: token, input });
    this.#running.set(token, { openid, stop: () => actor.stop(), onEnd });
    actor.subscribe({
      complete: () => {
        const { output } = actor.getSnapshot() as { output: unknown };
        end({ type: `xstate.done.actor.${id}`, output, actorId: id });
      },
      error: (error) => end({ type: `xstate.error.actor.${id}`, error, actorId: id }),
    });
    actor.start();
    isStarting = false;
  }

  /** Redirects the end of a running service. */
  redirect(token: string, onEnd: OnEnd): void {
    const running = this.#running.get(token);
    if (running !== undefined) running.onEnd = onEnd;
  }

  stop(token: string): void {
    const running = this.#running.get(token);
    if (running === undefined) return;
    this.#running.delete(token);
    running.stop();
    this.#tell(running.openid);
  }

  stopAll(): void {
    for (const token of [...this.#running.keys()]) this.stop(token);
  }

  /** Resolves when one of this user's services has ended; undefined where none is running. */
  busyWith(openid: string): Promise<void> | undefined {
    const isBusy = [...this.#running.values()].some((running) => running.openid === openid);
    if (!isBusy) return undefined;
    return new Promise((resolve) => void this.#waiting.push({ openid, resolve }));
  }

  #tell(openid: string): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = waiting.filter((waiter) => waiter.openid !== openid);
    for (const waiter of waiting) if (waiter.openid === openid) waiter.resolve();
  }
}
