import type { ConversationRecord } from '../context/record/record.ts';
import type { Events } from '../internal/emitter.ts';
import { warn } from '../internal/warn.ts';
import type { RunnerEvents, Turn } from './events.ts';
import type { Upgrade } from './upgrade.ts';

/** Tells those who listen to a runner what happened. */
export class Teller {
  /** Who counts faults, heard or not. */
  onFault: ((error: unknown) => void) | undefined;
  readonly #events: Events<RunnerEvents>;
  /** What was told of already. */
  readonly #incompatible = new WeakSet<ConversationRecord>();

  constructor(events: Events<RunnerEvents>) {
    this.#events = events;
  }

  tell(turn: Turn, cause: RunnerEvents['turn']['cause']): void {
    if (this.#events.heard('turn')) this.#events.emit('turn', { ...turn, cause });
  }

  /** Tells of a fault; with nobody listening it becomes a process warning. */
  report(error: unknown, openid?: string): void {
    this.onFault?.(error);
    if (this.#events.heard('error')) this.#events.emit('error', { error, openid });
    else
      warn('unheard_error', "An error of the runner went unheard: runner.on('error', …) takes it.");
  }

  /** Tells, once for a record, what became of one that was left by another definition. */
  tellFitting(record: ConversationRecord, fitting: Upgrade): void {
    const { outcome, found, dropped, faults, change } = fitting;
    const isNews = outcome !== 'fits' && outcome !== 'migrated';
    const isLess = dropped.timers.length + dropped.services.length > 0;
    // A turn that waits for what its message means comes by the same record twice.
    if ((!isNews && !isLess && faults.length === 0) || this.#incompatible.has(record)) return;
    this.#incompatible.add(record);
    // One that starts again stays as it was until its user comes, but for what was pending.
    if (outcome === 'restart' && change !== undefined) this.#incompatible.add(change);
    const { openid } = record;
    for (const fault of faults) this.report(fault, openid);
    if (isNews || isLess) {
      this.#events.emit('incompatible', { openid, found, outcome, dropped });
    }
  }
}
