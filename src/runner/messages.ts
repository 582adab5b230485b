import type { HeldCall } from '../context/held-calls.ts';
import type { StoreCore } from '../context/store-core.ts';
import { NONE } from '../context/record/record.ts';
import { eitherOf } from '../internal/async.ts';
import { type MaybePromise, chain, isPromise } from '../internal/maybe.ts';
import { type Message, isSpoken } from '../message.ts';
import { toMessage, toOutsideEvent } from '../message-check.ts';
import { checkOpenid } from '../openid.ts';
import { answerOf } from './delivery/answer.ts';
import { atLeast } from '../internal/at-least.ts';
import type { ReplyDelivery } from './delivery/delivery.ts';
import type { SentTurn, Turn } from './events.ts';
import { TurnTrace, channels } from './reporting/trace.ts';
import { Exchange, keyOf } from './delivery/exchange.ts';
import { Gathering } from './gathering/gathering.ts';
import {
  type HandleOptions,
  type Incoming,
  type OutsideEvent,
  type SendOptions,
  checkId,
  checkReplyToken,
} from './calls.ts';
import type { Limits } from './options.ts';
import { Quota } from './quota.ts';
import type { Services } from './release/services.ts';
import type { MessageCause, TurnRun } from './transition.ts';
import { type TurnContext, type TurnExit, failTurn, takeTurn } from './turn.ts';

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
  readonly #quota: Quota | undefined;
  /** The exchanges that have callers to answer. */
  readonly #open = new Set<Exchange>();
  /** Those of messages with an id. */
  readonly #byId = new Map<string, Exchange>();
  readonly gathering: Gathering;

  constructor(options: MessagesOptions) {
    const { quota } = options.limits;
    this.#options = options;
    this.gathering = new Gathering(options, this);
    this.#quota = quota && new Quota(quota);
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
    checkReplyToken(options.replyToken);
    if (options.deadlineMs !== undefined) atLeast(0, options.deadlineMs, 'deadlineMs');
    const receivedAt = options.receivedAt ?? core.processClock.now();
    const message = toMessage(input, context.engine.declared, receivedAt);
    const running =
      id !== undefined && this.#byId.size > 0 ? this.#byId.get(keyOf(openid, id)) : undefined;
    if (running !== undefined && running.state !== 'cancelled') return this.#join(running, options);
    if (this.#isFull(openid)) return Promise.resolve(this.#shed(openid, id, 'message'));
    const over = isSpoken(message)
      ? this.#quota?.take(openid, id, core.processClock.now())
      : undefined;
    if (over !== undefined) {
      const replies = context.reporter.repliesOf(openid, over);
      return Promise.resolve(this.#shed(openid, id, 'message', { replies, overQuota: true }));
    }
    const trace = this.#trace(openid, message, { id, cause: 'message' });
    const exchange = new Exchange(openid, message, options, trace);
    const result = core.lanes.run(openid, () => this.#take(exchange, call));
    if (result !== undefined && !isPromise(result)) return Promise.resolve(result);
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
    let turn: MaybePromise<Turn | undefined>;
    if (this.#isFull(openid)) turn = this.#shed(openid, id, 'event');
    else {
      const trace = this.#trace(openid, message, { id, cause: 'event' });
      const exchange = new Exchange(openid, message, { id, isSent: true }, trace);
      call?.signal.addEventListener('abort', () => exchange.cancel(), { once: true });
      turn = core.lanes.run(openid, () => this.#take(exchange, call));
      if (isPromise(turn)) this.#open.add(exchange);
    }
    const { replies: _replies, ...sent } = (await turn) as Turn;
    return sent as SentTurn;
  }

  /** A message that is delivered again while its turn is running also gets the answer, until its own deadline. */
  async #join(exchange: Exchange, options: HandleOptions): Promise<Turn> {
    if (exchange.isFull) return this.#shed(exchange.openid, exchange.id, 'message');
    const turn = await exchange.join(this.#callerOf(options));
    this.#options.context.reporter.turn(turn, 'message');
    return turn;
  }

  /**
   * In the lane: the turn, the answer, and the delivery of the replies that no caller takes. Never throws.
   * @returns undefined for a part of a burst, whose callers wait on or have left
   */
  #take(exchange: Exchange, call: HeldCall | undefined): MaybePromise<Turn | undefined> {
    const { openid, id, countsAs } = exchange;
    if (exchange.state === 'cancelled') {
      return this.close(exchange, { openid, id, outcome: 'shed', replies: [] });
    }
    call?.begin();
    exchange.start();
    const message = this.#options.core.inStoreTime(exchange.message);
    const part = this.gathering.partOf(exchange, message);
    return this.run(exchange, {
      type: 'message',
      message,
      id: countsAs,
      part,
      recognized: undefined,
    });
  }

  /** The turn of a message, or of a burst. */
  run(exchange: Exchange, cause: MessageCause): MaybePromise<Turn | undefined> {
    const run: TurnRun = { openid: exchange.openid, cause, exchange, trace: exchange.trace };
    let turn: MaybePromise<Turn | undefined>;
    try {
      const result = takeTurn(this.#options.context, run);
      if (isPromise(result)) return this.#runOn(run, exchange, result);
      turn = this.#answer(run, exchange, result);
    } catch (error) {
      turn = this.#fail(run, exchange, error);
    }
    return isPromise(turn) ? this.#runOn(run, exchange, turn) : turn && this.close(exchange, turn);
  }

  /** The same for a turn that has to wait. */
  async #runOn(
    run: TurnRun,
    exchange: Exchange,
    work: Promise<TurnExit | Turn | undefined>,
  ): Promise<Turn | undefined> {
    let turn: Turn | undefined;
    try {
      const result = await work;
      turn = result && 'type' in result ? await this.#answer(run, exchange, result) : result;
    } catch (error) {
      turn = await this.#fail(run, exchange, error);
    }
    return turn && this.close(exchange, turn);
  }

  /** Answers the callers, and delivers what none of them has. */
  close(exchange: Exchange, turn: Turn): MaybePromise<Turn> {
    const { openid, countsAs, trace, replyToken, leavesReplies: isLeft } = exchange;
    trace?.end(turn);
    const owed = exchange.close(turn);
    if (exchange.overdue?.isAnswered === true) this.#options.delivery.flushLeft(exchange);
    if (exchange.overdue !== undefined) this.#options.context.left.forget(openid);
    if (this.#open.size > 0) this.#forget(exchange);
    const { reporter } = this.#options.context;
    if (exchange.state !== 'cancelled') reporter.turn(turn, exchange.isSent ? 'event' : 'message');
    if (owed.length === 0) return turn;
    // A message that failed does not count, also if `onError` said something: it may come again.
    const answered = turn.outcome === 'failed' ? undefined : countsAs;
    const about = { answered, isForgotten: exchange.isForgotten, isLeft, replyToken };
    return chain(this.#options.delivery.finish(openid, { owed, ...about }), () => turn);
  }

  #forget(exchange: Exchange): void {
    const { openid, id } = exchange;
    this.#open.delete(exchange);
    if (id === undefined) return;
    const key = keyOf(openid, id);
    if (this.#byId.get(key) === exchange) this.#byId.delete(key);
  }

  /** @returns undefined for a part of a burst, whose turn comes later */
  #answer(
    { cause }: TurnRun,
    exchange: Exchange,
    result: TurnExit,
  ): MaybePromise<Turn | undefined> {
    if (result.type === 'part') return this.gathering.park(exchange, result.record);
    if (result.type === 'stale' && cause.type === 'message' && cause.burst !== undefined) {
      const found = this.#options.core.records.load(exchange.openid);
      return chain(found, (record) => this.gathering.tellElse(exchange, record));
    }
    return answerOf(this.#options, exchange, result);
  }

  #fail(run: TurnRun, exchange: Exchange, error: unknown): MaybePromise<Turn> {
    const { openid, id } = exchange;
    return chain(failTurn(this.#options.context, run, error), (replies) => {
      exchange.say(replies);
      const all = [...exchange.replies, ...replies];
      return { openid, id, outcome: 'failed', replies: all, error };
    });
  }

  #shed(
    openid: string,
    id: string | undefined,
    cause: 'message' | 'event',
    about?: Pick<Turn, 'replies' | 'overQuota'>,
  ): Turn {
    const shed = { openid, id, outcome: 'shed', replies: NONE, ...about } as const;
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

  /** The message of a burst whose callers have left. */
  exchangeOf(openid: string, message: Message, id: string | undefined): Exchange {
    const trace = this.#trace(openid, message, { id, cause: 'message' });
    return new Exchange(openid, message, { id, isLeft: true }, trace);
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
