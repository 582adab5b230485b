import type { EventObject } from 'xstate';
import type { IntentMessage, Message, TextMessage } from '../../message.ts';
import { toParsed } from './answer-reading.ts';
import type { FormContext, FormSlot, FormSlots } from './form-slots.ts';
import { type Parsed, type Parser, messageWords } from '../parsers/parser.ts';
import { isSameValue } from '../parsers/same-value.ts';
import { catchesAll } from '../parsers/text.ts';
import type { Words } from '../text/localize.ts';
import { currentStep, untakenValues } from '../text/current-step.ts';
import { behindRejection } from '../text/clauses.ts';
import { type ParseContext, withPrevious, withShown } from '../text/parse-context.ts';

/** What messages fill in the slots of a form. */

/** The values that a message gives to slots, by key. */
export type Fills = Readonly<Record<string, unknown>>;

export class FormReader {
  readonly #slots: FormSlots;
  readonly #corrects: boolean;
  readonly #words: Words;

  /** @param corrects whether a filled slot may be changed */
  constructor(slots: FormSlots, corrects: boolean, words: Words) {
    this.#slots = slots;
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
   * that understands the whole answer is surer than what a recognizer found.
   */
  answer(
    { key, parse, extract }: FormSlot & { readonly parse: Parser<unknown> },
    message: Message,
    parseContext: ParseContext,
    context: FormContext,
  ): Parsed<Fills> {
    const found = this.#found(message, parseContext, context);
    const recognized = this.#recognized(message, parseContext, context);
    const fills = { ...recognized, ...changed(found, context) };
    if (Object.hasOwn(found, key)) return { value: { ...fills, [key]: found[key] } };
    const hasValues = Object.keys({ ...recognized, ...found }).length > 0;
    if (hasValues && (extract !== undefined || catchesAll(parse))) return { value: fills };
    const own = parse(message, withPrevious(parseContext, context[key]));
    if ('value' in own) return { value: { ...fills, [key]: own.value } };
    return hasValues ? { value: fills } : own;
  }

  /**
   * The value that a correction of the summary gives to the one slot that takes what stands behind its “no”: “no, large”.
   * `undecided` if several slots take it. A slot for any text takes all that nobody meant for it (“no, let me think”), so
   * it never gets the value, and the user has to name it.
   */
  correction(
    message: Message,
    parseContext: ParseContext,
    context: FormContext,
  ): Fills | 'undecided' | undefined {
    const rest = this.#corrects ? correctionIn(message) : undefined;
    if (rest === undefined) return undefined;
    const candidates = this.#slots.places.flatMap((place) => {
      if (place.read === undefined || !this.#slots.applies(place, context)) return [];
      const parse = place.read(context);
      const about = withPrevious(unlisted(parseContext), context[place.key]);
      const parsed = toParsed(parse(rest, about));
      return 'value' in parsed
        ? [{ fills: { [place.key]: parsed.value }, isAny: catchesAll(parse) }]
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
    for (const { key, extract } of this.#slots.places) {
      if (extract === undefined) continue;
      if (context[key] !== undefined && !this.#corrects) continue;
      const about = withPrevious(unlisted(parseContext), context[key]);
      const whole = toParsed(extract(message, about));
      const parsed = 'issue' in whole && rest ? toParsed(extract(rest, about)) : whole;
      if ('value' in parsed) found[key] = parsed.value;
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
    for (const { key, read } of this.#slots.places) {
      const value = Object.hasOwn(values, key) ? values[key] : undefined;
      if (read === undefined || (typeof value !== 'string' && typeof value !== 'number')) continue;
      const parse = read(parseContext.context as FormContext);
      const parsed = parse({ type: 'message.text', text: String(value) }, parseContext);
      if ('value' in parsed) found[key] = parsed.value;
    }
    return found;
  }
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

function changed(found: Fills, context: FormContext): Fills {
  return Object.fromEntries(
    Object.entries(found).filter(([key, value]) => !isSameValue(value, context[key])),
  );
}
