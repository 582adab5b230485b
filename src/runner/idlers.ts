import type { Lanes } from '../context/lane.ts';

/** Says what a user waits for; undefined where that is nothing. */
type BusyWith = (openid: string) => Promise<unknown> | undefined;

/**
 * Waits until nothing of a user is running. All who wait for one user share one wait: each puts work into the lane of the
 * user, and would be what another one waits for.
 */
export class Idlers {
  readonly #lanes: Lanes;
  readonly #busyWith: BusyWith;
  readonly #waits = new Map<string, Promise<void>>();

  constructor(lanes: Lanes, busyWith: BusyWith) {
    this.#lanes = lanes;
    this.#busyWith = busyWith;
  }

  wait(openid: string): Promise<void> {
    const wait = this.#waits.get(openid) ?? this.#untilIdle(openid);
    this.#waits.set(openid, wait);
    return wait;
  }

  async #untilIdle(openid: string): Promise<void> {
    try {
      for (;;) {
        await this.#lanes.run(openid, () => {});
        const busy = this.#busyWith(openid);
        if (busy === undefined && this.#lanes.waiting(openid) === 0) return;
        await busy;
      }
    } finally {
      this.#waits.delete(openid);
    }
  }
}
