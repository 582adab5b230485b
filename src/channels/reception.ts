import type { ColloquyError } from '../errors.ts';
import type { Message } from '../message.ts';
import type { Reply } from '../reply.ts';

/**
 * A request, as far as a channel needs it. A channel must not depend on the path: hosts mount it where they like. As with a
 * `Request`, a copy by `{ ...request }` lacks the parts that are made on demand: name those that you pass on.
 */
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
