import type { Clock } from '../../clock.ts';

interface Bucket {
  /** How many requests it has room for, at `at`. */
  room: number;
  at: number;
}

export interface BucketOptions {
  readonly clock: Clock;
  readonly perMinute: number;
  /** The maximum at once. */
  readonly burst: number;
}

/** The maximum of persons whose requests are counted. The one who was counted longest ago may begin again. */
const MAX_BUCKETS = 10_000;

/** Limits how often each person may do something: a number at once, and after that a number each minute. */
export class TokenBuckets {
  readonly #options: BucketOptions;
  /** By person, in the order in which they were counted last. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: BucketOptions) {
    this.#options = options;
  }

  /** Counts one request. @returns milliseconds until there is room for it; 0 if it was counted */
  take(key: string): number {
    const { clock, perMinute, burst } = this.#options;
    const now = clock.now();
    const { room: before, at } = this.#buckets.get(key) ?? { room: burst, at: now };
    const room = Math.min(burst, before + (Math.max(0, now - at) * perMinute) / 60_000);
    const isCounted = room >= 1;
    this.#buckets.delete(key);
    this.#buckets.set(key, { room: isCounted ? room - 1 : room, at: now });
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > MAX_BUCKETS && oldest !== undefined) this.#buckets.delete(oldest);
    return isCounted ? 0 : Math.ceil(((1 - room) * 60_000) / perMinute);
  }
}
