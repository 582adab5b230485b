/** Something that falls due. The index keeps its place in `slot`; nobody else may touch it. */
export interface Due {
  /** Epoch ms. Change it only through the index. */
  at: number;
  /** Its place in the heap, or -1 when it is not in the index. */
  slot: number;
}

/**
 * The one index of what falls due: a 4-ary heap with known places, so that setting, moving and cancelling cost
 * O(log n) and nothing stale is left behind. One timer for its head serves a million entries; a timer for each would
 * cost 447 bytes and 4.7 µs apiece.
 */
export class DueIndex<Entry extends Due> {
  readonly #heap: Entry[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** The entry that falls due first. */
  get first(): Entry | undefined {
    return this.#heap[0];
  }

  /** Sets `entry` to fall due at `at`, whether or not it is in the index already. */
  set(entry: Entry, at: number): void {
    if (entry.slot === -1) {
      entry.at = at;
      this.#rise(entry, this.#heap.length);
      return;
    }
    const later = at > entry.at;
    entry.at = at;
    if (later) this.#sink(entry, entry.slot);
    else this.#rise(entry, entry.slot);
  }

  delete(entry: Entry): void {
    const { slot } = entry;
    if (slot === -1) return;
    entry.slot = -1;
    const last = this.#heap.pop() as Entry;
    if (last === entry) return;
    if (last.at > entry.at) this.#sink(last, slot);
    else this.#rise(last, slot);
  }

  clear(): void {
    for (const entry of this.#heap) entry.slot = -1;
    this.#heap.length = 0;
  }

  #rise(entry: Entry, from: number): void {
    const heap = this.#heap;
    let slot = from;
    while (slot > 0) {
      const parentSlot = (slot - 1) >> 2;
      const parent = heap[parentSlot] as Entry;
      if (parent.at <= entry.at) break;
      heap[slot] = parent;
      parent.slot = slot;
      slot = parentSlot;
    }
    heap[slot] = entry;
    entry.slot = slot;
  }

  #sink(entry: Entry, from: number): void {
    const heap = this.#heap;
    const { length } = heap;
    let slot = from;
    for (;;) {
      const firstChild = slot * 4 + 1;
      if (firstChild >= length) break;
      let least = firstChild;
      const end = Math.min(firstChild + 4, length);
      for (let child = firstChild + 1; child < end; child += 1) {
        if ((heap[child] as Entry).at < (heap[least] as Entry).at) least = child;
      }
      const child = heap[least] as Entry;
      if (child.at >= entry.at) break;
      heap[slot] = child;
      child.slot = slot;
      slot = least;
    }
    heap[slot] = entry;
    entry.slot = slot;
  }
}
