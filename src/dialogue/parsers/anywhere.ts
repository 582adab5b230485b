import { type KeysOf, checkOptions } from '../../internal/closed.ts';
import { UsageError } from '../../errors.ts';
import { textOf, type TextMessage } from '../../message.ts';
import { isSameValue } from './same-value.ts';
import { answersIn, hasDoubts } from '../text/clauses.ts';
import { isFiller, type Span } from '../text/explained.ts';
import { commonFillers } from '../text/fillers.ts';
import { fold, tidy } from '../text/normalize.ts';
import { issue, type Parser } from './parser.ts';
import type { ParseContext } from '../text/parse-context.ts';
import { toParser, type Parsing } from './schema.ts';

/** Options of `anywhere()`. */
export interface AnywhereOptions {
  /**
   * What else the message may say. Where it is given, each clause has to be the value, courtesy, or what one of these
   * takes: a clause that nothing explains may say something about the value (“on Christmas, 7 pm”), and the value is not
   * taken.
   */
  readonly beside?: readonly Parsing<unknown>[] | undefined;
}

const KEYS = { beside: null } satisfies KeysOf<AnywhereOptions>;

/** In UTF-16 units. A longer message is a story, and one clause of it seldom all that it says about the value. */
const LONGEST_TEXT = 300;
const MOST_CLAUSES = 8;
/** “Friday, November 27, 2026, 7 pm” has four. */
const MOST_JOINED = 4;

/**
 * Finds the answer in a message that says other things too, for `extract` in a form: of “tomorrow at 7, 13800138000”,
 * `anywhere(phone({ country: 'CN' }))` takes the number. The parser is tried on the whole message, on each of its
 * clauses and on up to four clauses in a row, which it has to understand whole. A clause ends at a comma, a stop, a new line, or
 * an “and” before a subject. In a message of more than 300 UTF-16 units or eight clauses nothing is found.
 *
 * Nothing is found where two clauses give different values, or where the message denies, asks, doubts or names
 * alternatives anywhere (“not tomorrow, the day after”, “is 7 pm ok?”). A “no” or 不对 at the beginning rejects what was
 * said before, and hides nothing.
 *
 * `date`, `time` and `dateTime` find theirs inside of a clause as well: “a table for four tomorrow at 7pm”. To find another
 * value inside of a clause, say in which words it stands: `anywhere(within(/(\S+) people/i, integer()))`.
 * @example
 * words.form({ slots: { day: { question: 'Which day?', parse: date(), extract: anywhere(date()) } }, target: 'next' });
 * @throws UsageError `bad_parser`, when made, for what is neither a parser nor a schema; `bad_option` for other options.
 */
export function anywhere<T>(parsing: Parsing<T>, options: AnywhereOptions = {}): Parser<T> {
  checkOptions('anywhere()', options, KEYS);
  const parse = toParser(parsing);
  const { beside } = options;
  if (beside !== undefined && !Array.isArray(beside)) {
    throw new UsageError('bad_option', '`beside` is a list of parsers or schemas.');
  }
  if (beside === undefined && parse.find !== undefined) return findingBy(parse, parse.find);
  const others = beside?.map((each) => toParser(each));
  const find: Parser<T> = (message, parseContext) => {
    const whole = parse(message, parseContext);
    const said: unknown = message.type === 'message.action' ? undefined : textOf(message);
    if (typeof said !== 'string') return whole;
    const nothing = 'issue' in whole ? whole : issue('issue.invalid');
    if (said.length > LONGEST_TEXT) return nothing;
    const text = tidy(said);
    const clauses = answersIn(text);
    const parts = clauses.map(({ start, end }) => text.slice(start, end));
    if (parts.length > MOST_CLAUSES) return nothing;
    if (hasDoubts(text)) return nothing;
    if ('value' in whole) return whole;
    const taken = takenFrom(parse, parseContext, text, clauses);
    const [value, ...more] = taken.map((run) => run.value);
    if (taken.length === 0 || more.some((other) => !isSameValue(other, value))) return nothing;
    const rest = parts.filter((_, index) =>
      taken.every(({ from, to }) => index < from || index > to),
    );
    const isCourtesy = (part: string): boolean => isFiller(fold(part), commonFillers());
    const isKnown = (part: string): boolean =>
      others?.some((other) => 'value' in other(asMessage(part), parseContext)) ?? true;
    return rest.every((part) => isKnown(part) || isCourtesy(part))
      ? { value: value as T }
      : nothing;
  };
  return findingBy(parse, find);
}

/** What finds a value is explored with the samples of its parser, and shows it in the same way. */
function findingBy<T>({ samples, format }: Parser<T>, find: Parser<T>): Parser<T> {
  const parse: Parser<T> = (message, parseContext) => find(message, parseContext);
  return Object.assign(parse, samples && { samples }, format && { format });
}

interface Run {
  /** The first and the last of its clauses, by their index. */
  readonly from: number;
  readonly to: number;
  readonly value: unknown;
}

/** The longest runs of clauses that have a value; the clauses within such a run are not read again. */
function takenFrom(
  parse: Parser<unknown>,
  parseContext: ParseContext,
  text: string,
  clauses: readonly Span[],
): readonly Run[] {
  const taken: Run[] = [];
  for (let length = Math.min(MOST_JOINED, clauses.length); length > 0; length -= 1) {
    for (let from = 0; from + length <= clauses.length; from += 1) {
      const to = from + length - 1;
      if (taken.some((run) => run.from <= from && run.to >= to)) continue;
      const run = text.slice(clauses[from]?.start, clauses[to]?.end);
      const parsed = parse(asMessage(run), parseContext);
      if ('value' in parsed) taken.push({ from, to, value: parsed.value });
    }
  }
  return taken;
}

function asMessage(text: string): TextMessage {
  return { type: 'message.text', text };
}
