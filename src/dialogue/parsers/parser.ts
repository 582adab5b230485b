import { textOf, type Message } from '../../message.ts';
import { tidy } from '../text/normalize.ts';
import type { Prompt } from '../text/catalog.ts';
import type { ParseContext } from '../text/parse-context.ts';

/** What a message was understood to say, or why it was not, in words for the user. */
export type Parsed<T> = { readonly value: T } | { readonly issue: string | Prompt };

/** Reads a value out of a message. Pure and synchronous; it never throws, whatever was sent. */
export interface Parser<T, Given extends ParseContext = ParseContext> {
  (message: Message, parseContext: Given): Parsed<T>;
  /** How its value is shown, as in the summary of a form. Default: by the kind of value. */
  format?(value: T, parseContext: Given): string;
  /** Reads the value out of a message that says more, where the parser knows a safe way: `anywhere` uses it. */
  find?(message: Message, parseContext: Given): Parsed<T>;
  /** Answers to try it on, good ones and bad ones: what a conversation is explored with. */
  readonly samples?: readonly (string | Message)[];
}

/**
 * The longest text, in UTF-16 units, that is searched for a number, an answer or an address. What is longer counts as
 * not understood: nobody answers a question at that length, and half a text may say the opposite of the whole.
 */
export const SEARCHED_LENGTH = 500;

/** The words of a message, tidied; undefined where it has none, or more than `limit` UTF-16 units of them. */
export function messageWords(
  message: Message,
  limit: number = SEARCHED_LENGTH,
): string | undefined {
  const text: unknown = textOf(message);
  if (typeof text !== 'string' || text.length > limit) return undefined;
  const words = tidy(text);
  return words === '' ? undefined : words;
}
