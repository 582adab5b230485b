import type { Cancel, Clock } from '../../clock.ts';
import { captureContext } from '../../internal/async-context.ts';

/** The time at which something is given up. */
export interface Deadline {
  /** Epoch ms. */
  readonly at: number;
  readonly onPass: () => void;
}

/** Many deadlines behind one wake-up of the clock: hardly any of them is ever reached. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #inContext = captureContext();
  readonly #holdsProcess: boolean;
  readonly #pending = new Set<Deadline>();
  #armedAt = Number.POSITIVE_INFINITY;
  #cancel: Cancel | undefined;

  /** @param options.holdsProcess whether they keep the process alive */
  constructor(clock: Clock, { holdsProcess }: { readonly holdsProcess: boolean }) {
    this.#clock = clock;
    this.#holdsProcess = holdsProcess;
  }

  /** The number of deadlines. */
  get size(): number {
    return this.#pending.size;
  }

  add(deadline: Deadline): void {
    this.#pending.add(deadline);
    if (deadline.at < this.#armedAt) this.#arm(deadline.at);
  }

  /** @returns false where it has passed */
  delete(deadline: Deadline): boolean {
    if (!this.#pending.delete(deadline)) return false;
    // Without a deadline, nothing keeps the process alive.
    if (this.#pending.size === 0) this.#disarm();
    return true;
  }

  #arm(at: number): void {
    this.#disarm();
    this.#armedAt = at;
    this.#cancel = this.#clock.wake(at, () => this.#inContext(() => this.#wake()), {
      holdsProcess: this.#holdsProcess,
    });
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#armedAt = Number.POSITIVE_INFINITY;
  }

  #wake(): void {
    this.#disarm();
    const now = this.#clock.now();
    const passed: Deadline[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const deadline of this.#pending) {
      if (deadline.at <= now) passed.push(deadline);
      else next = Math.min(next, deadline.at);
    }
    if (Number.isFinite(next)) this.#arm(next);
    for (const deadline of passed) if (this.#pending.delete(deadline)) deadline.onPass();
  }
}
