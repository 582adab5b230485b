import { LRUCache } from 'lru-cache';
import { ColloquyError } from '../../errors.ts';
import { jsonSize } from '../../internal/plain-data.ts';
import type { Due } from '../../internal/due-heap.ts';
import type { ConversationRecord } from '../record/record.ts';

/** A record in memory, and its place in the index of what falls due. */
export interface Resident extends Due {
  record: ConversationRecord;
}

export interface ResidentsOptions {
  readonly max: number;
  /** The most that all contexts in memory may weigh together, in bytes of JSON. */
  readonly maxWeight: number | undefined;
}

/** The records in memory, bounded by their number and, where it is asked for, by their weight. */
export class Residents {
  readonly #records: LRUCache<string, Resident>;
  readonly #maxWeight: number | undefined;

  /** @param onEvict is told what left to make room */
  constructor({ max, maxWeight }: ResidentsOptions, onEvict: (resident: Resident) => void) {
    this.#maxWeight = maxWeight;
    this.#records = new LRUCache<string, Resident>({
      max,
      ...(maxWeight !== undefined && { maxSize: maxWeight }),
      disposeAfter: (resident, _openid, reason) => {
        if (reason === 'evict') onEvict(resident);
      },
    });
  }

  get size(): number {
    return this.#records.size;
  }

  get(openid: string): Resident | undefined {
    return this.#records.get(openid);
  }

  /** The same without counting as a use. */
  peek(openid: string): Resident | undefined {
    return this.#records.peek(openid);
  }

  values(): Iterable<Resident> {
    return this.#records.values();
  }

  delete(openid: string): void {
    this.#records.delete(openid);
  }

  clear(): void {
    this.#records.clear();
  }

  /** Puts a record into its place, or the place of `resident`. */
  keep(record: ConversationRecord, resident: Resident | undefined, weight: number): Resident {
    const weighs = this.#maxWeight !== undefined;
    if (resident === undefined) {
      const kept = { slot: -1, record };
      this.#records.set(record.openid, kept, weighs ? { size: weight } : undefined);
      return kept;
    }
    resident.record = record;
    if (weighs) {
      // To set the same value again would keep the old weight.
      this.#records.delete(record.openid);
      this.#records.set(record.openid, resident, { size: weight });
    }
    return resident;
  }

  /** 0 where weight does not matter. */
  weigh(record: ConversationRecord): number {
    if (this.#maxWeight === undefined) return 0;
    const { data, aside, offers } = record;
    const offered = offers === undefined ? 0 : jsonSize({ offers });
    return Math.max(jsonSize(data) + offered + (aside?.body.length ?? 0), 1);
  }

  fits(weight: number): boolean {
    return this.#maxWeight === undefined || weight <= this.#maxWeight;
  }

  /**
   * The weight of a record that is to be kept.
   * @throws ColloquyError `context_too_big` for what could never be
   */
  weighed(record: ConversationRecord): number {
    const weight = this.weigh(record);
    if (this.fits(weight)) return weight;
    throw new ColloquyError(
      'context_too_big',
      `The context weighs ${weight} bytes of JSON, more than the store's maxWeight of ${this.#maxWeight}, so it can never be kept.`,
      { openid: record.openid, details: { size: weight, limit: this.#maxWeight } },
    );
  }
}
