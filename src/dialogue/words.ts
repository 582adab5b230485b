import { UsageError } from '../errors.ts';
import type { Message } from '../message.ts';
import { now } from './now.ts';
import type { Occasion } from './parsers/parser.ts';
import { isTimeZone } from './parsers/zone.ts';
import { isPromptKey, LAST_LOCALE, OWN_PROMPTS, type Prompt, type PromptKey } from './prompts.ts';

export type { Prompt, PromptKey } from './prompts.ts';

type Values = Readonly<Record<string, string | number>>;

export interface WordsOptions<Context> {
  /** BCP 47, as `zh-CN`. Default: `context.locale` where that is a string, else `en`. */
  readonly locale?: string | ((context: Context) => string | undefined);
  /** IANA, as `Asia/Shanghai`. Default: `context.timeZone` where that is a string, else the one of the process. */
  readonly timeZone?: string | ((context: Context) => string | undefined);
  /** Other words for single keys, by locale. A locale that the library has no words in (`fr`) may be begun this way. */
  readonly prompts?: Readonly<Record<string, Partial<Readonly<Record<PromptKey, string>>>>>;
  /** Asked first, as for an i18n library. Undefined falls back to `prompts`, then to the library's own words. */
  readonly translate?: (key: PromptKey, values: Values, locale: string) => string | undefined;
}

/** How a dialogue talks to a user: in which language, at what time of theirs, in which words. */
export interface Words {
  /**
   * Where and when a message is read. A locale or time zone of a context that does not exist is passed over, since the
   * user could do nothing about it. The time is the one at which the message arrived,
   * and the current one without a message.
   */
  occasion(context: unknown, message?: Message): Occasion;
  /** A string as it is; a prompt in the words of the locale, of its language (`zh-TW` in `zh-CN`), or in English. */
  say(prompt: string | Prompt, locale: string): string;
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
  if (typeof timeZone === 'string' && !isTimeZone(timeZone)) {
    throw new UsageError(
      'bad_option',
      "`timeZone` is an IANA name, as 'Asia/Shanghai'; this one is not known here.",
    );
  }
  const prompts = checkPrompts(options.prompts ?? {});
  return {
    occasion(context, message) {
      const zone = settingOf(timeZone, context, 'timeZone');
      const arrivedAt = message?.receivedAt;
      return {
        locale: toLocale(settingOf(locale, context, 'locale')) ?? LAST_LOCALE,
        timeZone: isTimeZone(zone) ? zone : zoneOfProcess(),
        now: isInstant(arrivedAt) ? arrivedAt : now(),
      };
    },
    say(prompt, wanted) {
      if (typeof prompt === 'string') return prompt;
      const { key, values = {} } = prompt;
      const own = toLocale(wanted) ?? LAST_LOCALE;
      const translated: unknown = translate?.(key, values, own);
      if (typeof translated === 'string') return translated;
      return fill(lookUp(prompts, own, key) ?? lookUp(prompts, LAST_LOCALE, key) ?? key, values);
    },
  };
}

/** Where a machine's config carries the words of its dialogue, for those who look at it from outside. */
const WORDS: unique symbol = Symbol.for('colloquy.words');

/** The part of a machine config that carries the words. */
export function withWords(options: WordsOptions<never> | undefined): object {
  return options === undefined ? {} : { [WORDS]: options };
}

/** The words that a machine was made with; undefined for the library's own. */
export function wordsOf(config: object): WordsOptions<never> | undefined {
  return (config as { readonly [WORDS]?: WordsOptions<never> })[WORDS];
}

/** The prompts that are said in English where somebody speaks this locale. */
export function untranslated(options: WordsOptions<never>, locale: string): PromptKey[] {
  const wanted = toLocale(locale);
  if (wanted === undefined || wanted.split('-')[0] === LAST_LOCALE) return [];
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
  const checked = new Map<string, Partial<Record<PromptKey, string>>>();
  for (const [tag, words] of Object.entries(given)) {
    const locale = toLocale(tag);
    if (locale === undefined) {
      throw new UsageError(
        'bad_option',
        `\`prompts\` are by locale, as 'en' or 'zh-CN', not '${tag}'.`,
      );
    }
    for (const [key, text] of Object.entries(words) as [string, unknown][]) {
      if (!isPromptKey(key) || typeof text !== 'string') {
        throw new UsageError(
          'bad_option',
          `\`prompts\` of '${tag}': '${key}' ${isPromptKey(key) ? 'is not a string' : 'is not the key of a prompt'}.`,
        );
      }
    }
    checked.set(locale, { ...checked.get(locale), ...words });
  }
  return checked;
}

/** Words of the locale itself, then of what it is a kind of (`zh-Hans`, `zh`), then of another with its language. */
function lookUp(prompts: Prompts, locale: string, key: PromptKey): string | undefined {
  const parts = locale.split('-');
  for (const source of [prompts, OWN_PROMPTS]) {
    for (let length = parts.length; length > 0; length -= 1) {
      const words = source.get(parts.slice(0, length).join('-'))?.[key];
      if (words !== undefined) return words;
    }
    for (const [other, words] of source) {
      if (other.split('-')[0] === parts[0] && words[key] !== undefined) return words[key];
    }
  }
  return undefined;
}

function fill(words: string, values: Values): string {
  return words.replace(/\{(\w+)\}/g, (hole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : hole,
  );
}

function settingOf(
  setting: string | ((context: never) => string | undefined) | undefined,
  context: unknown,
  name: string,
): unknown {
  if (typeof setting === 'string') return setting;
  if (setting !== undefined) return setting(context as never);
  if (typeof context !== 'object' || context === null || !Object.hasOwn(context, name)) return;
  return (context as Readonly<Record<string, unknown>>)[name];
}

const LONGEST_TAG = 100;

/** The canonical form of a tag, `zh_CN` of the platforms included; undefined where it is none. */
function toLocale(tag: unknown): string | undefined {
  if (typeof tag !== 'string' || tag.length > LONGEST_TAG) return undefined;
  try {
    return Intl.getCanonicalLocales(tag.replaceAll('_', '-'))[0];
  } catch {
    return undefined;
  }
}

let ownZone: string | undefined;

/** Read once: asking for it takes longer than most steps do. */
function zoneOfProcess(): string {
  ownZone ??= new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return ownZone;
}

/** The range of a Date, which a platform's clock may leave. */
function isInstant(receivedAt: number | undefined): receivedAt is number {
  return receivedAt !== undefined && Math.abs(receivedAt) <= 8.64e15;
}
