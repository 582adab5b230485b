import { BLOCK, BlockText, type IdBlocks, SPAN } from './id-block.ts';
import type { IdKey } from './id-key.ts';

/** The numbers of an id: the two hashes of its key, and its second. */
const NUMBERS = 3;
/**
 * The bits of the filter for each id, of which an id sets three. About one in twenty ids that are not there passes the filter.
 */
const FILTER_BITS = 8;
/** All bits of an id are in one line of sixteen numbers, which the processor reads at once. */
const LINE = 16;
/** Comparing this number of ids takes no longer than asking the filter. */
const FEW = 24;

/**
 * Ids in the order in which their messages counted. The successive logs of a conversation share one table, and each has a part
 * of it, because ids are only added at the end. The table is one array of numbers outside of V8's heap, which the garbage
 * collector does not copy; texts and arrays that change with each message took half of the time of a turn in memory.
 */
export class IdTable {
  /** The maximum of ids. */
  readonly capacity: number;
  /** The table stores seconds as the difference to this one. */
  readonly #base: number;
  /** The numbers of the ids, and behind them the bits of the filter. */
  readonly #numbers: Int32Array;
  readonly #lines: number;
  #used = 0;
  /** The blocks of sixty-four ids each that were encoded before, for the next save. */
  #blocks: (IdBlocks | undefined)[] | undefined;

  constructor(capacity: number, base: number) {
    this.capacity = capacity;
    this.#base = base;
    this.#lines = Math.ceil((capacity * FILTER_BITS) / (32 * LINE));
    this.#numbers = new Int32Array(NUMBERS * capacity + LINE * this.#lines);
  }

  /** The number of ids. */
  get used(): number {
    return this.#used;
  }

  get bytes(): number {
    return this.#numbers.byteLength;
  }

  add(one: number, two: number, second: number): void {
    const numbers = this.#numbers;
    const place = NUMBERS * this.#used;
    numbers[place] = one;
    numbers[place + 1] = two;
    numbers[place + 2] = second - this.#base;
    this.#used += 1;
    const line = this.#lineOf(one);
    this.#setBit(line, two);
    this.#setBit(line, two >>> 9);
    this.#setBit(line, two >>> 18);
  }

  secondAt(index: number): number {
    return this.#base + (this.#numbers[NUMBERS * index + 2] as number);
  }

  /** Changes the second in which an id counted. */
  setSecond(index: number, second: number): void {
    this.#numbers[NUMBERS * index + 2] = second - this.#base;
    if (this.#blocks !== undefined) this.#blocks[Math.trunc(index / BLOCK)] = undefined;
  }

  isAt(index: number, { one, two }: IdKey): boolean {
    const place = NUMBERS * index;
    return this.#numbers[place] === one && this.#numbers[place + 1] === two;
  }

  /** Whether an id from `start` up to `end` has this key, and counted after the second `after`. */
  has(key: IdKey, start: number, end: number, after: number): boolean {
    const { one, two } = key;
    if (end - start > FEW && !this.#mayHave(one, two)) return false;
    const numbers = this.#numbers;
    const span = after - this.#base;
    for (let place = NUMBERS * (end - 1); place >= NUMBERS * start; place -= NUMBERS) {
      if (numbers[place] !== one || numbers[place + 1] !== two) continue;
      if ((numbers[place + 2] as number) > span) return true;
    }
    return false;
  }

  /** Adds a part of another table. */
  addPart(other: IdTable, start: number, end: number): void {
    const numbers = other.#numbers;
    for (let index = start; index < end; index += 1) {
      const place = NUMBERS * index;
      this.add(numbers[place] as number, numbers[place + 1] as number, other.secondAt(index));
    }
  }

  /** A part of the table as it is stored. */
  blocksOf(start: number, end: number): IdBlocks {
    const blocks: (string | number)[] = [];
    for (let from = start; from < end;) {
      const to = Math.min(from - (from % BLOCK) + BLOCK, end);
      const isWhole = to - from === BLOCK;
      blocks.push(...(isWhole ? this.#wholeBlock(from / BLOCK) : this.#encode(from, to)));
      from = to;
    }
    return blocks;
  }

  #wholeBlock(index: number): IdBlocks {
    this.#blocks ??= [];
    return (this.#blocks[index] ??= this.#encode(BLOCK * index, BLOCK * (index + 1)));
  }

  #encode(start: number, end: number): IdBlocks {
    const blocks: (string | number)[] = [];
    for (let from = start; from < end;) {
      const text = new BlockText();
      const base = this.secondAt(from);
      let span = 0;
      do {
        const place = NUMBERS * from;
        text.add(this.#numbers[place] as number, this.#numbers[place + 1] as number, span);
        from += 1;
        span = from < end ? this.secondAt(from) - base : 0;
      } while (from < end && span >= 0 && span < SPAN);
      blocks.push(text.toString(), base);
    }
    return blocks;
  }

  /** Whether the filter lets the id through. Each group of nine bits of the second hash is the number of a bit in the line. */
  #mayHave(one: number, two: number): boolean {
    const line = this.#lineOf(one);
    return (
      this.#hasBit(line, two) && this.#hasBit(line, two >>> 9) && this.#hasBit(line, two >>> 18)
    );
  }

  #lineOf(hash: number): number {
    return NUMBERS * this.capacity + LINE * (hash % this.#lines);
  }

  #setBit(line: number, bit: number): void {
    const place = line + ((bit >>> 5) & (LINE - 1));
    this.#numbers[place] = (this.#numbers[place] as number) | (1 << (bit & 31));
  }

  #hasBit(line: number, bit: number): boolean {
    const place = line + ((bit >>> 5) & (LINE - 1));
    return ((this.#numbers[place] as number) & (1 << (bit & 31))) !== 0;
  }
}
