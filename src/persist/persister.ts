/**
 * The port to a durable store of records. A driver sees encoded bodies and the few fields it indexes, nothing else.
 */

import type { Clock } from '../clock.ts';

/** Grows with every save of a record. It is never used twice for an openid, not even after a delete. */
export type Revision = number;

/** A record as a driver keeps it. */
export interface StoredRecord {
  /** The user: the key of the record. */
  readonly openid: string;
  /** The encoded record. */
  readonly body: string;
  /** Epoch ms at which something is due: a timer, the expiry, or work left over. Indexed by the driver. */
  readonly wakeAt: number;
}

/** A stored record with the revision it was given. */
export interface LoadedRecord extends StoredRecord {
  /** The number of this version. */
  readonly revision: Revision;
  /**
   * Where the persister sees that the record is not what was saved. The store treats it as absent, and keeps its body as
   * `onCorrupt` says.
   */
  readonly damaged?: true;
}

/** A record in which something is due. */
export interface DueEntry {
  /** The user. */
  readonly openid: string;
  /** Epoch ms at which something is due. */
  readonly wakeAt: number;
}

/** A part of the openids that have a record. */
export interface ListPage {
  /** In the persister's order, each once. */
  readonly openids: readonly string[];
  /** What to ask for the next page with; undefined after the last one. */
  readonly next?: string | undefined;
}

/** The result of an attempt to take a lease. */
export type Leased =
  | {
      /** The lease is taken. */
      readonly taken: true;
      /** The record as last saved; undefined if there is none. */
      readonly record: LoadedRecord | undefined;
    }
  | {
      /** Another process has it. */
      readonly taken: false;
      /** Milliseconds until it expires, unless that process gives it back before. */
      readonly heldForMs: number;
    };

/**
 * Keeps several processes from working on one conversation at the same time. Leases save work and keep order. It is the
 * revision that keeps the record right, also where an owner was paused until its lease had expired. Leases expire by the
 * clock of the persister, not of the process. An openid without a record can be leased, too.
 */
export interface Leases {
  /**
   * Loads the record and takes its lease in one round trip. If `owner` holds the lease already, it is extended.
   * @param owner a name that only one process has
   */
  take(openid: string, owner: string, ttlMs: number): Promise<Leased>;
  /**
   * Saves as the persister's `save` does and gives the lease back, in one round trip.
   * @throws ConflictError where the stored revision is another one. Nothing was changed; the lease is still held.
   */
  save(record: StoredRecord, expected: Revision | undefined, owner: string): Promise<Revision>;
  /** Gives the lease back. Where `owner` does not hold it, nothing happens. */
  release(openid: string, owner: string): Promise<void>;
}

/** What every persister has. */
export const PERSISTER_METHODS = ['load', 'save', 'delete', 'due', 'close'] as const;

/** What a store tells a persister that writes later, and hears of it. */
export interface WriteListener {
  /** The clock of the store. */
  readonly clock: Clock;
  /** Milliseconds after which a write is given up, and tried again; a save waits as long for room. */
  readonly timeoutMs: number;
  /** What was saved under `revision`, and everything before it of that openid, is durable. */
  onDurable(openid: string, revision: Revision): void;
  /** What was saved will never be written: another process has changed the record. */
  onOverwritten(openid: string, error: unknown): void;
  /** Records could not be written. They are tried again. */
  onError(error: unknown, openid: string): void;
}

/** Of a persister whose saves resolve before they are durable: how a store hears of them. */
export interface WritesLater {
  /** The number of records that wait to be written. */
  readonly unwritten: number;
  /**
   * Called once, by the store.
   * @throws UsageError `bad_option` if it has a store
   */
  listen(listener: WriteListener): void;
}

/**
 * Keeps encoded records, one for each openid, with compare-and-set. A database driver implements it, and
 * `persisterContract` tests one.
 */
export interface Persister {
  /** The record of `openid` as last saved. */
  load(openid: string): Promise<LoadedRecord | undefined>;
  /**
   * Keeps `record` if the stored revision still is `expected` (undefined: there is none). Unless the persister has a
   * `flush`, the record is durable when the promise resolves.
   * @returns the new revision
   * @throws ConflictError where the stored revision is another one. Nothing was changed.
   */
  save(record: StoredRecord, expected: Revision | undefined): Promise<Revision>;
  /**
   * Deletes the record. If `expected` is given, it deletes only a record with that revision.
   * @returns whether a record was deleted
   */
  delete(openid: string, expected?: Revision): Promise<boolean>;
  /** The entries with `wakeAt <= until`, a maximum of `limit`, the earliest first. */
  due(until: number, limit: number): Promise<DueEntry[]>;
  /**
   * The openids that have a record, page by page, in an order of the persister that no write changes. The pages from the
   * first one on have each openid whose record exists all the time exactly once. One whose record is saved or deleted
   * meanwhile may be there or not. A page may be shorter than `limit`, and empty; the last one has no `next`.
   * @param cursor the `next` of the page before, however long ago, and by any process; undefined asks for the first page
   */
  list?(cursor: string | undefined, limit: number): Promise<ListPage>;
  /** Ends what the persister itself has begun. Safe to call twice. Every other call after it throws a PersistError `closed`. */
  close(): Promise<void>;
  /**
   * Keeps `record`, whose openid has no record, and deletes the record of `from`, if its revision is `expected`. Both
   * happen in one write, so that a crash leaves one of the two. Leases do not change. Over a persister without `move`, a
   * store saves the new record and then deletes the old one.
   * @returns the revision of `record`
   * @throws ConflictError where `from` has another revision or no record, or the openid of `record` has one. Nothing was
   *   changed.
   */
  move?(from: string, expected: Revision, record: StoredRecord): Promise<Revision>;
  /**
   * Epoch ms by the persister's clock, the same one for all processes that share the persister. A store compares it with
   * the clock of its process, and every time that it stores is by the persister's clock. Over a persister without `now`,
   * each process uses its own clock.
   */
  now?(): Promise<number>;
  /**
   * Makes durable what was saved so far, where a save resolves before its record is durable. With a persister without it,
   * a record is durable when its save resolves.
   */
  flush?(): Promise<void>;
  /** Where saves are answered before they are written, as by `writeBehind`: how a store hears what became of them. */
  readonly later?: WritesLater;
  /** Where several processes share the persister. One without leases belongs to one process at a time. */
  readonly lease?: Leases;
}
