import { type KeysOf, checkOptions } from '../../internal/closed.ts';
import { UsageError } from '../../errors.ts';
import { lazy } from '../../internal/lazy.ts';
import { isWholeAnswer, surroundingsOf } from './counted.ts';
import type { Amount } from './english.ts';
import { findAmounts, numeralText } from './numerals.ts';
import { issue, SEARCHED_LENGTH, type Parsed, type Parser } from './parser.ts';

/** Options of `number()` and `integer()`: which numbers are taken. */
export interface NumberOptions {
  /** The least that is taken. */
  readonly min?: number | undefined;
  /** The most that is taken. */
  readonly max?: number | undefined;
  /**
   * What the number may be a number of, beside people and things: `['weeks', '周']`, `['$', 'dollars']`, `['%']`. A unit
   * is written beside the number or not; which one it was, the value does not tell, so name units of one size.
   */
  readonly units?: readonly string[] | undefined;
}

const KEYS = { min: null, max: null, units: null } satisfies KeysOf<NumberOptions>;

/**
 * Takes a finite number that is the whole answer, but for courtesies, words that frame it (“I am …”, 我们一共…), and things
 * that are counted one by one (“3 people”, “four of us”, “30 years old”, 三张票). Understood are digits of every script with
 * sign, decimals and thousands separators (`-1,200.5`, `1 200`), Chinese numerals (`两百零五`, `一万二`, `1.5万`, `三点五`, `负三`,
 * `三个半`, `三分之二`) and English words (`twenty-one`, `a dozen`, `half a million`, `five and a quarter`), in
 * every locale.
 *
 * Anything else in the answer is an issue: a measure that `units` does not name (3 weeks, $5, 3%), a denial, a question, an
 * alternative or range, an approximation (“about ten”, 十几个, 七八个), a place in an order (第三, 3rd), a name (`A4`,
 * `1e5`). So are two numbers, and a text of over 500 characters.
 * @example
 * words.ask({ question: 'How heavy is it?', parse: number({ min: 0, units: ['kg'] }), assign: 'age' });
 * @throws UsageError `bad_option`, when made, for bounds that leave nothing, and for a unit that is empty or has a comma.
 */
export function number(options: NumberOptions = {}): Parser<number> {
  checkOptions('number()', options, KEYS);
  const { min = -Infinity, max = Infinity } = options;
  if (!(min <= max)) {
    throw new UsageError('bad_option', `\`min\` is at most \`max\`; found ${min} and ${max}.`);
  }
  const units = checkUnits(options.units ?? []);
  // Made with the first answer: reading the lists took long beside an import.
  const surroundings = lazy(() => surroundingsOf(units));
  const within = (value: number): Parsed<number> => {
    if (value >= min && value <= max) return { value };
    if (max === Infinity) return issue('issue.min', { min });
    return min === -Infinity ? issue('issue.max', { max }) : issue('issue.between', { min, max });
  };
  const parse: Parser<number> = (message, { locale }) => {
    const text = numeralText(message, SEARCHED_LENGTH, locale) ?? '';
    if (BARE.test(text)) return within(Number(text));
    const [amount, ...others] = findAmounts(text);
    if (others.length > 0 && [amount, ...others].every((each) => isKnown(each))) {
      return issue('issue.severalNumbers');
    }
    if (!isKnown(amount) || others.length > 0 || !isWholeAnswer(text, amount, surroundings())) {
      return issue('issue.number');
    }
    return within(amount.value);
  };
  return Object.assign(parse, { samples: around(min, max) });
}

/** Digits alone, the usual answer, which need no search. */
const BARE = /^\d{1,15}$/;

/** Beyond 2⁵³ a number of JavaScript may be another than the one that was said. */
function isKnown(amount: Amount | undefined): amount is Amount {
  return amount !== undefined && Math.abs(amount.value) <= Number.MAX_SAFE_INTEGER;
}

function checkUnits(units: readonly string[]): readonly string[] {
  if (units.every((unit) => unit.trim() !== '' && !unit.includes(','))) return units;
  throw new UsageError(
    'bad_option',
    "`units` are words or signs without a comma, as ['weeks', '%']; one of them is not.",
  );
}

/** The numbers at the bounds, on both sides of them. */
function around(min: number, max: number): string[] {
  const bounds = [min, max, min - 1, max + 1];
  return bounds.filter((bound) => Number.isFinite(bound)).map(String);
}
