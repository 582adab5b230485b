import type { Cancel, Clock } from '../../clock.ts';

/** What is given up at its time. */
export interface Deadline {
  /** Epoch ms. */
  readonly at: number;
  readonly onPass: () => void;
}

/** The deadlines of all that goes on at a time, behind one wake-up: hardly any of them is ever reached. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #holdsProcess: boolean;
  readonly #pending = new Set<Deadline>();
  #armedAt = Number.POSITIVE_INFINITY;
  #cancel: Cancel | undefined;

  /** @param options.holdsProcess whether the process stays alive for them */
  constructor(clock: Clock, { holdsProcess }: { readonly holdsProcess: boolean }) {
    this.#clock = clock;
    this.#holdsProcess = holdsProcess;
  }

  /** How many there are. */
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
    // With nothing left to wait for, nothing holds the process.
    if (this.#pending.size === 0) this.#disarm();
    return true;
  }

  #arm(at: number): void {
    this.#disarm();
    this.#armedAt = at;
    this.#cancel = this.#clock.wake(at, () => this.#wake(), { holdsProcess: this.#holdsProcess });
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
