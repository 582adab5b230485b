import type { StateValue } from 'xstate';

/** The state of a dialogue or of one of its sub-dialogues. */
export interface Standing {
  /** `active`, or `done` after a final state. */
  readonly status: 'active' | 'done';
  /** The active states: XState's state value. */
  readonly value: StateValue;
  /** The running sub-dialogues by the id of their invocation. */
  readonly children: Readonly<Record<string, SubStanding>>;
}

/** The state of a sub-dialogue. */
export interface SubStanding extends Standing {
  /** The name it is provided under. */
  readonly src: string;
  /** The context of the sub-dialogue. */
  readonly context: Readonly<Record<string, unknown>>;
}
