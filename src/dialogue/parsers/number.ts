import { UsageError } from '../../errors.ts';
import { findNumbers } from './numerals.ts';
import { wordsOf, type Parsed, type Parser } from './parser.ts';

export interface NumberOptions {
  /** The least that is taken. */
  readonly min?: number;
  /** The most that is taken. */
  readonly max?: number;
}

/**
 * Takes a finite number: the only one in the text, wherever it stands (“I am 30 years old”, “三个人”). Understood are
 * digits with sign, decimals and thousands separators (`-1,200.5`, full-width ones too), Chinese numerals (`两百零五`, `一万二`,
 * `1.5万`, `三点五`, `负三`, `三个半`) and English words (`twenty-one`, `a dozen`, `minus five`), whatever the locale. Two numbers
 * are an issue, and so is what is only about one (`三五个`, `七八个`), a name (`A4`, `1e5`), or a text of over 1,000
 * characters.
 * @throws UsageError `bad_option`, when made, for bounds that leave nothing.
 */
export function number(options: NumberOptions = {}): Parser<number> {
  const { min, max } = checkBounds(options);
  const parse: Parser<number> = (message) => {
    const words = wordsOf(message);
    const numbers = words === undefined ? [] : findNumbers(words);
    if (numbers.length > 1) return { issue: { key: 'issue.severalNumbers' } };
    const value = numbers[0];
    if (value === undefined || !Number.isFinite(value)) return { issue: { key: 'issue.number' } };
    if (value >= min && value <= max) return { value };
    return outOfBounds(min, max);
  };
  return Object.assign(parse, { samples: around(min, max) });
}

/** The numbers at the bounds, on both sides of them. */
function around(min: number, max: number): string[] {
  const bounds = [min, max, min - 1, max + 1];
  return bounds.filter((bound) => Number.isFinite(bound)).map(String);
}

function checkBounds(options: NumberOptions): Required<NumberOptions> {
  const { min = -Infinity, max = Infinity } = options;
  if (min <= max) return { min, max };
  throw new UsageError('bad_option', `\`min\` is at most \`max\`; found ${min} and ${max}.`);
}

function outOfBounds(min: number, max: number): Parsed<never> {
  if (max === Infinity) return { issue: { key: 'issue.min', values: { min } } };
  if (min === -Infinity) return { issue: { key: 'issue.max', values: { max } } };
  return { issue: { key: 'issue.between', values: { min, max } } };
}
