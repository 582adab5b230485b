import type { Reply } from '../../reply.ts';

/**
 * What a page and `createWebChat` say to each other. One address takes everything: `POST` of JSON, and `GET` of a stream of
 * events. The page and the server both take their types from here; a program that has no page of ours can as well. `GET` of
 * `…/chat.js`, or of the address with `?script`, is the script of our page.
 *
 * How a page works:
 * 1. It posts `hello`. The answer sets the session's cookie; it may hold a greeting.
 * 2. It opens the stream. A `401` says that there is no session: it says hello again.
 * 3. It gives each message an id, posts it, and posts it again under the same id, with growing pauses, until it gets an
 *    answer: after a `503`, a `429` (not before `retry-after`), a lost connection, and after its own reload. One message of a page
 *    is under way at a time, so that they arrive in order.
 * 4. It shows what has an id once. It shows things in the order in which they arrive, whether by the stream or in an answer, and
 *    in an answer first `pushed`, then `replies`: that is the order in which the dialogue said them.
 * 5. It acknowledges each reply of a `reply` event and of `pushed` after it has shown (and stored) it, also if it had shown it
 *    before. What no page acknowledges is sent again when a page connects. Each message names the last of them once more under
 *    `shown`: a server that was killed may not have stored what it heard, and would have them in the answer under other ids.
 */

/** A body of a POST. The content type is `application/json`; the cookie travels with it. */
export type ChatRequest = ChatHello | ChatMessage | ChatAck;

/** A page opens. The answer is a `ChatWelcome`. */
export interface ChatHello {
  readonly type: 'hello';
}

/** The person says something. The answer is a `ChatAnswer`. */
export interface ChatMessage {
  readonly type: 'message';
  /** 1 to 128 letters, digits, `_` and `-`, made by the page: another one for each message, the same when it is sent again. */
  readonly id: string;
  /** What the person says. */
  readonly message: SaidMessage;
  /** Up to 256 ids of replies of the stream that the page has shown: the last ones, and all whose acknowledgement had no answer. */
  readonly shown?: readonly string[];
}

/** The page has shown these replies. The answer is an empty 204; without one, the page acknowledges again. */
export interface ChatAck {
  readonly type: 'ack';
  /** 1 to 256 ids. */
  readonly shown: readonly string[];
}

/** What a person can say. The addresses of pictures and files begin with `https:` or `http:`. */
export type SaidMessage =
  | {
      /** A text. */
      readonly type: 'message.text';
      /** The text as it was written. */
      readonly text: string;
    }
  | {
      /** A picture. */
      readonly type: 'message.image';
      /** Where the picture is. */
      readonly url: string;
    }
  | {
      /** A file. */
      readonly type: 'message.file';
      /** The message that the dialogue hears has it as its `mediaId`. */
      readonly url: string;
      /** The name of the file. */
      readonly name?: string;
      /** In bytes. */
      readonly size?: number;
    }
  | {
      /** A place. */
      readonly type: 'message.location';
      /** Degrees, north positive. */
      readonly latitude: number;
      /** Degrees, east positive. */
      readonly longitude: number;
      /** The name or the address of the place. */
      readonly label?: string;
    }
  | {
      /** A button that the person pressed. */
      readonly type: 'message.action';
      /** The `value` of the option. */
      readonly value: string;
      /** The words on the button. */
      readonly label?: string;
      /** That of the `choices` whose button it is. */
      readonly asking?: string;
    };

/** A reply under an id that is the same whenever it is sent. */
export interface SentReply {
  /** The id that a page acknowledges. */
  readonly id: string;
  /** What to show. */
  readonly reply: Reply;
}

/** To `hello`, with the status 200. */
export interface ChatWelcome {
  readonly type: 'welcome';
  /**
   * The same whenever this person says hello, and another one for any other person: a page stores what it shows under it, and does
   * not show what it has stored under another one. It proves nothing.
   */
  readonly user: string;
  /** Whether nothing is kept of a conversation with this person: it begins now. */
  readonly isNew: boolean;
  /** The greeting, if the server greets. */
  readonly replies: readonly SentReply[];
}

/**
 * To a message: with the status 200, or 202 if the outcome is `pending`, as more replies will come by the stream. Also an event
 * of the stream, to all pages of the user, the one that sent the message too.
 */
export interface ChatAnswer {
  readonly type: 'answer';
  /** That of the message. */
  readonly id: string;
  /**
   * How the turn ended: `replied`, `silent`, `unhandled`, `pending`, `stale`, `failed`; or `duplicate`, if the message had counted
   * before and this is its recorded answer.
   */
  readonly outcome: string;
  /** Replies that the stream sent before this answer and no page has acknowledged yet. To be acknowledged. */
  readonly pushed: readonly SentReply[];
  /** What the turn said, under `<message id>/<index>`. */
  readonly replies: readonly SentReply[];
}

/**
 * With every other status than 200, 202 and 204:
 * - 400 `bad_request`, 413 `too_large`, 415 `not_json`: sending the same again will not help.
 * - 401 `no_session`: say hello, then send it again. With `getUser`: the person has to log in.
 * - 403 `bad_origin`: the page's origin is not among the `origins` of the server.
 * - 408, 429 `too_many`, 503 `try_again`: send it again, after `retry-after` seconds where the header says so.
 */
export interface ChatError {
  readonly type: 'error';
  /** What is wrong. */
  readonly error:
    | 'bad_origin'
    | 'bad_request'
    | 'no_session'
    | 'not_json'
    | 'too_large'
    | 'too_many'
    | 'try_again';
}

/**
 * An event of the stream: the `data` of an event of the default type, as JSON. All pages of a user get the same events in the same
 * order.
 */
export type ChatEvent =
  ChatOpen | ChatReply | ChatSaid | ChatAnswer | ChatTyping | ChatDraft | ChatBeat;

/** The first event of every stream. */
export interface ChatOpen {
  readonly type: 'open';
  /** Whether a reply is being made. */
  readonly isTyping: boolean;
  /** Milliseconds after which the next `beat` comes. After twice as long without any event, the connection is dead. */
  readonly beatMs: number;
}

/** A reply outside of an answer: what a service brought late, a reminder. To be acknowledged. */
export interface ChatReply extends SentReply {
  readonly type: 'reply';
}

/**
 * A page of the user sent a message: for the others. The one that sent it knows its id. In a room, also what other persons say; the
 * answers to it have the id of this event.
 */
export interface ChatSaid {
  readonly type: 'said';
  /** The id of the message. */
  readonly id: string;
  /** What the person said. */
  readonly message: SaidMessage;
  /** Of another person in the room: what they are called. */
  readonly from?: string;
}

/** Whether a reply is being made. It stays so until the next one; show it after a moment (300 ms), or it flickers. */
export interface ChatTyping {
  readonly type: 'typing';
  /** Whether a reply is being made. */
  readonly isTyping: boolean;
}

/**
 * The text of a reply that is being made. Show it below everything else, in place of the draft before it. It goes with the next
 * reply, by the stream or in an answer, and with an empty draft. Do not store it: it is not delivered again.
 */
export interface ChatDraft {
  readonly type: 'draft';
  /** The whole text so far; empty if there is none any more. */
  readonly text: string;
}

/** Nothing has happened, and the connection lives. */
export interface ChatBeat {
  readonly type: 'beat';
}
