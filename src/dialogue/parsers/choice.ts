import { UsageError } from '../../errors.ts';
import { emojiOf } from '../../message.ts';
import type { ChoiceOption } from '../../reply.ts';
import { fold, normalize } from '../text/normalize.ts';
import { NUMERALS } from './chinese.ts';
import { findNumbers, toNumber } from './numerals.ts';
import { wordsOf, type Parsed, type Parser } from './parser.ts';

/** One of the answers to choose from. */
export interface AnswerOption<Value extends string = string> extends ChoiceOption {
  readonly value: Value;
  /** What else it may be called. */
  readonly synonyms?: readonly string[];
}

/** What `choice` takes: a value that is its own label, or an option in full. */
export type ChoiceOptions<Value extends string> = readonly (Value | AnswerOption<Value>)[];

/**
 * Takes one of several options and gives its value: by the value of a button; by its label or a synonym, whatever the
 * case; by its place (`2`, `#2`, `二`, `第二个`, `the second one`, `最后一个`); because the text names it and no other (“I'd like the red
 * one”); or by the value, typed out.
 * Words of Latin script are only found whole (`red`, not in `bored`), and of `red` and `dark red` the longer one counts. A text
 * that also denies something (“not red”, `不要红色`) is an issue, and so is one of over 1,000 characters.
 *
 * Where labels are numbers, a number is a label: of `['2', '4', '6']`, “4” is `4`, and the fourth has to be called so.
 * @throws UsageError `bad_option`, when made, for no options, an empty name or two options of one value.
 * @example choice(['red', { value: 'blue', label: 'Blue', synonyms: ['navy', '蓝色'] }])
 */
export function choice<const Value extends string>(options: ChoiceOptions<Value>): Parser<Value> {
  const candidates = options.map((option) => toCandidate<Value>(option));
  checkCandidates(candidates);
  const numbered = candidates.some(({ names }) =>
    names.some((name) => toNumber(name) !== undefined),
  );
  const ways = numbered ? WAYS_OF_NUMBERS : WAYS;
  const parse: Parser<Value> = (message, { locale }) => {
    if (message.type === 'message.action') {
      const pressed = candidates.find(({ value }) => value === message.value);
      if (pressed !== undefined) return { value: pressed.value };
    }
    const words = wordsOf(message) ?? emojiOf(message) ?? '';
    for (const find of ways) {
      const found = find(words, candidates);
      if (found.length === 1 && found[0]) return { value: found[0].value };
      if (found.length > 1) return refused('issue.severalChoices', found, locale);
    }
    return refused('issue.choice', candidates, locale);
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
  /** Label and synonyms, folded. A value behind a label, which nobody sees, is none of them. */
  readonly names: readonly string[];
}

/** The candidates that a text may mean, in one way of meaning. */
type Way = <Value extends string>(
  words: string,
  candidates: readonly Candidate<Value>[],
) => readonly Candidate<Value>[];

const byName: Way = (words, candidates) => {
  const said = fold(words);
  return candidates.filter(({ names }) => names.includes(said));
};

const byNormalName: Way = (words, candidates) => {
  const said = normalize(words);
  return candidates.filter(({ names }) => names.some((name) => normalize(name) === said));
};

const byNumber: Way = (words, candidates) => {
  const [said, ...more] = findNumbers(words);
  if (said === undefined || more.length > 0 || isDenial(fold(words))) return [];
  return candidates.filter(({ names }) => names.some((name) => toNumber(name) === said));
};

const byNumberOfPlace: Way = (words, candidates) =>
  atPlaces([toNumber(normalize(words))], candidates);

const ORDINALS = 'first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth';

/** `the second`, `2nd option`, `number two`, `#2`, `第二个`, `选2`, and at the end of a list, `the last one`, `最后一个`. */
const PLACE = /* @__PURE__ */ new RegExp(
  `(?:\\bthe |\\bor |^)(?<ordinal>${ORDINALS}|last|\\d+(?:st|nd|rd|th))\\b|\\b(?<again>${ORDINALS}|last|\\d+(?:st|nd|rd|th)) (?:one|option|choice)\\b|(?:\\b(?:option|number|no\\.?|choice) ?|#)(?<number>\\d+|[a-z]+)\\b|(?:第|[选選](?:[择擇])?第?)(?<chinese>[${NUMERALS}\\d]+)|(?<numbered>[${NUMERALS}\\d]+)[号號]|(?<last>最[后後]一?[个個项項])`,
  'gu',
);

const byPlace: Way = (words, candidates) => {
  const said = fold(words);
  if (isDenial(said)) return [];
  const places = [...said.matchAll(PLACE)].map(({ groups = {} }) => {
    const {
      ordinal = groups['again'],
      number = groups['chinese'] ?? groups['numbered'],
      last,
    } = groups;
    if (last !== undefined || ordinal === 'last') return candidates.length;
    if (ordinal === undefined) return toNumber(number ?? '');
    const index = ORDINALS.split('|').indexOf(ordinal);
    return index < 0 ? Number.parseInt(ordinal, 10) : index + 1;
  });
  return atPlaces(places, candidates);
};

/** Names in a sentence, but those inside of a longer one. */
const byMention: Way = (words, candidates) => {
  const said = fold(words);
  const spans = candidates.flatMap((candidate) =>
    candidate.names.flatMap((name) => spansOf(name, said, candidate)),
  );
  const longest = spans.filter(
    ({ start, end }) =>
      !spans.some(
        (other) =>
          other.start <= start && other.end >= end && other.end - other.start > end - start,
      ),
  );
  let rest = said;
  for (const { start, end } of longest) {
    rest = rest.slice(0, start) + ' '.repeat(end - start) + rest.slice(end);
  }
  return isDenial(rest) ? [] : [...new Set(longest.map(({ candidate }) => candidate))];
};

const byValue: Way = (words, candidates) => {
  const said = fold(words);
  return candidates.filter(({ value }) => fold(value) === said);
};

const WAYS: readonly Way[] = [byName, byNormalName, byNumberOfPlace, byMention, byPlace, byValue];
/** Where labels are numbers. */
const WAYS_OF_NUMBERS: readonly Way[] = [
  byName,
  byNormalName,
  byMention,
  byPlace,
  byNumber,
  byValue,
];

interface Span<Value extends string> {
  readonly start: number;
  readonly end: number;
  readonly candidate: Candidate<Value>;
}

/** Scripts that put no space between words, so that one may begin or end anywhere. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

function spansOf<Value extends string>(
  name: string,
  said: string,
  candidate: Candidate<Value>,
): Span<Value>[] {
  const found: Span<Value>[] = [];
  for (let start = said.indexOf(name); start >= 0; start = said.indexOf(name, start + 1)) {
    const end = start + name.length;
    const cut = isInWord(said.slice(0, start), name) || isInWord(name, said.slice(end));
    if (!cut) found.push({ start, end, candidate });
  }
  return found;
}

/** Whether a word goes on from one text to the next. */
function isInWord(before: string, after: string): boolean {
  const last = /[\p{L}\p{M}\p{N}]$/u.exec(before.slice(-2))?.[0];
  const first = /^[\p{L}\p{M}\p{N}]/u.exec(after)?.[0];
  return last !== undefined && first !== undefined && !UNSPACED.test(last) && !UNSPACED.test(first);
}

function isDenial(said: string): boolean {
  return /\b(?:no(?!\.? ?\d)|not|never|neither|nor|without|except|but|dont)\b|n['’]t\b|[不没沒]|(?<![特分区區])[别別]|除了/u.test(
    said,
  );
}

function atPlaces<Value extends string>(
  places: readonly (number | undefined)[],
  candidates: readonly Candidate<Value>[],
): readonly Candidate<Value>[] {
  return [...new Set(places)].flatMap((place) => {
    const candidate = place === undefined ? undefined : candidates[place - 1];
    return candidate === undefined ? [] : [candidate];
  });
}

function toCandidate<Value extends string>(option: Value | AnswerOption<Value>): Candidate<Value> {
  const {
    value,
    label,
    synonyms = [],
  }: AnswerOption<Value> = typeof option === 'string' ? { value: option } : option;
  return { value, label: label ?? value, names: [label ?? value, ...synonyms].map(fold) };
}

function checkCandidates(candidates: readonly Candidate[]): void {
  const values = new Set(candidates.map(({ value }) => value));
  if (candidates.length === 0) {
    throw new UsageError('bad_option', 'choice() takes at least one option.');
  }
  if (values.size < candidates.length) {
    throw new UsageError('bad_option', 'Each option of choice() has a value of its own.');
  }
  if (candidates.some(({ value, names }) => value === '' || names.includes(''))) {
    throw new UsageError('bad_option', 'The value, label and synonyms of an option are not empty.');
  }
}

function refused(
  key: 'issue.choice' | 'issue.severalChoices',
  candidates: readonly Candidate[],
  locale: string,
): Parsed<never> {
  const chinese = /^zh\b/i.test(locale);
  const labels = candidates.map(({ label }) => label);
  const last = labels.length > 1 ? labels.pop() : undefined;
  const or = chinese ? '还是' : ' or ';
  const options = labels.join(chinese ? '、' : ', ') + (last === undefined ? '' : or + last);
  return { issue: { key, values: { options } } };
}
