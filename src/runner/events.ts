import type { AnyStateMachine } from 'xstate';
import type { EmittedBy, OutputOf } from '../dialogue/dialogue-types.ts';
import type { Reply } from '../reply.ts';
import type { Dropped, FittingOutcome, Origin } from './upgrade/migrate.ts';

/**
 * How a turn ended.
 * - `replied`: the dialogue took the message and said something.
 * - `silent`: the dialogue took the message and had nothing to say.
 * - `unhandled`: no state takes such a message. The record remembers that it counted; the dialogue and its expiry stay
 *   as they were. An event by which no user spoke (see `spoken` of `EventMessage`) leaves no trace.
 * - `stale`: a button whose question is over, or that belongs to another user: nothing changed, and it does not count.
 * - `duplicate`: the message counted before: these are the replies that it got then, or gets now if its turn is still
 *   running.
 * - `pending`: the deadline passed before the turn ended, and perhaps before it was committed: see `uncommitted`. The
 *   turn continues, and its replies are sent as `reply` events.
 * - `gathered`: the text is a part of a burst (`gather`) and is committed. What is said to it is the answer to a later part, or
 *   is sent as `reply` events.
 * - `failed`: the message changed nothing, and does not count: `error` says why. If a service of a committed message
 *   fails later, an `error` event reports that, and the outcome stays that of the message. The parts of a burst count already:
 *   the dialogue does not get them again, unless the record could not be read or written.
 * - `shed`: too many messages are waiting: this one was not accepted and may be sent again. With `overQuota`, its user says
 *   too much.
 */
export type Outcome =
  | 'replied'
  | 'silent'
  | 'unhandled'
  | 'stale'
  | 'duplicate'
  | 'pending'
  | 'gathered'
  | 'failed'
  | 'shed';

/** The result of one message, due timer or service result. */
export interface Turn {
  /** The user. */
  readonly openid: string;
  /** The message's id, where it came with one. */
  readonly id: string | undefined;
  /** How it ended. A message that `failed` or was `shed` does not count and may be sent again. */
  readonly outcome: Outcome;
  /** What was said, in order. What is said after the deadline is sent as `reply` events. */
  readonly replies: readonly Reply[];
  /** Why the turn failed. */
  readonly error?: unknown;
  /**
   * On a `pending` turn that is not committed yet, or whose replies go to another caller with the same message: it may still
   * fail, or be lost with this process. A channel does not acknowledge the message then, so that the platform delivers it again.
   */
  readonly uncommitted?: true;
  /**
   * On a `shed` message of a user who says more than the quota of `lanes` allows: `replies` is what that says to them. A channel
   * acknowledges the message, so that the platform does not deliver it again.
   */
  readonly overQuota?: true;
}

/** What became of an event from outside, after its commit. Its replies are delivered as `reply` events. */
export interface SentTurn extends Pick<Turn, 'openid' | 'id' | 'error'> {
  /** How it ended. It waits for no service, and no button sends it. */
  readonly outcome: Exclude<Outcome, 'pending' | 'stale' | 'gathered'>;
}

/** The events of a runner. Events are facts: what they report has been committed. */
export type RunnerEvents<Dialogue extends AnyStateMachine = AnyStateMachine> = {
  /** A turn ended: of a message, an event from outside (`send`), a timer or a service. */
  turn: Turn & {
    /** What the turn was about. */
    readonly cause: 'message' | 'event' | 'timer' | 'service';
  };
  /**
   * A reply outside of a `handle()` call: of a timer, a late service, an event from outside, a turn past its deadline. A
   * listener that throws, rejects or does not settle within a minute has not taken it: the runner sends it again after a pause
   * and, with a persister, after a restart.
   */
  reply: {
    /** The user. */
    readonly openid: string;
    /** What to say. */
    readonly reply: Reply;
    /** The same each time that this reply is sent again. With a persister, it is until every listener has taken it. */
    readonly id: string;
    /** What the last message of the user brought as `replyToken`. Absent where none did. */
    readonly replyToken?: string | undefined;
  };
  /** A timer fires. */
  timer: {
    /** The user. */
    readonly openid: string;
    /** The id of the timer. */
    readonly id: string;
    /** Epoch ms at which it was due. */
    readonly dueAt: number;
  };
  /** The dialogue emitted an event of the author's, rather than a `WordEvent` such as a reply. */
  emit: {
    /** The user. */
    readonly openid: string;
    /** What the dialogue emitted. */
    readonly event: EmittedBy<Dialogue>;
  };
  /**
   * Whether services of the user run in this process: emitted when the first one starts, also after a crash of another
   * process, and when the last one has ended, was stopped, or works for another openid after a move. It is emitted before
   * the turn of the last one's result.
   */
  working: {
    /** The user. */
    readonly openid: string;
    /** False when the last service has ended. */
    readonly isWorking: boolean;
  };
  /**
   * A service of the user shows the text of the reply that it is making, or its draft is over. Nothing stores a draft or
   * delivers it again; the committed reply takes its place.
   */
  draft: {
    /** The user. */
    readonly openid: string;
    /** One for each run of a service, also where the next process continues that run after a crash. */
    readonly id: string;
    /** The whole text so far. Empty: the service ended, was stopped or took the draft back, or the conversation has moved. */
    readonly text: string;
  };
  /** A dialogue ended; `output` is the output of the machine. */
  done: {
    /** The user. */
    readonly openid: string;
    /** What the dialogue gave; undefined if it gives nothing. */
    readonly output: OutputOf<Dialogue>;
  };
  /** Something failed: a turn, an action after its commit, a listener. */
  error: {
    /** What was thrown. */
    readonly error: unknown;
    /** The user, if the error is about one. */
    readonly openid: string | undefined;
  };
  /** A commit found the record changed; the turn is run again on the new state. */
  conflict: {
    /** The user. */
    readonly openid: string;
    /** Number of tries of this turn so far, this one included. */
    readonly attempt: number;
  };
  /**
   * A stored conversation of another definition of the dialogue cannot continue as it was: its state is gone or, with the
   * `outcome` `fits` or `migrated`, some of its timers or services are. It is emitted before the change is committed, and
   * perhaps again before it is.
   */
  incompatible: {
    /** The user. */
    readonly openid: string;
    /** The definition that left the conversation. */
    readonly found: Origin;
    /** What becomes of the conversation. */
    readonly outcome: FittingOutcome;
    /** The timers and services that are gone. */
    readonly dropped: Dropped;
  };
};
