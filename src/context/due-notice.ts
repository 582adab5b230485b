import { warn } from '../internal/warn.ts';
import type { ConversationRecord } from './record/record.ts';

/**
 * Warns once if this process stores a timer and does not look for due ones: when it ends, no process may be left that fires
 * the timer.
 */
export class DueNotice {
  #isNeeded: boolean;

  constructor(isNeeded: boolean) {
    this.#isNeeded = isNeeded;
  }

  /** Notes that this process looks for what is due. */
  looks(): void {
    this.#isNeeded = false;
  }

  /** Notes that a record was stored. */
  stored({ timers }: Pick<ConversationRecord, 'timers'>): void {
    if (!this.#isNeeded || timers.length === 0) return;
    this.#isNeeded = false;
    warn(
      'not_started',
      "A timer is stored, and this runner looks for none: when its process has ended, the timer fires only with the next message of its user. Call runner.start() where the process begins, or runner.runDue() from a cron. If another process does so, create this runner with `due: 'elsewhere'`.",
    );
  }
}
