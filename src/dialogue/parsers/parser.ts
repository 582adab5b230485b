import { textOf, type Message } from '../../message.ts';
import { tidy } from '../text/normalize.ts';
import type { Prompt } from '../text/catalog.ts';
import type { ChoiceOption } from '../../reply.ts';

/** Where and when a message is read. */
export interface Occasion {
  /** BCP 47, as `en` or `zh-CN`. */
  readonly locale: string;
  /** The user's IANA time zone, as `Asia/Shanghai`. */
  readonly timeZone: string;
  /** Epoch milliseconds at which the message arrived. */
  readonly now: number;
  /** What the slot of a form holds already, for a correction that names only a part: another time on the same day. */
  readonly previous?: unknown;
  /**
   * The options under the question as the user saw them, in the order of their numbers. They may be others than those of
   * now: an option came or went in between. A number that the user says refers to this list.
   */
  readonly shown?: readonly ChoiceOption[];
  /**
   * The context of the dialogue that asks, to be read only. `ask` and `form` know its type; a parser that is used in
   * several dialogues checks what it finds.
   */
  readonly context?: unknown;
}

/** The occasion of a question in a dialogue whose context is of a known type. */
export interface OccasionIn<Context> extends Occasion {
  readonly context: Context;
}

/** What a message was understood to say, or why it was not, in words for the user. */
export type Parsed<T> = { readonly value: T } | { readonly issue: string | Prompt };

/** Reads a value out of a message. Pure and synchronous; it never throws, whatever was sent. */
export interface Parser<T, Given extends Occasion = Occasion> {
  (message: Message, occasion: Given): Parsed<T>;
  /** How its value is shown, as in the summary of a form. Default: by the kind of value. */
  format?(value: T, occasion: Given): string;
  /** Reads the value out of a message that says more, where the parser knows a safe way: `anywhere` uses it. */
  find?(message: Message, occasion: Given): Parsed<T>;
  /** Answers to try it on, good ones and bad ones: what a conversation is explored with. */
  readonly samples?: readonly (string | Message)[];
}

/**
 * The longest text, in UTF-16 units, that is searched for a number, an answer or an address. What is longer counts as
 * not understood: nobody answers a question at that length, and half a text may say the opposite of the whole.
 */
export const SEARCHED_LENGTH = 500;

/** The words of a message, tidied; undefined where it has none, or more than `limit` UTF-16 units of them. */
export function wordsOf(message: Message, limit: number = SEARCHED_LENGTH): string | undefined {
  const text: unknown = textOf(message);
  if (typeof text !== 'string' || text.length > limit) return undefined;
  const words = tidy(text);
  return words === '' ? undefined : words;
}
