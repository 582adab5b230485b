import { type KeysOf, checkOptions } from '../../internal/closed.ts';
import { textOf } from '../../message.ts';
import { tidy } from '../text/normalize.ts';
import { issue, type Parser } from './parser.ts';
import { tryPattern } from './within.ts';

/** Options of `text()`: which texts are taken. */
export interface TextOptions {
  /** Unicode code points; one Chinese character is one. */
  readonly minLength?: number | undefined;
  /** Unicode code points. */
  readonly maxLength?: number | undefined;
  /** Tried on the text in compatibility form (`１２` as `12`), which is then also the value. */
  readonly pattern?: RegExp | undefined;
}

const KEYS = { minLength: null, maxLength: null, pattern: null } satisfies KeysOf<TextOptions>;

/**
 * Takes what was said as it is, but for white space around it: a text, what was heard in a voice message, the value of a
 * button.
 * @example
 * words.ask({ question: 'What is your name?', parse: text({ minLength: 2 }), assign: 'name' });
 * @throws UsageError `bad_option`, when made, for an option that there is not.
 */
export function text(options: TextOptions = {}): Parser<string> {
  checkOptions('text()', options, KEYS);
  const { minLength = 1, maxLength = Infinity, pattern } = options;
  const parse: Parser<string> = (message) => {
    const said: unknown = textOf(message);
    const tidied = typeof said === 'string' ? tidy(said) : '';
    if (typeof said !== 'string' || tidied === '') return issue('issue.text');
    const value = pattern === undefined ? said.trim() : tidied;
    let length = 0;
    for (const _ of value) length += 1;
    if (length < minLength) return issue('issue.tooShort', { min: minLength });
    if (length > maxLength) return issue('issue.tooLong', { max: maxLength });
    const matches = pattern === undefined || tryPattern(pattern, value) !== null;
    return matches ? { value } : issue('issue.pattern');
  };
  if (pattern === undefined) takers.add(parse);
  return parse;
}

const takers = new WeakSet<Parser<unknown>>();

/** Whether the parser is a `text()` that takes any text, so that a form tries narrower parsers first. */
export function catchesAll(parser: Parser<unknown>): boolean {
  return takers.has(parser);
}
