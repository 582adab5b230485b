import { type AnyActorLogic, createActor } from 'xstate';
import type { RunningService } from '../context/record.ts';

/** How a service ended, as the event that the dialogue gets. */
export type ServiceResult = { readonly type: string; readonly actorId: string } & (
  { readonly output: unknown } | { readonly error: unknown }
);

type OnEnd = (result: ServiceResult) => void;

interface Running {
  readonly stop: () => void;
  onEnd: OnEnd;
}

/** The services that run in this process, by token. A stopped one is aborted, and what it still returns is dropped. */
export class Services {
  readonly #running = new Map<string, Running>();

  get size(): number {
    return this.#running.size;
  }

  has(token: string): boolean {
    return this.#running.has(token);
  }

  /**
   * Runs `logic` as an XState actor of its own, which gives it an `AbortSignal` and takes what it throws. The actor's
   * id (`self.id`) is the idempotency key: the same whenever this very invocation is run again.
   */
  start(service: RunningService, logic: AnyActorLogic, onEnd: OnEnd): void {
    const { id, input, token } = service;
    let isStarting = true;
    const end = (result: ServiceResult): void => {
      // One that throws at once ends before its caller could even know that it runs.
      if (isStarting) return queueMicrotask(() => end(result));
      const running = this.#running.get(token);
      if (running === undefined) return;
      this.#running.delete(token);
      running.onEnd(result);
    };
    const actor = createActor(logic, { id: token, input });
    this.#running.set(token, { stop: () => actor.stop(), onEnd });
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
  }

  stopAll(): void {
    for (const token of [...this.#running.keys()]) this.stop(token);
  }
}
