import type { AnyStateMachine, InputFrom } from 'xstate';
import type { Clock } from '../clock.ts';
import type { NeedsInput } from '../dialogue/dialogue-types.ts';
import type { DueNotice } from '../context/due-notice.ts';
import { type DuePlayed, playDue } from '../context/due-run.ts';
import { lookAt, standingIn } from '../context/looking.ts';
import type { Conversation, ConversationStanding } from '../context/record/inspect.ts';
import type { StoreCore } from '../context/store-core.ts';
import { type Engine, createEngine } from '../dialogue/engine/engine.ts';
import type { Events, Off } from '../internal/emitter.ts';
import { checkOpenid } from '../openid.ts';
import { atLeast } from '../internal/at-least.ts';
import type { Persister } from '../persist/persister.ts';
import { UsageError } from '../errors.ts';
import { Background } from './background.ts';
import {
  type DeliverOptions,
  type HandleOptions,
  type Incoming,
  type OutsideEvent,
  type RunDueOptions,
  type Said,
  type SayOptions,
  type SendOptions,
  checkDeliverOptions,
  checkHandleOptions,
  checkIdOption,
  toRunDueLimit,
} from './calls.ts';
import {
  type BroadcastOptions,
  type BroadcastProgress,
  type SaidTo,
  type Select,
  broadcast,
} from './delivery/broadcast.ts';
import { ReplyDelivery } from './delivery/delivery.ts';
import type { RunnerEvents, SentTurn, Turn } from './events.ts';
import type { Rephrasing } from './rephrasing.ts';
import type { Recognition } from './recognition/recognition.ts';
import { checkUpgradeOptions } from './upgrade/migrate.ts';
import { Messages } from './messages.ts';
import { type Limits, type RunnerOptions, type RunnerOptionsOf, toLimits } from './options.ts';
import { serviceListener } from './release/effects.ts';
import { Services } from './release/services.ts';
import { rememberInside } from './reporting/inside.ts';
import { Reporter } from './reporting/reporter.ts';
import type { Runner, RunnerStats } from './runner.ts';
import { createTurnContext, openStore } from './turn-context.ts';

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

function stoppedError(): UsageError {
  return new UsageError(
    'runner_stopped',
    'The runner is stopped and accepted nothing; create a new one on its store, and let the platform deliver again.',
    { retryable: true },
  );
}
