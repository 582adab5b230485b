import type { StateValue } from 'xstate';
import type { ConversationRecord } from '../../context/record/record.ts';
import type { Snapshot } from '../../dialogue/engine/engine.ts';
import type { StoredSnapshot } from '../../dialogue/engine/snapshot.ts';
import { type TraceChannel, channel } from '../../internal/tracing.ts';
import type { Message } from '../../message.ts';
import type { Reply } from '../../reply.ts';
import type { RunnerEvents, Turn } from '../events.ts';

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
