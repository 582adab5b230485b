import { number, type NumberOptions } from './number.ts';
import type { Parser } from './parser.ts';

/**
 * Takes a `number` without a fraction that is exact in JavaScript, within ±(2⁵³ − 1).
 * @example
 * words.ask({ question: 'How old are you?', parse: integer({ min: 1, max: 120 }), assign: 'age' });
 * @throws UsageError `bad_option`, when made, for bounds that leave nothing.
 */
export function integer(options: NumberOptions = {}): Parser<number> {
  const parse = number(options);
  const parseInteger: Parser<number> = (message, parseContext) => {
    const parsed = parse(message, parseContext);
    const isLeft =
      'value' in parsed
        ? Number.isSafeInteger(parsed.value)
        : typeof parsed.issue === 'string' || parsed.issue.key !== 'issue.number';
    return isLeft ? parsed : { issue: { key: 'issue.integer' } };
  };
  return Object.assign(parseInteger, { samples: parse.samples ?? [] });
}
