import type { LRUCache } from 'lru-cache';

/** An entry and the version it was put with. */
export interface Entry {
  readonly value: Buffer;
  readonly version?: number;
}

/**
 * What is needed of a table of the database. Reads are at once. Writes are not: they are noted down, and carried out
 * with the others of a block in a thread of the database, which waits for nobody. So a process that is busy, blocked or
 * about to exit holds up no other.
 */
export interface Table {
  getEntry(key: Buffer): Entry | undefined;
  /** The same without a copy: the value is good until the next look at any table. */
  peek(key: Buffer): Entry | undefined;
  /** In the order of their bytes. */
  getKeys(): Iterable<Buffer>;
  /** Inside a block. */
  put(key: Buffer, value: Buffer, version?: number): void;
  /** Inside a block. */
  remove(key: Buffer): void;
  /**
   * Puts, if by then the entry of `key` has the version `expected`: a block of its own, at half its price.
   * @returns whether it had, when it is durable
   */
  putIf(key: Buffer, value: Buffer, version: number, expected: number): Promise<boolean>;
  /**
   * Notes down what is put and removed while `block` runs, in any table, to be done if by then the entry of `key` has
   * that version. Blocks stand inside one another; of an outer one, a block inside is the last thing.
   * @returns whether it had, when all of it is durable
   */
  ifVersion(key: Buffer, version: number, block: () => void): Promise<boolean>;
  /** The same if there is no entry by then. */
  ifNoExists(key: Buffer, block: () => void): Promise<boolean>;
}

/** Where a record was last seen. */
export interface Place {
  readonly version: number;
  /** At which time it stands in the index of what is due. */
  readonly filedAt: number;
}

export interface Tables {
  /** openid → times, body; by version: the revision. See `entry.ts`. */
  readonly records: Table;
  /** (time, openid) → nothing, for every record: at the time at which it is due, or before. */
  readonly due: Table;
  /** openid → until when, for how long, by whom; by version: any number that no other has. */
  readonly leases: Table;
  /** What is true of the whole database, each a version. */
  readonly meta: Table;
  /** The places of the records that were saved last: a guess, for others may have moved them on. */
  readonly places: LRUCache<string, Place>;
  /** Lets the reads that follow see the last commit of all processes. */
  refresh(): void;
}

/** The value of an entry of which the key, or the version, says it all. */
export const NOTHING: Buffer = Buffer.of(0);
