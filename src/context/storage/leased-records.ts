import type { Clock } from '../../clock.ts';
import { ColloquyError } from '../../errors.ts';
import type { MaybePromise } from '../../internal/maybe.ts';
import type { Leases, LoadedRecord, Revision, StoredRecord } from '../../persist/persister.ts';
import { DueTimes } from '../record/due-time.ts';
import type { ConversationRecord } from '../record/record.ts';
import { type OwnLease, LeaseHolder, type LeaseSettings } from './leases.ts';
import { type PersistedOptions, PersistedRecords } from './persisted-records.ts';
import type { NextScan, RecordsListener } from './records.ts';

export interface LeasedOptions extends PersistedOptions {
  readonly leases: Leases;
  readonly lease: LeaseSettings;
  readonly processClock: Clock;
}

/** How long work is left to the process that committed it. */
const GRACE_MS = 30_000;
/** A record is attended to at its time by the process that committed it; another process comes this much later. */
const PATROL_LAG_MS = 1000;

/**
 * Records over a persister that several processes share. While this process holds the lease of an openid, no other
 * process commits to it; at all other times the copy in memory may be out of date.
 */
export class LeasedRecords extends PersistedRecords {
  readonly #leases: LeaseHolder;
  readonly #patrolMs: number;

  constructor(options: LeasedOptions, listener: RecordsListener) {
    super(options, listener, new DueTimes(options, GRACE_MS));
    this.#leases = new LeaseHolder(options);
    this.#patrolMs = options.lease.patrolMs;
  }

  override get leases(): number {
    return this.#leases.size;
  }

  override leaseOf(openid: string): OwnLease | undefined {
    return this.#leases.leaseOf(openid);
  }

  override isCurrent(openid: string): boolean {
    return this.#leases.holds(openid);
  }

  override isByOther(error: unknown): boolean {
    return ColloquyError.is(error, 'leased') || ColloquyError.is(error, 'conflict');
  }

  /** Takes the lease of the openid with its record. */
  override load(
    openid: string,
    now: number = this.clock.now(),
    waits = true,
  ): MaybePromise<ConversationRecord | undefined> {
    if (this.isCurrent(openid) && this.cached(openid) !== undefined) return this.read(openid, now);
    return this.#leases
      .take(openid, (stored, mayBeStale) => this.#admitCurrent(openid, stored, mayBeStale), waits)
      .then((record) => this.unlessExpired(record));
  }

  override release(openid: string): void {
    this.#leases.release(openid);
  }

  override claim(record: ConversationRecord): Promise<ConversationRecord> {
    return this.commit({ ...record, revision: 0, touchedAt: this.clock.now() }, record);
  }

  override openidsAtWork(): string[] {
    return this.unfinished().map(({ openid }) => openid);
  }

  override async nextScan(now: number): Promise<NextScan> {
    return { at: now + this.#patrolMs, lagMs: PATROL_LAG_MS };
  }

  #admitCurrent(
    openid: string,
    stored: LoadedRecord | undefined,
    mayBeStale: boolean,
  ): ConversationRecord | undefined {
    const record = this.admit(openid, stored, mayBeStale);
    if (!mayBeStale) this.listener.onCurrent(openid, record);
    return record;
  }

  protected override save(
    stored: StoredRecord,
    expected: Revision | undefined,
    keepsLease: boolean,
  ): Promise<Revision> {
    return !keepsLease && this.#leases.holds(stored.openid)
      ? this.#leases.save(stored, expected)
      : super.save(stored, expected, keepsLease);
  }
}
