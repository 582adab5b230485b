import type { AnyStateMachine, InputFrom } from 'xstate';
import type { ContextOf, NeedsInput } from './dialogue-types.ts';
import type { Clock } from '../clock.ts';
import type { StoreCore } from '../context/store-core.ts';
import { coreOf, createContextStore } from '../context/store.ts';
import { type Engine, createEngine } from '../dialogue/engine/engine.ts';
import { MessageError, UsageError } from '../errors.ts';
import { type Events, type Off, createEvents } from '../internal/emitter.ts';
import { type MaybePromise, isPromise } from '../internal/maybe.ts';
import { warn } from '../internal/warn.ts';
import { type Message, checkOpenid, toMessage } from '../message.ts';
import { Conductor } from './conductor.ts';
import type { RunnerEvents, Turn } from './events.ts';
import { Idlers } from './idlers.ts';
import { showInside } from './inside.ts';
import { OpenTurn, keyOf } from './exchange.ts';
import { type Conversation, inspectRecord } from '../context/record/inspect.ts';
import { type ConversationStanding, standingOf } from '../context/record/inspect.ts';
import {
  type HandleOptions,
  type Incoming,
  type Limits,
  type RunnerOptions,
  type Said,
  type SayOptions,
  atLeast,
  toLimits,
  toReplies,
} from './options.ts';

/** The conversations of all users with one dialogue: it takes their messages, and its events tell what happens. */
export interface Runner<out Dialogue extends AnyStateMachine = AnyStateMachine> {
  /** What it tells the time of this process by: the clock of its store. */
  readonly clock: Clock;
  /**
   * Takes one message through its turn. Messages of one user run in the order of these calls.
   *
   * A turn that fails is an outcome, not a rejection.
   * @example
   * await runner.handle('ann', 'hi', { id: '1' });
   * const again = await runner.handle('ann', 'hi', { id: '1' });
   * console.log(again.outcome); // → duplicate
   * @throws MessageError `bad_openid`, `bad_message`, `bad_id`: refused, nothing was read or stored
   * @throws UsageError `runner_stopped`, `store_closed`, `bad_option`
   */
  handle(openid: string, message: Incoming, options?: HandleOptions): Promise<Turn>;
  /**
   * Says something to a user unasked, behind whatever is being said to them: it is committed to their record and then
   * told as `reply` events, in order. The dialogue knows nothing of it.
   * @example
   * runner.on('reply', ({ reply }) => console.log(formatReply(reply)));
   * await runner.say('ann', 'Your parcel has arrived.', { id: 'parcel-7' });
   * await runner.idle('ann'); // → Your parcel has arrived.
   * @returns false where the same `id` was said before
   * @throws MessageError `bad_openid`, `bad_id`
   * @throws StepError `bad_reply`, `too_many_unsent`
   * @throws DeliveryError `no_reply_listener` in a store without a persister that nobody listens to
   * @throws PersistError where it could not be written; nothing was said
   * @throws UsageError `runner_stopped`, `store_closed`
   */
  say(openid: string, said: Said, options?: SayOptions): Promise<boolean>;
  /**
   * The conversation of a user as it was last committed; undefined where there is none.
   * @throws MessageError `bad_openid`
   * @throws PersistError where it could not be read
   * @throws UsageError `store_closed`
   */
  inspect(openid: string): Promise<Conversation<ContextOf<Dialogue>> | undefined>;
  /**
   * How a conversation stands after all turns that were taken in before, for a channel that has to find out to which of
   * several conversations of one person a message belongs.
   * @param ids `hasHeard` says whether a message with one of these ids counted in it
   * @throws MessageError `bad_openid`
   * @throws PersistError where it could not be read
   * @throws UsageError `store_closed`
   */
  standing(openid: string, ids: readonly string[]): Promise<ConversationStanding>;
  /**
   * Moves a conversation to another openid, as the `move` of its store does: where a platform has given it one.
   * @returns whether there was anything to move
   * @throws ColloquyError `target_exists` where `to` has a conversation already; nothing has changed
   * @throws MessageError `bad_openid`
   * @throws PersistError where it could not be read or written
   * @throws UsageError `runner_stopped`, `store_closed`
   */
  move(from: string, to: string): Promise<boolean>;
  /** Resolves when nothing of this user is running in this process: no turn, no service, no reply on its way. */
  idle(openid: string): Promise<void>;
  /** Remembers the ids of messages for at least so many milliseconds, for a platform that delivers again so late. */
  expectRedelivery(withinMs: number): void;
  /** @returns a function that takes the listener off */
  on<Name extends keyof RunnerEvents>(
    name: Name,
    listener: (event: RunnerEvents<Dialogue>[Name]) => unknown,
  ): Off;
  /**
   * Picks up what a former process left with the persister: due timers, unfinished services. Without a persister, and
   * without leftovers in its store, there is nothing to pick up and no need to call it.
   */
  start(): Promise<void>;
  /**
   * Takes no more messages, lets the turns that were taken in come to their end, without what recognizers have not
   * found yet, and aborts the services that outlast them: those are started again by the next `start()` on the same
   * store or persister. Safe to call twice.
   */
  stop(): Promise<void>;
}

/**
 * Brings a dialogue to life for any number of users: takes their messages, keeps where each of them stands, and gives the
 * replies. A dialogue is any XState machine that takes messages and emits replies.
 * @example
 * const runner = createRunner(survey);
 * runner.on('reply', ({ openid, reply }) => console.log(`${openid}: ${formatReply(reply)}`)); // what is said later
 * const { replies } = await runner.handle('ann', 'hi');
 * console.log(replies.map(formatReply).join()); // → What is your name?
 * @throws UsageError `bad_dialogue`, `bad_option`, `store_taken`
 */
export function createRunner<Dialogue extends AnyStateMachine>(
  dialogue: Dialogue,
  ...[options]: NeedsInput<InputFrom<Dialogue>> extends true
    ? [options: OptionsOf<Dialogue> & Pick<Required<OptionsOf<Dialogue>>, 'input'>]
    : [options?: OptionsOf<Dialogue>]
): Runner<Dialogue> {
  return new TurnRunner(
    dialogue,
    options as RunnerOptions | undefined,
  ) as Runner as Runner<Dialogue>;
}

type OptionsOf<Dialogue extends AnyStateMachine> = RunnerOptions<
  InputFrom<Dialogue>,
  ContextOf<Dialogue>
>;

const MAX_ID_LENGTH = 512;

class TurnRunner implements Runner {
  readonly clock: Clock;
  readonly #core: StoreCore;
  readonly #engine: Engine;
  readonly #limits: Limits;
  readonly #events: Events<RunnerEvents>;
  readonly #conductor: Conductor;
  /** The unfinished turns of messages with an id. */
  readonly #open = new Map<string, OpenTurn>();
  readonly #idlers: Idlers;
  readonly #closeStore: () => Promise<void>;
  #inFlight = 0;
  #stopped: Promise<void> | undefined;

  constructor(dialogue: AnyStateMachine, options: RunnerOptions = {}) {
    this.#engine = createEngine(dialogue);
    this.#limits = toLimits(options);
    const own = options.store === undefined;
    const store = options.store ?? createContextStore(options.clock && { clock: options.clock });
    this.#core = coreOf(store);
    this.clock = this.#core.processClock;
    this.#closeStore = own ? () => store.close() : async () => {};
    if (!own && options.clock !== undefined && options.clock !== this.#core.processClock) {
      throw new UsageError(
        'bad_option',
        'A runner goes by the clock of its store: give `clock` to createContextStore() alone.',
      );
    }
    if (this.#core.hasWorker) {
      throw new UsageError(
        'store_taken',
        'Another runner works on this store; stop it first, or give each runner a store of its own.',
      );
    }
    this.#events = createEvents<RunnerEvents>((fault, name) => {
      if (name === 'error')
        warn('listener_threw', "A listener of the runner's 'error' event threw.");
      else this.#conductor.teller.report(fault);
    });
    this.#conductor = new Conductor(
      this.#core,
      this.#engine,
      this.#events,
      this.#limits,
      options.createId ?? (() => globalThis.crypto.randomUUID()),
      options,
    );
    const { services, outbox } = this.#conductor;
    this.#idlers = new Idlers(this.#core.lanes, [services, outbox]);
    this.#core.connect({
      attend: (record) => this.#conductor.attendant.attend(record),
      isAtWork: (record) => record.services.some(({ token }) => services.has(token)),
      onGone: (record, isDeleted) => {
        for (const { token } of record.services) services.stop(token);
        if (!isDeleted) outbox.lose(record);
      },
      onMoved: (record, from) => this.#conductor.moved(record, from),
    });
    showInside(this, {
      dialogue: this.#engine,
      core: this.#core,
      conductor: this.#conductor,
      inFlight: () => this.#inFlight,
    });
  }

  handle(openid: string, input: Incoming, options: HandleOptions = {}): Promise<Turn> {
    let message: Message;
    try {
      this.#checkRunning();
      checkOpenid(openid);
      checkId(options.id);
      if (options.deadlineMs !== undefined) atLeast(0, options.deadlineMs, 'deadlineMs');
      const receivedAt = options.receivedAt ?? this.#core.processClock.now();
      message = toMessage(input, this.#engine.declared, receivedAt);
    } catch (error) {
      return Promise.reject(error as Error);
    }
    const { id } = options;
    const running =
      this.#open.size > 0 && id !== undefined ? this.#open.get(keyOf(openid, id)) : undefined;
    if (running?.result !== undefined && !running.cancelled) {
      return this.#join(running, running.result, options);
    }
    if (this.#isFull(openid)) {
      return Promise.resolve(this.#told({ openid, id, outcome: 'shed', replies: [] }));
    }
    const open = new OpenTurn(openid, id, options.follows ?? true);
    open.watch = this.#conductor.observer?.begin({ openid, cause: 'message', id, message });
    const result = this.#core.lanes.run(openid, () => this.#answer(open, message));
    if (!isPromise(result)) return Promise.resolve(this.#told(result));
    return this.#wait(open, result, options);
  }

  on<Name extends keyof RunnerEvents>(
    name: Name,
    listener: (event: RunnerEvents[Name]) => unknown,
  ): Off {
    return this.#events.on(name, listener);
  }

  async say(openid: string, said: Said, { id }: SayOptions = {}): Promise<boolean> {
    this.#checkRunning();
    checkOpenid(openid);
    checkId(id);
    return this.#conductor.outbox.add(openid, toReplies(said), id);
  }

  async inspect(openid: string): Promise<Conversation | undefined> {
    this.#core.checkOpen();
    checkOpenid(openid);
    const record = await this.#core.read(openid);
    if (record === undefined || record.absent !== undefined) return undefined;
    return inspectRecord(record, this.#engine);
  }

  async standing(openid: string, ids: readonly string[]): Promise<ConversationStanding> {
    this.#core.checkOpen();
    checkOpenid(openid);
    const { lanes, records, clock } = this.#core;
    const record = await lanes.run(openid, () => records.read(openid));
    return standingOf(record, ids, clock.now(), this.#limits.seen);
  }

  async move(from: string, to: string): Promise<boolean> {
    this.#checkRunning();
    checkOpenid(from);
    checkOpenid(to);
    return this.#core.move(from, to);
  }

  idle(openid: string): Promise<void> {
    return this.#idlers.wait(openid);
  }

  expectRedelivery(withinMs: number): void {
    const { seen } = this.#limits;
    seen.ageMs = Math.max(seen.ageMs, atLeast(0, withinMs, 'withinMs'));
  }

  async start(): Promise<void> {
    this.#checkRunning();
    await this.#core.scheduler.resume();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  async #end(): Promise<void> {
    this.#conductor.recognition?.stop();
    await this.#core.lanes.drained();
    await this.#conductor.outbox.rest();
    await this.#core.lanes.drained();
    await this.#conductor.attendant.stop();
    this.#core.connect(undefined);
    await this.#closeStore();
  }

  #isFull(openid: string): boolean {
    const { lanes } = this.#core;
    const { waiting, inFlight } = this.#limits;
    if (lanes.busy > 0 && lanes.isBusy(openid) && lanes.waiting(openid) >= waiting) return true;
    return this.#inFlight + this.#conductor.services.size >= inFlight;
  }

  #wait(open: OpenTurn, result: Promise<Turn>, options: HandleOptions): Promise<Turn> {
    const { openid, id } = open;
    this.#inFlight += 1;
    const ended = result.then((turn) => {
      this.#inFlight -= 1;
      if (id !== undefined && this.#open.get(keyOf(openid, id)) === open) {
        this.#open.delete(keyOf(openid, id));
      }
      if (open.cancelled) return turn;
      this.#told(turn);
      // What a duplicate was told, it was told by the turn that counted, be it in another process.
      if (!open.awaited && counts(turn)) {
        void this.#conductor.outbox.catchUp(openid, open.unposted(turn.replies), id);
      }
      return turn;
    });
    open.result = ended;
    if (id !== undefined) this.#open.set(keyOf(openid, id), open);
    return open.wait(ended, this.#core.processClock, this.#deadline(options), options.signal, true);
  }

  /** Its arrival was told by the clock of the process; whatever is stored goes by that of the store. */
  #answer(open: OpenTurn, message: Message): MaybePromise<Turn> {
    if (open.cancelled) return open.calledOff();
    const turn = this.#conductor.answer(open, this.#core.inStoreTime(message));
    return isPromise(turn) ? turn.then((ended) => this.#sayAfter(open, ended)) : turn;
  }

  /** What all left before it was written comes before what the next turn says: it is posted while the lane is held. */
  #sayAfter(open: OpenTurn, turn: Turn): MaybePromise<Turn> {
    if (!open.left || !counts(turn)) return turn;
    const replies = open.unposted(turn.replies);
    if (replies.length === 0) return turn;
    open.posted = turn.replies.length;
    const { outbox } = this.#conductor;
    return outbox.catchUp(open.openid, replies, open.id, true).then(() => turn);
  }

  /** A redelivery of a message that is still running gets its answer too, by a deadline of its own. */
  async #join(open: OpenTurn, result: Promise<Turn>, options: HandleOptions): Promise<Turn> {
    const turn = await open.wait(
      result,
      this.#core.processClock,
      this.#deadline(options),
      options.signal,
      false,
    );
    if (turn.outcome === 'pending' || turn.outcome === 'stale') return this.#told(turn);
    return this.#told({ ...turn, outcome: 'duplicate', replies: open.unposted(turn.replies) });
  }

  #deadline({ receivedAt, deadlineMs = this.#limits.deadlineMs }: HandleOptions): number {
    return (receivedAt ?? this.#core.processClock.now()) + deadlineMs;
  }

  #told(turn: Turn): Turn {
    this.#conductor.teller.tell(turn, 'message');
    return turn;
  }

  #checkRunning(): void {
    if (this.#stopped === undefined) return this.#core.checkOpen();
    throw new UsageError(
      'runner_stopped',
      'The runner is stopped and took nothing in; create a new one on its store, and let the platform deliver again.',
      { retryable: true },
    );
  }
}

/** Whether a turn says something of its own that is to arrive. Of a stale one nothing is kept. */
function counts({ outcome }: Turn): boolean {
  return outcome !== 'duplicate' && outcome !== 'stale';
}

function checkId(id: unknown): void {
  if (id === undefined) return;
  if (typeof id === 'string' && id.length > 0 && id.length <= MAX_ID_LENGTH) return;
  throw new MessageError(
    'bad_id',
    `The id of a message is a non-empty string of at most ${MAX_ID_LENGTH} characters.`,
  );
}
