import { tidy } from '../text/normalize.ts';
import { textOf } from '../../message.ts';
import { issue, type Parser } from './parser.ts';
import { toParser, type Parsing } from './schema.ts';

/**
 * Reads a value out of the part of a text that a pattern captures: its first group that took part, or else the whole
 * match. The pattern sees the text in compatibility form, without white space around it. If it does not match, the
 * issue is that of `parsing` for an empty text.
 *
 * A text of over 4096 characters does not match. Below that, a pattern of your own is only as fast as you wrote it: keep it
 * free of nested repetition.
 * @example
 * words.ask({ question: 'How many?', parse: within(/table for (\S+)/i, integer()), assign: 'age' });
 * @throws UsageError `bad_parser`, when made, if `parsing` is neither a parser nor a schema.
 */
export function within<T>(pattern: RegExp, parsing: Parsing<T>): Parser<T> {
  const parse = toParser(parsing);
  return (message, parseContext) => {
    const said: unknown = textOf(message);
    const found = typeof said === 'string' ? tryPattern(pattern, tidy(said)) : null;
    if (found === null) {
      const parsed = parse({ type: 'message.text', text: '' }, parseContext);
      return 'issue' in parsed ? parsed : issue('issue.invalid');
    }
    const captured = found.slice(1).find((group: string | undefined) => group !== undefined);
    return parse({ ...message, type: 'message.text', text: captured ?? found[0] }, parseContext);
  };
}

/**
 * The length of the longest message of Telegram. A pattern that takes the square of the length needs about thirty milliseconds
 * for it.
 */
const LONGEST_MATCHED = 4096;

/**
 * The first match from the start, also of a global or sticky pattern that has matched before. A very long text may exhaust
 * the stack of the engine that matches it, and a plain `\d+` in the middle of a pattern takes the square of its length: such a
 * text does not match, because a parser neither throws nor blocks for a message.
 */
export function tryPattern(pattern: RegExp, words: string): RegExpExecArray | null {
  if (words.length > LONGEST_MATCHED) return null;
  try {
    const isStateless = !pattern.global && !pattern.sticky;
    return (isStateless ? pattern : new RegExp(pattern)).exec(words);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
