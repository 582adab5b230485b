import type { StateValue } from 'xstate';

/** The state of a dialogue or of one of its sub-dialogues. */
export interface Standing {
  readonly status: 'active' | 'done';
  readonly value: StateValue;
  /** The running sub-dialogues by the id of their invocation. */
  readonly children: Readonly<Record<string, SubStanding>>;
}

export interface SubStanding extends Standing {
  /** The name it is provided under. */
  readonly src: string;
  readonly context: Readonly<Record<string, unknown>>;
}
