import type { StateDescription } from '../../dialogue/engine/description.ts';
import type { ChannelLimits } from '../../channels/channel.ts';
import { textSize } from '../../channels/text-parts.ts';
import { isDictionary } from '../../internal/plain-data.ts';
import { freezeCopy } from '../../internal/frozen-copy.ts';
import { hasList, hearsBack } from '../../dialogue/define/form-state.ts';
import { isForm } from '../../dialogue/engine/form-mark.ts';
import { promptsOfQuestions } from '../../dialogue/define/questions-state.ts';
import type { Parser } from '../../dialogue/parsers/parser.ts';
import { untranslated } from '../../dialogue/text/localize.ts';
import type { Reply } from '../../reply.ts';
import { MAX_OPTIONS, toReply } from '../../reply-check.ts';
import { isOwnPrompt, issuesOf } from '../probes.ts';
import { type FamilyMember, stateInWords } from './family.ts';
import type { LintRules, ReportFinding, RuleOptions } from './rule.ts';

/** Rules about what a dialogue holds and says. */

/** Locales that the dialogue begins to speak, or is spoken to in, with prompts that it says in English. */
export function translations(
  member: FamilyMember,
  report: ReportFinding,
  { locales = [] }: LintRules['missing-translation'],
): void {
  const { dialogue, states } = member;
  const options = dialogue.words ?? {};
  const own = typeof options.locale === 'string' ? [options.locale] : [];
  const context = initialContextOf(member) ?? {};
  const said = new Set(states.flatMap((state) => promptsOf(state, context)));
  for (const locale of new Set([...Object.keys(options.prompts ?? {}), ...own, ...locales])) {
    const keys = untranslated(options, locale).filter((key) => said.has(key));
    if (keys.length === 0) continue;
    const shown = keys.slice(0, SHOWN_KEYS).join(', ');
    const more = keys.length > SHOWN_KEYS ? ` and ${keys.length - SHOWN_KEYS} more` : '';
    report(dialogue.root, {
      message: `In '${locale}' this is said in English: ${shown}${more}.`,
      remedy: `Give it under \`words.prompts['${locale}']\` of setupDialogue(), or by \`words.translate\`.`,
    });
  }
}

/** The prompts that a state says, as far as is known from outside. */
function promptsOf(state: StateDescription, context: object): string[] {
  const keys: string[] = isForm(state.definition)
    ? ['form.line', 'form.confirm', 'form.change']
    : [...promptsOfQuestions(state.definition)];
  if (hasList(state.definition)) keys.push('list.more', 'list.all', 'choice.number');
  if (hearsBack(state.definition)) keys.push('form.first');
  const helps = repliesOf(state, context).some(
    (reply) => 'text' in reply && isOwnPrompt(reply.text, 'command.help'),
  );
  if (helps) keys.push('command.help');
  const { question } = state;
  if (question === undefined) return keys;
  const parser = resolve(question.read, context) as Parser<unknown> | undefined;
  const issues = parser === undefined ? [] : issuesOf(parser, { ...PARSE_CONTEXT, context });
  const retry = resolve(question.retry, { context, event: NOTHING, issue: ISSUE, attempt: 1 });
  if (question.retry === undefined || JSON.stringify(retry ?? '').includes(ISSUE)) {
    keys.push(...issues);
  }
  if (issues.includes('issue.confirm')) keys.push('answer.yes', 'answer.no');
  const reminds = [question.timeout ?? []]
    .flat()
    .some(({ say, target }) => say === undefined && target === undefined);
  if (reminds) keys.push('ask.reminder');
  return keys;
}

/** Stands for an issue, to see whether a retry says it. */
const ISSUE = 'the issue that was found';
const NOTHING = { type: 'message.text', text: '' };
const PARSE_CONTEXT = { locale: 'en', timeZone: 'UTC', now: Date.UTC(2026, 0, 1) };

const SHOWN_KEYS = 5;

/** The first context of a machine, with an input; undefined where only a conversation could make it. */
export function initialContextOf({ dialogue, input }: FamilyMember): object | undefined {
  const { context } = dialogue;
  if (typeof context !== 'function') return (context ?? {}) as object;
  try {
    const made: unknown = (context as (args: object) => unknown)({ input, spawn: () => {} });
    return typeof made === 'object' && made !== null ? made : undefined;
  } catch {
    return undefined;
  }
}

/** Contexts that could not be kept. */
export function plainContexts(member: FamilyMember, report: ReportFinding): void {
  const { dialogue, isRoot, input } = member;
  const context = initialContextOf(member);
  const check = (value: object, what: string): void => {
    try {
      freezeCopy(value as Record<string, unknown>, Number.POSITIVE_INFINITY);
    } catch (error) {
      report(dialogue.root, {
        message: `The ${what} of '${dialogue.id}' could not be kept: ${(error as Error).message}`,
        remedy: `Keep plain data in it, and what is alive outside: a service is invoked by name, a value is looked up by its id.`,
      });
    }
  };
  if (context !== undefined) check(context, 'initial context');
  if (isRoot && typeof input === 'object' && input !== null) check(input, 'input');
}

/**
 * Values that all conversations share: one changes them, and another has them changed. The constant context of a
 * dialogue is copied for each, what a function gives is not.
 */
export function sharedContexts(member: FamilyMember, report: ReportFinding): void {
  const { dialogue, states, input } = member;
  const [first, second] = [0, 1].map(() => initialContextOf(member));
  if (typeof dialogue.context === 'function' && first !== undefined && second !== undefined) {
    const place = sharedPlace(first, second, '', new Set(inputsOf(input)));
    if (place !== undefined) {
      report(dialogue.root, {
        message: `The context of '${dialogue.id}' holds, at '${place}', one object for all conversations.`,
        remedy: `Make it in the function: \`context: () => ({ … })\`.`,
      });
    }
  }
  for (const state of states) {
    for (const action of state.actions) {
      const { assignment } = action as { readonly assignment?: unknown };
      if (typeof assignment !== 'object' || assignment === null) continue;
      for (const [key, value] of Object.entries(assignment) as [string, unknown][]) {
        if (typeof value !== 'object' || value === null || isFrozen(value)) continue;
        report(state, {
          message: `The ${stateInWords(state)} assigns one object to '${key}' of all conversations.`,
          remedy: `Assign a function that makes a new one: \`${key}: () => …\`.`,
        });
      }
    }
  }
}

function inputsOf(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(inputsOf)];
}

function sharedPlace(
  a: unknown,
  b: unknown,
  path: string,
  allowed: ReadonlySet<object>,
): string | undefined {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return undefined;
  if (a === b) return allowed.has(a) || isFrozen(a) ? undefined : path;
  for (const [key, value] of Object.entries(a)) {
    const inner = path === '' ? key : `${path}.${key}`;
    const place = sharedPlace(value, (b as Record<string, unknown>)[key], inner, allowed);
    if (place !== undefined) return place;
  }
  return undefined;
}

/** Whether it is frozen at every depth. */
function isFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (!Array.isArray(value) && !isDictionary(value)) return false;
  return Object.isFrozen(value) && Object.values(value).every(isFrozen);
}

/** What a rule about replies needs of a channel. */
export interface LimitedChannel {
  /** The name of the channel, for the finding. */
  readonly name: string;
  /** Its limits. Default: none. */
  readonly limits?: ChannelLimits;
}

/** Replies that a channel cuts into several, or cannot say as they are. Those made of a context are tried on the first. */
export function replyLimits(
  member: FamilyMember,
  report: ReportFinding,
  _: RuleOptions,
  channels: readonly LimitedChannel[],
): void {
  if (channels.length === 0) return;
  const context = initialContextOf(member) ?? {};
  for (const state of member.states) {
    const told = new Set<string>();
    for (const reply of repliesOf(state, context)) {
      for (const { name, limits = {} } of channels) {
        const problem = overLimits(reply, limits, name);
        if (problem === undefined || told.has(problem)) continue;
        told.add(problem);
        report(state, {
          message: `The ${stateInWords(state)} says what the channel '${name}' cannot: ${problem}.`,
          remedy: `Say it shorter, in several replies, or as another kind of reply.`,
        });
      }
    }
  }
}

/** What is wrong with a reply on a channel; undefined where nothing is. */
export function overLimits(
  reply: Reply,
  { text, kinds }: ChannelLimits,
  channel: string,
): string | undefined {
  if (reply.type === 'raw') {
    return reply.channel === channel ? undefined : `a raw reply for '${reply.channel}'`;
  }
  if (kinds !== undefined && !kinds.includes(reply.type) && !TEXTUAL.has(reply.type)) {
    return `a reply of the kind '${reply.type}'`;
  }
  if (text === undefined || !('text' in reply)) return undefined;
  const size = textSize(reply.text, text.unit);
  return size > text.max ? `${size} ${text.unit} of text, over its ${text.max}` : undefined;
}

/** Kinds that every channel says as text without a loss. */
const TEXTUAL: ReadonlySet<string> = new Set(['text', 'choices']);

/** Questions with more options than there are buttons for, as far as the first context shows them. */
export function manyOptions(member: FamilyMember, report: ReportFinding): void {
  const context = initialContextOf(member) ?? {};
  for (const state of member.states) {
    const offered = resolve(state.question?.offers, context);
    if (!Array.isArray(offered) || offered.length <= MAX_OPTIONS) continue;
    report(state, {
      message: `The question '${state.path}' offers ${offered.length} options. Over ${MAX_OPTIONS} are said as a numbered text, without buttons.`,
      remedy: `Ask for a part of them first, or turn the rule off where a text will do.`,
    });
  }
}

/** What a state says, as far as a context makes it known. */
export function repliesOf(state: StateDescription, context: object): Reply[] {
  const args = { context, event: NOTHING };
  const said = state.actions.map((action) => {
    if (typeof action !== 'function') return undefined;
    const { event } = action as { readonly event?: unknown };
    const emitted = resolve(event, args) as { type?: unknown; reply?: unknown } | undefined;
    return emitted?.type === 'reply' ? emitted.reply : undefined;
  });
  const all = [...said, resolve(state.question?.retry, { ...args, issue: '', attempt: 1 })];
  return all.flatMap((each) => {
    const reply = resolve(() => toReply(each), undefined);
    return each === undefined || reply === undefined ? [] : [reply as Reply];
  });
}

/** A value, or the result of the function that makes it; undefined where only a conversation could make it. */
function resolve(value: unknown, args: unknown): unknown {
  if (typeof value !== 'function') return value;
  try {
    return (value as (given: unknown) => unknown)(args);
  } catch {
    return undefined;
  }
}
