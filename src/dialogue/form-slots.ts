import type { EventObject } from 'xstate';
import { UsageError } from '../errors.ts';
import type { IntentMessage, Message } from '../message.ts';
import type { AskedSlot, ChosenSlot, FormOptions, SlotOptions } from './form.ts';
import { choice } from './parsers/choice.ts';
import type { Occasion, Parsed, Parser } from './parsers/parser.ts';
import { toParser } from './parsers/schema.ts';
import { catchesAll } from './parsers/text.ts';
import type { Words } from './words.ts';

/** The slots of a form: what messages fill in them, which are open, how they are shown. */

export type FormContext = Readonly<Record<string, unknown>>;

/** The untyped form of a slot. */
export type AnySlot = SlotOptions<FormContext, never> &
  Partial<Omit<AskedSlot<FormContext, unknown>, keyof SlotOptions<FormContext, never>>> &
  Partial<Pick<ChosenSlot<FormContext, string>, 'options'>> & {
    readonly dialogue?: string;
    readonly input?: (args: { readonly context: FormContext }) => unknown;
    readonly value?: (args: { readonly context: FormContext; readonly output: unknown }) => unknown;
  };

/** The untyped form of a form. */
export interface Filling extends FormOptions<FormContext, string> {
  readonly slots: Readonly<Record<string, AnySlot>>;
  readonly on?: Readonly<Record<string, unknown>>;
}

/** A slot with its key and its place in the order. */
export interface Place {
  readonly key: string;
  readonly slot: AnySlot;
  /** Reads the answer to the slot's own question; a sub-dialogue has none. */
  readonly parse: Parser<unknown> | undefined;
  /** Finds the value in any message. */
  readonly extract: Parser<unknown> | undefined;
}

/** What a message fills, by key. */
export type Fills = Readonly<Record<string, unknown>>;

export class FormSlots {
  readonly places: readonly Place[];
  readonly #corrects: boolean;
  readonly #words: Words;

  /** @throws UsageError `bad_form` */
  constructor(form: Filling, reserved: readonly string[], words: Words) {
    this.places = placesOf(form, reserved);
    this.#corrects = form.correct ?? true;
    this.#words = words;
  }

  applies({ slot }: Place, context: FormContext): boolean {
    return slot.when?.({ context }) ?? true;
  }

  isOpen(place: Place, context: FormContext): boolean {
    return context[place.key] === undefined && this.applies(place, context);
  }

  /** What a message fills, or corrects, whatever was asked. */
  fills(message: Message, occasion: Occasion, context: FormContext): Fills {
    return changed(this.#found(message, occasion, context), context);
  }

  /**
   * The same for a message that was asked for one slot. Where it names others, a parser that takes whatever is said
   * stands back for them, and so does one beside an `extract`: of “tomorrow at 7” nobody is to read seven people.
   */
  answer(
    { key, parse, extract }: Place & { readonly parse: Parser<unknown> },
    message: Message,
    occasion: Occasion,
    context: FormContext,
  ): Parsed<Fills> {
    const found = this.#found(message, occasion, context);
    const fills = changed(found, context);
    if (Object.hasOwn(found, key)) return { value: { ...fills, [key]: found[key] } };
    const namesOthers = Object.keys(found).length > 0;
    if (namesOthers && (extract !== undefined || catchesAll(parse))) return { value: fills };
    const own = parse(message, { ...occasion, previous: context[key] });
    if ('value' in own) return { value: { ...fills, [key]: own.value } };
    return namesOthers ? { value: fills } : own;
  }

  /** The samples of a parser, and of whatever is found in any message. */
  samplesWith({ samples = [] }: Parser<unknown>): NonNullable<Parser<unknown>['samples']> {
    return [...samples, ...this.places.flatMap(({ extract }) => extract?.samples ?? [])];
  }

  /** What a message names, whether it is news or not; without what must not be corrected. */
  #found(message: Message, occasion: Occasion, context: FormContext): Fills {
    const found: Record<string, unknown> = {};
    // A button says what it was offered for, and nothing beside it.
    if (message.type === 'message.action') return found;
    for (const { key, extract } of this.places) {
      if (extract === undefined) continue;
      if (context[key] !== undefined && !this.#corrects) continue;
      const parsed = extract(message, { ...occasion, previous: context[key] });
      if ('value' in parsed) found[key] = parsed.value;
    }
    return found;
  }

  /** What the event that led to the form fills: by its words, and by what an intent found in them. */
  beginning(event: EventObject, context: FormContext): Fills {
    const isIntent = event.type.startsWith('intent.');
    if (!isIntent && !event.type.startsWith('message.')) return {};
    const message = isIntent ? (event as IntentMessage).message : (event as Message);
    const occasion = this.#words.occasion(context, message);
    const found = isIntent ? this.#named((event as IntentMessage).values, occasion) : {};
    return { ...this.fills(message, occasion, context), ...found };
  }

  #named(values: IntentMessage['values'], occasion: Occasion): Fills {
    const found: Record<string, unknown> = {};
    for (const { key, parse } of this.places) {
      const value = Object.hasOwn(values, key) ? values[key] : undefined;
      if (parse === undefined || (typeof value !== 'string' && typeof value !== 'number')) continue;
      const parsed = parse({ type: 'message.text', text: String(value) }, occasion);
      if ('value' in parsed) found[key] = parsed.value;
    }
    return found;
  }

  /** A line for each slot that is filled. */
  summary(context: FormContext): string {
    const occasion = this.#words.occasion(context);
    const { locale } = occasion;
    const lines = this.places
      .filter((place) => context[place.key] !== undefined && this.applies(place, context))
      .map((place) => {
        const value = format(place.slot, context[place.key], context, occasion);
        const values = { label: labelOf(place, context), value };
        return this.#words.say({ key: 'form.line', values }, locale);
      });
    return this.#words.say({ key: 'form.confirm', values: { summary: lines.join('\n') } }, locale);
  }

  /** The slots to choose from when something is to be changed. */
  options(context: FormContext): { readonly value: string; readonly label: string }[] {
    return this.places
      .filter((place) => this.applies(place, context))
      .map((place) => ({ value: place.key, label: labelOf(place, context) }));
  }
}

function placesOf({ slots, order }: Filling, reserved: readonly string[]): readonly Place[] {
  const fail = (problem: string): never => {
    throw new UsageError('bad_form', `A form ${problem}.`);
  };
  const keys = order ?? Object.keys(slots);
  if (keys.length === 0) fail('needs at least one slot');
  return keys.map((key): Place => {
    const slot = Object.hasOwn(slots, key) ? slots[key] : undefined;
    if (slot === undefined) return fail(`has no slot '${key}', which its \`order\` names`);
    if (new Set(keys).size < Math.max(keys.length, Object.keys(slots).length)) {
      fail('names each of its slots once in `order`');
    }
    if (reserved.includes(key)) {
      fail(`has a state '${key}' of its own; give the slot another key of the context`);
    }
    const ways = [slot.parse, slot.options, slot.dialogue].filter((way) => way !== undefined);
    if (ways.length !== 1) {
      fail(`needs, for its slot '${key}', one of \`parse\`, \`options\` and \`dialogue\``);
    }
    if (slot.dialogue !== undefined) return { key, slot, parse: undefined, extract: undefined };
    if (slot.question === undefined) fail(`needs a \`question\` for its slot '${key}'`);
    const parse = slot.options === undefined ? toParser(slot.parse as never) : choice(slot.options);
    const extract = slot.extract === undefined ? undefined : toParser(slot.extract);
    return { key, slot, parse, extract };
  });
}

function labelOf({ key, slot: { label } }: Place, context: FormContext): string {
  if (label === undefined) return key;
  return typeof label === 'function' ? label({ context }) : label;
}

function format(
  slot: AnySlot,
  value: unknown,
  context: FormContext,
  { locale, timeZone }: Occasion,
): string {
  if (slot.format !== undefined) return slot.format(value as never, { context });
  const option = slot.options?.find(
    (candidate) => typeof candidate === 'object' && candidate.value === value,
  );
  if (typeof option === 'object') return option.label ?? option.value;
  if (value instanceof Date) {
    const shown = value.toLocaleString(locale, { timeZone, dateStyle: 'full', timeStyle: 'short' });
    // Nobody types the narrow space before PM, nor finds it in a log.
    return shown.replaceAll('\u202f', ' ');
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function changed(found: Fills, context: FormContext): Fills {
  return Object.fromEntries(
    Object.entries(found).filter(([key, value]) => !isSame(value, context[key])),
  );
}

function isSame(a: unknown, b: unknown): boolean {
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  return Object.is(a, b) || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b));
}
