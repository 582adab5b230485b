/**
 * The port to a durable store of records. A driver sees encoded bodies and the few fields it indexes, nothing else.
 */

/** Grows with every save of a record and is never used twice for its openid, not even after it was deleted. */
export type Revision = number;

/** A record as a driver keeps it. */
export interface StoredRecord {
  readonly openid: string;
  /** The encoded record. */
  readonly body: string;
  /** Epoch ms at which something is due: a timer, the expiry, or work left over. Indexed by the driver. */
  readonly wakeAt: number;
}

/** A stored record with the revision it was given. */
export interface LoadedRecord extends StoredRecord {
  readonly revision: Revision;
}

/** A record in which something is due. */
export interface DueEntry {
  readonly openid: string;
  readonly wakeAt: number;
}

/** What came of an attempt to take a lease. */
export type Leased =
  | { readonly taken: true; readonly record: LoadedRecord | undefined }
  /** Somebody else has it; it runs out after so many milliseconds, if it is not given back before. */
  | { readonly taken: false; readonly heldForMs: number };

/**
 * Keeps several processes from working on one conversation at the same time. It saves work and keeps order; what keeps
 * the record right, also from an owner that was paused past its lease, is the revision. Leases run out by the time of
 * the persister, not of the process. They exist for openids without a record, too.
 */
export interface Leases {
  /**
   * Loads the record and takes its lease in one round trip. To take what `owner` holds already is to extend it.
   * @param owner one process, by a name of its own
   */
  take(openid: string, owner: string, ttlMs: number): Promise<Leased>;
  /**
   * The same as the persister's `save`, and gives the lease back with it, in one round trip.
   * @throws ConflictError where the stored revision is another one. Nothing was changed, the lease neither.
   */
  save(record: StoredRecord, expected: Revision | undefined, owner: string): Promise<Revision>;
  /** Gives the lease back; where `owner` does not hold it, nothing happens. */
  release(openid: string, owner: string): Promise<void>;
}

export interface Persister {
  /** The record of `openid` as last saved. */
  load(openid: string): Promise<LoadedRecord | undefined>;
  /**
   * Keeps `record` if the stored revision still is `expected` (undefined: there is none). It is durable when the
   * promise resolves.
   * @returns the new revision
   * @throws ConflictError where the stored revision is another one. Nothing was changed.
   */
  save(record: StoredRecord, expected: Revision | undefined): Promise<Revision>;
  /**
   * Deletes the record, where `expected` is given only if that is its revision.
   * @returns whether there was one to delete
   */
  delete(openid: string, expected?: Revision): Promise<boolean>;
  /** Up to `limit` entries with `wakeAt <= until`, the earliest first. */
  due(until: number, limit: number): Promise<DueEntry[]>;
  /** Ends what the persister itself has begun. Safe to call twice; every other call after it is a PersistError `closed`. */
  close(): Promise<void>;
  /**
   * Keeps `record`, whose openid has no record, and deletes that of `from`, if its stored revision is `expected`: both in
   * one, so that a crash leaves one of the two. Leases are left as they are. A persister without it has a store save the
   * new record and delete the old one after that.
   * @returns the revision of `record`
   * @throws ConflictError where `from` has another revision or no record, or the openid of `record` has one. Nothing was
   *   changed.
   */
  move?(from: string, expected: Revision, record: StoredRecord): Promise<Revision>;
  /**
   * Epoch ms by the persister's own clock, one and the same for all who share the place. With it a store knows how far
   * the clock of its process is off, and goes by this one in all that is stored. A persister without it leaves each
   * process to its own clock.
   */
  now?(): Promise<number>;
  /** Where several processes share it. A persister without leases is taken to belong to one process at a time. */
  readonly lease?: Leases;
}
