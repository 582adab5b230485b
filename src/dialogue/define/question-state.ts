import type { GatherOptions } from '../engine/gather.ts';
import type { DialogueTypes, TransitionsIn, ActionsIn } from './setup-types.ts';

/** What else XState takes for the state. */
export interface StateParts<T extends DialogueTypes> {
  /** Further transitions, which come before an answer is read. */
  readonly on?: TransitionsIn<T>;
  /** Before the question is said. */
  readonly entry?: ActionsIn<T>;
  /** When the state is left. */
  readonly exit?: ActionsIn<T>;
  /** The id of the state, for a target such as `#booking`. Default: the id of the dialogue and the keys on the way, with dots. */
  readonly id?: string;
  /** Tags of XState's. */
  readonly tags?: string | readonly string[];
  /** What the state is for, to those who read the definition. */
  readonly description?: string;
  /** Meta data of XState's. */
  readonly meta?: {
    /**
     * How the runner gathers the texts that arrive in this state into one message, or, with false, that each has an answer; see
     * docs/bursts.md. Default: as the states around it say, then as the runner does.
     */
    readonly gather?: GatherOptions | false;
    readonly [key: string]: unknown;
  };
}

/** As far as a type check goes: it stands in `waiting`, then `retry1`, `retry2`, … */
export interface AskState<Target extends string> {
  /** The question waits for an answer. */
  readonly initial: 'waiting';
  /** The question, and each time that it is asked again. */
  readonly states: {
    /** The question waits for an answer. */
    readonly waiting: {};
    readonly [retry: `retry${number}`]: {};
  };
  /** What is taken while the question is open. */
  readonly on: {
    /** Carries the targets to the type check. */
    readonly 'message.*': {
      /** The states that it may lead to. */
      readonly target: Target;
    };
  };
}

/** As far as a type check goes: a state for each slot, `confirm` and `correct`, with those of a question in them. */
export interface FormState<Target extends string> extends Pick<AskState<Target>, 'on'> {
  /** The state that it begins in. */
  readonly initial: string;
  /** A state for each slot, and those of the summary. */
  readonly states: { readonly [slot: string]: {} };
}
