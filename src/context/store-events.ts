import type { Data } from '../internal/plain-data.ts';
import { type ConversationRecord, handOut } from './record/record.ts';

/** The events of a store. Each is emitted after it has happened. */
export type StoreEvents<D extends object = Data> = {
  /**
   * A record was committed, by a draft, an update or a turn. Where it is not `durable`, the end of this process loses it:
   * without a persister always; where the persister is written behind, until the `durable` event of this revision or of
   * a later one.
   */
  save: {
    /** The user. */
    readonly openid: string;
    /** The dictionary as it was committed. */
    readonly data: Readonly<D>;
    /** The number of the record's version. */
    readonly revision: number;
    /** Whether it is in the persister already. */
    readonly durable: boolean;
  };
  /**
   * What was committed for `openid` under `revision`, and everything before it, is in the persister. Only where that is after
   * the save.
   */
  durable: {
    /** The user. */
    readonly openid: string;
    /** The number of the record's version. */
    readonly revision: number;
  };
  /** A record was read from the persister into memory. */
  load: {
    /** The user. */
    readonly openid: string;
    /** The dictionary as it was stored. */
    readonly data: Readonly<D>;
    /** The number of the record's version. */
    readonly revision: number;
  };
  /** A record has expired and is gone; this was its last data. Once for each record. */
  expire: {
    /** The user. */
    readonly openid: string;
    /** The dictionary as it was. */
    readonly data: Readonly<D>;
  };
  /** A record left memory to make room. Where it is not `durable`, this was its last data. */
  evict: {
    /** The user. */
    readonly openid: string;
    /** The dictionary, which leaves memory. */
    readonly data: Readonly<D>;
    /** Whether it is in the persister. */
    readonly durable: boolean;
  };
  /** Everything that was kept for a user was deleted on request. */
  flush: {
    /** The user. */
    readonly openid: string;
  };
  /** Everything that was kept under the openid `from` is kept under `openid` now. */
  move: {
    /** The openid that the user has now. */
    readonly openid: string;
    /** The openid that the user had. */
    readonly from: string;
  };
  /** An error that no caller receives: of a listener, a stored record that does not open, the scheduler. */
  error: {
    /** What was thrown. */
    readonly error: unknown;
    /** The user, if the error is about one. */
    readonly openid: string | undefined;
  };
};

export function recordEvent(record: ConversationRecord): StoreEvents['load'] {
  return { openid: record.openid, data: handOut(record), revision: record.revision };
}
