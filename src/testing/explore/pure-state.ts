import type { ConversationRecord } from '../../context/record/record.ts';
import type { Reply } from '../../reply.ts';
import type { Incoming } from '../../runner/calls.ts';

/** How a call of a service ends. */
export type Ending =
  | {
      /** What it gives. */
      readonly output: unknown;
    }
  | {
      /** What it fails with. */
      readonly error: unknown;
    };

/** Something that may happen next. */
export type ExploreEvent =
  | {
      /** The user says something. */
      readonly type: 'message';
      /** What the user says. */
      readonly message: Incoming;
    }
  | {
      /** Time passes until the next timer is due. */
      readonly type: 'time';
      /** Milliseconds until then. */
      readonly ms: number;
    }
  | {
      /** A service ends. */
      readonly type: 'service';
      /** Which run of the service. */
      readonly token: string;
      /** The name of the service. */
      readonly src: string;
      /** Milliseconds until then. */
      readonly ms: number;
      /** How it ends. */
      readonly ending: Ending;
    };

export interface PureState {
  /** Undefined before anything was said, and where the user was forgotten. */
  readonly record: ConversationRecord | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Services that began with what happened last, and may therefore end before anything else happens. */
  readonly fresh: readonly string[];
}

export interface StepResult {
  readonly state: PureState;
  readonly replies: readonly Reply[];
  /** Whether any state took it. */
  readonly handled: boolean;
  /** Whether the dialogue ended. */
  readonly done: boolean;
}
