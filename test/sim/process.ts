import { AsyncResource } from 'node:async_hooks';
import type { AnyStateMachine } from 'xstate';
import {
  type Clock,
  type ContextStore,
  type ContextStoreOptions,
  type Persister,
  type Runner,
  type RunnerOptions,
  createContextStore,
  createRunner,
} from 'colloquy';
import { writeBehind } from 'colloquy/persist/write-behind';
import { wrapPersister } from '../../src/persist/wrap.ts';

export interface ProcessOptions {
  readonly name: string;
  readonly clock: Clock;
  /** How far the process's clock is ahead of `clock`. */
  readonly skewMs: number;
  readonly persister: Persister;
  readonly dialogue: AnyStateMachine;
  readonly store: Omit<ContextStoreOptions, 'clock' | 'persister'>;
  readonly gather?: RunnerOptions['gather'];
  /** How long it writes behind; 0 for a process whose commits wait for their writes. */
  readonly behindMs: number;
  readonly createId: () => string;
}

interface Held {
  readonly from: 'clock' | 'persister';
  readonly run: () => void;
}

/**
 * A process: a store and a runner that a test can kill, or pause and resume. A process touches the world only through
 * its clock and its persister, so both are wrapped: nothing leaves or reaches a dead process, and calls of a paused one
 * wait.
 */
export class Process {
  readonly name: string;
  readonly store: ContextStore<{ log: readonly string[] }>;
  readonly runner: Runner;
  /** What has to end before the runner. */
  readonly ending: (() => Promise<void>)[] = [];
  readonly #clock: Clock;
  #state: 'running' | 'paused' | 'dead' = 'running';
  #held: Held[] = [];

  constructor(options: ProcessOptions) {
    const { name, clock, skewMs, dialogue, store, gather, createId, behindMs } = options;
    const persister = this.#cut(options.persister);
    this.name = name;
    this.#clock = clock;
    this.store = createContextStore({
      ...store,
      clock: this.#ownClock(skewMs),
      persister: behindMs > 0 ? writeBehind(persister, { behindMs }) : persister,
      lease: { ...store.lease, owner: name },
    });
    this.runner = createRunner(dialogue, {
      store: this.store,
      createId,
      gather,
      lanes: { waiting: 1000 },
      seen: { max: 10_000, ageMs: 1e9 },
    });
  }

  get state(): 'running' | 'paused' | 'dead' {
    return this.#state;
  }

  kill(): void {
    this.#state = 'dead';
    this.#held = [];
  }

  pause(): void {
    if (this.#state === 'running') this.#state = 'paused';
  }

  /** @param first which of the calls that waited run first */
  resume(first: Held['from']): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    const held = this.#held;
    this.#held = [];
    for (const { from, run } of held) if (from === first) run();
    for (const { from, run } of held) if (from !== first) run();
  }

  /** Calls back now, or as soon as the process resumes; never if it is dead. */
  whenRunning(run: () => void, from: Held['from'] = 'persister'): void {
    if (this.#state === 'running') run();
    else if (this.#state === 'paused') this.#held.push({ from, run });
  }

  #ownClock(skewMs: number): Clock {
    const clock = this.#clock;
    return {
      now: () => clock.now() + skewMs,
      wake: (at, callback, options) => {
        let open = true;
        // As a timer of the platform: in the async context of the one who set it. `bind()` takes five times as long.
        const context = new AsyncResource('timer');
        const ring = (): void => {
          if (open) context.runInAsyncScope(callback);
        };
        const cancel = clock.wake(at - skewMs, () => this.whenRunning(ring, 'clock'), options);
        return () => {
          open = false;
          cancel();
        };
      },
    };
  }

  #cut(persister: Persister): Persister {
    return wrapPersister(persister, async (_call, work) => {
      await this.#running();
      try {
        return await work();
      } finally {
        await this.#running();
      }
    });
  }

  #running(): Promise<void> | undefined {
    if (this.#state === 'running') return undefined;
    return new Promise((resolve) => this.whenRunning(resolve));
  }
}
