import { warn } from '../internal/warn.ts';
import type { ConversationRecord } from './record/record.ts';

/**
 * Warns once if this process stores a timer or a burst and does not look for due ones: when it ends, no process may be left
 * that takes its turn.
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
  stored({ timers, burst }: Pick<ConversationRecord, 'timers' | 'burst'>): void {
    if (!this.#isNeeded || (timers.length === 0 && burst === undefined)) return;
    this.#isNeeded = false;
    warn(
      'not_started',
      "A timer or a burst is stored, and this runner looks for none: when its process has ended, it is taken only with the next message of its user. Call runner.start() where the process begins, or runner.runDue() from a cron. If another process does so, create this runner with `due: 'elsewhere'`.",
    );
  }
}
