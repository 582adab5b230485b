import {
  type FormContext,
  type FormSlot,
  type FormSlots,
  isWanted,
  itemsIn,
  optionsIn,
} from './form-slots.ts';
import { sayInstant, sayList, sayNumber } from '../text/formats.ts';
import type { Words } from '../text/localize.ts';
import type { ParseContext } from '../text/parse-context.ts';

/** How a form shows its slots: in the summary, and when the user is asked what to change. */
export class FormSummary {
  readonly #slots: FormSlots;
  readonly #words: Words;

  constructor(slots: FormSlots, words: Words) {
    this.#slots = slots;
    this.#words = words;
  }

  /** A line for each slot that is filled. */
  text(context: FormContext): string {
    const parseContext = this.#words.parseContext(context);
    const { locale } = parseContext;
    const now = this.#slots.counting(context);
    const lines = this.#slots.places
      .filter((place) => now[place.key] !== undefined)
      .map((place) => {
        const value =
          place.list === undefined
            ? this.#shown(place, context[place.key], parseContext)
            : `\n${this.list(place, context)}`;
        const values = { label: this.label(place, context), value };
        return this.#words.say({ key: 'form.line', values }, locale).replaceAll(' \n', '\n');
      });
    return this.#words.say({ key: 'form.confirm', values: { summary: lines.join('\n') } }, locale);
  }

  /** The numbered values of a slot of several, or a word for none. */
  list(place: FormSlot, context: FormContext): string {
    const { locale } = this.#words.parseContext(context);
    const lines = this.items(place, context).map((label, index) =>
      this.#words.say({ key: 'choice.number', values: { number: index + 1, label } }, locale),
    );
    return lines.length === 0 ? this.#words.say({ key: 'list.empty' }, locale) : lines.join('\n');
  }

  /** How the user sees each value of a slot of several. */
  items(place: FormSlot, context: FormContext): string[] {
    const parseContext = this.#words.parseContext(context);
    return itemsIn(context[place.key]).map((item) => this.#shown(place, item, parseContext));
  }

  /** How the user sees the value of a slot, or each of several; undefined for a slot without a value. */
  value(place: FormSlot, context: FormContext): string | undefined {
    if (context[place.key] === undefined) return undefined;
    if (place.list !== undefined) return this.items(place, context).join(', ');
    return this.#shown(place, context[place.key], this.#words.parseContext(context));
  }

  /** The slots to choose from when something is to be changed. */
  options(context: FormContext): { readonly value: string; readonly label: string }[] {
    const now = this.#slots.counting(context);
    return this.#slots.places
      .filter((place) => isWanted(place, now))
      .map((place) => ({ value: place.key, label: this.label(place, context) }));
  }

  /** What the user calls a slot. */
  label({ key, slot: { label } }: FormSlot, context: FormContext): string {
    if (label === undefined) return key;
    return typeof label === 'function' ? label({ context }) : label;
  }

  #shown({ slot, read }: FormSlot, value: unknown, parseContext: ParseContext): string {
    const context = parseContext.context as FormContext;
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
