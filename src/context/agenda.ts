import { type Due, DueHeap } from '../internal/due-heap.ts';
import type { CachedRecord } from './storage/cache.ts';

/** An openid whose record is not in memory, while this process works on one of its services. */
interface Heartbeat extends Due {
  readonly openid: string;
}

export type AgendaEntry = CachedRecord | Heartbeat;

/** When this process has to look at which openid: at records in memory, and at heartbeats of others. */
export class Agenda {
  readonly #heap = new DueHeap<AgendaEntry>();
  readonly #heartbeats = new Map<string, Heartbeat>();

  /** The number of records in memory in which something falls due. */
  get size(): number {
    return this.#heap.size - this.#heartbeats.size;
  }

  /** Epoch ms of the first entry; infinite where there is none. */
  get firstAt(): number {
    return this.#heap.firstAt;
  }

  heartbeats(): string[] {
    return [...this.#heartbeats.keys()];
  }

  /** Epoch ms of a record; infinite where it has no entry. */
  at(cached: CachedRecord): number {
    return this.#heap.at(cached);
  }

  set(cached: CachedRecord, at: number): void {
    this.#heap.set(cached, at);
  }

  setHeartbeat(openid: string, at: number): void {
    const heartbeat = this.#heartbeats.get(openid) ?? { slot: -1, openid };
    this.#heartbeats.set(openid, heartbeat);
    this.#heap.set(heartbeat, at);
  }

  delete(cached: CachedRecord): void {
    this.#heap.delete(cached);
  }

  /** The record of an openid is in memory again. */
  deleteHeartbeat(openid: string): void {
    if (this.#heartbeats.size === 0) return;
    const heartbeat = this.#heartbeats.get(openid);
    if (heartbeat === undefined) return;
    this.#heap.delete(heartbeat);
    this.#heartbeats.delete(openid);
  }

  /** Takes out the entries that are due at `now`, a maximum of `limit`. */
  takeDue(now: number, limit: number): AgendaEntry[] {
    const due: AgendaEntry[] = [];
    while (due.length < limit) {
      const { first } = this.#heap;
      if (first === undefined || this.#heap.firstAt > now) break;
      this.#heap.delete(first);
      if (!('record' in first)) this.#heartbeats.delete(first.openid);
      due.push(first);
    }
    return due;
  }

  clear(): void {
    this.#heap.clear();
    this.#heartbeats.clear();
  }
}
