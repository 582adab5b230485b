import { tidy } from '../text/normalize.ts';
import { textOf } from '../../message.ts';
import type { Parser } from './parser.ts';
import { toParser, type Parsing } from './schema.ts';

/**
 * Reads a value out of the part of a text that a pattern captures: its first group that took part, or else the whole
 * match. The pattern sees the text in compatibility form, without white space around it. If it does not match, the
 * issue is that of `parsing` for an empty text.
 *
 * A pattern of your own is only as fast as you wrote it: keep it free of nested repetition.
 * @example within(/table for (\S+)/i, integer())
 */
export function within<T>(pattern: RegExp, parsing: Parsing<T>): Parser<T> {
  const parse = toParser(parsing);
  return (message, parseContext) => {
    const said: unknown = textOf(message);
    const found = typeof said === 'string' ? tryPattern(pattern, tidy(said)) : null;
    if (found === null) {
      const parsed = parse({ type: 'message.text', text: '' }, parseContext);
      return 'issue' in parsed ? parsed : { issue: { key: 'issue.invalid' } };
    }
    const captured = found.slice(1).find((group: string | undefined) => group !== undefined);
    return parse({ ...message, type: 'message.text', text: captured ?? found[0] }, parseContext);
  };
}

/** The first match from the start, also of a global or sticky pattern that has matched before. */
export function tryPattern(pattern: RegExp, words: string): RegExpExecArray | null {
  return new RegExp(pattern).exec(words);
}
