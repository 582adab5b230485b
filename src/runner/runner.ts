import type { AnyStateMachine } from 'xstate';
import type { Clock } from '../clock.ts';
import type { DuePlayed } from '../context/due-run.ts';
import type { Conversation, ConversationStanding } from '../context/record/inspect.ts';
import type { ContextOf } from '../dialogue/dialogue-types.ts';
import type { Off } from '../internal/emitter.ts';
import type { Persister } from '../persist/persister.ts';
import type {
  DeliverOptions,
  HandleOptions,
  IncomingOf,
  OutsideEventOf,
  RunDueOptions,
  Said,
  SayOptions,
  SendOptions,
} from './calls.ts';
import type { BroadcastOptions, BroadcastProgress, SaidTo, Select } from './delivery/broadcast.ts';
import type { RunnerEvents, SentTurn, Turn } from './events.ts';

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
   * then delivered. It begins, ends and interrupts nothing, slides no expiry, and begins no conversation that has expired.
   * An error of one user is an `error` event, and the others continue. After a crash, an abort or failures, the same call with the
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
   * @throws PersistError if the openids could not be listed; the same call continues
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

/** Numbers of a runner at this moment, for a monitor. */
export interface RunnerStats {
  /** Number of messages that were accepted and not answered. */
  readonly inFlight: number;
  /** Number of users with a running turn. */
  readonly busyLanes: number;
  /** Number of messages that wait behind a running turn. */
  readonly waiting: number;
  /** Number of running services. */
  readonly services: number;
  /** Number of users whose replies are being delivered. */
  readonly unsent: number;
  /** Number of records in memory. */
  readonly records: number;
  /** Number of records in memory in which something falls due. */
  readonly due: number;
}
