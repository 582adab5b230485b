import type { AnyStateMachine } from 'xstate';
import type { EventOf } from '../dialogue/dialogue-types.ts';
import { MessageError, UsageError } from '../errors.ts';
import { atLeast } from '../internal/at-least.ts';
import { type KeysOf, checkOptions, keyTable } from '../internal/closed.ts';
import type { EventMessage, Message } from '../message.ts';
import type { Reply } from '../reply.ts';
import { toReply } from '../reply-check.ts';

/** What a runner takes: a text, a message, or an `event.…` or `intent.…` of a type that the dialogue names. */
export type Incoming = string | Message | OutsideEvent;

/** What another program reports about a user: an `event.…` or `intent.…` of a type that the dialogue names. */
export interface OutsideEvent {
  /** A type that the dialogue names or declares, or an event of the library. */
  readonly type: `event.${string}` | `intent.${string}`;
  readonly [field: string]: unknown;
}

/** What the runner of one dialogue takes: of the events that the dialogue declares, each with its own fields. */
export type IncomingOf<Dialogue extends AnyStateMachine> =
  string | Message | OutsideEventOf<Dialogue>;

/** What another program reports to one dialogue: of the events that the dialogue declares, each with its own fields. */
export type OutsideEventOf<Dialogue extends AnyStateMachine> =
  | {
      /** A type of the library, or an intent. */
      readonly type: EventMessage['type'] | `intent.${string}`;
      readonly [field: string]: unknown;
    }
  | EventOf<Dialogue>;

/** Options of `runner.handle()`: the id of the message, and how long its answer may take. */
export interface HandleOptions {
  /** The platform's id of the message. A message with an id counts once; one without counts every time. */
  readonly id?: string | undefined;
  /**
   * Epoch ms of its arrival by the clock of this process; the deadline counts from it. The dialogue sees it on the message,
   * by the clock of the persister if that has one. Default now.
   */
  readonly receivedAt?: number | undefined;
  /**
   * If it is aborted while the message waits for its turn, the message is cancelled and `handle()` rejects with the reason.
   * A running turn continues, as after its deadline.
   */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds from its arrival within which it is answered. Default: the runner's `deadlineMs`. */
  readonly deadlineMs?: number | undefined;
  /**
   * Whether the answer waits for the services that the turn starts, until the deadline. Default true. With false, the
   * replies after a service are sent as `reply` events: for an answer that can carry no replies.
   */
  readonly awaitServices?: boolean | undefined;
  /**
   * Whether the answer to a part of a burst (`gather`) waits until the burst is complete. Default true. With false, the outcome is
   * `gathered` as soon as the part is committed, and the replies are sent as `reply` events: for a platform that delivers the
   * next message of a user only when this one is answered.
   */
  readonly awaitBurst?: boolean | undefined;
  /**
   * What the platform wants back with each reply: an opaque text of 4096 characters at most. It is kept with the conversation
   * from the commit of the message on, until a message brings another one; every `reply` event of the user has the last one.
   */
  readonly replyToken?: string | undefined;
  /**
   * The former name of `awaitServices`.
   * @deprecated Its name is `awaitServices`.
   */
  readonly follows?: boolean | undefined;
}

const HANDLE_KEYS = keyTable(
  'id receivedAt signal deadlineMs awaitServices awaitBurst replyToken follows',
) satisfies KeysOf<HandleOptions>;

/** @throws UsageError `bad_option` */
export function checkHandleOptions(options: unknown): void {
  checkOptions('handle()', options, HANDLE_KEYS);
}

/** The maximum of characters of what a platform wants back with replies. */
export const MAX_REPLY_TOKEN_LENGTH = 4096;

/** @throws UsageError `bad_option` */
export function checkReplyToken(token: unknown): void {
  if (token === undefined) return;
  if (typeof token === 'string' && token.length <= MAX_REPLY_TOKEN_LENGTH) return;
  throw new UsageError(
    'bad_option',
    `\`replyToken\` of handle() is a string of at most ${MAX_REPLY_TOKEN_LENGTH} characters.`,
  );
}

/** Options of `runner.send()`. */
export interface SendOptions {
  /**
   * The other program's id of the event. It counts once, for as long as ids of messages are remembered. It never meets
   * the id of a message.
   */
  readonly id?: string | undefined;
}

/** How much one `runDue()` does. */
export interface RunDueOptions {
  /** The maximum of users for whom it does what is due, at least 1. Default 1000. */
  readonly limit?: number | undefined;
}

const RUN_DUE_KEYS = { limit: null } satisfies KeysOf<RunDueOptions>;

/** @throws UsageError `bad_option` */
export function toRunDueLimit(options: unknown): number {
  checkOptions('runDue()', options, RUN_DUE_KEYS);
  const { limit = 1000 } = options as RunDueOptions;
  return Math.floor(atLeast(1, limit, 'limit'));
}

/** Options of `runner.say()`. */
export interface SayOptions {
  /** Says it once only, for as long as ids of messages are remembered (`seen`). */
  readonly id?: string | undefined;
}

const ID_KEYS = { id: null } satisfies KeysOf<SayOptions>;

/** @throws UsageError `bad_option` */
export function checkIdOption(of: 'say()' | 'send()', options: unknown): void {
  checkOptions(of, options, ID_KEYS);
}

/** Options of `runner.deliver()`. */
export interface DeliverOptions {
  /** Ids of `reply` events whose replies the user has, as is known only now: they are not sent again. */
  readonly taken?: readonly string[] | undefined;
}

const DELIVER_KEYS = { taken: null } satisfies KeysOf<DeliverOptions>;

/** @throws UsageError `bad_option` */
export function checkDeliverOptions(options: DeliverOptions): void {
  checkOptions('deliver()', options, DELIVER_KEYS);
  const { taken } = options;
  const isList = Array.isArray(taken) && taken.every((id: unknown) => typeof id === 'string');
  if (taken === undefined || isList) return;
  throw new UsageError('bad_option', '`taken` of deliver() is a list of the ids of replies.');
}

/** What `say()` and the handlers of a runner may say: nothing, one reply or several. */
export type Said = string | Reply | readonly (string | Reply)[] | undefined | void;

/** @throws StepError `bad_reply` */
export function toReplies(said: Said): readonly Reply[] {
  if (said === undefined) return [];
  return (Array.isArray(said) ? said : [said]).map(toReply);
}

const MAX_ID_LENGTH = 512;

/** @throws MessageError `bad_id` */
export function checkId(id: unknown): void {
  if (id === undefined) return;
  if (typeof id === 'string' && id.length > 0 && id.length <= MAX_ID_LENGTH) return;
  throw new MessageError(
    'bad_id',
    `The id of a message is a non-empty string of at most ${MAX_ID_LENGTH} characters.`,
  );
}
