import type { AnyStateMachine, InputFrom } from 'xstate';
import type { ContextOf, NeedsInput } from '../dialogue/dialogue-types.ts';
import type { Clock } from '../clock.ts';
import type { DueNotice } from '../context/due-notice.ts';
import { type DuePlayed, playDue } from '../context/due-run.ts';
import { lookAt, standingIn } from '../context/looking.ts';
import type { Conversation, ConversationStanding } from '../context/record/inspect.ts';
import type { StoreCore } from '../context/store-core.ts';
import { type Engine, createEngine } from '../dialogue/engine/engine.ts';
import type { Events, Off } from '../internal/emitter.ts';
import { checkOpenid } from '../message.ts';
import { atLeast } from '../internal/at-least.ts';
import type { Persister } from '../persist/persister.ts';
import { Background } from './background.ts';
import {
  type BroadcastOptions,
  type BroadcastProgress,
  type SaidTo,
  type Select,
  broadcast,
} from './delivery/broadcast.ts';
import { ReplyDelivery } from './delivery/delivery.ts';
import { serviceListener } from './effects.ts';
import { Reporter, type RunnerEvents, type SentTurn, type Turn } from './events.ts';
import { rememberInside } from './inside.ts';
import type { Rephrasing } from './rephrasing.ts';
import type { Recognition } from './recognition/recognition.ts';
import { checkUpgradeOptions } from './upgrade/migrate.ts';
import { Messages } from './messages.ts';
import {
  type DeliverOptions,
  type HandleOptions,
  type Incoming,
  type IncomingOf,
  type Limits,
  type OutsideEvent,
  type OutsideEventOf,
  type RunDueOptions,
  type RunnerOptions,
  type RunnerOptionsOf,
  type RunnerStats,
  type Said,
  type SayOptions,
  type SendOptions,
  checkDeliverOptions,
  checkHandleOptions,
  checkIdOption,
  stoppedError,
  toLimits,
  toRunDueLimit,
} from './options.ts';
import { Services } from './services.ts';
import { createTurnContext, openStore } from './turn-context.ts';

/** Takes the messages of all users through a dialogue, and delivers its replies. */
export interface Runner<out Dialogue extends AnyStateMachine = AnyStateMachine> {
  /** The clock of this process: that of the runner's store. */
  readonly clock: Clock;
  /**
   * Where its store keeps conversations, as the store writes to it; undefined without a persister. `createSource` keeps its
   * place there. Conversations are read and changed by the store.
   */
  readonly persister: Persister | undefined;
  /**
   * Takes one message through its turn. Messages of one user run in the order of these calls. A turn that fails is an
   * outcome, not a rejection.
   * @example
   * await runner.handle('ann', 'hi', { id: '1' });
   * const again = await runner.handle('ann', 'hi', { id: '1' });
   * console.log(again.outcome); // → duplicate
   * @throws MessageError `bad_openid`, `bad_message`, `bad_id`: refused, nothing was read or stored
   * @throws UsageError `runner_stopped`, `store_closed`, `bad_option`, `would_deadlock`
   */
  handle(openid: string, message: IncomingOf<Dialogue>, options?: HandleOptions): Promise<Turn>;
  /**
   * Takes an event that another program reports, such as a payment, through a turn of the user. Its replies are committed
   * with it and then sent as `reply` events, not returned. No user spoke by it, so it reaches only a state that names it;
   * otherwise it is `unhandled`. It waits for no service.
   * @example
   * runner.on('reply', ({ reply }) => console.log(formatReply(reply)));
   * const { outcome } = await runner.send('ann', { type: 'event.payment', key: 'order-7' }, { id: 'p-1' });
   * if (outcome === 'failed' || outcome === 'shed') console.log('Send it again.');
   * @throws MessageError `bad_openid`, `bad_message`, `bad_id`: refused, nothing was read or stored
   * @throws UsageError `runner_stopped`, `store_closed`, `would_deadlock`
   */
  send(openid: string, event: OutsideEventOf<Dialogue>, options?: SendOptions): Promise<SentTurn>;
  /**
   * Says something that is no answer to a message, after the replies that still wait. It is committed to the record of the
   * user and then sent as `reply` events, in order. The dialogue does not know of it.
   * @example
   * runner.on('reply', ({ reply }) => console.log(formatReply(reply)));
   * await runner.say('ann', 'Your parcel has arrived.', { id: 'parcel-7' });
   * await runner.idle('ann'); // → Your parcel has arrived.
   * @returns false if the same `id` was said before
   * @throws MessageError `bad_openid`, `bad_id`
   * @throws StepError `bad_reply`, `too_many_unsent`; ColloquyError `lane_full`
   * @throws DeliveryError `no_reply_listener` if the store has no persister and no listener takes replies
   * @throws PersistError if it could not be written; nothing was said
   * @throws UsageError `runner_stopped`, `store_closed`, `would_deadlock`
   */
  say(openid: string, said: Said, options?: SayOptions): Promise<boolean>;
  /**
   * Says something to every stored conversation that `select` takes, each once, as `say` does: committed in the user's lane and
   * then delivered. It begins, ends and interrupts nothing, slides no expiry, and wakes nobody whose conversation has expired.
   * An error of one user is an `error` event, and the others go on. After a crash, an abort or failures, the same call with the
   * same `id` says it to those who have not heard it: each record remembers the last 16 broadcasts.
   * @example
   * runner.on('reply', ({ openid, reply }) => console.log(openid, formatReply(reply))); // → ann Half price today.
   * await runner.handle('ann', 'hi');
   * const sale = { id: 'sale-7', perSecond: 20 };
   * const { said, done } = await runner.broadcast(({ openid }) => openid !== 'bob', 'Half price today.', sale);
   * console.log(said, done); // → 1 true
   * await runner.idle('ann');
   * @throws UsageError `bad_option`, `cannot_list`, `runner_stopped`, `store_closed`; MessageError `bad_id`
   * @throws DeliveryError `no_reply_listener` if the store has no persister and no listener takes replies
   * @throws PersistError if the openids could not be listed; the same call goes on
   */
  broadcast(
    select: Select<ContextOf<Dialogue>>,
    said: SaidTo<ContextOf<Dialogue>>,
    options: BroadcastOptions,
  ): Promise<BroadcastProgress>;
  /**
   * Delivers now the replies that wait for a user, in order, as `reply` events: after a try that failed, or because the user
   * could not be reached then (`push_closed`). Call it when the user can be reached again. It resolves when listeners have
   * taken all of them, or not taken one.
   * @example
   * await runner.deliver('ann');
   * @throws MessageError `bad_openid`; UsageError `bad_option`, `runner_stopped`, `store_closed`
   * @throws PersistError if they could not be read or written; they wait
   * @throws UsageError `would_deadlock` if a listener that it waits for awaits it
   */
  deliver(openid: string, options?: DeliverOptions): Promise<void>;
  /**
   * The conversation of a user as it was last committed; undefined if there is none.
   * @throws MessageError `bad_openid`; UsageError `store_closed`; PersistError if it could not be read
   */
  inspect(openid: string): Promise<Conversation<ContextOf<Dialogue>> | undefined>;
  /**
   * The standing of a conversation after all turns that were accepted before. A channel that routes a message to one of
   * several conversations of a person decides by it.
   * @param ids `hasHeard` says whether a message with one of these ids counted in it
   * @throws MessageError `bad_openid`; UsageError `store_closed`; PersistError if it could not be read
   */
  standing(openid: string, ids: readonly string[]): Promise<ConversationStanding>;
  /**
   * Moves a conversation to another openid, as `move` of its store does: if the platform gave the user a new one.
   * @returns whether there was anything to move
   * @throws ColloquyError `target_exists` if `to` has a conversation already; nothing has changed
   * @throws MessageError `bad_openid`; PersistError if it could not be read or written
   * @throws UsageError `runner_stopped`, `store_closed`, `would_deadlock`
   */
  move(from: string, to: string): Promise<boolean>;
  /**
   * Resolves when nothing of this user is running in this process: no turn, no service, no delivery of a reply.
   * @throws UsageError `would_deadlock` if a function that it waits for awaits it
   */
  idle(openid: string): Promise<void>;
  /** Remembers the ids of messages for at least this time: for a platform that may deliver a message again so late. */
  expectRedelivery(withinMs: number): void;
  /** How busy the runner and its store are right now. */
  stats(): RunnerStats;
  /**
   * Calls a listener for each event. `reply` has a reply outside of an answer: push it to the user. `turn`, `timer`,
   * `emit`, `working`, `draft`, `done` and `incompatible` report what happened, `conflict` and `error` what went wrong;
   * `RunnerEvents` says what each one has. What a listener of another event throws is an `error` event.
   * @returns a function that removes the listener
   */
  on<Name extends keyof RunnerEvents>(
    name: Name,
    listener: (event: RunnerEvents<Dialogue>[Name]) => unknown,
  ): Off;
  /**
   * Continues what a former process left with the persister: due timers, unfinished services. Without a persister, and
   * for a new store, there is no need to call it. If the persister cannot be reached, it resolves as well, and the store
   * tries again: to know before you listen on a port, await `store.exists()` of any openid first.
   */
  start(): Promise<void>;
  /**
   * Does everything that is due once, for a process that does not stay, such as a cron of a serverless host: timers, replies
   * that wait, abandoned services, expiry. It needs no `start()`. It waits 30 seconds at most for services and deliveries.
   * @throws UsageError `runner_stopped`, `bad_option`; PersistError if what is due could not be found
   */
  runDue(options?: RunDueOptions): Promise<DuePlayed>;
  /**
   * Accepts no more messages, and lets the accepted turns end without waiting for recognizers. Then it aborts the services
   * that are still running: the next `start()` on the same store or persister starts them again. Safe to call twice.
   */
  stop(): Promise<void>;
}

/**
 * Brings a dialogue to life for any number of users: takes their messages, keeps where each of them stands, and gives the
 * replies. A dialogue is any XState machine that takes messages and emits replies.
 * @example
 * const runner = createRunner(survey);
 * runner.on('reply', ({ openid, reply }) => console.log(`${openid}: ${formatReply(reply)}`)); // what is said later
 * console.log((await runner.handle('ann', 'hi')).replies.map(formatReply).join()); // → What is your name?
 * @throws UsageError `bad_dialogue`, `bad_option`, `store_taken`
 */
export function createRunner<Dialogue extends AnyStateMachine>(
  dialogue: Dialogue,
  ...[options]: NeedsInput<InputFrom<Dialogue>> extends true
    ? [options: RunnerOptionsOf<Dialogue> & Pick<Required<RunnerOptionsOf<Dialogue>>, 'input'>]
    : [options?: RunnerOptionsOf<Dialogue>]
): Runner<Dialogue> {
  return new TurnRunner(dialogue, options as RunnerOptions) as Runner as Runner<Dialogue>;
}

class TurnRunner implements Runner {
  readonly clock: Clock;
  readonly persister: Persister | undefined;
  readonly #core: StoreCore;
  readonly #engine: Engine;
  readonly #limits: Limits;
  readonly #events: Events<RunnerEvents>;
  readonly #services: Services;
  readonly #recognition: Recognition | undefined;
  readonly #rephrasing: Rephrasing | undefined;
  readonly #delivery: ReplyDelivery;
  readonly #messages: Messages;
  readonly #background: Background;
  readonly #dueNotice: DueNotice;
  readonly #broadcasts: Parameters<typeof broadcast>[0];
  readonly #ended = new AbortController();
  readonly #closeStore: () => Promise<void>;
  #stopped: Promise<void> | undefined;

  constructor(dialogue: AnyStateMachine, options: RunnerOptions = {}) {
    const engine = createEngine(dialogue);
    this.#engine = engine;
    const limits = toLimits(options);
    this.#limits = limits;
    checkUpgradeOptions(options, dialogue);
    const { core, close } = openStore(options);
    this.#core = core;
    rememberInside(this, { engine, core });
    this.clock = core.processClock;
    this.persister = core.persister;
    this.#closeStore = close;
    const reporter = new Reporter(this);
    const events = (this.#events = reporter.events);
    const services = new Services(core.holders, serviceListener({ events, reporter }));
    this.#services = services;
    const parts = { engine, core, events, reporter, services, limits };
    const context = createTurnContext(parts, options);
    this.#recognition = context.recognition;
    this.#rephrasing = context.rephrasing;
    this.#dueNotice = context.dueNotice;
    const delivery = new ReplyDelivery({ core, events, reporter, context });
    this.#delivery = delivery;
    this.#broadcasts = { core, delivery, reporter, ended: this.#ended.signal };
    this.#messages = new Messages({ runner: this, core, context, limits, services, delivery });
    const { gathering } = this.#messages;
    this.#background = new Background({
      runner: this,
      core,
      context,
      services,
      delivery,
      gathering,
    });
  }

  handle(openid: string, input: Incoming, options: HandleOptions = {}): Promise<Turn> {
    try {
      this.#checkRunning();
      checkHandleOptions(options);
      const { calls } = this.#core;
      // Most messages come from outside of any function that a lane waits for: they need no closure.
      if (!calls.isInside()) return this.#messages.handle(openid, input, options, undefined);
      return calls.inLane('runner.handle()', [openid], (call) =>
        this.#messages.handle(openid, input, options, call),
      );
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  on<Name extends keyof RunnerEvents>(
    name: Name,
    listener: (event: RunnerEvents[Name]) => unknown,
  ): Off {
    return this.#events.on(name, listener);
  }

  send(openid: string, event: OutsideEvent, options: SendOptions = {}): Promise<SentTurn> {
    return this.#core.calls.inLane('runner.send()', [openid], async (call) => {
      checkIdOption('send()', options);
      this.#checkRunning();
      return this.#messages.send(openid, event, options, call);
    });
  }

  say(openid: string, said: Said, options: SayOptions = {}): Promise<boolean> {
    return this.#core.calls.inLane('runner.say()', [openid], async (call) => {
      checkIdOption('say()', options);
      this.#checkRunning();
      return this.#delivery.say(openid, said, options, call);
    });
  }

  async broadcast(
    select: Select,
    said: SaidTo,
    options: BroadcastOptions,
  ): Promise<BroadcastProgress> {
    this.#checkRunning();
    return broadcast(this.#broadcasts, select, said, options);
  }

  async deliver(openid: string, options: DeliverOptions = {}): Promise<void> {
    checkDeliverOptions(options);
    this.#checkRunning();
    const { taken = [] } = options;
    const deliver = (): Promise<void> => this.#delivery.deliver(openid, taken);
    return this.#core.calls.untilIdle('runner.deliver()', openid, deliver);
  }

  inspect(openid: string): Promise<Conversation | undefined> {
    return lookAt(this.#core, this.#engine, openid);
  }

  standing(openid: string, ids: readonly string[]): Promise<ConversationStanding> {
    return this.#core.calls.inLane('runner.standing()', [openid], () =>
      standingIn(this.#core, openid, ids, this.#limits.seen),
    );
  }

  move(from: string, to: string): Promise<boolean> {
    return this.#core.calls.inLane('runner.move()', [from, to], async (call) => {
      this.#checkRunning();
      for (const openid of [from, to]) checkOpenid(openid);
      return this.#core.move(from, to, call);
    });
  }

  stats(): RunnerStats {
    const { lanes, records, scheduler } = this.#core;
    return {
      inFlight: this.#messages.inFlight,
      busyLanes: lanes.busy,
      waiting: lanes.queued,
      services: this.#services.size,
      unsent: this.#delivery.outbox.size,
      records: records.size,
      due: scheduler.size,
    };
  }

  idle(openid: string): Promise<void> {
    const { calls } = this.#core;
    return calls.untilIdle('runner.idle()', openid, () => this.#background.idle(openid));
  }

  expectRedelivery(withinMs: number): void {
    this.#limits.seen.ageMs = Math.max(this.#limits.seen.ageMs, atLeast(0, withinMs, 'withinMs'));
  }

  async start(): Promise<void> {
    this.#checkRunning();
    this.#dueNotice.looks();
    await this.#core.scheduler.resume();
  }

  async runDue(options: RunDueOptions = {}): Promise<DuePlayed> {
    const limit = toRunDueLimit(options);
    this.#checkRunning();
    this.#dueNotice.looks();
    return playDue(this.#core, { limit, settled: (openid) => this.#background.idle(openid) });
  }

  stop(): Promise<void> {
    const end = (): Promise<void> => (this.#stopped ??= this.#end());
    return this.#core.calls.untilEnd('runner.stop()', 'stop', end);
  }

  async #end(): Promise<void> {
    this.#ended.abort();
    this.#recognition?.stop();
    this.#rephrasing?.stop();
    await this.#background.stop();
    await this.#closeStore();
  }

  #checkRunning(): void {
    if (this.#stopped === undefined) return this.#core.checkOpen();
    throw stoppedError();
  }
}
