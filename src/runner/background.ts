import type { StoreCore } from '../context/store-core.ts';
import { type ConversationRecord, NONE, type RunningService } from '../context/record/record.ts';
import type { Snapshot } from '../dialogue/engine/engine.ts';
import { type MaybePromise, attempt, chain } from '../internal/maybe.ts';
import type { Cause } from './transition.ts';
import { isCurrent } from './upgrade.ts';
import type { Services } from './services.ts';
import { type TurnContext, adopt } from './turn.ts';

/** So many timers of one conversation fire before others have their turn. */
const TIMERS_AT_ONCE = 64;

/** What it has done. */
export interface Work {
  readonly core: StoreCore;
  readonly context: TurnContext;
  readonly services: Services;
  /** Takes a turn of its own. Never throws. */
  readonly take: (openid: string, cause: Cause & { readonly type: 'timer' }) => MaybePromise<void>;
  /** Hands over what waits in the outbox. */
  readonly post: (record: ConversationRecord) => void;
  /** Starts a service. @returns false where the dialogue has no such service any more */
  readonly start: (openid: string, snapshot: Snapshot, service: RunningService) => boolean;
  readonly report: (error: unknown, openid?: string) => void;
}

/** Sees to what is due in records, and to services that nobody runs. Whoever has it attend holds the lane. */
export class Attendant {
  readonly #work: Work;

  constructor(work: Work) {
    this.#work = work;
  }

  /** Fires what is due in a record, and starts again what nobody runs. */
  attend(record: ConversationRecord, fired = 0): MaybePromise<void> {
    const { openid } = record;
    const { core, post, take } = this.#work;
    const now = core.clock.now();
    const due = record.timers.filter(({ dueAt }) => dueAt <= now).sort((a, b) => a.dueAt - b.dueAt);
    const [timer] = due;
    if (timer === undefined || fired === TIMERS_AT_ONCE) {
      if (record.outbox.some(({ dueAt }) => dueAt <= now)) post(record);
      return this.#resume(record);
    }
    return chain(take(openid, { type: 'timer', timer }), () =>
      chain(core.records.load(openid), (next) =>
        // Where the record did not move, its turn could not be committed; the scheduler comes back to it.
        next === undefined || next.revision === record.revision
          ? undefined
          : this.attend(next, fired + 1),
      ),
    );
  }

  /** Starts again what nobody runs. Where the persister is shared, it is claimed by a commit first. */
  #resume(record: ConversationRecord): MaybePromise<void> {
    const { core, services } = this.#work;
    const { records } = core;
    const others = record.services.filter(({ token }) => !services.has(token));
    const left = records.dueTimes.isAbandoned(record) ? others : NONE;
    const isAtSome = others.length < record.services.length;
    if (!isAtSome && left.length === 0) return;
    return chain(records.claim(record), (claimed) => this.#restart(claimed, left));
  }

  #restart(record: ConversationRecord, left: readonly RunningService[]): MaybePromise<void> {
    if (left.length === 0) return;
    const { core, context, services } = this.#work;
    if (isCurrent(context.engine, record)) return this.#startAll(record, left);
    const fitting = context.fit(record, core.clock.now());
    return chain(adopt(context, fitting, record), (fitted) =>
      // Of what was committed just now, what is new has been started with it.
      this.#startAll(
        fitted,
        fitted.services.filter(({ token }) => !services.has(token)),
      ),
    );
  }

  #startAll(record: ConversationRecord, left: readonly RunningService[]): MaybePromise<void> {
    const { core, start } = this.#work;
    const snapshot = record.live as Snapshot | undefined;
    const gone = left.filter(
      (service) => snapshot === undefined || !start(record.openid, snapshot, service),
    );
    if (gone.length === 0) return;
    const services = record.services.filter((service) => !gone.includes(service));
    return chain(core.records.commit({ ...record, revision: 0, services }, record), () => {});
  }

  /**
   * Ends the services that still run. Where others share the persister, their records say that nobody is at them any
   * more, so that nobody waits for a sign of life before they are started again.
   */
  async stop(): Promise<void> {
    const { core, services, report } = this.#work;
    const { records, scheduler, lanes } = core;
    const openids = scheduler.openidsAtWork();
    const tokens = new Set(services.tokens);
    services.stopAll();
    const leave = async (openid: string): Promise<void> =>
      attempt<void>(
        () => lanes.run(openid, () => this.#leave(openid, tokens)),
        (error) => report(error, openid),
      );
    await Promise.all(openids.map(leave));
    await records.flush().catch(report);
  }

  /** What another process works on, too, goes on there. */
  #leave(openid: string, tokens: ReadonlySet<string>): MaybePromise<void> {
    const { records } = this.#work.core;
    return chain(records.load(openid), (record) => {
      const isOurs = record?.services.every(({ token }) => tokens.has(token)) === true;
      if (record === undefined || !isOurs || record.services.length === 0) return;
      return chain(records.commit({ ...record, revision: 0, touchedAt: 0 }, record), () => {});
    });
  }
}
