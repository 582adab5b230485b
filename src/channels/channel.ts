import type { Clock } from '../clock.ts';
import type { ColloquyError } from '../errors.ts';
import type { Message } from '../message.ts';
import type { Reply } from '../reply.ts';
import type { Pace } from './pacing.ts';

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
   * Shows the user for a few seconds that a reply is being made; the platform takes it off by itself, and when a reply
   * arrives. Absent where the platform has no such way for every conversation, or the channel no right to it. Resolves as
   * well if the user sees it already.
   * @throws DeliveryError where the platform does not show it
   */
  typing?(openid: string, options: TypingOptions): Promise<void>;
  /**
   * Shows the user the text of a reply that a service is making, in place of the draft that is there. The next reply to the
   * user takes its place on the screen. An empty text takes it off, where the platform does not do so by itself. Resolves as
   * well in a conversation where the platform shows none. Absent where it shows none at all.
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

/** A request, as far as a channel needs it. A channel must not depend on the path: hosts mount it where they like. */
export interface ChannelRequest {
  /** The HTTP method, as `POST`. */
  readonly method: string;
  /** The whole URL. A proof may be in its query. */
  readonly url: URL;
  /** That of the URL, where it can be had for less than the URL. */
  readonly query?: URLSearchParams;
  /** The headers of the request. */
  readonly headers: Headers;
  /** Epoch milliseconds at which it arrived. */
  readonly receivedAt: number;
  /**
   * The bytes of the body as they were sent; the same ones at each call. It is read on demand, so that a channel whose
   * proof is in the query or in a header checks that first; one that signs its bodies reads first and verifies then.
   * A rejection belongs to the webhook, which answers 413, 408 or 400: let it pass.
   */
  readBody(): Promise<Uint8Array>;
}

/** What a request turned out to be. */
export type Reception = Rejection | Handshake | Delivery;

/** Not to be processed. The body of the answer is always empty. */
export interface Rejection {
  readonly type: 'reject';
  /** The HTTP status of the answer. */
  readonly status: number;
  /** Further headers of the answer. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Given where the developer has to know: a proven request that could not be read, say. */
  readonly error?: ColloquyError;
}

/** Carries no message, but wants an answer. */
export interface Handshake {
  readonly type: 'handshake';
  /** What the platform waits for. */
  readonly answer: Answer;
}

/** Carries messages; none is possible. */
export interface Delivery {
  readonly type: 'messages';
  /** The messages of the request, in their order. */
  readonly messages: readonly Inbound[];
  /** Tells the platform that it need not send this again, and says nothing to the user. */
  readonly acknowledge: Answer;
  /**
   * Puts replies into the answer. Given only with exactly one message, and where the platform takes replies in an
   * answer; it accounts for every reply. `sentAt` is now, in epoch milliseconds.
   */
  render?(replies: readonly Reply[], sentAt: number): Rendering;
  /**
   * The acknowledgement with a few words in it, as platforms show them for a moment to who pressed a button: for what
   * is said to a button whose question is over. Undefined where the words do not fit.
   */
  notice?(replies: readonly Reply[]): Answer | undefined;
}

/** One message of a request, and whose it is. */
export interface Inbound {
  /** The conversation that the message is addressed to. It begins with the `prefix` of the channel. */
  readonly openid: string;
  /** The message, in the form that is the same for all platforms. */
  readonly message: Message;
  /** Equal for every delivery of the same message, and for no other message of this openid; 512 characters at most. */
  readonly id?: string;
  /**
   * What the platform wants back with each reply, until a message brings another one: 4096 characters at most. It is kept with
   * the conversation when the message is committed, and every push gets it.
   */
  readonly replyToken?: string;
  /**
   * The openid that this conversation had before the platform gave it another one, as when a group becomes a
   * supergroup. What is kept under it moves to `openid` before the message is heard. May be given again and again: once
   * it has moved, there is nothing left to move.
   */
  readonly movedFrom?: string;
  /**
   * Other conversations of the same person that come before `openid`. The first one whose condition holds takes the
   * message; the one that took the message with this `id` before takes it again.
   */
  readonly instead?: readonly Instead[];
}

/** A conversation that may take a message instead of the one it is addressed to. */
export interface Instead {
  /** The conversation that may take it. */
  readonly openid: string;
  /**
   * - `kept`: something is kept of the conversation.
   * - `active`: its dialogue is under way, and its last turn was at most `withinMs` ago.
   * - `heard`: a message with one of the `ids` counted in it.
   */
  readonly when:
    | {
        /** Something is kept of the conversation. */
        readonly is: 'kept';
      }
    | {
        /** Its dialogue is under way, and its last turn was not long ago. */
        readonly is: 'active';
        /** The maximum of milliseconds since its last turn. */
        readonly withinMs: number;
      }
    | {
        /** A message with one of the `ids` counted in it. */
        readonly is: 'heard';
        /** Ids of messages. */
        readonly ids: readonly string[];
      };
}

/** The response to a request of a platform. */
export interface Answer {
  /** The HTTP status. */
  readonly status: number;
  /** The headers of the response. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body, sent as UTF-8; empty for none. */
  readonly body: string;
}

/** What became of replies that were to be in an answer. */
export interface Rendering {
  /** Absent where none of the replies can be in it; the acknowledgement is sent then. */
  readonly answer?: Answer;
  /** Every reply that is not in the answer, or not whole. */
  readonly unsent: readonly ReplyRemainder[];
}

/** A reply that is not in the answer, or not whole. */
export interface ReplyRemainder {
  /** Its place among the replies that were to be rendered. */
  readonly index: number;
  /** One word for a log: `too_long`. Never the text. */
  readonly reason: string;
  /**
   * What is still to be said of it, where that is not the whole reply: the end of a text that was cut. Null where no
   * push could say it, either.
   */
  readonly rest?: Reply | null;
}
