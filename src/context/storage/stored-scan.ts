import type { Clock } from '../../clock.ts';
import { sleep } from '../../internal/async.ts';
import type { Records } from './records.ts';

/** The most openids of one slice. */
const SLICE = 256;
/** The most stored records that are asked for at a time. */
const BATCH = 1000;
/** The most stored records that stay due and are passed over to find others. */
const MAX_STUCK = 10_000;

/** One look through the stored records that are due, each of them once, those that stay due included. */
export class StoredScan {
  readonly #records: Records;
  readonly #clock: Clock;
  #visited = new Set<string>();

  constructor(records: Records, clock: Clock) {
    this.#records = records;
    this.#clock = clock;
  }

  /** The number of records that seem to have stayed due. */
  get stuck(): number {
    return this.#visited.size;
  }

  /**
   * The openids that are due at `until`, slice by slice. Between two slices the event loop has its turn.
   * @param isOver whether to end before the next slice
   */
  async *slices(until: number, isOver: () => boolean): AsyncGenerator<string[]> {
    while (!isOver()) {
      const limit = this.#visited.size + BATCH;
      const openids = (await this.#records.due(until, limit)).map(({ openid }) => openid);
      const fresh = openids.filter((openid) => !this.#visited.has(openid)).slice(0, BATCH);
      for (let start = 0; start < fresh.length && !isOver(); start += SLICE) {
        if (start > 0) await sleep(this.#clock, 0);
        yield fresh.slice(start, start + SLICE);
      }
      // Only those that are still there have to be passed over.
      const still = openids.filter((openid) => this.#visited.has(openid));
      this.#visited = new Set([...still, ...fresh]);
      if (openids.length < limit || this.#visited.size > MAX_STUCK) return;
      await sleep(this.#clock, 0);
    }
  }
}
