import { jsonSize } from '../../internal/plain-data.ts';
import type { ModelCallEntry } from '../wire-models.ts';

interface CallRingOptions {
  readonly maxCalls: number;
  readonly maxBytes: number;
  /** The calls may take more bytes than before. */
  readonly onGrow: () => void;
}

/** The last calls of models. The oldest leave first. */
export class CallRing {
  readonly #options: CallRingOptions;
  /** With its size, in the order in which they began. */
  readonly #calls = new Map<number, { readonly entry: ModelCallEntry; readonly bytes: number }>();
  /** Those without a turn, by their numbers. */
  readonly #open = new Set<number>();
  #bytes = 0;
  #last = 0;

  constructor(options: CallRingOptions) {
    this.#options = options;
  }

  /** The calls, the oldest first. */
  get entries(): readonly ModelCallEntry[] {
    return [...this.#calls.values()].map(({ entry }) => entry);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Keeps a call that begins, and gives it its number. A number is never given again. */
  add(call: Omit<ModelCallEntry, 'call'>): ModelCallEntry {
    this.#last += 1;
    const entry = { call: this.#last, ...call };
    this.#open.add(entry.call);
    this.#put(entry);
    return entry;
  }

  /** @returns the call with what is news of it; undefined if it is not kept */
  change(call: number, news: Partial<ModelCallEntry>): ModelCallEntry | undefined {
    const known = this.#calls.get(call);
    if (known === undefined) return undefined;
    const entry = { ...known.entry, ...news };
    this.#put(entry);
    return entry;
  }

  /** A turn of a user has ended. @returns the calls that began in it, or before it and after the turn before */
  turnEnded(openid: string, turn: number): readonly ModelCallEntry[] {
    const own = [...this.#open].filter((call) => this.#calls.get(call)?.entry.openid === openid);
    return own.flatMap((call) => {
      this.#open.delete(call);
      return this.change(call, { turn }) ?? [];
    });
  }

  clear(): void {
    this.#calls.clear();
    this.#open.clear();
    this.#bytes = 0;
  }

  /** Drops the calls after a turn: they never happened. */
  rewind(turn: number): void {
    for (const [call, { entry }] of this.#calls) {
      if (entry.turn === undefined || entry.turn > turn) this.#remove(call);
    }
  }

  /** Drops the calls of the turns up to this one. */
  dropThrough(turn: number): void {
    for (const [call, { entry }] of this.#calls) {
      if (entry.turn === undefined) continue;
      // The rest began later.
      if (entry.turn > turn) return;
      this.#remove(call);
    }
  }

  #put(entry: ModelCallEntry): void {
    const former = this.#calls.get(entry.call);
    const bytes = jsonSize(entry);
    this.#bytes += bytes - (former?.bytes ?? 0);
    this.#calls.set(entry.call, { entry, bytes });
    const { maxCalls, maxBytes, onGrow } = this.#options;
    for (const call of this.#calls.keys()) {
      if (this.#calls.size <= maxCalls && this.#bytes <= maxBytes) break;
      this.#remove(call);
    }
    onGrow();
  }

  #remove(call: number): void {
    this.#bytes -= this.#calls.get(call)?.bytes ?? 0;
    this.#calls.delete(call);
    this.#open.delete(call);
  }
}
