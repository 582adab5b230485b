import type { Lanes } from '../context/lanes.ts';

/** Where something of a user may be under way outside of the lane. */
interface Workplace {
  /** Resolves when nothing is any more; undefined where nothing is. */
  busyWith(openid: string): Promise<void> | undefined;
}

/** Those who wait for one user to be at rest. */
interface Idler {
  /** Whether somebody joined since it looked. */
  isJoined: boolean;
  rest: Promise<void>;
}

/**
 * Waits until nothing of a user is running. All who wait for the same user wait as one: each looks from within the
 * lane, and two of them would find each other there, and look again, for ever.
 */
export class Idlers {
  readonly #lanes: Lanes;
  readonly #workplaces: readonly Workplace[];
  readonly #idlers = new Map<string, Idler>();

  constructor(lanes: Lanes, workplaces: readonly Workplace[]) {
    this.#lanes = lanes;
    this.#workplaces = workplaces;
  }

  wait(openid: string): Promise<void> {
    const known = this.#idlers.get(openid);
    if (known !== undefined) {
      known.isJoined = true;
      return known.rest;
    }
    const idler: Idler = { isJoined: false, rest: Promise.resolve() };
    this.#idlers.set(openid, idler);
    idler.rest = this.#rest(openid, idler);
    return idler.rest;
  }

  async #rest(openid: string, idler: Idler): Promise<void> {
    try {
      for (;;) {
        idler.isJoined = false;
        await this.#lanes.run(openid, () => {});
        const busy = this.#busyWith(openid);
        if (busy !== undefined) await busy;
        // What a joiner waits for may have begun behind this look.
        else if (this.#lanes.waiting(openid) === 0 && !idler.isJoined) return;
      }
    } finally {
      this.#idlers.delete(openid);
    }
  }

  #busyWith(openid: string): Promise<void> | undefined {
    for (const workplace of this.#workplaces) {
      const busy = workplace.busyWith(openid);
      if (busy !== undefined) return busy;
    }
    return undefined;
  }
}
