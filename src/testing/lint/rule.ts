import type { StateDescription } from '../../dialogue/engine/description.ts';

/** The rules, by name, with the options of each; the guide says what they find. */
export interface LintRules {
  'unreachable-state': RuleOptions;
  'no-way-out': RuleOptions;
  'no-fallback': RuleOptions;
  /** Off unless it is turned on: a conversation expires by itself, and often that is enough. */
  'no-timeout': RuleOptions;
  'service-without-error': RuleOptions;
  'unlimited-question': RuleOptions & {
    /** Whether a command that leads out of the question makes up for a limit. Default true. */
    readonly commands?: boolean;
  };
  'missing-translation': RuleOptions & {
    /** Locales that users have, beside those that the dialogue has words for. */
    readonly locales?: readonly string[];
  };
  'context-not-plain': RuleOptions;
  'reply-over-limits': RuleOptions;
  'shadowed-transition': RuleOptions;
  /** An option of a question and an intent that is heard there share a word. */
  'option-like-command': RuleOptions;
  'shared-context': RuleOptions;
  'many-options': RuleOptions;
  'parallel-questions': RuleOptions;
  'parallel-answers': RuleOptions;
  'parallel-never-done': RuleOptions;
  'restarted-region': RuleOptions;
  'endless-loop': RuleOptions;
  'service-without-timeout': RuleOptions;
  'left-by-commands': RuleOptions;
  'unused-answer': RuleOptions;
  'silent-branch': RuleOptions;
  'foreign-text': RuleOptions & {
    /** Locales that users have, beside those that the dialogue has words for. */
    readonly locales?: readonly string[];
  };
}

export interface RuleOptions {
  /** Paths of states in which the rule does not count, as `talk.start`, and those below them. */
  readonly except?: readonly string[];
}

export type LintRule = keyof LintRules;

/** Something that is wrong with a dialogue. */
export interface Finding {
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
