import { type KeysOf, checkOptions } from '../internal/closed.ts';
import type { AnyStateMachine } from 'xstate';
import { checkDialogue } from '../dialogue/engine/validate.ts';
import { UsageError } from '../errors.ts';
import { silentBranches, unusedAnswers } from './lint/answers.ts';
import { sharedWords } from './lint/commands.ts';
import {
  type LimitedChannel,
  manyOptions,
  plainContexts,
  replyLimits,
  sharedContexts,
  translations,
} from './lint/content.ts';
import { type FamilyMember, familyOf } from './lint/family.ts';
import { endlessLoops } from './lint/loops.ts';
import { unapprovedEffects } from './lint/models.ts';
import { neverDone, parallelAnswers, parallelQuestions, restartedRegions } from './lint/regions.ts';
import type { Finding, LintRule, LintRules, ReportFinding, RuleOptions } from './lint/rule.ts';
import { foreignTexts } from './lint/scripts.ts';
import {
  fallbacks,
  serviceErrors,
  serviceTimeouts,
  timeouts,
  unlimitedQuestions,
} from './lint/waiting.ts';
import { deadEnds, leftByCommands, shadowedTransitions, unreachableStates } from './lint/ways.ts';

/** Options of `lintDialogue()`: which rules count, and on which channels the dialogue speaks. */
export interface LintOptions {
  /** By name: `false` turns a rule off, `true` on, an object tells it more. */
  readonly rules?: { readonly [Rule in LintRule]?: boolean | LintRules[Rule] };
  /** The channels on which the dialogue speaks, or what is to be known of them. Without any, replies are not measured. */
  readonly channels?: readonly LimitedChannel[] | undefined;
  /** What the dialogue starts with, as the runner's `input` makes it. Default `{ openid: 'user' }`. */
  readonly input?: unknown;
}

const KEYS = { rules: null, channels: null, input: null } satisfies KeysOf<LintOptions>;

interface Rule<Name extends LintRule> {
  readonly severity: Finding['severity'];
  readonly isOff?: boolean;
  readonly check: (
    member: FamilyMember,
    report: ReportFinding,
    options: LintRules[Name],
    channels: readonly LimitedChannel[],
  ) => void;
}

const RULES: { readonly [Name in LintRule]: Rule<Name> } = {
  'unreachable-state': { severity: 'warning', check: unreachableStates },
  'no-way-out': { severity: 'error', check: deadEnds },
  'no-fallback': { severity: 'warning', check: fallbacks },
  'no-timeout': { severity: 'warning', isOff: true, check: timeouts },
  'service-without-error': { severity: 'error', check: serviceErrors },
  'unlimited-question': { severity: 'warning', check: unlimitedQuestions },
  'missing-translation': { severity: 'warning', check: translations },
  'context-not-plain': { severity: 'error', check: plainContexts },
  'reply-over-limits': { severity: 'warning', check: replyLimits },
  'shadowed-transition': { severity: 'warning', check: shadowedTransitions },
  'option-like-command': { severity: 'warning', check: sharedWords },
  'shared-context': { severity: 'warning', check: sharedContexts },
  'many-options': { severity: 'warning', check: manyOptions },
  'parallel-questions': { severity: 'warning', check: parallelQuestions },
  'parallel-answers': { severity: 'warning', check: parallelAnswers },
  'parallel-never-done': { severity: 'warning', check: neverDone },
  'restarted-region': { severity: 'warning', check: restartedRegions },
  'endless-loop': { severity: 'error', check: endlessLoops },
  'service-without-timeout': { severity: 'warning', check: serviceTimeouts },
  'left-by-commands': { severity: 'warning', check: leftByCommands },
  'unused-answer': { severity: 'warning', check: unusedAnswers },
  'silent-branch': { severity: 'warning', check: silentBranches },
  'foreign-text': { severity: 'warning', check: foreignTexts },
  'unapproved-effect': { severity: 'warning', check: unapprovedEffects },
};

/**
 * Looks through a dialogue and its sub-dialogues for what is wrong with them before anyone talks: in the order of the
 * rules, then of the states. Nothing is run but functions that make an initial context or a reply.
 * @example
 * console.log(lintDialogue(survey).map(({ rule }) => rule).join()); // → unlimited-question
 * @throws UsageError `bad_option` for a rule that does not exist, `bad_dialogue`
 */
export function lintDialogue(
  dialogue: AnyStateMachine,
  options: LintOptions = {},
): readonly Finding[] {
  checkDialogue(dialogue);
  checkOptions('lintDialogue()', options, KEYS);
  checkRules(options.rules ?? {});
  const { channels = [], input = { openid: 'user' } } = options;
  const members = familyOf(dialogue, input);
  return (Object.keys(RULES) as LintRule[]).flatMap((name) =>
    members.flatMap((member) => findingsOf(name, member, options.rules?.[name], channels)),
  );
}

function findingsOf<Name extends LintRule>(
  rule: Name,
  member: FamilyMember,
  setting: boolean | LintRules[Name] | undefined,
  channels: readonly LimitedChannel[],
): Finding[] {
  const { severity, check, isOff = false } = RULES[rule];
  if (setting === false || (setting === undefined && isOff)) return [];
  const given = (typeof setting === 'object' ? setting : {}) as LintRules[Name] & RuleOptions;
  const findings: Finding[] = [];
  const report: ReportFinding = ({ path }, found) => {
    const isExcepted = given.except?.some(
      (excepted) => path === excepted || path.startsWith(`${excepted}.`),
    );
    if (isExcepted) return;
    findings.push({ rule, severity, dialogue: member.dialogue.id, path, ...found });
  };
  check(member, report, given, channels);
  return findings;
}

function checkRules(rules: object): void {
  for (const name of Object.keys(rules)) {
    if (Object.hasOwn(RULES, name)) continue;
    throw new UsageError(
      'bad_option',
      `There is no lint rule '${name.slice(0, 60)}'. The rules are ${Object.keys(RULES).join(', ')}.`,
    );
  }
}

/** Findings as lines to read, one under the other; '' where there are none. */
export function formatFindings(findings: readonly Finding[]): string {
  return findings
    .map(({ rule, severity, dialogue, path, message, remedy }) => {
      const place = path === '' ? dialogue : `${dialogue}: ${path}`;
      return `${severity} ${rule} (${place})\n  ${message}\n  ${remedy}`;
    })
    .join('\n');
}
