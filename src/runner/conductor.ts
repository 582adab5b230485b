import type { StoreCore } from '../context/store-core.ts';
import { type ConversationRecord, NONE, type RunningService } from '../context/record/record.ts';
import type { Engine, Snapshot } from '../dialogue/engine/engine.ts';
import { withStep } from '../dialogue/text/current-step.ts';
import { ColloquyError } from '../errors.ts';
import type { Events } from '../internal/emitter.ts';
import { type MaybePromise, attempt, chain, isPromise } from '../internal/maybe.ts';
import type { Message } from '../message.ts';
import type { Reply } from '../reply.ts';
import { Attendant } from './background.ts';
import type { Cause } from './transition.ts';
import type { Outcome, RunnerEvents, Turn } from './events.ts';
import { upgradeRecord } from './upgrade.ts';
import { Following } from './following.ts';
import type { TurnObserver } from './observe.ts';
import type { OpenTurn } from './exchange.ts';
import { Outbox } from './delivery.ts';
import { type Limits, type RunnerOptions, type Said, toReplies } from './options.ts';
import { freezeContext } from '../context/record/frozen.ts';
import type { Plan } from './commit-plan.ts';
import { type Recognition, createRecognition } from './intents.ts';
import { type ServiceResult, Services } from './services.ts';
import { Teller } from './teller.ts';
import { type Taken, type TurnContext, dropCause, takeTurn } from './turn.ts';
import { watched } from './watched.ts';

type Handlers = Pick<
  RunnerOptions,
  | 'input'
  | 'onError'
  | 'onStale'
  | 'onUnhandled'
  | 'recognizers'
  | 'recognize'
  | 'migrate'
  | 'onIncompatible'
>;

/** Conducts the turns of all conversations. Whoever calls it holds the lane; only a late result takes the lane itself. */
export class Conductor {
  readonly services: Services = new Services();
  readonly outbox: Outbox;
  readonly teller: Teller;
  readonly attendant: Attendant;
  /** What finds out what messages mean; undefined where there is nothing to find out. */
  readonly recognition: Recognition | undefined;
  /** Who follows turns; undefined where nobody does, and then nothing is done for it. */
  observer: TurnObserver | undefined;
  readonly #core: StoreCore;
  readonly #engine: Engine;
  readonly #events: Events<RunnerEvents>;
  readonly #handlers: Handlers;
  readonly #context: TurnContext;

  constructor(
    core: StoreCore,
    engine: Engine,
    events: Events<RunnerEvents>,
    limits: Limits,
    createId: () => string,
    handlers: Handlers,
  ) {
    this.#core = core;
    this.#engine = engine;
    this.#events = events;
    this.#handlers = handlers;
    this.recognition = createRecognition(engine, handlers, {
      clock: core.clock,
      recognizeMs: limits.recognizeMs,
      maxBytes: core.maxContextBytes,
      report: (error, openid) => this.teller.report(error, openid),
    });
    this.teller = new Teller(events);
    this.#context = {
      recognition: this.recognition,
      core,
      engine,
      input: handlers.input ?? ((about) => about),
      createId,
      durable: core.records.isPersistent,
      posts: () => core.records.isPersistent || events.heard('reply'),
      dueTimes: core.records.dueTimes,
      maxContextBytes: core.maxContextBytes,
      keep: (inner) => freezeContext(inner, core.maxContextBytes),
      seen: limits.seen,
      onConflict: (openid, tries) => events.emit('conflict', { openid, attempt: tries }),
      fit: (record, now) => {
        const fitting = upgradeRecord(record, handlers, this.#context, now);
        this.teller.tellFitting(record, fitting);
        return fitting;
      },
      onUnhandled: (openid, message) =>
        this.#ask(openid, () => this.#handlers.onUnhandled?.(message, { openid })),
      release: (openid, plan, open) => this.#release(openid, plan, open),
    };
    const report = (error: unknown, openid?: string): void => this.teller.report(error, openid);
    this.outbox = new Outbox(core, events, this.#context, report);
    this.attendant = new Attendant({
      core,
      context: this.#context,
      services: this.services,
      take: (openid, cause) => this.take(openid, cause),
      post: (record) => this.#post(record),
      start: (openid, snapshot, service) => this.#start(openid, snapshot, service),
      report,
    });
  }

  /** Takes a message through its turn, and through what its services bring until the deadline. Never throws. */
  answer(open: OpenTurn, message: Message): MaybePromise<Turn> {
    const { watch } = open;
    if (watch === undefined) return this.#answer(this.#context, open, message);
    return chain(this.#answer(watched(this.#context, watch), open, message), (turn) => {
      watch.end(turn);
      return turn;
    });
  }

  #answer(context: TurnContext, open: OpenTurn, message: Message): MaybePromise<Turn> {
    const { openid, id } = open;
    open.started = true;
    try {
      const taken = takeTurn(
        context,
        openid,
        { type: 'message', message, id, meanings: undefined },
        open,
      );
      if (!isPromise(taken)) return this.#answered(open, taken, message);
      return taken
        .then((ended) => this.#answered(open, ended, message))
        .catch((error: unknown) => this.#failed(openid, id, error, NONE));
    } catch (error) {
      return this.#failed(openid, id, error, NONE);
    }
  }

  /** A turn of its own for a timer or a late service; what it says goes out as `reply` events. Never throws. */
  take(openid: string, cause: Exclude<Cause, { type: 'message' }>): MaybePromise<void> {
    let plan: Plan | undefined;
    const watch = this.observer?.begin({ openid, cause: cause.type });
    const context = watched(this.#context, watch);
    return chain(
      attempt<Turn | undefined>(
        () =>
          chain(takeTurn(context, openid, cause), (taken) => {
            if (taken.type !== 'committed') return undefined;
            ({ plan } = taken);
            return { openid, id: undefined, outcome: outcomeOf(plan), replies: plan.replies };
          }),
        (error) => this.#useUp(openid, undefined, cause, error, NONE),
      ),
      (turn) => {
        watch?.end(turn);
        if (turn === undefined) return;
        if (cause.type === 'timer' && !isForNow(turn.error)) {
          const { id, dueAt } = cause.timer;
          this.#events.emit('timer', { openid, id, dueAt });
        }
        this.teller.tell(turn, cause.type);
        this.#sayAfter(openid, plan, turn.replies);
      },
    );
  }

  /** Says what nobody waited for, after the turn that said it. A turn that forgot its user left no place to keep it. */
  #sayAfter(openid: string, plan: Plan | undefined, replies: readonly Reply[]): void {
    if (plan === undefined) void this.outbox.catchUp(openid, replies);
    else if (plan.posted > 0) this.#post(plan.record, plan.posted);
    else this.outbox.tell(openid, replies);
  }

  #post(record: ConversationRecord, own?: number): void {
    void this.outbox.send(record, own);
  }

  #answered(open: OpenTurn, taken: Taken, message: Message): MaybePromise<Turn> {
    const { openid, id, following } = open;
    if (taken.type === 'stale') {
      const replies = this.#ask(openid, () => this.#handlers.onStale?.(message, { openid }));
      return { openid, id, outcome: 'stale', replies };
    }
    open.counts = true;
    if (taken.type === 'ignored') return { openid, id, outcome: taken.outcome, replies: NONE };
    if (taken.type === 'seen') {
      return { openid, id, outcome: 'duplicate', replies: taken.replies };
    }
    const { plan } = taken;
    if (plan.posted > 0) {
      open.posted = plan.replies.length;
      this.#post(plan.record, plan.posted);
    }
    if (following !== undefined) return this.#follow(open, following, plan.replies);
    return { openid, id, outcome: outcomeOf(plan), replies: plan.replies };
  }

  /** Goes on with the same turn as its services end, until all have or the deadline comes. */
  async #follow(open: OpenTurn, following: Following, said: readonly Reply[]): Promise<Turn> {
    const { openid, id } = open;
    let replies = said;
    try {
      while (!following.isDone) {
        const ended = await following.next();
        if (ended === undefined) return { openid, id, outcome: 'pending', replies };
        const answering = { id, replies: open.unposted(replies) };
        const cause: Cause = { type: 'service', ...ended, answering };
        const taken = await attempt<Taken | Turn>(
          () => takeTurn(watched(this.#context, open.watch), openid, cause, open),
          (error) => this.#useUp(openid, id, cause, error, replies),
        );
        if (!('type' in taken)) return taken;
        if (taken.type !== 'committed') continue;
        const { plan } = taken;
        replies = [...replies, ...plan.replies];
        if (plan.posted > 0) {
          // All who waited have left meanwhile, and had nothing of it.
          open.posted = replies.length;
          this.#post(plan.record, plan.posted);
        }
      }
      return { openid, id, outcome: replies.length > 0 ? 'replied' : 'silent', replies };
    } finally {
      open.following = undefined;
      const { running, ended } = following.left;
      for (const { service, result } of ended) this.#late(openid, service, result);
      for (const service of running) {
        this.services.redirect(service.token, (result, home) => this.#late(home, service, result));
      }
    }
  }

  #late(openid: string, service: RunningService, result: ServiceResult): void {
    const { token } = service;
    this.services.hold(token, openid);
    void this.#core.lanes.run(openid, () => {
      const home = this.services.homeOf(token);
      // The conversation was moved while the result waited for its lane.
      if (home !== undefined && home !== openid) return this.#late(home, service, result);
      return chain(this.take(openid, { type: 'service', service, result }), () =>
        this.services.letGo(token),
      );
    });
  }

  /** A conversation has another openid: what works for it goes on under that one. */
  moved(record: ConversationRecord, from: string): void {
    const { openid, services } = record;
    const tokens = services.map(({ token }) => token);
    this.services.move(tokens, from, openid);
    this.outbox.move(from, openid);
  }

  #release(openid: string, plan: Plan, open: OpenTurn | undefined): void {
    for (const token of plan.stop) {
      this.services.stop(token);
      open?.following?.drop(token);
    }
    for (const effect of plan.actions) {
      if (effect.type === 'emit') {
        this.#events.emit('emit', { openid, event: effect.event });
        continue;
      }
      try {
        const result = withStep(plan.record.savedAt, effect.run);
        if (result instanceof Promise)
          result.catch((error: unknown) => this.teller.report(error, openid));
      } catch (error) {
        this.teller.report(error, openid);
      }
    }
    if (plan.done !== undefined && this.#events.heard('done')) {
      this.#events.emit('done', { openid, output: plan.done.output });
    }
    for (const service of plan.start) {
      this.#start(openid, plan.record.live as Snapshot, service, open);
    }
  }

  /** @returns false where the dialogue has no such service any more */
  #start(openid: string, snapshot: Snapshot, service: RunningService, open?: OpenTurn): boolean {
    const logic = this.#engine.service(snapshot, service.actor, service.src);
    if (logic === undefined) return false;
    // Whom nobody waits for, nobody follows: the lane is for the next message.
    if (open?.follows === true && !open.left) open.following ??= new Following();
    const { following } = open ?? {};
    following?.add(service);
    this.services.start(openid, service, logic, (result, home) =>
      following === undefined ? this.#late(home, service, result) : following.end(service, result),
    );
    return true;
  }

  /**
   * A turn of a timer or a service that failed. Where the dialogue threw, it would throw again, so its cause is used up;
   * where the record could not be read or written, the cause stays in it for the scheduler to come back to.
   */
  #useUp(
    openid: string,
    id: string | undefined,
    cause: Cause,
    error: unknown,
    said: readonly Reply[],
  ): MaybePromise<Turn> {
    if (isForNow(error)) {
      this.#core.scheduler.retry(openid);
      this.teller.report(error, openid);
      return { openid, id, outcome: 'failed', replies: said, error };
    }
    return chain(
      attempt<unknown>(
        () => dropCause(this.#context, openid, cause),
        (fault) => this.teller.report(fault, openid),
      ),
      () => this.#failed(openid, id, error, said),
    );
  }

  #failed(openid: string, id: string | undefined, error: unknown, said: readonly Reply[]): Turn {
    this.teller.report(error, openid);
    const replies = this.#ask(openid, () => this.#handlers.onError?.(error, { openid }));
    return { openid, id, outcome: 'failed', replies: [...said, ...replies], error };
  }

  /** What a handler of the user's says; what it throws is reported, and says nothing. */
  #ask(openid: string, handler: () => Said): readonly Reply[] {
    try {
      return toReplies(handler());
    } catch (error) {
      this.teller.report(error, openid);
      return NONE;
    }
  }
}

/** Whether the same turn may go better the next time. */
function isForNow(error: unknown): boolean {
  return ColloquyError.is(error) && error.retryable;
}

function outcomeOf(plan: Plan): Outcome {
  if (!plan.handled) return 'unhandled';
  return plan.replies.length > 0 ? 'replied' : 'silent';
}
