import { UsageError } from '../../errors.ts';
import type { FormOptions, ListOptions, QuestionedSlot, SlotOptions } from './form.ts';
import type { OptionsFor } from './choose.ts';
import { settled } from '../engine/settled.ts';
import { readBy } from './answer-reading.ts';
import { checkListed, choiceOf } from './choices.ts';
import { type ChoiceOptions, choice } from '../parsers/choice.ts';
import type { Parser } from '../parsers/parser.ts';
import { type Parsing, type ParsingFor, toParser } from '../parsers/schema.ts';

/** The slots of a form: how they are defined, which of them apply, and which are open. */

export type FormContext = Readonly<Record<string, unknown>>;

/** The untyped form of a slot. */
export type AnySlot = SlotOptions<FormContext, never> &
  Partial<ListOptions> &
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
  /** Of a slot of several values: how many. */
  readonly list?: { readonly min: number; readonly max: number } | undefined;
}

export class FormSlots {
  readonly places: readonly FormSlot[];
  /** Whether a slot, or its options, depends on the values of others. */
  readonly depends: boolean;

  /** @throws UsageError `bad_form`, `bad_option`, `bad_ask` */
  constructor(form: Filling, reserved: readonly string[]) {
    this.places = placesOf(form, reserved);
    this.depends = this.places.some(
      ({ slot }) => slot.when !== undefined || slot.options !== undefined,
    );
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
    const value = now[place.key];
    const isMissing = place.list ? itemsIn(value).length < place.list.min : value === undefined;
    // An empty list that may be empty is filled, once it is there.
    return (isMissing || value === undefined) && isWanted(place, now);
  }

  /**
   * What an assign writes so that these values are filled in: they, and undefined for each value that counted before and
   * does not any more, and for a choice that is no longer offered in the slot that is open. A value that came before its
   * slot applies stays while a slot before it in the order is open, since that may decide.
   */
  filledIn(context: FormContext, fills: Readonly<Record<string, unknown>>): FormContext {
    if (!this.depends) return fills;
    const before = this.counting(context);
    const filled = { ...context, ...fills };
    const now = this.counting(filled);
    const open = this.places.findIndex((place) => this.isOpen(place, filled));
    const isDropped = ({ key }: FormSlot, index: number): boolean =>
      filled[key] !== now[key] && (before[key] !== undefined || open < 0 || index <= open);
    const dropped = this.places.filter(isDropped).map(({ key }) => [key, undefined] as const);
    return { ...fills, ...Object.fromEntries(dropped) };
  }

  /** The keys whose values do not count, each with undefined, for an assign that deletes them. */
  voided(context: FormContext): Readonly<Record<string, undefined>> {
    const now = this.counting(context);
    const keys = this.places.map(({ key }) => key);
    return Object.fromEntries(
      keys.filter((key) => context[key] !== now[key]).map((key) => [key, undefined]),
    );
  }
}

/** Whether a slot has to be filled. Its `when` sees it empty, or a slot that is wanted because it is empty would flip. */
export function isWanted({ key, slot: { when } }: FormSlot, context: FormContext): boolean {
  if (when === undefined) return true;
  const own = context[key] === undefined ? context : { ...context, [key]: undefined };
  return settled(when({ context: own }), `\`when\` of the slot '${key}'`);
}

/** Whether the value of a slot is still one of its options, which may depend on the context, or be those of a new version. */
function isOffered({ key, slot }: FormSlot, context: FormContext): boolean {
  const options = optionsIn(slot, context);
  if (options === undefined) return true;
  const isOption = (value: unknown): boolean =>
    options.some((option) => (typeof option === 'string' ? option : option.value) === value);
  return slot.list === undefined
    ? isOption(context[key])
    : itemsIn(context[key]).every((value) => isOption(value));
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
    const list = listOf(slot, (problem) => fail(`has, for its slot '${key}', ${problem}`));
    if (slot.dialogue !== undefined) return { key, slot, read: undefined, extract: undefined };
    if (slot.question === undefined) fail(`needs a \`question\` for its slot '${key}'`);
    const extract =
      slot.extract === undefined ? undefined : toParser(slot.extract as Parsing<unknown>);
    return { key, slot, read: readOf(slot), extract, list };
  });
}

/** The values of a list that has some; what else a dictionary holds under its key counts as none. */
export function itemsIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

const MAX_ITEMS = 50;

function listOf(slot: AnySlot, fail: (problem: string) => never): FormSlot['list'] {
  const { list, dialogue, min = 1, max = MAX_ITEMS } = slot;
  if (list === undefined) {
    if (slot.min !== undefined || slot.max !== undefined)
      fail('`min` or `max` without `list: true`');
    return undefined;
  }
  if ((list as unknown) !== true)
    fail('a `list` that is not `true`; its bounds are `min` and `max`');
  if (dialogue !== undefined) fail('a `list` of a `dialogue`, which gives one value');
  if (!Number.isInteger(min) || !Number.isInteger(max) || min < 0 || max < Math.max(min, 1)) {
    fail('bounds of its `list` that are not whole numbers, `min` from 0 and `max` from `min`');
  }
  return { min, max };
}

function readOf(slot: AnySlot): NonNullable<FormSlot['read']> {
  const { options, parse, parseFor } = slot;
  if (options === undefined) return readBy({ parse, parseFor } as Parameters<typeof readBy>[0]);
  if (typeof options === 'function') return (context) => choiceOf(options({ context }));
  checkListed(options);
  const parser = choice(options);
  return () => parser;
}
