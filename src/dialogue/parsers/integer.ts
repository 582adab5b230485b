import { number, type NumberOptions } from './number.ts';
import type { Parsed, Parser } from './parser.ts';

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
    const kept = 'value' in parsed ? Number.isSafeInteger(parsed.value) : !isAboutNumbers(parsed);
    return kept ? parsed : { issue: { key: 'issue.integer' } };
  };
  return Object.assign(parseInteger, { samples: parse.samples ?? [] });
}

/** Whether the issue is that there was no number, which is better said of whole ones. */
function isAboutNumbers(parsed: Parsed<number>): boolean {
  return (
    'issue' in parsed && typeof parsed.issue === 'object' && parsed.issue.key === 'issue.number'
  );
}
