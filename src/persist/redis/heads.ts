import type { Head } from './batches.ts';
import { type Shard, formatOwner } from './keys.ts';

export const NO_HEAD: Head = { keys: [], args: [] };

/** About thirty years. */
const LONGEST_LEASE_MS = 10 ** 12;

/** The first keys and arguments of a batch: the same object for the same calls. */
export class Heads {
  readonly #shards: readonly Shard[];
  #owner: string | undefined;
  #name = '';
  #ttlMs = Number.NaN;
  #take: Head = NO_HEAD;
  #leased: (Head | undefined)[] = [];
  readonly #plain: (Head | undefined)[] = [];

  constructor(shards: readonly Shard[]) {
    this.#shards = shards;
  }

  ofTake(owner: string, ttlMs: number): Head {
    if (owner !== this.#owner || ttlMs !== this.#ttlMs) {
      this.#know(owner);
      this.#ttlMs = ttlMs;
      const milliseconds = Math.min(Math.max(1, Math.ceil(ttlMs)), LONGEST_LEASE_MS);
      this.#take = { keys: [], args: [this.#name, String(milliseconds)] };
    }
    return this.#take;
  }

  /** @param owner undefined where no lease is given back */
  ofSave(index: number, owner: string | undefined): Head {
    if (owner !== undefined) this.#know(owner);
    const heads = owner === undefined ? this.#plain : this.#leased;
    const { due, revision } = this.#shards[index] as Shard;
    return (heads[index] ??= {
      keys: [due, revision],
      args: [owner === undefined ? '' : this.#name],
    });
  }

  #know(owner: string): void {
    if (owner === this.#owner) return;
    this.#owner = owner;
    this.#name = formatOwner(owner);
    this.#ttlMs = Number.NaN;
    this.#leased = [];
  }
}
