/** Something that falls due. Only the heap may read or write `slot`. */
export interface Due {
  /** Its place in the heap, or -1 when it is not in the heap. */
  slot: number;
}

/** The room for entries at first. It doubles when there are more. */
const FIRST_ROOM = 64;

/**
 * A 4-ary heap of what falls due. Each entry knows its place, so that to add, move or remove one is O(log n) and leaves
 * nothing behind. One timer, for the first entry, serves a million of them; a timer for each would take 447 bytes and
 * 4.7 µs.
 *
 * The times are in a separate array: a number of milliseconds in an object is another object, of 16 bytes, and to find the
 * least of four would read four of them all over memory.
 */
export class DueHeap<Entry extends Due> {
  readonly #heap: Entry[] = [];
  #times = new Float64Array(FIRST_ROOM);

  get size(): number {
    return this.#heap.length;
  }

  /** The entry that falls due first. */
  get first(): Entry | undefined {
    return this.#heap[0];
  }

  /** Epoch ms at which the first entry falls due; infinite where there is none. */
  get firstAt(): number {
    return this.#heap.length === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] as number);
  }

  /** Epoch ms at which an entry falls due; infinite where it is not in the heap. */
  at({ slot }: Entry): number {
    return slot === -1 ? Number.POSITIVE_INFINITY : (this.#times[slot] as number);
  }

  /** Sets `entry` to fall due at `at`, whether or not it is in the heap already. */
  set(entry: Entry, at: number): void {
    const { slot } = entry;
    if (slot === -1) {
      const end = this.#heap.length;
      if (end === this.#times.length) this.#resize(end * 2);
      this.#rise(entry, at, end);
    } else if (at > (this.#times[slot] as number)) {
      this.#sink(entry, at, slot);
    } else {
      this.#rise(entry, at, slot);
    }
  }

  delete(entry: Entry): void {
    const { slot } = entry;
    if (slot === -1) return;
    const at = this.#times[slot] as number;
    entry.slot = -1;
    const last = this.#heap.pop() as Entry;
    const lastAt = this.#times[this.#heap.length] as number;
    if (last !== entry) {
      if (lastAt > at) this.#sink(last, lastAt, slot);
      else this.#rise(last, lastAt, slot);
    }
    const room = this.#times.length;
    if (room > FIRST_ROOM && this.#heap.length < room / 4) this.#resize(room / 2);
  }

  clear(): void {
    for (const entry of this.#heap) entry.slot = -1;
    this.#heap.length = 0;
    this.#times = new Float64Array(FIRST_ROOM);
  }

  #resize(room: number): void {
    const times = new Float64Array(room);
    times.set(this.#times.subarray(0, this.#heap.length));
    this.#times = times;
  }

  #rise(entry: Entry, at: number, from: number): void {
    const heap = this.#heap;
    const times = this.#times;
    let slot = from;
    while (slot > 0) {
      const parentSlot = (slot - 1) >> 2;
      const parentAt = times[parentSlot] as number;
      if (parentAt <= at) break;
      this.#put(heap[parentSlot] as Entry, parentAt, slot);
      slot = parentSlot;
    }
    this.#put(entry, at, slot);
  }

  #sink(entry: Entry, at: number, from: number): void {
    const heap = this.#heap;
    const times = this.#times;
    const { length } = heap;
    let slot = from;
    for (;;) {
      const firstChild = slot * 4 + 1;
      if (firstChild >= length) break;
      let least = firstChild;
      const end = Math.min(firstChild + 4, length);
      for (let child = firstChild + 1; child < end; child += 1) {
        if ((times[child] as number) < (times[least] as number)) least = child;
      }
      const childAt = times[least] as number;
      if (childAt >= at) break;
      this.#put(heap[least] as Entry, childAt, slot);
      slot = least;
    }
    this.#put(entry, at, slot);
  }

  #put(entry: Entry, at: number, slot: number): void {
    this.#heap[slot] = entry;
    this.#times[slot] = at;
    entry.slot = slot;
  }
}
