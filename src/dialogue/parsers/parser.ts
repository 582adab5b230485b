import { textOf, type Message } from '../../message.ts';
import { tidy } from '../text/normalize.ts';
import type { Prompt, PromptKey } from '../text/catalog.ts';
import type { ParseContext } from '../text/parse-context.ts';

/** The value of a message, or why it has none, in words for the user. */
export type Parsed<T> =
  | {
      /** What the message was read as. */
      readonly value: T;
    }
  | {
      /** Why it could not be read: words, or the name of words that the library has in each language. */
      readonly issue: string | Prompt;
      /**
       * What the answer has said of a value that needs more, as a text for the parser itself: it finds it as `part` in its
       * second argument when it reads the next answer to the same question.
       */
      readonly part?: string;
    };

/** Reads a value out of a message. Pure and synchronous; it throws for no message. */
export interface Parser<T, Given extends ParseContext = ParseContext> {
  (message: Message, parseContext: Given): Parsed<T>;
  /** How its value is shown, as in the summary of a form. Default: by the kind of value. */
  format?(value: T, parseContext: Given): string;
  /** Reads the value out of a message with more content, if the parser can do so safely; for `anywhere`. */
  find?(message: Message, parseContext: Given): Parsed<T>;
  /** Good and bad answers, with which a conversation is explored. */
  readonly samples?: readonly (string | Message)[];
}

export function issue(key: PromptKey, values?: Prompt['values']): { readonly issue: Prompt } {
  return { issue: { key, ...(values && { values }) } };
}

/**
 * The maximum of UTF-16 units of a text that is searched for a number, an answer or an address. A longer text counts as
 * not understood: users do not answer at that length, and half a text may say the opposite of the whole.
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
