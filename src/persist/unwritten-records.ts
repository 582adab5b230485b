import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import { Barrier } from '../internal/async.ts';
import type { LoadedRecord, Revision, StoredRecord } from './persister.ts';

/** A record whose last save is not in the persister yet. */
export interface Unwritten {
  readonly openid: string;
  latest: LoadedRecord;
  /** What a write has sent, until its answer is known: nothing else is written before. */
  sent: LoadedRecord | undefined;
  /** The revision that the persister has; undefined where it has no record. */
  stored: Revision | undefined;
  /** Epoch ms at which `latest` has to be written. */
  dueAt: number;
  writing: Promise<void> | undefined;
}

/** A record that is in the persister: the revision that the store knows, and the persister's own. */
interface Known {
  readonly exposed: Revision | undefined;
  /** Undefined where the persister has no record; `unknown` after a delete that may take effect later. */
  readonly stored: Revision | undefined | 'unknown';
}

/** With more unwritten records, or more characters in them, a save waits for a write. */
const MAX_RECORDS = 10_000;
const MAX_CHARACTERS = 64 * 1024 * 1024;
/** The most records whose revision in the persister is remembered; that of another is looked up. */
const MAX_KNOWN = 100_000;

/** What was saved and is not in the persister yet, and what is known of the records that are. */
export class UnwrittenRecords {
  readonly #unwritten = new Map<string, Unwritten>();
  readonly #known = new LRUCache<string, Known>({ max: MAX_KNOWN });
  readonly #room = new Barrier();
  #characters = 0;

  get size(): number {
    return this.#unwritten.size;
  }

  get isFull(): boolean {
    return this.size >= MAX_RECORDS || this.#characters >= MAX_CHARACTERS;
  }

  get(openid: string): Unwritten | undefined {
    return this.#unwritten.get(openid);
  }

  has(openid: string): boolean {
    return this.#unwritten.has(openid);
  }

  /** In the order of their first saves. */
  all(): Unwritten[] {
    return [...this.#unwritten.values()];
  }

  /** Resolves when there is room for another record, or at the time `at`. */
  room(clock: Clock, at: number): Promise<unknown> {
    return this.#room.until(() => !this.isFull, { clock, at });
  }

  known(openid: string): Known | undefined {
    return this.#known.get(openid);
  }

  /** The same, if it is certain what the persister has. */
  certain(openid: string): Known | undefined {
    const known = this.#known.get(openid);
    return known?.stored === 'unknown' ? undefined : known;
  }

  know(openid: string, known: Known): void {
    this.#known.set(openid, known);
  }

  /** Adds the latest save of a record, to be written at `dueAt`. */
  add(record: StoredRecord, revision: Revision, dueAt: number): void {
    const { openid } = record;
    const latest = { ...record, revision };
    const entry = this.#unwritten.get(openid);
    this.#characters += record.body.length - (entry?.latest.body.length ?? 0);
    if (entry === undefined) {
      const stored = this.certain(openid)?.stored as Revision | undefined;
      this.#known.delete(openid);
      const fresh = { openid, latest, sent: undefined, stored, dueAt, writing: undefined };
      this.#unwritten.set(openid, fresh);
    } else {
      // The first save that the write under way does not include.
      if (entry.sent === entry.latest) entry.dueAt = dueAt;
      entry.latest = latest;
    }
  }

  /** A record is in the persister as it was saved last, or is given up. */
  remove({ openid, latest }: Unwritten, known: Known): void {
    this.#unwritten.delete(openid);
    this.#characters -= latest.body.length;
    this.#known.set(openid, known);
    this.#room.check();
  }
}
