/**
 * The port to a durable store of records. A driver sees encoded bodies and the few fields it indexes, nothing else.
 */

/** Grows with every save of every record and is never used twice, not even for a record that was deleted in between. */
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
  close(): Promise<void>;
}
