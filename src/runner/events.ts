import type { AnyStateMachine } from 'xstate';
import type { Reply } from '../reply.ts';
import type { EmittedBy, OutputOf } from './dialogue-types.ts';
import type { Dropped, FittingOutcome, Origin } from './migrate.ts';

/** How a turn ended. */
export type Outcome =
  /** The dialogue took the message and said something. */
  | 'replied'
  /** The dialogue took the message and had nothing to say. */
  | 'silent'
  /**
   * No state takes such a message. The record remembers that it counted; the dialogue and its expiry stay as they were. Of
   * an event that nobody said (`isSpoken`), nothing at all is remembered.
   */
  | 'unhandled'
  /** A button whose question is over, or that belongs to somebody else: nothing changed, and it does not count. */
  | 'stale'
  /** The message counted before: these are the replies it got then, or gets now where it is still running. */
  | 'duplicate'
  /** Not finished by the deadline, and perhaps not committed: see `uncommitted`. It goes on, and what it still says comes as `reply` events. */
  | 'pending'
  /** The turn changed nothing: `error` says why. */
  | 'failed'
  /** Too much is waiting: the message was not taken in and may be sent again. */
  | 'shed';

/** What became of one message, due timer or service result. */
export interface Turn {
  readonly openid: string;
  /** The message's id, where it came with one. */
  readonly id: string | undefined;
  readonly outcome: Outcome;
  readonly replies: readonly Reply[];
  /** Why the turn failed. */
  readonly error?: unknown;
  /**
   * On one that is `pending`: nothing of it is committed yet, so it may still fail and be lost with this process. Whoever
   * has the message from a platform does not acknowledge it, and has it delivered again.
   */
  readonly uncommitted?: true;
}

/** What a runner tells. Events are facts: by the time they are heard, it has been committed. */
export type RunnerEvents<Dialogue extends AnyStateMachine = AnyStateMachine> = {
  /** A turn ended, whatever it was about. */
  turn: Turn & { readonly cause: 'message' | 'timer' | 'service' };
  /**
   * Something is said outside a `handle()` call: by a timer, a late service, a turn past its deadline. A listener that
   * throws or rejects has not taken it: over a persister it is told again, after a while or after a restart.
   */
  reply: {
    readonly openid: string;
    readonly reply: Reply;
    /** The same whenever this very reply is told again, which over a persister it is until every listener has taken it. */
    readonly id: string;
  };
  /** A timer fires. */
  timer: { readonly openid: string; readonly id: string; readonly dueAt: number };
  /** The dialogue emitted something of its own: neither a reply nor another word (`WordEvent`). */
  emit: { readonly openid: string; readonly event: EmittedBy<Dialogue> };
  /** A dialogue came to its end; `output` is what it gives as a machine. */
  done: { readonly openid: string; readonly output: OutputOf<Dialogue> };
  /** Something failed: a turn, an action after its commit, a listener. */
  error: { readonly error: unknown; readonly openid: string | undefined };
  /** A commit found the record changed; the turn is run again on the new state. */
  conflict: { readonly openid: string; readonly attempt: number };
  /**
   * A stored conversation was left by another definition of the dialogue and does not go on as it was: its state is
   * gone, or with the `outcome` `fits` or `migrated`, some of what was pending is. Told before anything of it is
   * committed, and perhaps again before it is.
   */
  incompatible: {
    readonly openid: string;
    readonly found: Origin;
    readonly outcome: FittingOutcome;
    /** What was pending and has no place any more. */
    readonly dropped: Dropped;
  };
};
