import type { StoreCore } from '../context/store-core.ts';
import { type ConversationRecord, NONE, type RunningService } from '../context/record/record.ts';
import type { Snapshot } from '../dialogue/engine/engine.ts';
import { isRetryable } from '../errors.ts';
import type { Off } from '../internal/emitter.ts';
import { type MaybePromise, attempt, chain } from '../internal/maybe.ts';
import type { Plan } from './commit-plan.ts';
import type { ReplyDelivery } from './delivery/delivery.ts';
import { reportLost } from './delivery/lost-replies.ts';
import type { Turn } from './events.ts';
import { TurnTrace, channels } from './reporting/trace.ts';
import type { Gathering } from './gathering/gathering.ts';
import type { EndedService, Services } from './release/services.ts';
import type { Cause, TurnRun } from './transition.ts';
import { type TurnContext, failTurn, outcomeOf, takeTurn } from './turn.ts';
import { isCurrent, upgradeRecord } from './upgrade/upgrade.ts';

/** The maximum of timers of one conversation that fire before other users have their turn. */
const TIMERS_AT_ONCE = 64;

/** The callers of `idle()` for one user. */
interface IdleWait {
  /** Whether a caller joined since the last look. */
  isJoined: boolean;
  end: Promise<void>;
}

interface BackgroundOptions {
  readonly runner: object;
  readonly core: StoreCore;
  readonly context: TurnContext;
  readonly services: Services;
  readonly delivery: ReplyDelivery;
  readonly gathering: Gathering;
}

/**
 * Takes the turns that no caller waits for: of due timers and of services that end late. It also starts abandoned
 * services again, and flushes outboxes that are due.
 */
export class Background {
  readonly #options: BackgroundOptions;

  readonly #idle = new Map<string, IdleWait>();
  readonly #offExpire: Off;

  /** It takes the work of the store from now on. */
  constructor(options: BackgroundOptions) {
    this.#options = options;
    const { runner, core, context, services, delivery, gathering } = options;
    core.connect({
      attend: (record, leavesReplies) => this.#work(record, leavesReplies),
      isAtWork: (record) => record.services.some(({ token }) => services.has(token)),
      onCurrent: (openid, record) => {
        services.stopOthers(openid, record?.services ?? NONE);
        gathering.settle(openid, record);
      },
      onGone: (record, isDeleted) => {
        gathering.settle(record.openid, undefined);
        for (const { token } of record.services) services.stop(token);
        if (!isDeleted) reportLost(context.reporter, record);
      },
      onMoved: (record, from) => {
        const tokens = record.services.map(({ token }) => token);
        services.move(tokens, record.openid);
        gathering.settle(from, undefined);
        delivery.outbox.move(from, record.openid);
      },
    });
    this.#offExpire = core.events.on('expire', ({ openid }) => {
      if (channels.expired.hasSubscribers) channels.expired.publish({ runner, openid });
    });
    void this.#consume();
  }

  /** Resolves when nothing of this user is running: no turn, no service, no delivery. */
  idle(openid: string): Promise<void> {
    // All callers share one wait: each looks from within the lane, and two would see each other there forever.
    const known = this.#idle.get(openid);
    if (known !== undefined) {
      known.isJoined = true;
      return known.end;
    }
    const wait: IdleWait = { isJoined: false, end: Promise.resolve() };
    this.#idle.set(openid, wait);
    wait.end = this.#untilIdle(openid, wait).finally(() => this.#idle.delete(openid));
    return wait.end;
  }

  async #untilIdle(openid: string, wait: IdleWait): Promise<void> {
    const { core, services, delivery } = this.#options;
    const { outbox } = delivery;
    for (;;) {
      wait.isJoined = false;
      await core.lanes.run(openid, () => {});
      if (!services.isIdle(openid)) await services.untilIdle(openid);
      else if (!outbox.isIdle(openid)) await outbox.untilIdle(openid);
      // What a later caller waits for may have started after this look.
      else if (core.lanes.waiting(openid) === 0 && !wait.isJoined) return;
    }
  }

  /** Does what is due in a record. Runs in the lane of its user. */
  #work(record: ConversationRecord, leavesReplies: boolean, fired = 0): MaybePromise<void> {
    const { openid } = record;
    const { core, delivery, gathering } = this.#options;
    const now = core.clock.now();
    const due = record.timers.filter(({ dueAt }) => dueAt <= now).sort((a, b) => a.dueAt - b.dueAt);
    const [timer] = due;
    if (fired < TIMERS_AT_ONCE && gathering.isDue(record, timer?.dueAt ?? now, leavesReplies)) {
      return chain(gathering.take(record, leavesReplies), (turn) => {
        // The message that waits behind the burst must not be first.
        if (leavesReplies && isRetryable(turn?.error)) throw turn?.error as Error;
        return this.#workOn(record, leavesReplies, fired);
      });
    }
    if (timer === undefined || fired === TIMERS_AT_ONCE) {
      const isUnsent = !leavesReplies && record.outbox.some(({ dueAt }) => dueAt <= now);
      if (!isUnsent) return this.#resume(record);
      return chain(delivery.outbox.flushDue(record), (current) => this.#resume(current));
    }
    return chain(this.#take(openid, { type: 'timer', timer, leavesReplies }), () =>
      this.#workOn(record, leavesReplies, fired),
    );
  }

  /** Does what else is due in a record, after a turn. */
  #workOn(before: ConversationRecord, leavesReplies: boolean, fired: number): MaybePromise<void> {
    return chain(this.#options.core.records.load(before.openid), (next) =>
      // If the record is the same, its turn could not be committed; the scheduler comes back to it.
      next === undefined || next.revision === before.revision
        ? undefined
        : this.#work(next, leavesReplies, fired + 1),
    );
  }

  /** Waits until no turn is running, and no late result waits for one. */
  async #settled(): Promise<void> {
    const { core, services } = this.#options;
    await core.lanes.drained();
    await services.untilTaken();
    await core.lanes.drained();
  }

  /**
   * Waits for the turns and deliveries that were begun, and ends the services that still run. If other processes share the
   * persister, the records say that no process runs the services any more, so that another one may start them at once.
   */
  async stop(): Promise<void> {
    const { core, context, services, delivery, gathering } = this.#options;
    gathering.stop();
    await this.#settled();
    await delivery.outbox.rest();
    await this.#settled();
    const { reporter } = context;
    const { records, scheduler, lanes } = core;
    const openids = scheduler.openidsAtWork();
    const tokens = new Set(services.tokens);
    services.late.close();
    services.stopAll();
    const leave = async (openid: string): Promise<void> =>
      attempt<void>(
        () => lanes.run(openid, () => this.#leave(openid, tokens)),
        (error) => {
          if (!records.isByOther(error)) reporter.error(error, openid);
        },
      );
    await Promise.all(openids.map(leave));
    await records.flush().catch((error: unknown) => reporter.error(error));
    core.connect(undefined);
    this.#offExpire();
  }

  async #consume(): Promise<void> {
    const { late } = this.#options.services;
    for (let ended = await late.next(); ended !== undefined; ended = await late.next()) {
      this.#takeLate(ended);
    }
  }

  #takeLate({ service, result }: EndedService): void {
    const { core, services } = this.#options;
    const { token } = service;
    const openid = services.openidOf(token);
    if (openid === undefined) return;
    void core.lanes.run(openid, () => {
      // The conversation may have moved while the result waited for its lane.
      if (services.openidOf(token) !== openid) return this.#takeLate({ service, result });
      return chain(this.#take(openid, { type: 'service', service, result }), () =>
        services.taken(token),
      );
    });
  }

  /** The turn of a timer or a late service. Never throws. */
  #take(openid: string, cause: Exclude<Cause, { type: 'message' }>): MaybePromise<void> {
    const { context } = this.#options;
    const run: TurnRun = { openid, cause, exchange: undefined, trace: this.#trace(openid, cause) };
    let plan: Plan | undefined;
    const turn = attempt<Turn | undefined>(
      () =>
        chain(takeTurn(context, run), (result) => {
          if (result.type !== 'commit') return undefined;
          ({ plan } = result);
          return { openid, id: undefined, outcome: outcomeOf(plan), replies: plan.replies };
        }),
      (error) =>
        chain(failTurn(context, run, error), (replies) => {
          return { openid, id: undefined, outcome: 'failed', replies, error };
        }),
    );
    return chain(turn, (ended) => this.#close(run, ended, plan));
  }

  #close(run: TurnRun, turn: Turn | undefined, plan: Plan | undefined): MaybePromise<void> {
    const { context, delivery } = this.#options;
    const { openid, cause, trace } = run;
    trace?.end(turn);
    if (turn === undefined) return;
    if (cause.type === 'timer' && !isRetryable(turn.error)) {
      const { id, dueAt } = cause.timer;
      context.events.emit('timer', { openid, id, dueAt });
    }
    context.reporter.turn(turn, cause.type);
    if (plan !== undefined && plan.enqueued > 0) {
      if (cause.type !== 'timer' || !cause.leavesReplies) return delivery.flush(plan);
      return context.left.add(openid, plan.record.outbox, plan.enqueued);
    }
    const isForgotten = plan?.record.absent !== undefined;
    return delivery.finish(openid, { owed: turn.replies, isForgotten });
  }

  /** Starts the services again that no process runs. The record is claimed first, if other processes share it. */
  #resume(record: ConversationRecord): MaybePromise<void> {
    const { core, services } = this.#options;
    const { records } = core;
    const others = record.services.filter(({ token }) => !services.has(token));
    const abandoned = records.dueTimes.isAbandoned(record) ? others : NONE;
    const isAtSome = others.length < record.services.length;
    if (!isAtSome && abandoned.length === 0) return;
    return chain(records.claim(record), (claimed) => this.#restart(claimed, abandoned));
  }

  #restart(record: ConversationRecord, abandoned: readonly RunningService[]): MaybePromise<void> {
    if (abandoned.length === 0) return;
    const { core, context } = this.#options;
    if (isCurrent(context.engine, record)) return this.#start(record, abandoned);
    const upgrade = upgradeRecord(record, context.options, context, core.clock.now());
    context.reporter.upgrade(record, upgrade);
    if (upgrade.change === undefined) return this.#start(upgrade.record, upgrade.record.services);
    return chain(core.records.commit(upgrade.change, record), (committed) =>
      this.#start(committed, committed.services),
    );
  }

  #start(record: ConversationRecord, abandoned: readonly RunningService[]): MaybePromise<void> {
    const { core, context, services } = this.#options;
    const snapshot = record.live as Snapshot | undefined;
    const gone = abandoned.filter(
      (service) =>
        !services.has(service.token) &&
        (snapshot === undefined || !context.effects.start(record.openid, snapshot, service)),
    );
    if (gone.length === 0) return;
    const left = record.services.filter((service) => !gone.includes(service));
    return chain(core.records.commit({ ...record, revision: 0, services: left }, record), () => {});
  }

  /** Marks a record as free, unless another process works on one of its services. */
  #leave(openid: string, tokens: ReadonlySet<string>): MaybePromise<void> {
    const { records } = this.#options.core;
    return chain(records.load(openid), (record) => {
      const isOurs = record?.services.every(({ token }) => tokens.has(token)) === true;
      if (record === undefined || !isOurs || record.services.length === 0) return;
      return chain(records.commit({ ...record, revision: 0, touchedAt: 0 }, record), () => {});
    });
  }

  #trace(openid: string, cause: Exclude<Cause, { type: 'message' }>): TurnTrace | undefined {
    if (!channels.isObserved) return undefined;
    const { runner, context } = this.#options;
    const { type } = cause;
    const about = type === 'timer' ? cause.timer.event.type : cause.service.src;
    return new TurnTrace({ runner, dialogue: context.engine, openid, cause: type, about });
  }
}
