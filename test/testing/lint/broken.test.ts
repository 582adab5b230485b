import { readFileSync } from 'node:fs';
import type { AnyStateMachine } from 'xstate';
import { describe, expect, it } from 'vitest';
import { type LintOptions, type LintRule, lintDialogue } from 'colloquy/testing';
import { contextNotPlain } from '../broken/context-not-plain.ts';
import { manyOptions } from '../broken/many-options.ts';
import { missingTranslation } from '../broken/missing-translation.ts';
import { noFallback } from '../broken/no-fallback.ts';
import { noTimeout } from '../broken/no-timeout.ts';
import { noWayOut } from '../broken/no-way-out.ts';
import { optionLikeCommand } from '../broken/option-like-command.ts';
import { parallelAnswers } from '../broken/parallel-answers.ts';
import { parallelNeverDone } from '../broken/parallel-never-done.ts';
import { parallelQuestions } from '../broken/parallel-questions.ts';
import { replyOverLimits } from '../broken/reply-over-limits.ts';
import { restartedRegion } from '../broken/restarted-region.ts';
import { serviceWithoutError } from '../broken/service-without-error.ts';
import { shadowedTransition } from '../broken/shadowed-transition.ts';
import { sharedContext } from '../broken/shared-context.ts';
import { endlessLoop } from '../broken/endless-loop.ts';
import { foreignText } from '../broken/foreign-text.ts';
import { leftByCommands } from '../broken/left-by-commands.ts';
import { serviceWithoutTimeout } from '../broken/service-without-timeout.ts';
import { silentBranch } from '../broken/silent-branch.ts';
import { unapprovedEffect } from '../broken/unapproved-effect.ts';
import { unusedAnswer } from '../broken/unused-answer.ts';
import { unlimitedQuestion } from '../broken/unlimited-question.ts';
import { unreachableState } from '../broken/unreachable-state.ts';

interface Broken {
  readonly rule: LintRule;
  readonly dialogue: AnyStateMachine;
  readonly options?: LintOptions;
  readonly severity: 'error' | 'warning';
  readonly path: string;
  readonly message: string;
  readonly remedy: string;
}

const BROKEN: readonly Broken[] = [
  {
    rule: 'unreachable-state',
    dialogue: unreachableState,
    severity: 'warning',
    path: 'city',
    message: "Nothing leads to the state 'city'.",
    remedy: 'Name it as the target of a transition, or delete it.',
  },
  {
    rule: 'no-way-out',
    dialogue: noWayOut,
    severity: 'error',
    path: 'person',
    message: "From the state 'person' no end can be reached, nor the beginning.",
    remedy:
      'Give it a transition that leads out: on a command, after a while, or to a final state.',
  },
  {
    rule: 'no-fallback',
    dialogue: noFallback,
    severity: 'warning',
    path: 'lobby',
    message: "The state 'lobby' waits, and a message that it has no transition for gets no answer.",
    remedy: "Give it, or a state around it, a transition on 'message.*' without a guard.",
  },
  {
    rule: 'no-timeout',
    dialogue: noTimeout,
    options: { rules: { 'no-timeout': true } },
    severity: 'warning',
    path: 'sure',
    message: "The state 'sure' waits for the user without an end.",
    remedy: 'Give the question a `timeout`, or the state, or one around it, an `after`.',
  },
  {
    rule: 'service-without-error',
    dialogue: serviceWithoutError,
    severity: 'error',
    path: 'looking',
    message:
      "The state 'looking' invokes the service 'lookUp' and has no `onError`: where it fails, so does the turn.",
    remedy: 'Give `invoke` an `onError` without a guard, which says so and continues.',
  },
  {
    rule: 'unlimited-question',
    dialogue: unlimitedQuestion,
    severity: 'warning',
    path: 'age',
    message:
      "The question 'age' of 'stubborn' is asked forever: it has no limit, and no command leads away from it.",
    remedy: 'Give it an `otherwise` (and `attempts`), or the dialogue a command to leave it by.',
  },
  {
    rule: 'missing-translation',
    dialogue: missingTranslation,
    severity: 'warning',
    path: '',
    message: "In 'fr' this is said in English: issue.confirm.",
    remedy: "Give it under `words.prompts['fr']` of setupDialogue(), or by `words.translate`.",
  },
  {
    rule: 'context-not-plain',
    dialogue: contextNotPlain,
    severity: 'error',
    path: '',
    message:
      "The initial context of 'logger' could not be kept: A context holds plain data (strings, numbers, booleans, null, undefined, bigint, arrays, objects, Date, Map, Set); at 'log' it held a function.",
    remedy:
      'Keep plain data in it, and what is alive outside: a service is invoked by name, a value is looked up by its id.',
  },
  {
    rule: 'reply-over-limits',
    dialogue: replyOverLimits,
    options: {
      channels: [{ name: 'sms', limits: { text: { max: 160, unit: 'characters' } } }],
    },
    severity: 'warning',
    path: 'open',
    message:
      "The state 'open' says what the channel 'sms' cannot: 1200 characters of text, over its 160.",
    remedy: 'Say it shorter, in several replies, or as another kind of reply.',
  },
  {
    rule: 'shadowed-transition',
    dialogue: shadowedTransition,
    severity: 'warning',
    path: 'dish',
    message:
      "No answer to the question 'dish' is ever read: a transition on 'message.*' without a guard goes before.",
    remedy: 'Give the one before a guard, or put it last.',
  },
  {
    rule: 'option-like-command',
    dialogue: optionLikeCommand,
    severity: 'warning',
    path: 'wish',
    message:
      "The question 'wish' offers 'Cancel an order', and 'cancel' is how users say the intent 'cancel'.",
    remedy:
      'Give the option another value and label, or the intent other words: what is offered is an answer, and the intent is not heard by it.',
  },
  {
    rule: 'shared-context',
    dialogue: sharedContext,
    severity: 'warning',
    path: '',
    message: "The context of 'shop' holds, at 'cart', one object for all conversations.",
    remedy: 'Make it in the function: `context: () => ({ … })`.',
  },
  {
    rule: 'many-options',
    dialogue: manyOptions,
    severity: 'warning',
    path: 'where',
    message:
      "The question 'where' offers 27 options. Over 20 are said as a numbered text, without buttons.",
    remedy: 'Ask for a part of them first, or turn the rule off where a text will do.',
  },
  {
    rule: 'parallel-questions',
    dialogue: parallelQuestions,
    severity: 'warning',
    path: '',
    message:
      "The regions 'name' and 'age' of 'survey' both ask: where their questions stand open at the same time, both take the same message for an answer.",
    remedy:
      'Ask in one region, and let the others wait for what it raises; or put the questions one after the other.',
  },
  {
    rule: 'parallel-answers',
    dialogue: parallelAnswers,
    severity: 'warning',
    path: '',
    message:
      "'orders' and 'chatter' are in two regions of 'stand' and both answer 'intent.help': where they are active at the same time, the user gets both answers.",
    remedy: "Answer in one region or in 'stand' itself, or give one of the two a guard.",
  },
  {
    rule: 'parallel-never-done',
    dialogue: parallelNeverDone,
    severity: 'warning',
    path: 'collecting',
    message:
      "The region 'picture' of 'collecting' has no final state that can be reached, so the `onDone` is never taken: all regions have to be done.",
    remedy:
      "Give the region a state with `type: 'final'` that a transition leads to, or leave 'collecting' by another transition.",
  },
  {
    rule: 'restarted-region',
    dialogue: restartedRegion,
    severity: 'warning',
    path: '',
    message:
      "The transition on 'intent.cancel' leads into the region 'talk' from outside of it, so XState enters 'clock' again, too: what is under way there starts again, its timers included.",
    remedy:
      'Put the transition into the region, or let it be one of `commands`, which leaves the other regions as they are.',
  },
  {
    rule: 'endless-loop',
    dialogue: endlessLoop,
    severity: 'error',
    path: 'looking',
    message: "The states 'looking', 'checking' lead to each other by `always`, without an end.",
    remedy:
      'Give one of the `always` a guard that does not always hold, or let it wait for an event.',
  },
  {
    rule: 'service-without-timeout',
    dialogue: serviceWithoutTimeout,
    severity: 'warning',
    path: 'looking',
    message:
      "The state 'looking' waits for the service 'forecast' without a limit: where the service does not end, nothing leads out.",
    remedy: 'Give the state an `after`, or the dialogue a command that leads out.',
  },
  {
    rule: 'left-by-commands',
    dialogue: leftByCommands,
    severity: 'warning',
    path: 'offered',
    message:
      "Only a command for the whole dialogue leads out of the state 'offered': what a user answers there, and time, lead nowhere.",
    remedy: 'Give it a transition on an answer or after a while, or make it final.',
  },
  {
    rule: 'unused-answer',
    dialogue: unusedAnswer,
    severity: 'warning',
    path: 'address',
    message:
      "The answer to the question 'address' goes nowhere: it is not kept, and every answer leads to the same.",
    remedy: 'Give it an `assign`, or a `target` for each answer.',
  },
  {
    rule: 'silent-branch',
    dialogue: silentBranch,
    severity: 'warning',
    path: 'open',
    message:
      "The state 'open' says nothing on 'message.*' (1 of 2), which leads to 'noted', while it has a reply for others.",
    remedy: "Say something on the way, or on entry of 'noted'.",
  },
  {
    rule: 'unapproved-effect',
    dialogue: unapprovedEffect,
    severity: 'warning',
    path: 'working.tools.cancelOrder',
    message:
      "The tool 'cancelOrder' of the agent 'support' runs by the model's word alone, and may change something.",
    remedy: 'Give it an `approve`, or say that it is `readOnly`.',
  },
  {
    rule: 'foreign-text',
    dialogue: foreignText,
    severity: 'warning',
    path: 'over',
    message: "The state 'over' says a text in 'zh-CN' that is written in another script.",
    remedy: 'Translate it, or put it under the locale that it is in.',
  },
];

it('each rule has a broken dialogue', () => {
  const rules = readFileSync(new URL('../../../docs/exploring.md', import.meta.url), 'utf8');
  const named = [...rules.matchAll(/^\| `([a-z-]+)` +\|/gmu)].map(([, rule]) => rule);
  expect(new Set(named)).toEqual(new Set(BROKEN.map(({ rule }) => rule)));
});

describe('a broken dialogue is caught at the right place, with a remedy', () => {
  it.each(BROKEN)('$rule', ({ rule, dialogue, options, severity, path, message, remedy }) => {
    const found = lintDialogue(dialogue, options).filter((finding) => finding.rule === rule);
    expect(found).toEqual([{ rule, severity, dialogue: dialogue.id, path, message, remedy }]);
  });

  it.each(BROKEN)('$rule is not found where it is turned off, or excepted', (broken) => {
    const { rule, dialogue, options, path } = broken;
    const lint = (setting: boolean | { except: string[] }): readonly { rule: string }[] =>
      lintDialogue(dialogue, { ...options, rules: { ...options?.rules, [rule]: setting } }).filter(
        (finding) => finding.rule === rule,
      );
    expect(lint(false)).toEqual([]);
    expect(lint({ except: [path] })).toEqual([]);
    expect(lint({ except: ['elsewhere'] })).toHaveLength(1);
  });

  it('and nothing else is found in most of them', () => {
    const others = BROKEN.filter(
      ({ rule }) => !['shadowed-transition', 'no-way-out', 'endless-loop'].includes(rule),
    );
    for (const { rule, dialogue, options } of others) {
      const rules = lintDialogue(dialogue, options).map((finding) => finding.rule);
      expect({ rule, rules }).toEqual({ rule, rules: [rule] });
    }
  });
});
