import { UsageError } from '../errors.ts';
import { type Inside, insideOf } from '../runner/inside.ts';
import type { TurnObserver } from '../runner/observe.ts';

/** How busy a runner and its store are right now. */
export interface Load {
  /** Messages taken in and not answered. */
  readonly inFlight: number;
  /** Openids with something running, and what waits behind. */
  readonly busyLanes: number;
  readonly waiting: number;
  readonly services: number;
  /** Conversations whose replies are being handed over. */
  readonly unsent: number;
  /** Records in memory, and those in which something falls due. */
  readonly records: number;
  readonly due: number;
}

/** A runner as an observer sees it, beside its events. */
export class WatchedRunner {
  readonly #inside: Inside;

  /** @throws UsageError `bad_option` for what is no runner */
  constructor(runner: object) {
    const inside = insideOf(runner);
    if (inside === undefined) {
      throw new UsageError('bad_option', '`runner` must be what createRunner() returned.');
    }
    this.#inside = inside;
  }

  get dialogue(): Inside['dialogue'] {
    return this.#inside.dialogue;
  }

  get load(): Load {
    const { core, conductor, inFlight } = this.#inside;
    return {
      inFlight: inFlight(),
      busyLanes: core.lanes.busy,
      waiting: core.lanes.queued,
      services: conductor.services.size,
      unsent: conductor.outbox.size,
      records: core.records.size,
      due: core.scheduler.size,
    };
  }

  /** @throws UsageError `already_observed` */
  watch(observer: TurnObserver): () => void {
    const { conductor } = this.#inside;
    if (conductor.observer !== undefined) {
      throw new UsageError('already_observed', 'A runner is observed once; call its off() first.');
    }
    conductor.observer = observer;
    return () => {
      conductor.observer = undefined;
    };
  }

  onExpire(listener: () => void): () => void {
    return this.#inside.core.events.on('expire', listener);
  }

  /** Told of what becomes an `error` event, without counting as one who hears it. One at a time. */
  onFault(listener: (error: unknown) => void): () => void {
    const { teller } = this.#inside.conductor;
    teller.onFault = listener;
    return () => {
      teller.onFault = undefined;
    };
  }
}
