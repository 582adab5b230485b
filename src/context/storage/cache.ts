import { LRUCache } from 'lru-cache';
import { ColloquyError } from '../../errors.ts';
import type { Due } from '../../internal/due-heap.ts';
import { jsonSize } from '../../internal/plain-data.ts';
import { bytesOfPending } from '../record/pending.ts';
import type { ConversationRecord } from '../record/record.ts';
import { seenBytes } from '../record/seen-log.ts';

/** A record in memory, and its place in the scheduler's heap. */
export interface CachedRecord extends Due {
  record: ConversationRecord;
}

export interface CacheOptions {
  /** The most records in memory. */
  readonly max: number;
  /** The maximum of bytes that all records in memory may have together. */
  readonly maxWeight: number | undefined;
}

/**
 * The number of records that there is room for at first. An LRU makes room for its maximum at once, and for the 100 000 of a store
 * that took 7 ms, a tenth of the time to the first reply of a process.
 */
const FIRST_ROOM = 4096;

/** The records in memory. The least recently used one leaves when there are too many, or when they are too heavy. */
export class RecordCache {
  #records: LRUCache<string, CachedRecord>;
  readonly #max: number;
  readonly #maxWeight: number | undefined;
  readonly #onEvict: (cached: CachedRecord) => void;

  /** @param onEvict is called with a record that had to make room */
  constructor({ max, maxWeight }: CacheOptions, onEvict: (cached: CachedRecord) => void) {
    this.#max = max;
    this.#maxWeight = maxWeight;
    this.#onEvict = onEvict;
    this.#records = new LRUCache(this.#roomFor(Math.min(max, FIRST_ROOM)));
  }

  get size(): number {
    return this.#records.size;
  }

  /** The record in memory. This counts as a use of it. */
  get(openid: string): CachedRecord | undefined {
    return this.#records.get(openid);
  }

  /** The record in memory. This does not count as a use of it. */
  peek(openid: string): CachedRecord | undefined {
    return this.#records.peek(openid);
  }

  values(): Iterable<CachedRecord> {
    return this.#records.values();
  }

  openids(): Iterable<string> {
    return this.#records.keys();
  }

  delete(openid: string): void {
    this.#records.delete(openid);
  }

  clear(): void {
    this.#records.clear();
  }

  /** Puts a record in, in place of the one that `cached` holds. */
  set(
    record: ConversationRecord,
    cached: CachedRecord | undefined,
    weight: number | undefined,
  ): CachedRecord {
    if (cached !== undefined) {
      cached.record = record;
      if (weight === undefined) return cached;
      // LRUCache keeps the old weight of a value that is set again.
      this.#records.delete(record.openid);
    }
    const entry = cached ?? { slot: -1, record };
    const { size, max: room } = this.#records;
    if (size === room && room < this.#max) this.#grow();
    put(this.#records, entry, weight);
    return entry;
  }

  /**
   * The bytes of a record: its context, what it offers, the history, replies and ids that it keeps, and what its timers and
   * services hold. Undefined if the weight is not limited.
   */
  weigh(record: ConversationRecord): number | undefined {
    if (this.#maxWeight === undefined) return undefined;
    const own = weightOf(record);
    if (own > this.#maxWeight) return own;
    const { outbox, seen, burst } = record;
    const isBare = outbox.length === 0 && burst === undefined;
    const said = isBare ? 0 : jsonSize({ outbox, burst });
    // A record that is too heavy only by what was said must not be refused: it stays, and others make room.
    return Math.min(own + said + seenBytes(seen) + bytesOfPending(record), this.#maxWeight);
  }

  /** Whether a record of this weight could ever be in memory. */
  fits(weight: number | undefined): boolean {
    return weight === undefined || weight <= (this.#maxWeight ?? weight);
  }

  /**
   * The weight of a record that is to be committed.
   * @throws ColloquyError `context_too_big` where it could never be in memory
   */
  weighForCommit(record: ConversationRecord): number | undefined {
    const weight = this.weigh(record);
    if (this.fits(weight)) return weight;
    throw new ColloquyError(
      'context_too_big',
      `The context weighs ${weight} bytes of JSON, more than the store's maxWeight of ${this.#maxWeight}, so it can never be kept.`,
      { openid: record.openid, details: { size: weight, limit: this.#maxWeight } },
    );
  }

  #roomFor(max: number): LRUCache.Options<string, CachedRecord, unknown> {
    const maxWeight = this.#maxWeight;
    return {
      max,
      ...(maxWeight !== undefined && { maxSize: maxWeight }),
      disposeAfter: (cached, _openid, reason) => {
        if (reason === 'evict') this.#onEvict(cached);
      },
    };
  }

  /** Makes room for all records, and moves those that are there, the least recently used first. */
  #grow(): void {
    const records = new LRUCache(this.#roomFor(this.#max));
    for (const cached of [...this.#records.values()].toReversed()) {
      put(records, cached, this.weigh(cached.record));
    }
    this.#records = records;
  }
}

function put(
  records: LRUCache<string, CachedRecord>,
  cached: CachedRecord,
  weight: number | undefined,
): void {
  records.set(cached.record.openid, cached, weight === undefined ? undefined : { size: weight });
}

/** The bytes of JSON of what the dialogue keeps. */
function weightOf({ data, aside, offers, history, told, replyToken }: ConversationRecord): number {
  const offered = offers === undefined ? 0 : jsonSize({ offers });
  const said = history === undefined ? 0 : jsonSize({ history });
  return Math.max(
    jsonSize(data) +
      offered +
      said +
      (aside?.body.length ?? 0) +
      16 * (told?.length ?? 0) +
      (replyToken?.length ?? 0),
    1,
  );
}
