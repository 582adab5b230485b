import type { Clock } from '../../clock.ts';
import {
  type ConversationRecord,
  type UnsentReply,
  recordDueAt,
  recordExpiresAt,
} from './record.ts';

/** How long what a process leaves to be done is left to that process, where several share the persister. */
const GRACE_MS = 30_000;

export interface DueTimesOptions {
  readonly ageSeconds: number;
  readonly clock: Clock;
  /** Whether several processes share the persister. */
  readonly shared: boolean;
}

/** When something has to be done about a record, and whose turn it is. */
export class DueTimes {
  readonly #options: DueTimesOptions;

  constructor(options: DueTimesOptions) {
    this.#options = options;
  }

  /** How long services and replies are left to the process that committed them. */
  get graceMs(): number {
    return this.#options.shared ? GRACE_MS : 0;
  }

  /** When a reply is due that is committed at `now`. Before that, this process alone delivers it. */
  replyDueAt(now: number): number {
    return now + this.graceMs;
  }

  /** Whether another process may be delivering a reply right now. */
  mayBeWithOther({ dueAt }: Pick<UnsentReply, 'dueAt'>): boolean {
    return this.#options.shared && dueAt > this.#options.clock.now();
  }

  /** The last sign of life of the services of `base`, for a commit over it that is not one; undefined: none is needed. */
  lastHeartbeat(base: ConversationRecord): number | undefined {
    return this.#options.shared ? touchedAt(base) : undefined;
  }

  /** Whether nobody has said for so long to be at the services of a record that they may be taken over. */
  isAbandoned(record: ConversationRecord): boolean {
    return touchedAt(record) + this.graceMs <= this.#options.clock.now();
  }

  isExpired(record: ConversationRecord): boolean {
    return this.expiresAt(record) <= this.#options.clock.now();
  }

  expiresAt(record: ConversationRecord): number {
    return recordExpiresAt(record, this.#options.ageSeconds);
  }

  /**
   * When this process has to look at a record: something in it is due, or it has to say that it still works on one of
   * its services, before another process takes it over.
   */
  dueAt(record: ConversationRecord): number {
    const { ageSeconds, shared, clock } = this.#options;
    const dueAt = recordDueAt(record, ageSeconds);
    if (!shared || record.services.length === 0) return dueAt;
    const halfway = touchedAt(record) + this.graceMs / 2;
    const due = halfway > clock.now() ? halfway : touchedAt(record) + this.graceMs;
    return Math.min(dueAt, due);
  }

  /**
   * The same for a record that comes to memory: nobody here may know of its services, so it is looked at when one that
   * is only stored would be.
   */
  arrivesDueAt(record: ConversationRecord): number {
    return Math.min(this.dueAt(record), this.wakeAt(record));
  }

  /** When somebody has to look at a stored record: a service that nobody finished is due when its process had its time. */
  wakeAt(record: ConversationRecord): number {
    const dueAt = recordDueAt(record, this.#options.ageSeconds);
    // A driver indexes whole milliseconds.
    const at = Math.ceil(Math.min(dueAt, Number.MAX_SAFE_INTEGER));
    return record.services.length === 0 ? at : Math.min(at, touchedAt(record) + this.graceMs);
  }
}

function touchedAt(record: ConversationRecord): number {
  return record.touchedAt ?? record.savedAt;
}

/** The times of work that no other process could take over. */
export const ALONE: Pick<DueTimes, 'replyDueAt' | 'lastHeartbeat'> = {
  replyDueAt: (now) => now,
  lastHeartbeat: () => undefined,
};
