import type { LRUCache } from 'lru-cache';

/** An entry and the version it was put with. */
export interface Entry {
  readonly value: Buffer;
  readonly version?: number;
}

/**
 * The methods of a database table that are used here. Reads are synchronous. Writes are queued, and a thread of the
 * database carries out those of a block together, without waiting for JavaScript. So a process that is busy, blocked or
 * about to exit does not delay others.
 */
export interface Table {
  getEntry(key: Buffer): Entry | undefined;
  /** The same without a copy: the value is valid until the next read of any table. */
  peek(key: Buffer): Entry | undefined;
  /** In the order of their bytes. */
  getKeys(options?: { readonly start?: Buffer; readonly limit?: number }): Iterable<Buffer>;
  /** Inside a block. */
  put(key: Buffer, value: Buffer, version?: number): void;
  /** Inside a block. */
  remove(key: Buffer): void;
  /**
   * Puts, if the entry of `key` then has the version `expected`: as a block would, in half the time.
   * @returns whether it had, when the write is durable
   */
  putIf(key: Buffer, value: Buffer, version: number, expected: number): Promise<boolean>;
  /**
   * Queues what `block` puts and removes, in any table. It is done if the entry of `key` then has that version. Blocks may
   * be nested; an inner block is the last part of its outer one.
   * @returns whether it had, when all of it is durable
   */
  ifVersion(key: Buffer, version: number, block: () => void): Promise<boolean>;
  /** The same, done if there is no entry then. */
  ifNoExists(key: Buffer, block: () => void): Promise<boolean>;
}

/** The last known place of a record. */
export interface Place {
  readonly version: number;
  /** Its time in the index of due records. */
  readonly filedAt: number;
}

export interface Tables {
  /** openid → times, body; by version: the revision. See `entry.ts`. */
  readonly records: Table;
  /** (time, openid) → nothing, for every record: the time at which it is due, or an earlier one. */
  readonly due: Table;
  /** openid → end, duration, owner; its version is a random number. */
  readonly leases: Table;
  /** Facts about the whole database, each as a version. */
  readonly meta: Table;
  /** The places of the records that were saved last. Another process may have changed them since. */
  readonly places: LRUCache<string, Place>;
  /** Lets later reads see the last commit of all processes. */
  refresh(): void;
}

/** The value of an entry whose key or version is all that counts. */
export const NOTHING: Buffer = Buffer.of(0);
