import type { HeldCall } from '../context/held-calls.ts';
import type { StoreCore } from '../context/store-core.ts';
import { NONE } from '../context/record/record.ts';
import { isRetryable } from '../errors.ts';
import { eitherOf } from '../internal/async.ts';
import { type MaybePromise, chain, isPromise } from '../internal/maybe.ts';
import { type Message, checkOpenid, toMessage, toOutsideEvent } from '../message.ts';
import type { Plan } from './commit-plan.ts';
import type { ReplyDelivery } from './delivery/delivery.ts';
import { type SentTurn, type Turn, TurnTrace, channels } from './events.ts';
import { Exchange, keyOf } from './delivery/exchange.ts';
import {
  type HandleOptions,
  type Incoming,
  type Limits,
  type OutsideEvent,
  type SendOptions,
  atLeast,
  checkId,
} from './options.ts';
import type { AwaitedServices, EndedService, Services } from './services.ts';
import type { Cause, TurnRun } from './transition.ts';
import { type TurnContext, type TurnExit, failTurn, outcomeOf, takeTurn } from './turn.ts';

interface MessagesOptions {
  readonly runner: object;
  readonly core: StoreCore;
  readonly context: TurnContext;
  readonly limits: Limits;
  readonly services: Services;
  readonly delivery: ReplyDelivery;
}

/** Takes messages through their turns, and answers their callers. */
export class Messages {
  readonly #options: MessagesOptions;
  /** The exchanges that have callers to answer. */
  readonly #open = new Set<Exchange>();
  /** Those of messages with an id. */
  readonly #byId = new Map<string, Exchange>();

  constructor(options: MessagesOptions) {
    this.#options = options;
  }

  /** Number of messages that were accepted and not answered. */
  get inFlight(): number {
    return this.#open.size;
  }

  /** @throws MessageError `bad_openid`, `bad_message`, `bad_id`, UsageError `bad_option` */
  handle(
    openid: string,
    input: Incoming,
    options: HandleOptions,
    call: HeldCall | undefined,
  ): Promise<Turn> {
    const { core, context } = this.#options;
    const { id } = options;
    checkOpenid(openid);
    checkId(id);
    if (options.deadlineMs !== undefined) atLeast(0, options.deadlineMs, 'deadlineMs');
    const receivedAt = options.receivedAt ?? core.processClock.now();
    const message = toMessage(input, context.engine.declared, receivedAt);
    const running =
      id !== undefined && this.#byId.size > 0 ? this.#byId.get(keyOf(openid, id)) : undefined;
    if (running !== undefined && running.state !== 'cancelled') return this.#join(running, options);
    if (this.#isFull(openid)) return Promise.resolve(this.#shed(openid, id, 'message'));
    const trace = this.#trace(openid, message, { id, cause: 'message' });
    const exchange = new Exchange(openid, message, options, trace);
    const result = core.lanes.run(openid, () => this.#run(exchange, call));
    if (!isPromise(result)) return Promise.resolve(result);
    this.#open.add(exchange);
    if (id !== undefined) this.#byId.set(keyOf(openid, id), exchange);
    return exchange.wait(this.#callerOf(options, call));
  }

  /**
   * Takes an event from outside. No caller takes its replies, so they are delivered, and nothing waits for its services.
   * @throws MessageError `bad_openid`, `bad_message`, `bad_id`
   */
  async send(
    openid: string,
    event: OutsideEvent,
    { id }: SendOptions,
    call: HeldCall | undefined,
  ): Promise<SentTurn> {
    const { core, context } = this.#options;
    checkOpenid(openid);
    checkId(id);
    const message = toOutsideEvent(event, context.engine.declared, core.processClock.now());
    let turn: MaybePromise<Turn>;
    if (this.#isFull(openid)) turn = this.#shed(openid, id, 'event');
    else {
      const trace = this.#trace(openid, message, { id, cause: 'event' });
      const exchange = new Exchange(openid, message, { id, isSent: true }, trace);
      call?.signal.addEventListener('abort', () => exchange.cancel(), { once: true });
      turn = core.lanes.run(openid, () => this.#run(exchange, call));
      if (isPromise(turn)) this.#open.add(exchange);
    }
    const { replies: _replies, ...sent } = await turn;
    return sent as SentTurn;
  }

  /** A message that is delivered again while its turn is running also gets the answer, until its own deadline. */
  async #join(exchange: Exchange, options: HandleOptions): Promise<Turn> {
    if (exchange.isFull) return this.#shed(exchange.openid, exchange.id, 'message');
    const turn = await exchange.join(this.#callerOf(options));
    this.#options.context.reporter.turn(turn, 'message');
    return turn;
  }

  /** In the lane: the turn, the answer, and the delivery of the replies that no caller takes. Never throws. */
  #run(exchange: Exchange, call: HeldCall | undefined): MaybePromise<Turn> {
    const { openid, id } = exchange;
    if (exchange.state === 'cancelled') {
      return this.#close(exchange, { openid, id, outcome: 'shed', replies: [] });
    }
    call?.begin();
    exchange.start();
    const cause: Cause = {
      type: 'message',
      message: this.#options.core.inStoreTime(exchange.message),
      id: exchange.countsAs,
      recognized: undefined,
    };
    const run: TurnRun = { openid, cause, exchange, trace: exchange.trace };
    let turn: MaybePromise<Turn>;
    try {
      const result = takeTurn(this.#options.context, run);
      if (isPromise(result)) return this.#runOn(run, exchange, result);
      turn = this.#answer(exchange, result);
    } catch (error) {
      turn = this.#fail(run, exchange, error);
    }
    return isPromise(turn) ? this.#runOn(run, exchange, turn) : this.#close(exchange, turn);
  }

  /** The same for a turn that has to wait. */
  async #runOn(run: TurnRun, exchange: Exchange, work: Promise<TurnExit | Turn>): Promise<Turn> {
    let turn: Turn;
    try {
      const result = await work;
      turn = 'outcome' in result ? result : await this.#answer(exchange, result);
    } catch (error) {
      turn = await this.#fail(run, exchange, error);
    }
    return this.#close(exchange, turn);
  }

  #close(exchange: Exchange, turn: Turn): MaybePromise<Turn> {
    const { openid, countsAs, trace } = exchange;
    trace?.end(turn);
    const owed = exchange.close(turn);
    if (exchange.overdue?.isAnswered === true) this.#options.delivery.flushLeft(openid);
    if (this.#open.size > 0) this.#forget(exchange);
    const { reporter } = this.#options.context;
    if (exchange.state !== 'cancelled') reporter.turn(turn, exchange.isSent ? 'event' : 'message');
    if (owed.length === 0) return turn;
    // A message that failed does not count, also if `onError` said something: it may come again.
    const answered = turn.outcome === 'failed' ? undefined : countsAs;
    const about = { answered, isForgotten: exchange.isForgotten };
    return chain(this.#options.delivery.finish(openid, { owed, ...about }), () => turn);
  }

  #forget(exchange: Exchange): void {
    const { openid, id } = exchange;
    this.#open.delete(exchange);
    if (id === undefined) return;
    const key = keyOf(openid, id);
    if (this.#byId.get(key) === exchange) this.#byId.delete(key);
  }

  #answer(exchange: Exchange, result: TurnExit): MaybePromise<Turn> {
    const { openid, id, message } = exchange;
    if (result.type === 'stale') {
      const { reporter, options } = this.#options.context;
      const replies = reporter.repliesOf(openid, () => options.onStale?.(message, { openid }));
      return { openid, id, outcome: 'stale', replies };
    }
    if (result.type !== 'commit') {
      exchange.isCommitted = true;
      return result.type === 'seen'
        ? { openid, id, outcome: 'duplicate', replies: result.replies }
        : { openid, id, outcome: 'unhandled', replies: NONE };
    }
    const { plan } = result;
    this.#committed(exchange, plan);
    const { awaited } = exchange;
    if (awaited !== undefined) return this.#awaitServices(exchange, awaited);
    return { openid, id, outcome: outcomeOf(plan), replies: plan.replies };
  }

  #committed(exchange: Exchange, plan: Plan): void {
    exchange.committed(plan);
    if (plan.enqueued > 0) this.#options.delivery.flush(plan);
  }

  /** Continues the turn as its services end, until all have ended or the deadline passes. */
  async #awaitServices(exchange: Exchange, awaited: AwaitedServices): Promise<Turn> {
    const { openid, id, trace } = exchange;
    const { context, services } = this.#options;
    try {
      while (!awaited.isDone) {
        const ended = await awaited.next();
        if (ended === undefined) {
          // A service that was stopped from outside of the turn gives no result.
          if (awaited.isDone) break;
          return { openid, id, outcome: 'pending', replies: exchange.replies };
        }
        const run: TurnRun = { openid, cause: { type: 'service', ...ended }, exchange, trace };
        try {
          const result = await takeTurn(context, run);
          if (result.type === 'commit') this.#committed(exchange, result.plan);
        } catch (error) {
          // The message counts all the same, so the turn is not `failed`: it would be a duplicate if it came again.
          exchange.told(await failTurn(context, run, error));
          if (isRetryable(error)) return await this.#afterUnclearCommit(exchange, run, ended);
        }
      }
      const { replies } = exchange;
      return { openid, id, outcome: replies.length > 0 ? 'replied' : 'silent', replies };
    } finally {
      exchange.awaited = undefined;
      services.leave(awaited, openid);
    }
  }

  /**
   * The commit of a service's result failed, but the persister may have written it. If it has, only this process has the
   * replies; if not, the service runs again.
   */
  async #afterUnclearCommit(
    exchange: Exchange,
    { begun }: TurnRun,
    { service: { token } }: EndedService,
  ): Promise<Turn> {
    const { openid, id } = exchange;
    const { delivery } = this.#options;
    // From here on, the turn waits for no service, and callers leave at their deadlines.
    exchange.awaited = undefined;
    if (begun !== undefined && begun.replies.length > 0) {
      const result = { openid, token, message: exchange.countsAs };
      const trace = await delivery.traceResult(result, () => !exchange.isAbandoned);
      if (trace === 'written') {
        exchange.committed(begun);
        return { openid, id, outcome: 'replied', replies: exchange.replies };
      }
      if (trace !== 'gone') {
        const isForgotten = begun.record.absent !== undefined;
        const given = exchange.isAbandoned ? NONE : exchange.owed;
        void delivery.finishLater(result, { owed: begun.replies, given, isForgotten });
      }
    }
    return { openid, id, outcome: 'pending', replies: exchange.replies };
  }

  #fail(run: TurnRun, exchange: Exchange, error: unknown): MaybePromise<Turn> {
    const { openid, id } = exchange;
    return chain(failTurn(this.#options.context, run, error), (replies) => {
      exchange.say(replies);
      const all = [...exchange.replies, ...replies];
      return { openid, id, outcome: 'failed', replies: all, error };
    });
  }

  #shed(openid: string, id: string | undefined, cause: 'message' | 'event'): Turn {
    const shed = { openid, id, outcome: 'shed', replies: NONE } as const;
    this.#options.context.reporter.turn(shed, cause);
    return shed;
  }

  #isFull(openid: string): boolean {
    const { core, limits, services } = this.#options;
    const { lanes } = core;
    if (lanes.busy > 0 && lanes.isBusy(openid) && lanes.waiting(openid) >= limits.waiting) {
      return true;
    }
    return this.#open.size + services.size >= limits.inFlight;
  }

  #callerOf(options: HandleOptions, call?: HeldCall): Parameters<Exchange['wait']>[0] {
    const { core, limits } = this.#options;
    const { receivedAt, deadlineMs = limits.deadlineMs } = options;
    const signal = call === undefined ? options.signal : eitherOf(call.signal, options.signal);
    const clock = core.processClock;
    return { clock, deadlineAt: (receivedAt ?? clock.now()) + deadlineMs, signal };
  }

  /** Undefined where no subscriber would see it. */
  #trace(
    openid: string,
    message: Message,
    about: { readonly id: string | undefined; readonly cause: 'message' | 'event' },
  ): TurnTrace | undefined {
    if (!channels.isObserved) return undefined;
    const { runner, context } = this.#options;
    return new TurnTrace({ runner, dialogue: context.engine, openid, message, ...about });
  }
}
