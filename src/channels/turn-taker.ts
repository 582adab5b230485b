import type { Clock } from '../clock.ts';
import type { Message } from '../message.ts';
import type { Reply } from '../reply.ts';

/** The events of a runner that a webhook hears. */
export interface TurnTakerEvents {
  /** A reply outside of an answer. */
  reply: {
    /** The user. */
    readonly openid: string;
    /** What to say. */
    readonly reply: Reply;
    /** The same each time that this reply is sent again. */
    readonly id: string;
    /** What the last message of the user brought as `replyToken`. */
    readonly replyToken?: string | undefined;
  };
  /** Whether services of this user run. Heard only for a webhook with `typing`; without it, nothing is shown. */
  working: {
    /** The user. */
    readonly openid: string;
    /** False when the last one has ended. */
    readonly isWorking: boolean;
  };
  /**
   * A service of this user shows the text of the reply that it is making. Heard only for a webhook with `drafts`; without it,
   * nothing is shown.
   */
  draft: {
    /** The user. */
    readonly openid: string;
    /** One for each run of a service. */
    readonly id: string;
    /** The whole text so far; empty when the draft is over. */
    readonly text: string;
  };
}

/** What a source keeps beside conversations, as a persister stores it. */
export interface KeptPlace {
  /** Under which key. */
  readonly openid: string;
  /** What is kept. */
  readonly body: string;
  /** When something is due in it: never. */
  readonly wakeAt: number;
}

/** A place that was kept, with the number of its version. */
export interface LoadedPlace {
  /** What is kept. */
  readonly body: string;
  /** The number of this version. */
  readonly revision: number;
}

/** The answer to who asks for a lease. */
export interface LeaseAnswer {
  /** Whether it is taken now. */
  readonly taken: boolean;
  /** Where another process has it: milliseconds until it expires. */
  readonly heldForMs?: number;
}

/** What a source needs of a persister: a place for its cursor, and to know which process has it. */
export interface SourceKeeper {
  /** What was saved last under a key. */
  load(key: string): Promise<LoadedPlace | undefined>;
  /**
   * Keeps a place, if the stored revision still is `expected`.
   * @returns its revision
   * @throws ConflictError where another process has saved
   */
  save(place: KeptPlace, expected: number | undefined): Promise<number>;
  /** Makes durable what was saved, where a save does not. */
  flush?(): Promise<void>;
  /** Where several processes share it. */
  readonly lease?: SourceLeases;
}

/** Keeps several processes from asking for the same messages. */
export interface SourceLeases {
  /** Takes or extends the lease of a key for `ttlMs`, for one process. */
  take(key: string, owner: string, ttlMs: number): Promise<LeaseAnswer>;
  /** Gives it back. */
  release(key: string, owner: string): Promise<void>;
}

/** All that a webhook or a source needs of a runner. */
export interface TurnTaker {
  /** What it tells the time of this process by. */
  readonly clock?: Clock;
  /**
   * Takes one message through its turn, as `runner.handle()` does. A message with an `id` counts once. The answer is there
   * within `deadlineMs` of `receivedAt`, which is in epoch milliseconds. With `follows: false` it does not wait for
   * services, and with `awaitBurst: false` not for the rest of a burst. A `replyToken` is kept for the `reply` events of the user. The result has the `outcome` of the turn, its `replies`,
   * its `error` if it failed, `uncommitted` if the message may still be lost, and `overQuota` if it was shed because the user says
   * too much.
   */
  handle(
    openid: string,
    message: Message,
    options: {
      readonly id?: string;
      readonly receivedAt?: number;
      readonly deadlineMs?: number;
      readonly follows?: boolean;
      readonly awaitBurst?: boolean;
      readonly replyToken?: string;
    },
  ): Promise<{
    readonly outcome: string;
    readonly replies: readonly Reply[];
    readonly error?: unknown;
    readonly uncommitted?: true;
    readonly overQuota?: true;
  }>;
  /**
   * Moves a conversation to another openid. One without it leaves where it is what a platform has moved.
   * @returns whether there was anything to move
   */
  move?(from: string, to: string): Promise<boolean>;
  /**
   * Says something that is no answer to a message. With an `id`, it is said once.
   * @returns false if the same `id` was said before
   */
  say(
    openid: string,
    replies: readonly Reply[],
    options: { readonly id?: string },
  ): Promise<boolean>;
  /**
   * Delivers now what waits for this user, also what waits for their next message: they can be reached again. Without it,
   * that waits for their next message.
   * @param options `taken` has the ids of replies that the user has: the channel has learnt of it late
   */
  deliver?(openid: string, options: { readonly taken?: readonly string[] }): Promise<void>;
  /**
   * Calls a listener for each event of a name.
   * @returns a function that removes the listener
   */
  on<Name extends keyof TurnTakerEvents>(
    name: Name,
    listener: (event: TurnTakerEvents[Name]) => unknown,
  ): () => void;
  /**
   * How a conversation stands: whether something is kept of it (`isKept`), its dialogue is under way (`isActive`), a
   * message with one of the ids counted in it (`hasHeard`), and how many milliseconds ago its last turn was (`restedMs`).
   * Needed only for channels whose messages say `instead`.
   */
  standing?(
    openid: string,
    ids: readonly string[],
  ): Promise<{
    readonly isKept: boolean;
    readonly isActive: boolean;
    readonly hasHeard: boolean;
    readonly restedMs: number;
  }>;
  /** Resolves when nothing of this user is running: no turn, no service, no reply on its way. */
  idle(openid: string): Promise<void>;
  /** Remembers the ids of messages for at least `withinMs`. */
  expectRedelivery(withinMs: number): void;
  /** Where conversations are kept. Absent where they are in the memory of this process alone. */
  readonly persister?: SourceKeeper | undefined;
}
