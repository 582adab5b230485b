import { UsageError } from '../../errors.ts';
import type { Message } from '../../message.ts';
import type { Locality } from './current-step.ts';
import { type ParseContext, parseContextOf, toLocale } from './parse-context.ts';
import { checkTimeZone } from './time-zone.ts';
import { LAST_LOCALE, OWN_PROMPTS, type Prompt, type PromptKey } from './catalog.ts';
import { sayNumber } from './formats.ts';

export type { Prompt, PromptKey } from './catalog.ts';

type Values = Readonly<Record<string, string | number>>;

/** The language and the time zone of a dialogue, and other words for what the library itself says. */
export interface WordsOptions<Context> {
  /**
   * BCP 47, as `zh-CN`. Default: `context.locale` where that is a locale; in a sub-dialogue then the locale of the
   * dialogue around it; else `en`.
   */
  readonly locale?: (string | ((context: Context) => string | undefined)) | undefined;
  /**
   * IANA, as `Asia/Shanghai`. Default: `context.timeZone`; in a sub-dialogue that has none the zone of the dialogue
   * around it; where nothing says a zone, the one of the process. A function may turn other names (`GMT+8`) into those of IANA.
   */
  readonly timeZone?: (string | ((context: Context) => string | undefined)) | undefined;
  /** Other words for single keys, by locale. A locale that the library has no words in (`fr`) may be begun this way. */
  readonly prompts?:
    Readonly<Record<string, Partial<Readonly<Record<PromptKey, string>>>>> | undefined;
  /**
   * What else means yes and no, by locale: in every `confirm` state and in the summary of a form, for a user of that
   * locale or language. What the bot itself says for them (`answer.yes`, `answer.no`) is an answer in any case.
   */
  readonly answers?: Readonly<Record<string, AnswerWords>> | undefined;
  /** Comes first, for an i18n library. Undefined falls back to `prompts`, then to the words of this library. */
  readonly translate?:
    ((key: PromptKey, values: Values, locale: string) => string | undefined) | undefined;
}

/** What else means yes and no in a language. */
export interface AnswerWords {
  /** Further words for yes, in any case. */
  readonly yes?: readonly string[];
  /** Further words for no, in any case. */
  readonly no?: readonly string[];
}

type SomeWords = readonly [string, ...string[]];

interface AllAnswerWords {
  readonly yes: SomeWords;
  readonly no: SomeWords;
}

/** How a dialogue talks to a user: in which language, at what time of theirs, in which words. */
export interface Words {
  /**
   * What a parser knows beside the message. A locale that is not well-formed counts as none, so that English is spoken.
   * A time zone that does not exist would make every time wrong: to read it from the parse context throws StepError
   * `bad_time_zone`. Its `now` is when the message arrived, or the current time without a message.
   */
  parseContext(context: unknown, message?: Message): ParseContext;
  /** A string as it is; a prompt in the words of the locale, of its language (`zh-TW` in `zh-CN`), or in English. */
  say(prompt: string | Prompt, locale: string): string;
  /**
   * What means yes and no in a locale, beside what every dialogue understands: first what the bot says for them, then
   * `answers`. The same object, as long as the bot says the same.
   */
  answers(locale: string): AllAnswerWords;
}

/**
 * The words of a dialogue: the library's own in English and Chinese, with others in their place.
 * @throws UsageError `bad_option` for a constant locale or time zone that does not exist, or an unknown key of `prompts`.
 */
export function createWords<Context = unknown>(options: WordsOptions<Context> = {}): Words {
  const { locale, timeZone, translate } = options;
  if (typeof locale === 'string' && toLocale(locale) === undefined) {
    throw new UsageError(
      'bad_option',
      "`locale` is a BCP 47 tag, as 'en' or 'zh-CN'; this one is not well-formed.",
    );
  }
  if (typeof timeZone === 'string') checkTimeZone(timeZone);
  const prompts = checkPrompts(options.prompts ?? {});
  const answers = checkAnswers(options.answers ?? {});
  const known = new Map<string, AllAnswerWords>();
  const say: Words['say'] = (prompt, wanted) => {
    if (typeof prompt === 'string') return prompt;
    const { key, values = {} } = prompt;
    const own = toLocale(wanted) ?? LAST_LOCALE;
    const translated: unknown = translate?.(key, values, own);
    if (typeof translated === 'string') return translated;
    const words = lookUp(prompts, own, key) ?? lookUp(prompts, LAST_LOCALE, key) ?? key;
    return fill(words, values, own);
  };
  return {
    parseContext: (context, message) => parseContextOf(options as Locality, context, message),
    say,
    answers(wanted) {
      const before = known.get(wanted);
      if (before !== undefined && translate === undefined) return before;
      const yes = say({ key: 'answer.yes' }, wanted);
      const no = say({ key: 'answer.no' }, wanted);
      if (before?.yes[0] === yes && before.no[0] === no) return before;
      const language = languageOf(toLocale(wanted) ?? LAST_LOCALE);
      const own = [...answers].filter(([tag]) => languageOf(tag) === language);
      const more = (meaning: 'yes' | 'no'): readonly string[] =>
        own.flatMap(([, given]) => given[meaning] ?? []);
      const all = { yes: [yes, ...more('yes')], no: [no, ...more('no')] } as const;
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(wanted, all);
      return all;
    },
  };
}

/** A locale comes from a context, so the number of those whose words for yes and no are kept has a limit. */
const MAX_KNOWN = 32;

/** Where a machine's config carries the words of its dialogue, for those who look at it from outside. */
const WORDS: unique symbol = Symbol.for('colloquy.words');

/** The part of a machine config that carries the words. */
export function withWords(options: WordsOptions<never> | undefined): object {
  return options === undefined ? {} : { [WORDS]: options };
}

/** The words that a machine was made with; undefined for the library's own. */
export function wordsOptionsOf(config: object): WordsOptions<never> | undefined {
  return (config as { readonly [WORDS]?: WordsOptions<never> })[WORDS];
}

/** The prompts that a user of this locale reads in English. */
export function untranslated(options: WordsOptions<never>, locale: string): PromptKey[] {
  const wanted = toLocale(locale);
  if (wanted === undefined || languageOf(wanted) === LAST_LOCALE) return [];
  const prompts = checkPrompts(options.prompts ?? {});
  const keys = Object.keys(OWN_PROMPTS.get(LAST_LOCALE) ?? {}) as PromptKey[];
  return keys.filter(
    (key) =>
      typeof options.translate?.(key, {}, wanted) !== 'string' &&
      lookUp(prompts, wanted, key) === undefined,
  );
}

type Prompts = ReadonlyMap<string, Partial<Readonly<Record<PromptKey, string>>>>;

function checkPrompts(given: NonNullable<WordsOptions<unknown>['prompts']>): Prompts {
  return byLocale('prompts', given, (key, text) => {
    if (!Object.hasOwn(OWN_PROMPTS.get(LAST_LOCALE) ?? {}, key))
      return `: '${key}' is not the key of a prompt`;
    return typeof text === 'string' ? undefined : `: '${key}' is not a string`;
  });
}

function checkAnswers(
  given: NonNullable<WordsOptions<unknown>['answers']>,
): ReadonlyMap<string, AnswerWords> {
  return byLocale('answers', given, (meaning, phrases) => {
    const isKnown = meaning === 'yes' || meaning === 'no';
    const isList =
      Array.isArray(phrases) &&
      phrases.every((phrase) => typeof phrase === 'string' && phrase.trim() !== '');
    if (isKnown && isList) return undefined;
    return ` have \`yes\` and \`no\`, each a list of words or phrases; '${meaning}' ${isKnown ? 'is something else' : 'is neither'}`;
  });
}

/**
 * The words of an option by their locales.
 * @param problemOf what is wrong with an entry
 */
function byLocale<Entries extends object>(
  option: 'prompts' | 'answers',
  given: Readonly<Record<string, Entries>>,
  problemOf: (key: string, value: unknown) => string | undefined,
): ReadonlyMap<string, Entries> {
  const checked = new Map<string, Entries>();
  for (const [tag, words] of Object.entries(given)) {
    const locale = toLocale(tag);
    if (locale === undefined) {
      throw new UsageError(
        'bad_option',
        `\`${option}\` are by locale, as 'en' or 'zh-CN', not '${tag}'.`,
      );
    }
    for (const [key, value] of Object.entries(words) as [string, unknown][]) {
      const problem = problemOf(key, value);
      if (problem === undefined) continue;
      throw new UsageError('bad_option', `\`${option}\` of '${tag}'${problem}.`);
    }
    checked.set(locale, { ...checked.get(locale), ...words });
  }
  return checked;
}

/** Words of the locale itself, then of what it is a kind of (`zh-Hans`, `zh`), then of another with its language. */
function lookUp(prompts: Prompts, locale: string, key: PromptKey): string | undefined {
  return lookUpIn(prompts, locale, key) ?? lookUpIn(OWN_PROMPTS, locale, key);
}

function lookUpIn(source: Prompts, locale: string, key: PromptKey): string | undefined {
  for (let tag = locale; tag !== ''; tag = tag.slice(0, Math.max(0, tag.lastIndexOf('-')))) {
    const words = source.get(tag)?.[key];
    if (words !== undefined) return words;
  }
  const language = languageOf(locale);
  for (const [other, words] of source) {
    if (words[key] !== undefined && languageOf(other) === language) return words[key];
  }
  return undefined;
}

/** The first part of a tag: `zh` of `zh-Hans-CN`. */
function languageOf(tag: string): string {
  const end = tag.indexOf('-');
  return end < 0 ? tag : tag.slice(0, end);
}

function fill(words: string, values: Values, locale: string): string {
  if (!words.includes('{')) return words;
  return words.replace(/\{(\w+)\}/g, (hole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) return hole;
    return typeof value === 'number' ? sayNumber(value, locale) : value;
  });
}
