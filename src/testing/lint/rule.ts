import type { StateDescription } from '../../dialogue/engine/description.ts';

/** The rules, by name, with the options of each; the guide says what they find. */
export interface LintRules {
  /** A state that no transition reaches. */
  'unreachable-state': RuleOptions;
  /** A state from which neither an end nor the beginning can be reached. */
  'no-way-out': RuleOptions;
  /** A state that waits, without a `message.*` for unexpected messages. */
  'no-fallback': RuleOptions;
  /** Off unless it is turned on: a conversation expires anyway, and often that is enough. */
  'no-timeout': RuleOptions;
  /** A service without an `onError` that always holds. */
  'service-without-error': RuleOptions;
  /** A question without a limit of attempts. */
  'unlimited-question': RuleOptions & {
    /** Whether a command that leads out of the question makes up for a limit. Default true. */
    readonly commands?: boolean;
  };
  /** Texts of the library in English, for users of another language. */
  'missing-translation': RuleOptions & {
    /** Locales that users have, beside those that the dialogue has words for. */
    readonly locales?: readonly string[];
  };
  /** An initial context, or an `input`, that cannot be stored. */
  'context-not-plain': RuleOptions;
  /** A reply over the limits of one of the `channels` in the options. */
  'reply-over-limits': RuleOptions;
  /** A transition behind one that is always taken. */
  'shadowed-transition': RuleOptions;
  /** An option of a question and an intent that is heard there share a word. */
  'option-like-command': RuleOptions;
  /** One object in the contexts of all conversations. */
  'shared-context': RuleOptions;
  /** A question with over 20 options, which is said as a numbered text. */
  'many-options': RuleOptions;
  /** A parallel state with several regions that ask, so that one message answers all of them. */
  'parallel-questions': RuleOptions;
  /** Two regions that answer the same message, without a guard. */
  'parallel-answers': RuleOptions;
  /** A parallel state with an `onDone` and a region that is never done. */
  'parallel-never-done': RuleOptions;
  /** A transition into one region from around the parallel state, which restarts the others. */
  'restarted-region': RuleOptions;
  /** States that lead to each other at once, by `always` without a guard. */
  'endless-loop': RuleOptions;
  /** A service whose end alone leads out of its state, without an `after`. */
  'service-without-timeout': RuleOptions;
  /** A state, beside the first, that only a command of the whole dialogue leads out of. */
  'left-by-commands': RuleOptions;
  /** A question whose answer is not kept, and leads to the same place in any case. */
  'unused-answer': RuleOptions;
  /** A way out of a state that says nothing, where other ways do. */
  'silent-branch': RuleOptions;
  /** A text in another script than its locale, in a dialogue that speaks that locale. */
  'foreign-text': RuleOptions & {
    /** Locales that users have, beside those that the dialogue has words for. */
    readonly locales?: readonly string[];
  };
  /** What may change something, and happens by the word of a model alone. */
  'unapproved-effect': RuleOptions & {
    /** Services that change something: no intent alone should lead to them. The tools of an agent need not be named. */
    readonly effects?: readonly string[];
  };
}

/** What every rule takes. */
export interface RuleOptions {
  /** Paths of states in which the rule does not count, as `talk.start`, and those below them. */
  readonly except?: readonly string[];
}

/** The name of a rule. */
export type LintRule = keyof LintRules;

/** Something that is wrong with a dialogue. */
export interface Finding {
  /** The rule that found it. */
  readonly rule: LintRule;
  /** `error`: a conversation gets stuck or fails. `warning`: it does something unwanted. */
  readonly severity: 'error' | 'warning';
  /** The id of the dialogue, or of the sub-dialogue, that has the state. */
  readonly dialogue: string;
  /** The path of the state, as in a transcript; '' is the dialogue itself. */
  readonly path: string;
  /** What was found. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** Tells what one rule found at a state. */
export type ReportFinding = (
  state: StateDescription,
  found: Pick<Finding, 'message' | 'remedy'>,
) => void;
