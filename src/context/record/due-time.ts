import type { Clock } from '../../clock.ts';
import {
  type Burst,
  type ConversationRecord,
  type UnsentReply,
  recordDueAt,
  recordExpiresAt,
} from './record.ts';

/**
 * When a process has to look at a record, and what it leaves to the process that committed it.
 *
 * Where several processes share a persister, each leaves services and replies to the process that committed them for a
 * time of grace. A process that works on a service commits a heartbeat before its grace ends.
 */
export class DueTimes {
  readonly #ageSeconds: number;
  readonly #clock: Clock;
  readonly #graceMs: number;

  /** @param graceMs 0 where no other process shares the records */
  constructor(store: { readonly ageSeconds: number; readonly clock: Clock }, graceMs = 0) {
    this.#ageSeconds = store.ageSeconds;
    this.#clock = store.clock;
    this.#graceMs = graceMs;
  }

  /** When a reply that is committed at `now` is due. Before that, other processes leave it to this one. */
  replyDueAt(now: number): number {
    return now + this.#graceMs;
  }

  /** Whether another process may be delivering a reply right now. */
  mayBeWithOther({ dueAt }: Pick<UnsentReply, 'dueAt'>): boolean {
    return this.#graceMs > 0 && dueAt > this.#clock.now();
  }

  /**
   * When a process takes the turn of a burst whose caller it does not have. Before that, it leaves the turn to the process that
   * has the caller: a reply in an answer reaches users that a push does not.
   */
  anyoneTakesAt({ dueAt, heldUntil }: Burst): number {
    return this.#graceMs > 0 ? Math.max(dueAt, heldUntil) : dueAt;
  }

  /** The last heartbeat of the services of `base`, for a commit that is none; undefined where none is needed. */
  lastHeartbeat(base: ConversationRecord): number | undefined {
    return this.#graceMs > 0 ? touchedAt(base) : undefined;
  }

  /** When the process that works on the services of a record has to commit a heartbeat; undefined where it need not. */
  heartbeatAt(record: ConversationRecord): number | undefined {
    if (this.#graceMs === 0 || record.services.length === 0) return undefined;
    const touched = touchedAt(record);
    const halfway = touched + this.#graceMs / 2;
    return halfway > this.#clock.now() ? halfway : touched + this.#graceMs;
  }

  /** Whether the grace of the services of a record is over, so that another process may take them. */
  isAbandoned(record: ConversationRecord): boolean {
    return touchedAt(record) + this.#graceMs <= this.#clock.now();
  }

  isExpired(record: ConversationRecord): boolean {
    return this.expiresAt(record) <= this.#clock.now();
  }

  expiresAt(record: ConversationRecord): number {
    return recordExpiresAt(record, this.#ageSeconds);
  }

  /** When this process has to look at a record in memory: something in it is due, or its services need a heartbeat. */
  dueAt(record: ConversationRecord): number {
    const dueAt = Math.min(recordDueAt(record, this.#ageSeconds), record.burst?.dueAt ?? Infinity);
    return Math.min(dueAt, this.heartbeatAt(record) ?? dueAt);
  }

  /** The same for a record that was just loaded: this process may know nothing of its services. */
  loadedDueAt(record: ConversationRecord): number {
    return Math.min(this.dueAt(record), this.wakeAt(record));
  }

  /** When a process has to look at a stored record. Unfinished services are due when their grace ends. */
  wakeAt(record: ConversationRecord): number {
    const { burst } = record;
    const burstAt = burst === undefined ? Infinity : this.anyoneTakesAt(burst);
    const dueAt = Math.min(recordDueAt(record, this.#ageSeconds), burstAt);
    // A driver indexes whole milliseconds.
    const at = Math.ceil(Math.min(dueAt, Number.MAX_SAFE_INTEGER));
    return record.services.length === 0 ? at : Math.min(at, touchedAt(record) + this.#graceMs);
  }
}

/** The times of work that no other process could take. */
export const ALONE: Pick<DueTimes, 'replyDueAt' | 'lastHeartbeat'> = {
  replyDueAt: (now) => now,
  lastHeartbeat: () => undefined,
};

function touchedAt(record: ConversationRecord): number {
  return record.touchedAt ?? record.savedAt;
}
