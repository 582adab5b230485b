import type { EventObject } from 'xstate';
import { UsageError } from '../../errors.ts';
import type { IntentMessage, Message } from '../../message.ts';
import type { FormOptions, QuestionedSlot, SlotOptions } from './form.ts';
import type { OptionsFor } from './choose.ts';
import { settled } from '../engine/guard-error.ts';
import { readBy, toParsed } from './answer-reading.ts';
import { type ParseContext, withPrevious } from '../text/parse-context.ts';
import { checkListed } from './choices.ts';
import { type ChoiceOptions, choice } from '../parsers/choice.ts';
import type { Parsed, Parser } from '../parsers/parser.ts';
import { type Parsing, type ParsingFor, toParser } from '../parsers/schema.ts';
import { catchesAll } from '../parsers/text.ts';
import { sayInstant, sayList, sayNumber } from '../text/formats.ts';
import { isSameValue } from '../parsers/same-value.ts';
import type { Words } from '../text/localize.ts';

/** The slots of a form: what messages fill in them, which are open, how they are shown. */

export type FormContext = Readonly<Record<string, unknown>>;

/** The untyped form of a slot. */
export type AnySlot = SlotOptions<FormContext, never> &
  Partial<Omit<QuestionedSlot<FormContext, unknown>, keyof SlotOptions<FormContext, never>>> & {
    readonly parse?: Parsing<unknown>;
    readonly parseFor?: ParsingFor<unknown, FormContext>;
    readonly options?: OptionsFor<FormContext, string>;
    readonly dialogue?: string;
    readonly input?: (args: { readonly context: FormContext }) => unknown;
    readonly value?: (args: { readonly context: FormContext; readonly output: unknown }) => unknown;
  };

/** The untyped form of a form. */
export interface Filling extends FormOptions<FormContext, string> {
  readonly slots: Readonly<Record<string, AnySlot>>;
  readonly on?: Readonly<Record<string, unknown>>;
  /** Whether the dialogue declares the intent `back`. */
  readonly hearsBack?: boolean;
}

/** A slot with its key and its place in the order. */
export interface FormSlot {
  readonly key: string;
  readonly slot: AnySlot;
  /** What reads the answer to the slot's own question, by context; a sub-dialogue has none. */
  readonly read: ((context: FormContext) => Parser<unknown>) | undefined;
  /** Finds the value in any message. */
  readonly extract: Parser<unknown> | undefined;
}

/** The values that a message gives to slots, by key. */
export type Fills = Readonly<Record<string, unknown>>;

export class FormSlots {
  readonly places: readonly FormSlot[];
  /** Whether a slot, or its options, depends on the values of others. */
  readonly depends: boolean;
  readonly #corrects: boolean;
  readonly #words: Words;

  /** @throws UsageError `bad_form`, `bad_option`, `bad_ask` */
  constructor(form: Filling, reserved: readonly string[], words: Words) {
    this.places = placesOf(form, reserved);
    this.depends = this.places.some(
      ({ slot }) => slot.when !== undefined || typeof slot.options === 'function',
    );
    this.#corrects = form.correct ?? true;
    this.#words = words;
  }

  /**
   * The context without the values that do not count: those of slots that do not apply, and choices that are no longer
   * offered. It removes one at a time, since the next may depend on it.
   */
  counting(context: FormContext): FormContext {
    if (!this.depends) return context;
    const isVoid = (place: FormSlot, now: FormContext): boolean =>
      now[place.key] !== undefined && !(isWanted(place, now) && isOffered(place, now));
    let now = context;
    for (let place = this.places.find((each) => isVoid(each, now)); place !== undefined;) {
      now = { ...now, [place.key]: undefined };
      place = this.places.find((each) => isVoid(each, now));
    }
    return now;
  }

  applies(place: FormSlot, context: FormContext): boolean {
    return isWanted(place, this.counting(context));
  }

  isOpen(place: FormSlot, context: FormContext): boolean {
    const now = this.counting(context);
    return now[place.key] === undefined && isWanted(place, now);
  }

  /** The keys whose values do not count, each with undefined, for an assign that deletes them. */
  voided(context: FormContext): Readonly<Record<string, undefined>> {
    const now = this.counting(context);
    const keys = this.places.map(({ key }) => key);
    return Object.fromEntries(
      keys.filter((key) => context[key] !== now[key]).map((key) => [key, undefined]),
    );
  }

  /** The values that a message gives to slots, also to other slots than the one that was asked for. */
  fills(message: Message, parseContext: ParseContext, context: FormContext): Fills {
    return changed(this.#found(message, parseContext, context), context);
  }

  /**
   * The same for the answer to the question of one slot. If the message has values for other slots, a parser that takes
   * any text does not read it, and neither does one beside an `extract`: “tomorrow at 7” is not seven people.
   */
  answer(
    { key, parse, extract }: FormSlot & { readonly parse: Parser<unknown> },
    message: Message,
    parseContext: ParseContext,
    context: FormContext,
  ): Parsed<Fills> {
    const found = this.#found(message, parseContext, context);
    const fills = changed(found, context);
    if (Object.hasOwn(found, key)) return { value: { ...fills, [key]: found[key] } };
    const namesOthers = Object.keys(found).length > 0;
    if (namesOthers && (extract !== undefined || catchesAll(parse))) return { value: fills };
    const own = parse(message, withPrevious(parseContext, context[key]));
    if ('value' in own) return { value: { ...fills, [key]: own.value } };
    return namesOthers ? { value: fills } : own;
  }

  /** The samples of a parser and of all `extract`s. */
  samplesWith({ samples = [] }: Parser<unknown>): NonNullable<Parser<unknown>['samples']> {
    return [...samples, ...this.places.flatMap(({ extract }) => extract?.samples ?? [])];
  }

  /** All values that a message has, without those for slots that must not be corrected. */
  #found(message: Message, parseContext: ParseContext, context: FormContext): Fills {
    const found: Record<string, unknown> = {};
    // A button is an answer to the question that offered it, and to no other.
    if (message.type === 'message.action') return found;
    for (const { key, extract } of this.places) {
      if (extract === undefined) continue;
      if (context[key] !== undefined && !this.#corrects) continue;
      const parsed = toParsed(extract(message, withPrevious(parseContext, context[key])));
      if ('value' in parsed) found[key] = parsed.value;
    }
    return found;
  }

  /** The values in the event that led to the form: in its text, and in the values of an intent. */
  beginning(event: EventObject, context: FormContext): Fills {
    const isIntent = event.type.startsWith('intent.');
    if (!isIntent && !event.type.startsWith('message.')) return {};
    const message = isIntent ? (event as IntentMessage).message : (event as Message);
    const parseContext = this.#words.parseContext(context, message);
    const found = isIntent ? this.#named((event as IntentMessage).values, parseContext) : {};
    return { ...this.fills(message, parseContext, context), ...found };
  }

  #named(values: IntentMessage['values'], parseContext: ParseContext): Fills {
    const found: Record<string, unknown> = {};
    for (const { key, read } of this.places) {
      const value = Object.hasOwn(values, key) ? values[key] : undefined;
      if (read === undefined || (typeof value !== 'string' && typeof value !== 'number')) continue;
      const parse = read(parseContext.context as FormContext);
      const parsed = parse({ type: 'message.text', text: String(value) }, parseContext);
      if ('value' in parsed) found[key] = parsed.value;
    }
    return found;
  }

  /** A line for each slot that is filled. */
  summary(context: FormContext): string {
    const parseContext = this.#words.parseContext(context);
    const { locale } = parseContext;
    const now = this.counting(context);
    const lines = this.places
      .filter((place) => now[place.key] !== undefined)
      .map((place) => {
        const values = { label: labelOf(place, context), value: this.#shown(place, parseContext) };
        return this.#words.say({ key: 'form.line', values }, locale);
      });
    return this.#words.say({ key: 'form.confirm', values: { summary: lines.join('\n') } }, locale);
  }

  /** The slots to choose from when something is to be changed. */
  options(context: FormContext): { readonly value: string; readonly label: string }[] {
    const now = this.counting(context);
    return this.places
      .filter((place) => isWanted(place, now))
      .map((place) => ({ value: place.key, label: labelOf(place, context) }));
  }

  #shown({ key, slot, read }: FormSlot, parseContext: ParseContext): string {
    const context = parseContext.context as FormContext;
    const value = context[key];
    if (slot.format !== undefined) return slot.format(value as never, { context });
    const option = optionsIn(slot, context)?.find(
      (candidate) => typeof candidate === 'object' && candidate.value === value,
    );
    if (typeof option === 'object') return option.label ?? option.value;
    return read?.(context).format?.(value, parseContext) ?? this.#inWords(value, parseContext);
  }

  #inWords(value: unknown, parseContext: ParseContext): string {
    const { locale } = parseContext;
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'bigint') return sayNumber(value, locale);
    if (typeof value === 'boolean') {
      return this.#words.say({ key: value ? 'answer.yes' : 'answer.no' }, locale);
    }
    if (value instanceof Date) return sayInstant(value, locale, parseContext.timeZone, 'full');
    if (Array.isArray(value)) {
      const items = (value as unknown[]).map((item) => this.#inWords(item, parseContext));
      return sayList(items, locale, 'conjunction');
    }
    return JSON.stringify(value);
  }
}

/** Whether a slot has to be filled. Its `when` sees it empty, or a slot that is wanted because it is empty would flip. */
function isWanted({ key, slot: { when } }: FormSlot, context: FormContext): boolean {
  if (when === undefined) return true;
  const own = context[key] === undefined ? context : { ...context, [key]: undefined };
  return settled(when({ context: own }), `\`when\` of the slot '${key}'`);
}

/** Whether the value of a slot is still one of its options, if these depend on the context. */
function isOffered({ key, slot }: FormSlot, context: FormContext): boolean {
  if (typeof slot.options !== 'function') return true;
  return slot
    .options({ context })
    .some((option) => (typeof option === 'string' ? option : option.value) === context[key]);
}

/** The current options of a slot; undefined for a slot without options. */
export function optionsIn(
  { options }: AnySlot,
  context: FormContext,
): ChoiceOptions<string> | undefined {
  return typeof options === 'function' ? options({ context }) : options;
}

function placesOf({ slots, order }: Filling, reserved: readonly string[]): readonly FormSlot[] {
  const fail = (problem: string): never => {
    throw new UsageError('bad_form', `A form ${problem}.`);
  };
  const keys = order ?? Object.keys(slots);
  if (keys.length === 0) fail('needs at least one slot');
  return keys.map((key): FormSlot => {
    const slot = Object.hasOwn(slots, key) ? slots[key] : undefined;
    if (slot === undefined) return fail(`has no slot '${key}', which its \`order\` names`);
    if (new Set(keys).size < Math.max(keys.length, Object.keys(slots).length)) {
      fail('names each of its slots once in `order`');
    }
    if (reserved.includes(key)) {
      fail(`already has a state '${key}'; give the slot another key of the context`);
    }
    const sources = [slot.parse, slot.parseFor, slot.options, slot.dialogue];
    if (sources.filter((source) => source !== undefined).length !== 1) {
      fail(
        `needs, for its slot '${key}', one of \`parse\`, \`parseFor\`, \`options\` and \`dialogue\``,
      );
    }
    if (slot.dialogue !== undefined) return { key, slot, read: undefined, extract: undefined };
    if (slot.question === undefined) fail(`needs a \`question\` for its slot '${key}'`);
    const extract =
      slot.extract === undefined ? undefined : toParser(slot.extract as Parsing<unknown>);
    return { key, slot, read: readOf(slot), extract };
  });
}

function readOf(slot: AnySlot): NonNullable<FormSlot['read']> {
  const { options, parse, parseFor } = slot;
  if (options === undefined) return readBy({ parse, parseFor } as Parameters<typeof readBy>[0]);
  if (typeof options === 'function') return (context) => choice(options({ context }));
  checkListed(options);
  const parser = choice(options);
  return () => parser;
}

function labelOf({ key, slot: { label } }: FormSlot, context: FormContext): string {
  if (label === undefined) return key;
  return typeof label === 'function' ? label({ context }) : label;
}

function changed(found: Fills, context: FormContext): Fills {
  return Object.fromEntries(
    Object.entries(found).filter(([key, value]) => !isSameValue(value, context[key])),
  );
}
