import type { AnyStateMachine } from 'xstate';
import type { Clock } from '../clock.ts';
import { type ContextStore, createContextStore } from '../context/store.ts';
import type { ContextStoreOptions } from '../context/store-options.ts';
import type { Persister } from '../persist/persister.ts';
import { wrapPersister } from '../persist/wrap.ts';
import type { RunnerOptions } from '../runner/options.ts';
import type { Runner } from '../runner/runner.ts';
import { createRunner } from '../runner/create-runner.ts';

/**
 * A process that can crash: a store and a runner that touch the world through their clock and their persister alone, so
 * both are cut. Of one that has crashed nothing gets out, and nothing gets in.
 */
export class Process {
  readonly clock: Clock;
  readonly store: ContextStore;
  readonly runner: Runner;
  dead = false;

  constructor(
    dialogue: AnyStateMachine,
    store: ContextStoreOptions & { readonly clock: Clock; readonly persister: Persister },
    runner: RunnerOptions,
  ) {
    this.clock = this.#cutClock(store.clock);
    const persister = this.#cut(store.persister);
    this.store = createContextStore({ ...store, clock: this.clock, persister });
    this.runner = createRunner(dialogue, { ...runner, store: this.store, due: 'elsewhere' });
  }

  #cutClock(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      wake: (at, callback, options) =>
        clock.wake(
          at,
          () => {
            if (!this.dead) callback();
          },
          options,
        ),
    };
  }

  #cut(persister: Persister): Persister {
    return wrapPersister(persister, (call, work) =>
      this.dead
        ? never()
        : // The next process uses it.
          call.method === 'close'
          ? (Promise.resolve() as never)
          : work().then(
              (answer) => (this.dead ? never() : answer),
              (error: unknown) => {
                if (this.dead) return never();
                throw error as Error;
              },
            ),
    );
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}
