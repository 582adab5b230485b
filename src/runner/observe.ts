import type { StateValue } from 'xstate';
import type { Message } from '../message.ts';
import type { RunnerEvents, Turn } from './events.ts';

/**
 * What a turn is at: it waits in its lane, loads, finds out what the message means, steps, commits, lets its effects out,
 * waits for its services. A turn that runs again after a conflict goes through some of them again.
 */
export type Phase = 'lane' | 'load' | 'recognize' | 'step' | 'commit' | 'release' | 'services';

/** What a turn is about. */
export interface TurnAbout {
  readonly openid: string;
  readonly cause: RunnerEvents['turn']['cause'];
  /** What is being answered, and its id where it came with one; neither for a timer or a late service. */
  readonly message?: Message;
  readonly id?: string | undefined;
}

/** Follows one turn, of which nobody else need know. It must not throw. */
export interface TurnWatch {
  /** From now on the turn is at this. */
  enter(phase: Phase): void;
  /** Where the dialogue stood before the turn, and where it stands after a commit; undefined where none has begun. */
  stood(at: StateValue | undefined): void;
  stands(at: StateValue | undefined): void;
  /** The commit found the record changed. */
  conflict(): void;
  /** Runs what leaves after a commit: actions, the start of services. */
  within(work: () => void): void;
  /** The turn is over; without one it came to nothing, as its timer or service was out of date. */
  end(turn: Turn | undefined): void;
}

export interface TurnObserver {
  /** A message is taken in, or a timer or a late service has the lane. */
  begin(about: TurnAbout): TurnWatch;
}
