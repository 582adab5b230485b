import type { Message } from '../../message.ts';
import type { ChoiceOption, Reply } from '../../reply.ts';
import { constantOptions } from '../../reply-check.ts';
import { StepError } from '../../errors.ts';
import { askState } from './ask.ts';
import { checkListed, choiceOf, isWithoutOptions, offer, offeringOf } from './choices.ts';
import { type ChoiceOptions, choice } from '../parsers/choice.ts';
import { confirm } from '../parsers/confirm.ts';
import { messageWords, type Parser } from '../parsers/parser.ts';
import type { ParseContext } from '../text/parse-context.ts';
import type { Answered, AskOptions, Question } from '../engine/question.ts';
import { valueOf } from './actions.ts';
import { fold } from '../text/normalize.ts';
import { settled } from '../engine/settled.ts';
import type { Words } from '../text/localize.ts';

/** What there is to choose from, or how it follows from the `context`. */
export type OptionsFor<Context, Value extends string> =
  ChoiceOptions<Value> | ((args: { readonly context: Context }) => ChoiceOptions<Value>);

/** A question with options to choose from: the config of the word `choose`. */
export interface ChooseOptions<
  Context,
  Value extends string,
  Target extends string,
  Actions = unknown,
> extends AskOptions<Context, Target> {
  /** What there is to choose from: values, options with a label and synonyms, or a function that gives them. */
  readonly options: OptionsFor<Context, Value>;
  /** Where a choice leads: one place for all, one for each value, or the first whose guard holds. */
  readonly target?:
    | Target
    | { readonly [V in Value]: Way<Target, Actions> }
    | readonly Answered<Context, Value, Target, Actions>[];
}

/** The untyped form of `choose`. */
export interface Choosing extends Omit<Question, 'read' | 'target'> {
  readonly options: OptionsFor<object, string>;
  readonly target?:
    string | Readonly<Record<string, Way<string>>> | readonly Answered<object, unknown, string>[];
}

/** A question that is answered by one of several options: by its number, its label or another name for it. */
export function chooseState({ options, target, ...rest }: Choosing, words: Words): object {
  const optionsFor = (context: object): ChoiceOptions<string> =>
    typeof options === 'function' ? settled(options({ context }), 'The options') : options;
  if (typeof options !== 'function') checkListed(options);
  const constant = typeof options === 'function' ? undefined : choice(options);
  const offering =
    typeof options === 'function'
      ? (text: string, context: object) => offer(text, optionsFor(context), context, words)
      : offeringOf(options, words);
  return askState(
    {
      ...rest,
      ...offered(rest, offering),
      read: (context) => constant ?? choiceOf(optionsFor(context)),
      offers: optionsFor,
      ...(target !== undefined && { target: waysOf(target) }),
    },
    words,
  );
}

/** How a question and its retry are said with something to choose from: `offering` adds it to a text. */
export function offered(
  { question, retry }: Pick<Question, 'question' | 'retry'>,
  offering: (text: string, context: object) => string | Reply,
): Required<Pick<Question, 'question' | 'retry'>> {
  const withOptions = (said: string | Reply, context: object): string | Reply =>
    typeof said === 'string' ? offering(said, context) : said;
  return {
    question: ({ context }) => {
      const said = withOptions(valueOf(question, { context }), context);
      if (!isWithoutOptions(said)) return said;
      throw new StepError(
        'bad_reply',
        'A question has no options: its `options` gave an empty list. Leave it out where there is nothing to choose from, by `when`.',
      );
    },
    retry: (args) => {
      const said = withOptions(
        retry === undefined ? args.issue : valueOf(retry, args),
        args.context,
      );
      return isWithoutOptions(said) ? said.text : said;
    },
  };
}

function waysOf(target: NonNullable<Choosing['target']>): NonNullable<Question['target']> {
  if (typeof target === 'string') return target;
  if (Array.isArray(target)) return target as readonly Answered<object, unknown, string>[];
  return Object.entries(target as Readonly<Record<string, Way<string>>>).map(([chosen, way]) => ({
    ...toWay(way),
    guard: ({ value }) => value === chosen,
    description: chosen,
  }));
}

/** A question that is answered by yes or no: the config of the word `confirm`. */
export interface ConfirmOptions<
  Context,
  Target extends string,
  Actions = unknown,
> extends AskOptions<Context, Target> {
  /** Where a yes leads. */
  readonly yes: Way<Target, Actions>;
  /** Where a no leads. */
  readonly no: Way<Target, Actions>;
}

/** Where to go, and further actions of XState's on the way. */
export type Way<Target extends string, Actions = unknown> =
  | Target
  | {
      /** The state to go to. */
      readonly target: Target;
      /** Further actions of XState's, before the state is entered. */
      readonly actions?: Actions;
    };

/** The untyped form of `confirm`. */
export interface Confirming extends Omit<Question, 'read' | 'target'> {
  readonly yes: Way<string>;
  readonly no: Way<string>;
}

/** A question that is answered by yes or no. */
export function confirmState({ yes, no, ...rest }: Confirming, words: Words): object {
  return askState(
    {
      ...rest,
      ...offered(rest, (text, context) => offerYesOrNo(text, context, words)),
      read: yesOrNoIn(words),
      target: [
        { ...toWay(yes), guard: ({ value }) => value === true, description: 'yes' },
        { ...toWay(no), guard: ({ value }) => value === false, description: 'no' },
      ],
    },
    words,
  );
}

function toWay(way: Way<string>): Exclude<Way<string>, string> {
  return typeof way === 'string' ? { target: way } : way;
}

/** By what means yes and no in a locale, which is one object for as long as it is the same. */
const optionsIn = /* @__PURE__ */ new WeakMap<object, readonly ChoiceOption[]>();

export function offerYesOrNo(text: string, context: object, words: Words): Reply {
  const answers = words.answers(words.parseContext(context, undefined).locale);
  let options = optionsIn.get(answers);
  if (options === undefined) {
    options = constantOptions([
      { value: 'yes', label: answers.yes[0] },
      { value: 'no', label: answers.no[0] },
    ]);
    optionsIn.set(answers, options);
  }
  return { type: 'choices', text, options };
}

/**
 * Yes or no in the user's language: in the words that every dialogue understands, in those that this one says and has for
 * them, and by the number where a channel makes a list of the two.
 */
export function yesOrNoIn(words: Words): () => Parser<boolean> {
  // Made when they are first asked: reading all words for yes and no took most of the time that an import took.
  const parsers = new WeakMap<object, Parser<boolean>>();
  const parse: Parser<boolean> = (message, parseContext) => {
    const answers = words.answers(parseContext.locale);
    let byWords = parsers.get(answers);
    if (byWords === undefined) {
      byWords = confirm({ yes: withPlain(answers.yes), no: withPlain(answers.no) });
      parsers.set(answers, byWords);
    }
    const said = byWords(message, parseContext);
    if ('value' in said) return said;
    const chosen = offeredOf(message, parseContext);
    return chosen === 'yes' || chosen === 'no' ? { value: chosen === 'yes' } : said;
  };
  return () => parse;
}

/** People leave out the accents of alphabets that can do without: `si` for `sí`, `οχι` for `όχι`. */
function withPlain(phrases: readonly string[]): string[] {
  return phrases.flatMap((phrase) =>
    /[\p{Script=Latin}\p{Script=Greek}]/u.test(phrase)
      ? [phrase, phrase.normalize('NFD').replaceAll(/\p{M}/gu, '')]
      : [phrase],
  );
}

const YES_OR_NO: readonly ChoiceOption[] = [{ value: 'yes' }, { value: 'no' }];

/** The value of the option that a message names by its label or by nothing but its number. */
function offeredOf(message: Message, { shown = YES_OR_NO }: ParseContext): string | undefined {
  const words = messageWords(message) ?? '';
  const said = fold(words);
  const labelled = shown.find(({ value, label = value }) => fold(label) === said);
  if (labelled !== undefined) return labelled.value;
  const [, number] = /^[(#]?(\d)[).。、]?$/u.exec(said) ?? [];
  return number === undefined ? undefined : shown[Number(number) - 1]?.value;
}
