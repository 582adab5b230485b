import type { ConversationRecord } from '../../context/record/record.ts';
import { settled } from '../../dialogue/engine/settled.ts';
import { type Events, createEvents } from '../../internal/emitter.ts';
import { warn } from '../../internal/warn.ts';
import type { Reply } from '../../reply.ts';
import { type Said, toReplies } from '../calls.ts';
import type { RunnerEvents, Turn } from '../events.ts';
import type { Upgrade } from '../upgrade/upgrade.ts';
import { channels } from './trace.ts';

/** Reports to the listeners of a runner. */
export class Reporter {
  readonly #runner: object;
  /** What their listeners throw is an `error` event. */
  readonly events: Events<RunnerEvents>;
  /** The records whose upgrade was reported. */
  readonly #reported = new WeakSet<ConversationRecord>();

  constructor(runner: object) {
    this.#runner = runner;
    this.events = createEvents<RunnerEvents>((fault, name) => {
      if (name !== 'error') this.error(fault);
      else warn('listener_threw', "A listener of the runner's 'error' event threw.");
    });
  }

  turn(turn: Turn, cause: RunnerEvents['turn']['cause']): void {
    if (this.events.heard('turn')) this.events.emit('turn', { ...turn, cause });
  }

  /** Emits an error, or warns the process if no listener takes errors. */
  error(error: unknown, openid?: string): void {
    const { failed } = channels;
    if (failed.hasSubscribers) failed.publish({ runner: this.#runner, openid, error });
    if (this.events.heard('error')) this.events.emit('error', { error, openid });
    else
      warn('unheard_error', "An error of the runner went unheard: runner.on('error', …) takes it.");
  }

  /** Tells of replies that no turn has said. */
  said(openid: string, replies: readonly Reply[]): void {
    const { said } = channels;
    if (said.hasSubscribers) said.publish({ runner: this.#runner, openid, replies });
  }

  /** The replies of a handler of the user's. If it throws, that is reported and there are none. */
  repliesOf(openid: string, handler: () => Said): readonly Reply[] {
    try {
      return toReplies(settled(handler(), 'A handler of replies'));
    } catch (error) {
      this.error(error, openid);
      return [];
    }
  }

  /** Emits, once for a record, that its conversation cannot continue as it was. */
  upgrade(record: ConversationRecord, upgrade: Upgrade): void {
    const { outcome, found, dropped, faults, change } = upgrade;
    const isStopped = outcome !== 'fits' && outcome !== 'migrated';
    const isLess = dropped.timers.length + dropped.services.length > 0;
    const isNews = isStopped || isLess;
    // A turn that waits for recognizers loads the same record twice.
    if ((!isNews && faults.length === 0) || this.#reported.has(record)) return;
    this.#reported.add(record);
    // After a restart the record stays outdated until the next message, without its timers and services.
    if (outcome === 'restart' && change !== undefined) this.#reported.add(change);
    const { openid } = record;
    for (const fault of faults) this.error(fault, openid);
    if (isNews) this.events.emit('incompatible', { openid, found, outcome, dropped });
  }
}
