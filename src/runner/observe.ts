import type { StateValue } from 'xstate';
import type { StoreEvents } from '../context/core.ts';
import { UsageError } from '../errors.ts';
import type { Off } from '../internal/events.ts';
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

/** How busy a runner and its store are right now. */
export interface Load {
  /** Messages taken in and not answered. */
  readonly inFlight: number;
  /** Openids with something running, and what waits behind. */
  readonly busyLanes: number;
  readonly waiting: number;
  readonly services: number;
  /** Conversations whose replies are being handed over. */
  readonly unsent: number;
  /** Records in memory, and those in which something falls due. */
  readonly records: number;
  readonly due: number;
}

/** What an observer gets to see of a runner, beside its events. */
export interface Inside {
  readonly dialogue: { readonly id: string; readonly version: string };
  load(): Load;
  watch(observer: TurnObserver): Off;
  onExpire(listener: (event: StoreEvents['expire']) => void): Off;
  /** Told of what becomes an `error` event, without counting as one who hears it. One at a time. */
  onFault(listener: (error: unknown) => void): Off;
}

const INSIDE = Symbol.for('colloquy.runner.inside');

/** For the runner alone: lets `insideOf` find what it shows. */
export function showInside(runner: object, inside: Inside): void {
  Object.defineProperty(runner, INSIDE, { value: inside });
}

/**
 * What there is to see inside a runner.
 * @throws UsageError `bad_option` for anything else
 */
export function insideOf(runner: object): Inside {
  const inside = (runner as { [INSIDE]?: Inside } | undefined)?.[INSIDE];
  if (inside !== undefined) return inside;
  throw new UsageError('bad_option', '`runner` must be what createRunner() returned.');
}
