import type { AnyStateMachine, ContextFrom } from 'xstate';
import type { Duration } from '../clock.ts';
import type { Data } from '../internal/plain-data.ts';
import type { Reply } from '../reply.ts';
import type { Conversation } from '../context/record/inspect.ts';
import type { Message, Person } from '../message.ts';
import type { OutsideEvent, OutsideEventOf } from '../runner/calls.ts';
import type { ManualClock } from './clock.ts';
import type { ExpectedReply } from './converse-check.ts';
import type { OperatorChat } from './converse-operator.ts';
import type { DeployOptions } from './converse-options.ts';
import type { ChatOutcome } from './converse-user.ts';

/** What came of a message by the time that nothing moves any more but by virtual time. */
export interface Sent {
  /** How the turn ended; undefined if the message was refused. */
  readonly outcome: ChatOutcome | undefined;
  /** What was said to the user. */
  readonly replies: readonly Reply[];
  /** Why the turn failed, or why the message was refused. */
  readonly error?: unknown;
}

/** Options of `chat.fail()`. */
export interface FailOptions {
  /** How often. Default once. */
  readonly times?: number;
}

/**
 * One user who talks with a dialogue: on the real runner, in process, on virtual time.
 *
 * An awaited call ends when no work is left that could continue without time passing. Where a message waits for virtual time to pass (for a service
 * that takes some), `outcome` is `waiting`, and what is said later comes with `advance`. Each awaited call is a step:
 * `replies` are those of the last one.
 */
export interface Chat<Context extends object = Data, Event extends object = OutsideEvent> {
  /** Whose chat it is. */
  readonly openid: string;
  /** Virtual time; every user of a conversation has the same. */
  readonly clock: Pick<ManualClock, 'now' | 'wake'>;

  /**
   * Says something, and gives what is said to it.
   * @throws ConversationError where the dialogue throws, unless there is an `onError` among the options; `send` gives
   * that as an outcome
   */
  say(message: string | Message | Event): Promise<readonly string[]>;
  /** Sends a message of any kind. Of an `id` that was sent before it is the same message. It never throws. */
  send(message: string | Message | Event, options?: { readonly id?: string }): Promise<Sent>;
  /**
   * Has another program report an event about this user, as `runner.send` does: a payment, a parcel. Gives what is pushed
   * to the user then. An event with an `id` that was reported before is the same one.
   * @throws ConversationError as `say` does
   */
  event(event: Event, options?: { readonly id?: string }): Promise<readonly string[]>;
  /**
   * Chooses among what was offered last: by value, by label, or by its number from 1.
   * @throws ConversationError where nothing like it was offered, and as `say` does
   */
  choose(option: string | number): Promise<readonly string[]>;
  /**
   * Presses a button of a reply that was said before, by value, by label, or by its number from 1. Where its question is
   * over, as after a first tap, the `outcome` is `stale`.
   * @param reply one of `chat.said`; undefined, where nothing was said, is refused
   * @throws ConversationError where the reply has no such button, and as `say` does
   * @example
   * const chat = converse(order);
   * await chat.say('hi');
   * const [question] = chat.said;
   * await chat.press(question, 'yes');
   * await chat.press(question, 'yes');
   * chat.expectOutcome('stale');
   */
  press(reply: Reply | undefined, option: string | number): Promise<readonly string[]>;
  /** Delivers the last message once more, as a platform does that got no answer. */
  redeliver(): Promise<Sent>;
  /** Sends a message and, at the same time, the same one again. */
  duplicate(message: string | Message | Event): Promise<Sent>;
  /** Sends messages at the same time, the last one first: on the way, each was overtaken by the next. */
  reorder(...messages: readonly (string | Message | Event)[]): Promise<readonly string[]>;
  /** Another user of the same bot, or this one. */
  user(openid: string): Chat<Context, Event>;
  /**
   * The same conversation, in which this person speaks, by an id or with a name: for a bot in a group, whose openid is
   * the group. What this chat sends has the person as its `from`, unless a message has one.
   * @example
   * const group = converse(order);
   * const [ann, bob] = [group.person('ann'), group.person({ id: '7', name: 'Bob' })];
   * await ann.say('hi');
   * await bob.choose('yes');
   */
  person(person: string | Person): Chat<Context, Event>;
  /**
   * An operator who takes over this conversation, where its dialogue has a takeover (`createTakeover`). What the takeover
   * tells operators is kept here, and no operator gets it.
   * @example
   * const chat = converse(order);
   * const bob = chat.operator('bob');
   * console.log(bob.heard.length); // → 0
   * @param name names the operator. Default `op`
   */
  operator(name?: string): OperatorChat;

  /**
   * Lets time pass, and stops at every moment at which something is due. Gives what was said to this user meanwhile.
   * @throws ConversationError where the dialogue throws, as `say` does
   */
  advance(by: number | Duration): Promise<readonly string[]>;
  /**
   * Lets time pass until the dialogue stands in a state, from one moment at which something is due to the next.
   * @param options.within the longest; default a day
   * @throws ConversationError where the state is not entered in that time
   */
  until(
    state: string,
    options?: { readonly within?: number | Duration },
  ): Promise<readonly string[]>;

  /** What was said to this user in the last step, as `formatReply` has it. */
  readonly replies: readonly string[];
  /** The last one of `replies`; undefined if nothing was said. */
  readonly lastReply: string | undefined;
  /** The same as they are. */
  readonly said: readonly Reply[];
  /** What the dialogue emitted in the last step, other than its words. */
  readonly emitted: readonly { readonly type: string }[];
  /**
   * The drafts that services showed this user in the last step, each with its whole text so far. A draft that is over adds none;
   * transcripts have none.
   */
  readonly drafts: readonly string[];
  /** Where the dialogue stands: `booking.date`, `talk.ready, typing.idle`, `order > which`, or `(none)`. */
  readonly state: string;
  /** The user's dictionary; empty where nothing is kept. */
  readonly context: Readonly<Partial<Context>>;
  /** The next one first. */
  readonly timers: Conversation['timers'];
  /** The services that are running. */
  readonly services: Conversation['services'];
  /** What came of the last message, or of the last event from outside. */
  readonly outcome: ChatOutcome | undefined;
  /** Whether everything of this user expired since their last message. */
  readonly expired: boolean;
  /** Epoch ms at which it will; infinite as long as a timer is set, undefined where there is nothing. */
  readonly expiresAt: number | undefined;
  /** Whether the dialogue has ended, and no message has started it again. */
  readonly done: boolean;
  /** What the dialogue gave when it was done last. */
  readonly output: unknown;
  /** Everything that failed, of all users. */
  readonly errors: readonly unknown[];
  /** The conversation so far, of all users, as `parseTranscript` reads it. */
  readonly transcript: string;

  /** Any of the replies of the last step. @throws ConversationError, as all that expect do */
  expectReply(expected: ExpectedReply): this;
  /** All replies of the last step, in order. */
  expectReplies(...expected: readonly ExpectedReply[]): this;
  /** No reply in the last step. */
  expectSilence(): this;
  /** The state, or one that it is within; of several regions or sub-dialogues any, or several joined by `, `. */
  expectState(state: string): this;
  /** The keys that are given; undefined for one that must not be there. */
  expectContext(context: { readonly [Key in keyof Context]?: Context[Key] | undefined }): this;
  /** A timer is due in exactly this time. */
  expectTimer(duration: number | Duration): this;
  /** No timer is pending. */
  expectNoTimer(): this;
  /** What came of the last message, or of the last event from outside. */
  expectOutcome(outcome: ChatOutcome): this;
  /** Everything of this user expired since their last message. */
  expectExpired(): this;
  /** The conversation expires in exactly this time, if nothing more is said. */
  expectExpiryIn(duration: number | Duration): this;
  /** That the dialogue is done, and with what, where that is given. */
  expectDone(output?: unknown): this;

  /** The process ends without a word, and another one starts over what the persister has kept. */
  crash(): Promise<void>;
  /**
   * Deploys another version of the dialogue under the conversations of all users: the runner stops, and a new one starts
   * over what the persister has kept. A message that waits for a service is answered first, so time may pass up to its
   * deadline. Each conversation is upgraded in its next turn.
   * @example
   * const chat = converse(survey);
   * await chat.say('hi');
   * await chat.deploy(survey); // in a test of yours, the next version, with its migrations
   * chat.expectState('name');
   * @param options go over those of `converse()`; a stub stays if this version has the service, too
   * @returns the same chat
   * @throws UsageError `bad_dialogue`, `bad_service`, and `bad_option` for its migrations: the old version continues
   */
  deploy<Dialogue extends AnyStateMachine>(
    dialogue: Dialogue,
    options?: DeployOptions<Dialogue>,
  ): Promise<Chat<ContextFrom<Dialogue>, OutsideEventOf<Dialogue>>>;
  /** What is kept of this user leaves memory, as the least recently used does; the next turn reads it again. */
  evict(): void;
  /**
   * Has the persister's next `save` or `load`, or the next call of a service, fail.
   * @param error default: a PersistError `unavailable`, or an error of the service
   * @throws UsageError `bad_service`, `bad_option`
   */
  fail(what: string, error?: unknown, options?: FailOptions): void;
  /**
   * Begins in any state, as if the dialogue had just entered it. What that says, sets and starts is said, set and
   * started; actions other than those words are not run.
   * @param context goes over the initial one
   * @throws UsageError `bad_state`
   * @throws StepError as a turn does
   */
  seed(state: string, context?: Partial<Context>): Promise<readonly string[]>;
  /**
   * Ends the runner, the store and the persister. Needed if the persister holds something open. A message that waits is
   * answered first, so time may pass up to its deadline.
   */
  close(): Promise<void>;
}
