import type { EventObject } from 'xstate';
import type { IntentMessage, Message, TextMessage } from '../../message.ts';
import { toParsed } from './answer-reading.ts';
import { type FormContext, type FormSlot, type FormSlots, itemsIn } from './form-slots.ts';
import type { FormSummary } from './form-summary.ts';
import { type ListNow, readListAnswer, readListEdit } from './list-answers.ts';
import { type Parsed, type Parser, messageWords } from '../parsers/parser.ts';
import { isSameValue } from '../parsers/same-value.ts';
import { catchesAll } from '../parsers/text.ts';
import type { Words } from '../text/localize.ts';
import { currentStep, untakenValues } from '../text/current-step.ts';
import { behindRejection } from '../text/clauses.ts';
import { type ParseContext, withPart, withPrevious, withShown } from '../text/parse-context.ts';

/** What messages fill in the slots of a form. */

/** The values that a message gives to slots, by key. */
export type Fills = Readonly<Record<string, unknown>>;

export class FormReader {
  readonly #slots: FormSlots;
  readonly #summary: FormSummary;
  readonly #corrects: boolean;
  /** The answers that complete a list. */
  readonly #complete = new WeakSet<object>();
  readonly #words: Words;

  /** @param corrects whether a filled slot may be changed */
  constructor(slots: FormSlots, summary: FormSummary, corrects: boolean, words: Words) {
    this.#slots = slots;
    this.#summary = summary;
    this.#corrects = corrects;
    this.#words = words;
  }

  /** The values that a message gives to slots, also to other slots than the one that was asked for. */
  fills(message: Message, parseContext: ParseContext, context: FormContext): Fills {
    const found = this.#found(message, parseContext, context);
    return { ...this.#recognized(message, parseContext, context), ...changed(found, context) };
  }

  /**
   * The same for the answer to the question of one slot. If the message has values for other slots, a parser that takes
   * any text does not read it, and neither does one beside an `extract`: “tomorrow at 7” is not seven people. A parser
   * that understands the whole answer is surer than what a recognizer or an `extract` found: no filled slot changes then.
   */
  answer(
    { key, parse, extract }: FormSlot & { readonly parse: Parser<unknown> },
    message: Message,
    parseContext: ParseContext,
    context: FormContext,
  ): Parsed<Fills> {
    const own = toParsed(parse(message, withPrevious(parseContext, context[key])));
    // Half a value, or the other half: the whole message is about it, also if an extract finds something in it.
    if ('issue' in own && own.part !== undefined) return own as Parsed<never>;
    if ('value' in own && parseContext.part !== undefined) return { value: { [key]: own.value } };
    const other = withPart(parseContext, undefined);
    const found = this.#found(message, other, context);
    const recognized = this.#recognized(message, other, context);
    const fills = { ...recognized, ...changed(found, context) };
    if (Object.hasOwn(found, key)) return { value: { ...fills, [key]: found[key] } };
    const hasValues = Object.keys({ ...recognized, ...found }).length > 0;
    if (hasValues && (extract !== undefined || catchesAll(parse))) return { value: fills };
    // It understood the whole message, so the message corrects no other slot: “30” is the age and not the people.
    if ('value' in own) return { value: { ...unfilled(fills, context), [key]: own.value } };
    return hasValues ? { value: fills } : own;
  }

  /** The same for a slot of several values: the list with what the answer changes in it. */
  listAnswer(
    place: FormSlot & { readonly parse: Parser<unknown> },
    message: Message,
    parseContext: ParseContext,
    context: FormContext,
  ): Parsed<Fills> {
    const { key, parse } = place;
    const { [key]: extracted, ...others } = this.fills(
      message,
      withPart(parseContext, undefined),
      context,
    );
    const now = this.#listNow(place, parse, parseContext, context);
    const isOther = Object.keys(others).length > 0 && catchesAll(parse);
    const own = isOther || now === undefined ? undefined : readListAnswer(message, now);
    if (own !== undefined && 'value' in own) {
      const fills = { ...others, [key]: own.value.items };
      if (own.value.isAll) this.#complete.add(fills);
      return { value: fills };
    }
    const fills = { ...others, ...(extracted !== undefined && { [key]: extracted }) };
    return Object.keys(fills).length > 0 || own === undefined ? { value: fills } : own;
  }

  /** Whether an answer completes the list that was asked for. */
  isComplete(value: unknown): boolean {
    return typeof value === 'object' && value !== null && this.#complete.has(value);
  }

  /** What a message at the summary removes from the form's one list, replaces in it or adds to it. */
  listEdit(message: Message, parseContext: ParseContext, context: FormContext): Fills {
    const lists = this.#slots.places.filter(({ list }) => list !== undefined);
    const [place, ...others] = lists.filter((each) => this.#slots.applies(each, context));
    if (!this.#corrects || place?.read === undefined || others.length > 0) return {};
    const now = this.#listNow(place, place.read(context), unlisted(parseContext), context);
    const edited = now && readListEdit(message, now);
    return edited !== undefined && 'value' in edited ? { [place.key]: edited.value.items } : {};
  }

  #listNow(
    place: FormSlot,
    parse: Parser<unknown>,
    parseContext: ParseContext,
    context: FormContext,
  ): ListNow | undefined {
    const items = itemsIn(context[place.key]);
    const labels = this.#summary.items(place, context);
    const names = [place.key, this.#summary.label(place, context)];
    return place.list && { ...place.list, items, labels, names, parse, parseContext };
  }

  /**
   * The value that a correction of the summary gives to the one slot that takes what stands behind its “no”: “no, large”.
   * `undecided` if several slots take it. A slot for any text would also take “no, let me think”, so it never gets the
   * value, and the user has to name the slot.
   */
  correction(
    message: Message,
    parseContext: ParseContext,
    context: FormContext,
    asked: Parser<unknown>,
  ): Fills | 'undecided' | undefined {
    const rest = this.#corrects ? correctionIn(message) : undefined;
    // “No, yes” answers the question itself, in two ways.
    if (rest === undefined || 'value' in asked(rest, parseContext)) return undefined;
    const candidates = this.#slots.places.flatMap((place) => {
      if (place.read === undefined || !this.#slots.applies(place, context)) return [];
      const parse = place.read(context);
      const about = withPrevious(unlisted(parseContext), context[place.key]);
      const parsed = toParsed(parse(rest, about));
      return 'value' in parsed
        ? // Whether it is one more value of a list or another one is not said.
          [{ fills: { [place.key]: parsed.value }, isAny: catchesAll(parse) || !!place.list }]
        : [];
    });
    const [only, ...others] = candidates.filter(({ isAny }) => !isAny);
    if (only !== undefined && others.length === 0) return only.fills;
    return candidates.length === 0 ? undefined : 'undecided';
  }

  /** The samples of a parser and of all `extract`s. */
  samplesWith({ samples = [] }: Parser<unknown>): NonNullable<Parser<unknown>['samples']> {
    return [...samples, ...this.#slots.places.flatMap(({ extract }) => extract?.samples ?? [])];
  }

  /** All values that a message has, without those for slots that must not be corrected. */
  #found(message: Message, parseContext: ParseContext, context: FormContext): Fills {
    const found: Record<string, unknown> = {};
    // A button is an answer to the question that offered it, and to no other.
    if (message.type === 'message.action') return found;
    const rest = correctionIn(message);
    for (const { key, extract, list } of this.#slots.places) {
      if (extract === undefined) continue;
      if (context[key] !== undefined && !this.#corrects) continue;
      const about = withPrevious(unlisted(parseContext), context[key]);
      const whole = toParsed(extract(message, about));
      const parsed = 'issue' in whole && rest ? toParsed(extract(rest, about)) : whole;
      if (!('value' in parsed)) continue;
      found[key] = list === undefined ? parsed.value : withNew(context[key], [parsed.value], list);
    }
    return found;
  }

  /**
   * The values in the event that led to the form: in its text, and in the values of an intent. A sub-dialogue that begins
   * with a form was led to it by the event that started the sub-dialogue.
   */
  beginning(led: EventObject, context: FormContext): Fills {
    const event = led.type === 'xstate.init' ? (currentStep()?.level?.startedBy ?? led) : led;
    const isIntent = event.type.startsWith('intent.');
    if (!isIntent && !event.type.startsWith('message.')) return {};
    const message = isIntent ? (event as IntentMessage).message : (event as Message);
    const parseContext = this.#words.parseContext(context, message);
    const found = isIntent ? this.#named((event as IntentMessage).values, parseContext) : {};
    return { ...this.fills(message, parseContext, context), ...found };
  }

  /** The new values that a recognizer found in a message, under the names of slots, with an intent that no state took. */
  #recognized(message: Message, parseContext: ParseContext, context: FormContext): Fills {
    if (message.type === 'message.action') return {};
    for (const values of untakenValues(message)) {
      const named = Object.entries(this.#named(values, parseContext));
      const free = named.filter(([key]) => context[key] === undefined || this.#corrects);
      if (named.length > 0) return changed(Object.fromEntries(free), context);
    }
    return {};
  }

  #named(values: IntentMessage['values'], parseContext: ParseContext): Fills {
    const found: Record<string, unknown> = {};
    const context = parseContext.context as FormContext;
    const about = unlisted(parseContext);
    for (const { key, read, list } of this.#slots.places) {
      const value = Object.hasOwn(values, key) ? values[key] : undefined;
      if (read === undefined) continue;
      const parse = read(context);
      const parsed = (list === undefined ? [value] : [value].flat()).flatMap((each) => {
        if (typeof each !== 'string' && typeof each !== 'number') return [];
        const one = parse({ type: 'message.text', text: String(each) }, about);
        return 'value' in one ? [one.value] : [];
      });
      if (parsed.length === 0) continue;
      found[key] = list === undefined ? parsed[0] : withNew(context[key], parsed, list);
    }
    return found;
  }
}

/** A list with the values that it does not have yet, as far as it has room for them. */
function withNew(
  list: unknown,
  values: readonly unknown[],
  { max }: { readonly max: number },
): readonly unknown[] {
  const items = itemsIn(list);
  const isNew = (value: unknown): boolean => !items.some((item) => isSameValue(item, value));
  return [...items, ...values.filter(isNew)].slice(0, Math.max(max, items.length));
}

/** What a message says behind a “no” at its beginning, as a message. */
function correctionIn(message: Message): TextMessage | undefined {
  const words = message.type === 'message.action' ? undefined : messageWords(message);
  const rest = words === undefined ? undefined : behindRejection(words);
  return rest === undefined ? undefined : { type: 'message.text', text: rest };
}

/** Where no options were shown, a number is no place in a list. */
function unlisted(parseContext: ParseContext): ParseContext {
  return parseContext.shown === undefined ? withShown(parseContext, []) : parseContext;
}

function unfilled(fills: Fills, context: FormContext): Fills {
  return Object.fromEntries(Object.entries(fills).filter(([key]) => context[key] === undefined));
}

function changed(found: Fills, context: FormContext): Fills {
  return Object.fromEntries(
    Object.entries(found).filter(([key, value]) => !isSameValue(value, context[key])),
  );
}
