import { UsageError } from '../../errors.ts';
import { type KeysOf, checkOptions, kindOf } from '../../internal/closed.ts';
import { emojiOf } from '../../message.ts';
import type { ChoiceOption } from '../../reply.ts';
import { sayList } from '../text/formats.ts';
import { fold } from '../text/normalize.ts';
import {
  byExactName,
  byMention,
  bySquashedName,
  optionNamesOf,
  withoutOthersNames,
  type OptionNames,
} from './choice-names.ts';
import { bareNumber, namedPlaces } from './choice-places.ts';
import { isWholeAnswer, surroundingsOf } from './counted.ts';
import { findAmounts, foldNumerals, toNumber } from './numerals.ts';
import { issue, messageWords, type Parsed, type Parser } from './parser.ts';

/** An option to choose, with what users call it. */
export interface AnswerOption<Value extends string = string> extends ChoiceOption {
  readonly value: Value;
  /** What else it may be called. */
  readonly synonyms?: readonly string[] | undefined;
}

/** What `choice` takes: a value that is its own label, or an option in full. */
export type ChoiceOptions<Value extends string> = readonly (Value | AnswerOption<Value>)[];

/**
 * Takes one of several options and gives its value: by the value of a button; by its label or a synonym; by its place in
 * the list that the user saw (`2`, `#2`, `二`, `第二个`, `the second one`, `second last`, `最后一个`); or by the value, typed out. Around
 * it the answer may have courtesies and words that frame it (“I'd like the red one please”, 我要红色的), and nothing else: a
 * denial (“not red”), a question, an alternative, and any word that is left over are an issue. So is a text of over 500
 * characters.
 *
 * Names are compared as people type them: in any case, without accents (`malaga`), hyphens (`wifi`) or the right
 * apostrophe (`don't know`). If two options become the same by it, the exact name counts, or the user is asked which one. Words of
 * Latin script are only found whole (`red`, not in `bored`), and of `member` and `non-member` the longer one counts.
 *
 * Where labels are numbers, a number is a label: of `['2', '4', '6']`, “4” is `4`, and the fourth has to be called so.
 * @throws UsageError `bad_option`, when made, for no options, an empty name or two options of one value.
 * @example
 * const colour = choice(['red', { value: 'blue', label: 'Blue', synonyms: ['navy', '蓝色'] }]);
 * words.ask({ question: 'Which?', parse: colour, assign: 'colour' });
 */
export function choice<const Value extends string>(options: ChoiceOptions<Value>): Parser<Value> {
  checkChoices(options);
  const candidates = withoutOthersNames(options.map((option) => toCandidate<Value>(option)));
  checkCandidates(candidates);
  const numbered = candidates.some(({ names }) =>
    names.exact.some((name) => toNumber(name) !== undefined),
  );
  const ways = numbered ? WAYS_OF_NUMBERS : WAYS;
  const parse: Parser<Value> = (message, { locale, shown }) => {
    if (message.type === 'message.action') {
      const pressed = candidates.find(({ value }) => value === message.value);
      if (pressed !== undefined) return { value: pressed.value };
      // A button that was offered means its value and nothing else; that one is not among the options any more.
      if (shown !== undefined) return refuse('choice', candidates, locale);
    }
    const words = messageWords(message) ?? emojiOf(message) ?? '';
    for (const find of ways) {
      const found = find(words, candidates, shown ?? candidates);
      if (found.length === 1 && found[0]) return { value: found[0].value };
      if (found.length > 1) return refuse('severalChoices', found, locale);
    }
    return refuse('choice', candidates, locale);
  };
  return Object.assign(parse, { samples: candidates.map(({ label }) => label) });
}

/** The options as a reply offers them, in the order that their numbers go by. */
export function optionsOf<Value extends string>(options: ChoiceOptions<Value>): ChoiceOption[] {
  return options.map((option) => {
    if (typeof option === 'string') return { value: option };
    const { value, label } = option;
    return { value, ...(label !== undefined && { label }) };
  });
}

interface Candidate<Value extends string = string> {
  readonly value: Value;
  readonly label: string;
  readonly names: OptionNames;
}

/** The candidates that a text may mean, in one way of meaning. `shown` is the list that places refer to. */
type Way = <Value extends string>(
  words: string,
  candidates: readonly Candidate<Value>[],
  shown: readonly ChoiceOption[],
) => readonly Candidate<Value>[];

const byNumber: Way = (words, candidates) => {
  const text = foldNumerals(words);
  const [amount, ...more] = findAmounts(text);
  if (amount === undefined || more.length > 0 || !isWholeAnswer(text, amount, surroundingsOf())) {
    return [];
  }
  return candidates.filter(({ names }) =>
    names.exact.some((name) => toNumber(name) === amount.value),
  );
};

const byNumberOfPlace: Way = (words, candidates, shown) => {
  const place = bareNumber(words);
  return place === undefined ? [] : atPlaces([place], candidates, shown);
};

const byPlace: Way = (words, candidates, shown) => atPlaces(namedPlaces(words), candidates, shown);

/** A line of the list as it was shown and copied, “1. Red”, where its number and its name agree. */
const byLine: Way = (words, candidates, shown) => {
  const { number, name } =
    /^\s*\(?(?<number>\d{1,3})[.):、](?<name>.+)$/su.exec(words)?.groups ?? {};
  if (number === undefined || name === undefined) return [];
  const named = byMention(name, candidates);
  const [placed] = atPlaces([Number(number)], candidates, shown);
  return named.length === 1 && named[0] === placed ? named : [];
};

const byValue: Way = (words, candidates) => {
  const said = fold(words);
  return candidates.filter(({ value }) => fold(value) === said);
};

const WAYS: readonly Way[] = [
  byExactName,
  byNumberOfPlace,
  byMention,
  byPlace,
  byLine,
  bySquashedName,
  byValue,
];
/** Where labels are numbers. */
const WAYS_OF_NUMBERS: readonly Way[] = [
  byExactName,
  byMention,
  byPlace,
  byNumber,
  bySquashedName,
  byValue,
];

/** The candidates at places of a list, some of which may have gone since the user saw it. */
function atPlaces<Value extends string>(
  places: readonly number[],
  candidates: readonly Candidate<Value>[],
  shown: readonly ChoiceOption[],
): readonly Candidate<Value>[] {
  const found = places.map((place) => {
    const option = place < 0 ? shown.at(place) : shown[place - 1];
    return candidates.find(({ value }) => value === option?.value);
  });
  return [...new Set(found)].filter((candidate) => candidate !== undefined);
}

const OPTION_KEYS = { value: null, label: null, synonyms: null } satisfies KeysOf<AnswerOption>;

function checkChoices(options: unknown): void {
  if (!Array.isArray(options)) {
    throw new UsageError(
      'bad_option',
      `choice() takes a list of options; it got ${kindOf(options)}.`,
    );
  }
  for (const option of options as readonly unknown[]) {
    if (typeof option === 'string') continue;
    checkOptions('choice(): each option', option, OPTION_KEYS);
    const { value, label, synonyms = [] } = option as Partial<AnswerOption>;
    const texts = Array.isArray(synonyms)
      ? [value, label === undefined ? '' : label, ...synonyms]
      : [undefined];
    if (texts.every((text) => typeof text === 'string')) continue;
    throw new UsageError(
      'bad_option',
      'The `value` and the `label` of an option are texts, and its `synonyms` a list of texts.',
    );
  }
}

function toCandidate<Value extends string>(option: Value | AnswerOption<Value>): Candidate<Value> {
  const full: AnswerOption<Value> = typeof option === 'string' ? { value: option } : option;
  const { value, label = value, synonyms = [] } = full;
  return { value, label, names: optionNamesOf([label, ...synonyms]) };
}

function checkCandidates(candidates: readonly Candidate[]): void {
  const fail = (problem: string): never => {
    throw new UsageError('bad_option', problem);
  };
  const values = new Set(candidates.map(({ value }) => value));
  if (candidates.length === 0) fail('choice() takes at least one option.');
  if (values.size < candidates.length) fail('Each option of choice() has another value.');
  if (candidates.some(({ value, names }) => value === '' || names.exact.includes(''))) {
    fail('The value, label and synonyms of an option are not empty.');
  }
}

function refuse(
  key: 'choice' | 'severalChoices',
  candidates: readonly Candidate[],
  locale: string,
): Parsed<never> {
  const labels = candidates.map(({ label }) => label);
  return issue(`issue.${key}`, { options: sayList(labels, locale, 'disjunction') });
}
