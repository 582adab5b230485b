import type { Reply } from '../../reply.ts';
import type { Incoming } from '../../runner/calls.ts';
import type { PureRunner } from './pure-runner.ts';
import type { ExploreEvent, PureState, StepResult } from './pure-state.ts';

/** What an invariant sees after each step of a walk. */
export interface WalkView {
  /** Where the dialogue stands, as in a transcript: `booking.date`; `(none)` before anything was said. */
  readonly state: string;
  /** The user's dictionary. */
  readonly context: Readonly<Record<string, unknown>>;
  /** What was said on this step. */
  readonly replies: readonly Reply[];
  /** Whether the dialogue has ended. */
  readonly done: boolean;
  /** What the user said on this step; undefined where time passed, or a service ended. */
  readonly heard: Incoming | undefined;
  /** The services that this step started, those of sub-dialogues too, in their order. */
  readonly started: readonly StartedService[];
  /** The step before; undefined for the first one. */
  readonly before: WalkView | undefined;
}

/** A service that a step of a walk started. */
export interface StartedService {
  /** Its name. */
  readonly service: string;
  /** What it got. */
  readonly input: unknown;
}

/** A step as an invariant sees it. What takes a while to find out is found out where an invariant asks. */
export function walkViewOf({
  runner,
  event,
  from,
  result,
  before,
}: {
  readonly runner: PureRunner;
  readonly event: ExploreEvent;
  readonly from: PureState;
  readonly result: StepResult;
  readonly before: WalkView | undefined;
}): WalkView {
  const { state, replies, done } = result;
  return {
    get state() {
      return runner.standing(state);
    },
    context: state.record?.data ?? {},
    replies,
    done,
    heard: event.type === 'message' ? event.message : undefined,
    get started() {
      const ran = new Set(from.record?.services.map(({ token }) => token));
      const running = state.record?.services ?? [];
      return running
        .filter(({ token }) => !ran.has(token))
        .map(({ src, input }) => ({ service: src, input }));
    },
    before,
  };
}
