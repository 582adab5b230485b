import { warn } from '../internal/warn.ts';
import type { ConversationRecord } from './record/record.ts';

/** Warns once where timers are stored in a process that looks for none: when it ends, they may never fire. */
export class DueNotice {
  #isNeeded: boolean;

  constructor(isNeeded: boolean) {
    this.#isNeeded = isNeeded;
  }

  /** This process looks for what is due. */
  looks(): void {
    this.#isNeeded = false;
  }

  stored({ timers }: Pick<ConversationRecord, 'timers'>): void {
    if (!this.#isNeeded || timers.length === 0) return;
    this.#isNeeded = false;
    warn(
      'not_started',
      "A timer is stored, and this runner looks for none: when its process has ended, the timer fires only with the next message of its user. Call runner.start() where the process begins, or runner.runDue() from a cron. If another process does so, create this runner with `due: 'elsewhere'`.",
    );
  }
}
