import { LRUCache } from 'lru-cache';
import { UsageError } from '../../errors.ts';
import { jsonSize } from '../../internal/plain-data.ts';
import type { ConversationView, TurnEntry } from '../wire.ts';
import { CallRing } from './call-ring.ts';

/** How much is kept of turns and conversations. Over a maximum, the oldest leave first. */
export interface RingOptions {
  /** The maximum of turns that are kept, and of calls of models. Default 10 000. */
  readonly maxTurns?: number | undefined;
  /** The maximum of their bytes, as JSON; half of them for calls of models, as long as there are such. Default 32 MiB. */
  readonly maxBytes?: number | undefined;
  /** The maximum of conversations that are shown. Default 1000. */
  readonly maxConversations?: number | undefined;
}

const MAX_TURNS = 10_000;
const MAX_BYTES = 33_554_432;
const MAX_CONVERSATIONS = 1000;
/** The share of the bytes that calls of models may take. */
const CALLS_PART = 0.5;

/** @throws UsageError `bad_option` */
export function checkRingOptions(options: RingOptions): void {
  for (const name of ['maxTurns', 'maxBytes', 'maxConversations'] as const) {
    const { [name]: value } = options;
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 1)) {
      throw new UsageError('bad_option', `\`${name}\` is a whole number from 1 on.`);
    }
  }
}

/**
 * The last turns, the calls of models in them, and how the last conversations stand. The oldest turns go first; a turn that is larger than all the room is
 * kept without the records before and after it.
 */
export class TurnRing {
  readonly calls: CallRing;
  readonly #maxTurns: number;
  readonly #maxBytes: number;
  readonly #conversations: LRUCache<string, ConversationView>;
  /** With its size, in their order. */
  readonly #turns = new Map<number, { readonly entry: TurnEntry; readonly bytes: number }>();
  #bytes = 0;
  #last = 0;
  #dropped = 0;

  constructor(options: RingOptions = {}) {
    this.#maxTurns = options.maxTurns ?? MAX_TURNS;
    this.#maxBytes = options.maxBytes ?? MAX_BYTES;
    this.calls = new CallRing({
      maxCalls: this.#maxTurns,
      maxBytes: Math.floor(this.#maxBytes * CALLS_PART),
      onGrow: () => this.#makeRoom(),
    });
    this.#conversations = new LRUCache({ max: options.maxConversations ?? MAX_CONVERSATIONS });
  }

  /** The turns, the oldest first. */
  get turns(): readonly TurnEntry[] {
    return [...this.#turns.values()].map(({ entry }) => entry);
  }

  /** How conversations stand, the one that changed longest ago first. */
  get conversations(): readonly ConversationView[] {
    return [...this.#conversations.values()].toReversed();
  }

  /** The number of turns that had to go. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The number of the last turn; 0 if there was none. */
  get last(): number {
    return this.#last;
  }

  /** Keeps a turn, and gives it its number. */
  add(turn: Omit<TurnEntry, 'turn'>): TurnEntry {
    this.#last += 1;
    let entry: TurnEntry = { turn: this.#last, ...turn };
    let bytes = sizeOf(entry);
    if (bytes > this.#maxBytes) {
      const { before: _before, after: _after, ...rest } = entry;
      entry = { ...rest, way: [] };
      bytes = sizeOf(entry);
    }
    this.#turns.set(entry.turn, { entry, bytes });
    this.#bytes += bytes;
    this.#makeRoom();
    return entry;
  }

  stands(view: ConversationView): void {
    this.#conversations.set(view.openid, view);
  }

  /** @returns whether the conversation was shown */
  gone(openid: string): boolean {
    return this.#conversations.delete(openid);
  }

  /** Drops the turns after `turn`: they never happened. */
  rewind(turn: number): void {
    for (const number of this.#turns.keys()) if (number > turn) this.#remove(number);
    this.#last = Math.min(this.#last, turn);
    this.calls.rewind(turn);
    this.#conversations.clear();
  }

  #makeRoom(): void {
    for (const number of this.#turns.keys()) {
      if (this.#fits()) return;
      // The last turn is the one that people look at.
      if (number === this.#last) this.calls.clear();
      if (this.#fits()) return;
      this.#remove(number);
      this.calls.dropThrough(number);
      this.#dropped += 1;
    }
  }

  #fits(): boolean {
    const bytes = this.#bytes + this.calls.bytes;
    return this.#turns.size <= this.#maxTurns && bytes <= this.#maxBytes;
  }

  #remove(number: number): void {
    this.#bytes -= this.#turns.get(number)?.bytes ?? 0;
    this.#turns.delete(number);
  }
}

function sizeOf(entry: TurnEntry): number {
  return jsonSize(entry);
}
