import type { AnyStateMachine, StateValue } from 'xstate';
import type { ConversationRecord } from '../context/record/record.ts';
import type { Snapshot } from '../dialogue/engine/engine.ts';
import { settled } from '../dialogue/engine/settled.ts';
import type { StoredSnapshot } from '../dialogue/engine/snapshot.ts';
import { type Events, createEvents } from '../internal/emitter.ts';
import { type TraceChannel, channel } from '../internal/tracing.ts';
import { warn } from '../internal/warn.ts';
import type { Message } from '../message.ts';
import type { Reply } from '../reply.ts';
import type { EmittedBy, OutputOf } from '../dialogue/dialogue-types.ts';
import type { Dropped, FittingOutcome, Origin } from './upgrade/migrate.ts';
import { type Said, toReplies } from './options.ts';
import type { Upgrade } from './upgrade/upgrade.ts';

/**
 * How a turn ended.
 * - `replied`: the dialogue took the message and said something.
 * - `silent`: the dialogue took the message and had nothing to say.
 * - `unhandled`: no state takes such a message. The record remembers that it counted; the dialogue and its expiry stay
 *   as they were. An event by which no user spoke (see `spoken` of `EventMessage`) leaves no trace at all.
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

/** Reports to the listeners of a runner. */
export class Reporter {
  readonly #runner: object;
  /** What their listeners throw is an `error` event. */
  readonly events: Events<RunnerEvents>;
  /** The records whose upgrade was reported. */
  readonly #reported = new WeakSet<ConversationRecord>();

  constructor(runner: object) {
    this.#runner = runner;
    this.events = createEvents<RunnerEvents>((fault, name) => {
      if (name !== 'error') this.error(fault);
      else warn('listener_threw', "A listener of the runner's 'error' event threw.");
    });
  }

  turn(turn: Turn, cause: RunnerEvents['turn']['cause']): void {
    if (this.events.heard('turn')) this.events.emit('turn', { ...turn, cause });
  }

  /** Emits an error, or warns the process if no listener takes errors. */
  error(error: unknown, openid?: string): void {
    const { failed } = channels;
    if (failed.hasSubscribers) failed.publish({ runner: this.#runner, openid, error });
    if (this.events.heard('error')) this.events.emit('error', { error, openid });
    else
      warn('unheard_error', "An error of the runner went unheard: runner.on('error', …) takes it.");
  }

  /** Tells of replies that no turn has said. */
  said(openid: string, replies: readonly Reply[]): void {
    const { said } = channels;
    if (said.hasSubscribers) said.publish({ runner: this.#runner, openid, replies });
  }

  /** The replies of a handler of the user's. If it throws, that is reported and there are none. */
  repliesOf(openid: string, handler: () => Said): readonly Reply[] {
    try {
      return toReplies(settled(handler(), 'A handler of replies'));
    } catch (error) {
      this.error(error, openid);
      return [];
    }
  }

  /** Emits, once for a record, that its conversation cannot continue as it was. */
  upgrade(record: ConversationRecord, upgrade: Upgrade): void {
    const { outcome, found, dropped, faults, change } = upgrade;
    const isStopped = outcome !== 'fits' && outcome !== 'migrated';
    const isLess = dropped.timers.length + dropped.services.length > 0;
    const isNews = isStopped || isLess;
    // A turn that waits for recognizers loads the same record twice.
    if ((!isNews && faults.length === 0) || this.#reported.has(record)) return;
    this.#reported.add(record);
    // After a restart the record stays outdated until the next message, without its timers and services.
    if (outcome === 'restart' && change !== undefined) this.#reported.add(change);
    const { openid } = record;
    for (const fault of faults) this.error(fault, openid);
    if (isNews) this.events.emit('incompatible', { openid, found, outcome, dropped });
  }
}

/**
 * What a turn is doing: it waits for its lane, loads, recognises, steps, has replies rephrased, commits, lets its effects
 * happen, waits for its services. A turn that runs again after a conflict enters some phases again.
 */
export type Phase =
  'lane' | 'load' | 'recognize' | 'step' | 'rephrase' | 'commit' | 'release' | 'services';

/**
 * Where one turn of a runner is. There is one only while a subscriber follows turns. The channels
 * `tracing:colloquy.turn:start`, `:phase` and `:end` publish it, `:error` publishes a `Failure`.
 */
export class TurnTrace {
  readonly runner: object;
  readonly dialogue: { readonly id: string; readonly version: string };
  readonly openid: string;
  readonly cause: RunnerEvents['turn']['cause'];
  /** The message or the event from outside, and its id; undefined for a timer or a late service. A burst becomes one message. */
  message: Message | undefined;
  readonly id: string | undefined;
  /** Of a timer, the type of its event; of a late service, its name. */
  readonly about: string | undefined;
  phase: Phase = 'lane';
  /** The state of the dialogue before the turn and after its last commit; undefined if it has not started. */
  stateBefore: StateValue | undefined;
  stateAfter: StateValue | undefined;
  /** The records behind them. They do not change. */
  recordBefore: ConversationRecord | undefined;
  recordAfter: ConversationRecord | undefined;
  conflicts = 0;
  /** Set at the end; undefined if the timer or the service was out of date. */
  turn: Turn | undefined;
  /** Wrappers of the release, in which actions run and services start. A subscriber adds its own at the start. */
  readonly around: ((work: () => void) => void)[] = [];
  #isLoaded = false;

  constructor(
    about: Pick<TurnTrace, 'runner' | 'dialogue' | 'openid' | 'cause'> &
      Partial<Pick<TurnTrace, 'message' | 'id' | 'about'>>,
  ) {
    this.runner = about.runner;
    this.dialogue = about.dialogue;
    this.openid = about.openid;
    this.cause = about.cause;
    this.message = about.message;
    this.id = about.id;
    this.about = about.about;
    channels.start.publish(this);
  }

  enter(phase: Phase): void {
    this.phase = phase;
    channels.phase.publish(this);
  }

  loaded(record: ConversationRecord | undefined): void {
    if (!this.#isLoaded) {
      this.stateBefore = stateOf(record);
      this.recordBefore = record;
    }
    this.#isLoaded = true;
    this.enter('step');
  }

  /** Lets the effects of a committed turn happen, within the wrappers. */
  release(record: ConversationRecord, work: () => void): void {
    this.stateAfter = stateOf(record);
    this.recordAfter = record;
    this.enter('release');
    this.around.reduce<() => void>((inner, wrap) => () => wrap(inner), work)();
    this.enter('services');
  }

  end(turn: Turn | undefined): void {
    this.turn = turn;
    channels.end.publish(this);
  }
}

/** What an `error` event reports. */
interface Failure {
  readonly runner: object;
  readonly openid: string | undefined;
  readonly error: unknown;
}

/** The channels that an observer of runners subscribes to. */
export const channels: {
  /** Whether a turn has to be traced. */
  readonly isObserved: boolean;
  readonly start: TraceChannel<TurnTrace>;
  readonly phase: TraceChannel<TurnTrace>;
  readonly end: TraceChannel<TurnTrace>;
  readonly failed: TraceChannel<Failure>;
  /** Replies that no turn has said, but `say()`. */
  readonly said: TraceChannel<{
    readonly runner: object;
    readonly openid: string;
    readonly replies: readonly Reply[];
  }>;
  readonly expired: TraceChannel<{ readonly runner: object; readonly openid: string }>;
} = {
  get isObserved() {
    return this.start.hasSubscribers || this.phase.hasSubscribers || this.end.hasSubscribers;
  },
  start: channel('tracing:colloquy.turn:start'),
  phase: channel('tracing:colloquy.turn:phase'),
  end: channel('tracing:colloquy.turn:end'),
  failed: channel('tracing:colloquy.turn:error'),
  said: channel('colloquy.say'),
  expired: channel('colloquy.expire'),
};

function stateOf(record: ConversationRecord | undefined): StateValue | undefined {
  const live = record?.live as Snapshot | undefined;
  // A record from a persister gets a live snapshot in its next turn only.
  const stored = record?.dialogue?.snapshot as StoredSnapshot | undefined;
  return live?.value ?? stored?.value;
}
