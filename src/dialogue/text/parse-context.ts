import { LRUCache } from 'lru-cache';
import { StepError } from '../../errors.ts';
import type { Message } from '../../message.ts';
import type { ChoiceOption } from '../../reply.ts';
import { type Locality, type StepLevel, currentStep, now } from './current-step.ts';
import { isTimeZone } from './time-zone.ts';
import { LAST_LOCALE } from './catalog.ts';

/** What a parser knows beside the message: the language, time zone and time of the user, and what the question offered. */
export interface ParseContext {
  /** BCP 47, as `en` or `zh-CN`. */
  readonly locale: string;
  /** The user's IANA time zone, as `Asia/Shanghai`. */
  readonly timeZone: string;
  /** Epoch milliseconds at which the message arrived. */
  readonly now: number;
  /** The value that the slot of a form has, for a correction that names only a part of it: another time on the same day. */
  readonly previous?: unknown;
  /** The `part` of the issue with which the parser refused the answer before this one, to the same question. */
  readonly part?: string;
  /**
   * The options under the question as the user saw them, in the order of their numbers. The question may offer others by
   * now. A number that the user says refers to this list.
   */
  readonly shown?: readonly ChoiceOption[];
  /**
   * The context of the dialogue that asks; only to read. `ask` and `form` know its type; a parser that several dialogues
   * use checks what it finds.
   */
  readonly context?: unknown;
}

/** The parse context of a question in a dialogue whose context has a known type. */
export interface ParseContextIn<Context> extends ParseContext {
  readonly context: Context;
}

/**
 * The former name of `ParseContext`.
 * @deprecated Its name is `ParseContext`.
 */
export type Occasion = ParseContext;

/**
 * The former name of `ParseContextIn`.
 * @deprecated Its name is `ParseContextIn`.
 */
export type OccasionIn<Context> = ParseContextIn<Context>;

/**
 * The parse context of a message for a dialogue with these options. A setting of the dialogue itself comes first, then
 * those of the dialogues around it, from the inside out.
 *
 * A time zone that does not exist throws only when it is read, so a dialogue that reads no times works without it.
 */
export function parseContextOf(
  options: Locality,
  context: unknown,
  message: Message | undefined,
): ParseContext {
  const own: Source = {
    locality: options,
    snapshot: { context },
    parent: currentStep()?.level?.parent,
  };
  const arrivedAt = message?.receivedAt ?? Number.NaN;
  const parseContext = {
    locale: localeIn(own),
    timeZone: '',
    // The clock of a platform may leave the range of a Date.
    now: Math.abs(arrivedAt) <= 8.64e15 ? arrivedAt : now(),
    context,
  };
  const zone = zoneIn(own);
  if (typeof zone === 'string') parseContext.timeZone = zone;
  else {
    Object.defineProperty(parseContext, 'timeZone', { enumerable: true, get: refusal(zone.key) });
    refusing.add(parseContext);
  }
  return parseContext;
}

/** The same for the slot of a form that has a value. */
export function withPrevious(parseContext: ParseContext, previous: unknown): ParseContext {
  return previous === undefined ? parseContext : withMore(parseContext, { previous });
}

/** The same for the next answer to a question, or, without a part, for what is no answer to it. */
export function withPart(parseContext: ParseContext, part: string | undefined): ParseContext {
  if (part === parseContext.part) return parseContext;
  return withMore(parseContext, { part } as Partial<ParseContext>);
}

/** The same for a question whose options the user has seen. */
export function withShown(
  parseContext: ParseContext,
  shown: readonly ChoiceOption[],
): ParseContext {
  return withMore(parseContext, { shown });
}

/** The same for a question whose offer is open: with the options that the user has seen, and the part of an answer. */
export function withOffer(
  parseContext: ParseContext,
  shown: readonly ChoiceOption[],
  part: string | undefined,
): ParseContext {
  if (shown.length === 0) return withPart(parseContext, part);
  return withMore(parseContext, part === undefined ? { shown } : { shown, part });
}

/** Those with a time zone that throws. */
const refusing = /* @__PURE__ */ new WeakSet<ParseContext>();

/** A copy that keeps a time zone that throws: a spread would ask for it. */
function withMore(parseContext: ParseContext, more: Partial<ParseContext>): ParseContext {
  // V8 takes ten times as long to add something to what a spread has made.
  if (!refusing.has(parseContext)) return Object.assign({}, parseContext, more);
  const copy = Object.defineProperties(
    {},
    Object.getOwnPropertyDescriptors(parseContext),
  ) as ParseContext;
  refusing.add(copy);
  return Object.assign(copy, more);
}

type Source = Pick<StepLevel, 'locality' | 'snapshot' | 'parent'>;

function localeIn(own: Source): string {
  for (let source: Source | undefined = own; source !== undefined; source = source.parent) {
    const locale = toLocale(settingIn(source, 'locale'));
    if (locale !== undefined) return locale;
  }
  return LAST_LOCALE;
}

/**
 * The language of the user for a text of yours, as the library finds it for its own: by the `words` and the context of the
 * dialogue that asks, then by those of the dialogues around it, else `en`. So a text of a sub-dialogue that keeps no locale
 * is in the language that the dialogue around it has at that moment. Outside of a step, as in a service, it is that of the
 * context alone.
 * @example
 * const texts = { en: 'How many are you?', 'zh-CN': '请问几位？' };
 * words.ask({ question: ({ context }) => texts[localeOf(context, ['en', 'zh-CN'])], parse: integer(), target: 'bye' });
 * @param context of the dialogue that asks, as its functions get it
 * @param among the locales that you have; the answer is one of them: the locale itself, one of its language, or the first
 */
export function localeOf<const Tag extends string = string>(
  context: object,
  among?: readonly [Tag, ...Tag[]],
): Tag {
  const level = currentStep()?.level;
  const own = { locality: level?.locality, snapshot: { context }, parent: level?.parent };
  const found = localeIn(own);
  return (among === undefined || among.length === 0 ? found : closest(found, among)) as Tag;
}

/** The tag itself, else what it is a kind of (`zh-Hans`, `zh`), else another of its language, else the first. */
function closest(tag: string, among: readonly [string, ...string[]]): string {
  const known = among.map((given) => [toLocale(given) ?? given, given] as const);
  const parts = tag.split('-');
  for (let length = parts.length; length > 0; length -= 1) {
    const wanted = parts.slice(0, length).join('-');
    const same = known.find(([canonical]) => canonical === wanted);
    if (same !== undefined) return same[1];
  }
  const [language] = parts;
  return known.find(([canonical]) => canonical.split('-')[0] === language)?.[1] ?? among[0];
}

/** The zone, or which setting says one that does not exist. */
function zoneIn(own: Source): string | { readonly key: string } {
  for (let source: Source | undefined = own; source !== undefined; source = source.parent) {
    const zone = settingIn(source, 'timeZone');
    // Platforms send an empty text for what they do not know.
    if (zone === undefined || zone === null || zone === '') continue;
    if (isTimeZone(zone)) return zone;
    return { key: source.locality?.timeZone === undefined ? 'context.timeZone' : 'words.timeZone' };
  }
  // Asking for it takes longer than most steps do.
  ownZone ??= new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return ownZone;
}

let ownZone: string | undefined;

function refusal(key: string): () => never {
  return () => {
    throw new StepError(
      'bad_time_zone',
      `\`${key}\` is not the name of a time zone, so no day or time can be read or said. Expected is an IANA name, as 'Asia/Shanghai'; an offset ('+08:00', 'GMT+8') and an abbreviation ('CST') are none. Put a name of IANA there, or translate it in \`words.timeZone\` of setupDialogue().`,
      { details: { key } },
    );
  };
}

function settingIn({ locality, snapshot }: Source, name: 'locale' | 'timeZone'): unknown {
  const setting = locality?.[name];
  const context = snapshot?.context;
  if (typeof setting === 'string') return setting;
  if (setting !== undefined) return setting(context as never);
  if (typeof context !== 'object' || context === null) return undefined;
  const value = (context as Readonly<Record<string, unknown>>)[name];
  return value !== undefined && Object.hasOwn(context, name) ? value : undefined;
}

const LONGEST_TAG = 100;

/** Asking for a canonical form takes as long as a step. A locale comes from a context, so their number has a limit. */
const canonical = /* @__PURE__ */ new LRUCache<string, string>({ max: 128 });

/** The canonical form of a tag, `zh_CN` of the platforms included; undefined where it is none. */
export function toLocale(tag: unknown): string | undefined {
  if (typeof tag !== 'string' || tag.length > LONGEST_TAG) return undefined;
  const known = canonical.get(tag);
  if (known !== undefined) return known;
  try {
    const [found] = Intl.getCanonicalLocales(tag.replaceAll('_', '-'));
    canonical.set(tag, found);
    return found;
  } catch {
    return undefined;
  }
}
