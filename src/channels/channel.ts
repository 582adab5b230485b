import type { Clock } from '../clock.ts';
import type { Reply } from '../reply.ts';
import type { Pace } from './pacing.ts';
import type { ChannelRequest, Reception, Delivery, Answer } from './reception.ts';

/** What a channel has, whichever way its messages come: what it is called, what its platform takes, and how it says something. */
export interface ChannelBase {
  /** Short and lower-case, for reports: `wechat`. */
  readonly name: string;
  /**
   * What every openid of this channel begins with, and no openid of another channel on the same runner: `telegram:`. If it is
   * empty, no openid may have a colon.
   */
  readonly prefix: string;
  /** What the platform takes, and for how long it waits. Each limit says what holds if it is not declared. */
  readonly limits?: ChannelLimits;
  /**
   * Says a reply outside of an answer. Absent where the platform has no such way, or the channel no right to it.
   * @throws DeliveryError `retryable` where the next try may succeed, with `details.retryAfterMs` where the platform asks for
   *   a pause; `push_closed` where the platform takes nothing until the user writes again; any other: the platform will never
   *   take this reply
   */
  push?(openid: string, reply: Reply, options: PushOptions): Promise<void>;
  /**
   * Says a reply to one person of a conversation of several, as a push that no other person sees. Absent where the platform has
   * no such way; then such a reply is not said.
   * @throws DeliveryError as `push`
   */
  aside?(openid: string, reply: Reply, options: AsideOptions): Promise<void>;
  /**
   * The limits that the platform publishes for what a bot sends, as far as a push of this reply counts against them, the
   * narrowest first. A webhook with `pace` keeps to them. Absent where the platform publishes none.
   */
  pace?(openid: string, reply: Reply): readonly Pace[];
  /**
   * Shows the user for a few seconds that a reply is being made; the platform removes it then, and when a reply
   * arrives. Absent where the platform has no such way for every conversation, or the channel no right to it. Resolves as
   * well if the user sees it already.
   * @throws DeliveryError where the platform does not show it
   */
  typing?(openid: string, options: TypingOptions): Promise<void>;
  /**
   * Shows the user the text of a reply that a service is making, in place of the draft that is there. The next reply to the
   * user takes its place on the screen. An empty text removes it, where the platform does not do so alone. Resolves as
   * well in a conversation where the platform shows none. Absent where it shows none in any conversation.
   * @throws DeliveryError where the platform does not show it; `rate_limited` with `details.retryAfterMs` where it asks for a
   *   pause
   */
  draft?(openid: string, options: DraftOptions): Promise<void>;
}

/**
 * The port between a platform and a runner: it proves where a request comes from, makes messages of it, and makes an
 * answer of replies. One object serves all requests; it keeps nothing between them and never sees a runner.
 */
export interface Channel extends ChannelBase {
  /**
   * Verifies, then parses. A request whose sender is not proven is rejected without a message being made of it; what
   * is proven but of a kind the channel does not know is a `message.unknown` or `event.unknown`, not a rejection.
   */
  receive(request: ChannelRequest): Promise<Reception>;
  /** How the program asks the platform for messages itself. Absent where the platform only calls. */
  readonly source?: ChannelSource;
}

/** A channel whose messages the program asks the platform for. It may take requests as well, or not. */
export interface SourceChannel extends ChannelBase {
  /** How it asks. */
  readonly source: ChannelSource;
}

/** How a channel asks its platform for messages, for a program that nothing can call: it has no address. */
export interface ChannelSource {
  /** Whether the program has to remember what was taken, since the platform does not. Default false. */
  readonly needsCursor?: boolean;
  /**
   * Asks until `signal` is aborted. Then it asks for nothing more, waits for what it gave to `take`, tells the platform what
   * was taken, and resolves. Of all processes that share a persister, one at a time has it open.
   * @throws ColloquyError `retryable` where it can be opened again after a pause, which `details.retryAfterMs` may set; not
   *   `retryable` where the platform refuses this bot for good. Any other error is one after which it is opened again.
   */
  open(opening: SourceOpening): Promise<void>;
}

/** What a source of a channel gets when it is opened. */
export interface SourceOpening {
  /**
   * Takes messages through their turns. Those of one user run in their order, also over several calls, and different users
   * run at the same time. It resolves when all of them are committed, with what a webhook would answer to them: only then may
   * the platform be told that they were taken. What could not be taken is tried again, until the source is closed.
   *
   * With a `cursor`, it is stored when these messages, and those of the calls before, are committed; the call resolves after
   * that. For a platform that does not remember itself what was taken.
   * @throws the reason of `signal`, or ConflictError where another process has the source: nothing may be confirmed
   */
  take(delivery: Delivery, cursor?: string): Promise<Answer>;
  /** The last one that was stored; undefined if there is none. */
  readonly cursor: string | undefined;
  /** Aborted when it has to end: the program stops, or another process has the source. */
  readonly signal: AbortSignal;
  /** The clock by which it waits. */
  readonly clock: Clock;
  /** Tells the program of an error that ends nothing. */
  report(error: unknown): void;
}

/** What a channel gets with a reply that it pushes. */
export interface PushOptions {
  /** The same whenever this very reply is tried again. */
  readonly id: string;
  /** Aborted when the caller does not wait any more. */
  readonly signal: AbortSignal;
  /** The `replyToken` of the user's last message that had one; also after a restart, where conversations are stored. */
  readonly replyToken?: string;
}

/** What a channel gets with a reply to one person of a conversation. */
export interface AsideOptions extends PushOptions {
  /** The person: the `id` of a message's `from`. */
  readonly to: string;
}

/** What a channel gets with a call of `typing`. */
export interface TypingOptions {
  /** Aborted when the reply is there, or the caller does not wait any more. */
  readonly signal: AbortSignal;
}

/** What a channel gets with a call of `draft`. */
export interface DraftOptions {
  /** The same for all drafts of one run of a service. */
  readonly id: string;
  /** The whole text so far. Empty: the draft is over, and no reply took its place. */
  readonly text: string;
  /** Aborted when the draft is over, or the caller does not wait any more. */
  readonly signal: AbortSignal;
}

/** What a platform takes, and for how long it waits. Each limit says what holds if it is not declared. */
export interface ChannelLimits {
  /** A longer body is answered with 413, and is never in memory as a whole. 1 MiB unless declared. */
  readonly maxBodyBytes?: number;
  /** A body that is not there this long after the request's start is answered with 408. 3000 unless declared. */
  readonly bodyTimeoutMs?: number;
  /** The platform gives up a request this many milliseconds after it sent it. Not declared: it waits long enough. */
  readonly answerMs?: number;
  /** How the platform delivers again what was not answered; not declared: it does not. */
  readonly redelivery?: {
    /** Milliseconds from the first delivery within which the last may come. */
    readonly withinMs: number;
    /** How often it delivers in all, each time as soon as it gave up the one before: only then can a webhook `hold`. */
    readonly attempts?: number;
  };
  /**
   * Whether the platform, or what sends its requests, delivers the next message of a user only when this one is answered. Then a
   * part of a burst (`gather` of the runner) is answered as soon as it is committed, and what is said to the burst is pushed. Not
   * declared: it does not wait.
   */
  readonly sequential?: boolean;
  /** The longest text that one reply holds; longer ones are cut into several. */
  readonly text?: {
    /** The maximum, in `unit`. */
    readonly max: number;
    /** Bytes of UTF-8, code points (`characters`), or UTF-16 units, which `length` counts. */
    readonly unit: 'bytes' | 'characters' | 'utf16';
  };
  /** The kinds of reply that it says as they are; others become text, or are reported. */
  readonly kinds?: readonly Reply['type'][];
  /** For how long after a message of the user, and how often, it may push. Not declared: always. */
  readonly pushWindow?: {
    /** Milliseconds from the user's last message. */
    readonly ms: number;
    /** The maximum of pushes in that time. Not declared: any number. */
    readonly max?: number;
  };
  /**
   * How long after one call of `typing` the next one has to come, so that the user continues to see it: a little less than
   * it is on the screen, or just as long if the platform refuses a call before. Not declared: it cannot be prolonged.
   */
  readonly typingMs?: number;
  /** The least time between two calls of `draft` for one user, in milliseconds. 1000 unless declared. */
  readonly draftMs?: number;
}
