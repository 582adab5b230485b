import type { Message } from '../../message.ts';
import { toParsed } from './answer-reading.ts';
import { isEnding, isNoneOf, piecesOf, withoutCourtesies } from './list-words.ts';
import { choice } from '../parsers/choice.ts';
import { bareNumber, namedPlaces } from '../parsers/choice-places.ts';
import { type Parsed, type Parser, issue, messageWords } from '../parsers/parser.ts';
import { catchesAll } from '../parsers/text.ts';
import { behindRejection } from '../text/clauses.ts';
import { type ParseContext, withShown } from '../text/parse-context.ts';

/**
 * What people say to a list that they fill: one more value or several (“a tea and a coffee”), that it is all, what to
 * remove (“remove 2”, 不要第二个), and what to replace (“2: tea”, 第二个改成茶).
 */

/** The list as it is, and what it may hold. */
export interface ListNow {
  readonly items: readonly unknown[];
  /** How the user sees each of them. */
  readonly labels: readonly string[];
  /** What the list is called. */
  readonly names: readonly string[];
  readonly min: number;
  readonly max: number;
  /** Reads one value. */
  readonly parse: Parser<unknown>;
  readonly parseContext: ParseContext;
}

export interface ListNext {
  readonly items: readonly unknown[];
  /** Whether the user has said that it is all. */
  readonly isAll: boolean;
}

/** The value of the button that ends a list. */
export const ALL = 'list.all';

/** Whether a text is the number of the option that ends the list, and no value itself. */
function isNumberOfAll(
  words: string,
  message: Message,
  { parse, parseContext }: Pick<ListNow, 'parse' | 'parseContext'>,
): boolean {
  const [, number] = /^[(#]?(\d{1,3})[).。、]?$/u.exec(words) ?? [];
  if (number === undefined || parseContext.shown?.[Number(number) - 1]?.value !== ALL) return false;
  return catchesAll(parse) || 'issue' in toParsed(parse(message, parseContext));
}

const REMOVALS: readonly RegExp[] = [
  /^(?:please )?(?:remove|delete|drop|scratch|take (?:out|off|away)|without) (?<which>.+)$/iu,
  /^(?:i )?don['’]?t want (?<which>.+?)(?: any ?more)?$/iu,
  /^(?:请|帮我|我)?把?(?:不要|去掉|删除|删掉|删|移除|去除)(?<which>.+)$/u,
  /^(?:请|帮我)?把?(?<which>.+?)(?:不要了?|去掉|删掉|删除|删了|移除)(?:吧)?$/u,
];

const CHANGES: readonly RegExp[] = [
  /^(?:please )?(?:change|replace|make) (?<which>.+?) (?:to|into|with|by) (?<value>.+)$/iu,
  /^(?:请|帮我)?把?(?<which>.+?)(?:改成|换成|改为|换为)(?<value>.+)$/u,
  /^(?:please )?(?:change|replace|edit) (?<which>.+)$/iu,
  /^(?:请|帮我)?把?(?:修改|改|更换|换)(?:一下)?(?<which>.+)$/u,
];

/** A number and what stands there: “2: tea”. */
const LINE = /^#?(?<which>\d{1,3}|第?[一二三四五六七八九十]+个?) ?[:：] ?(?<value>.+)$/u;

const ADDITION =
  /^(?:please )?add (?<value>.+)$|^(?:请|帮我|我)?(?:再?加|再来|还要)(?:一?[个份杯位])?(?<more>.+)$/iu;

/** What an answer to the question for the list makes of it. */
export function readListAnswer(message: Message, now: ListNow): Parsed<ListNext> {
  if (message.type === 'message.action' && message.value === ALL)
    return checked(now.items, true, now);
  const words = message.type === 'message.action' ? undefined : messageWords(message);
  if (words !== undefined) {
    const isAll =
      isEnding(words, now.items.length === 0) ||
      isNoneOf(words, now) ||
      isNumberOfAll(withoutCourtesies(words), message, now);
    if (isAll) return checked(now.items, true, now);
    const edited = readListEdit(message, now);
    if (edited !== undefined) return edited;
  }
  return added(message, words, now);
}

/** The same for a message that names what to remove, replace or add; undefined for any other message. */
export function readListEdit(message: Message, now: ListNow): Parsed<ListNext> | undefined {
  const words = message.type === 'message.action' ? undefined : messageWords(message);
  if (words === undefined) return undefined;
  const wanted = behindRejection(words) ?? words;
  // A name may begin or end with what is a courtesy elsewhere.
  const said = editIn(wanted, now);
  if (said !== undefined && 'value' in said) return said;
  const plain = withoutCourtesies(wanted);
  const read = plain === wanted ? undefined : editIn(plain, now);
  return read !== undefined && ('value' in read || said === undefined) ? read : said;
}

function editIn(words: string, now: ListNow): Parsed<ListNext> | undefined {
  const line = LINE.exec(words)?.groups;
  if (line !== undefined && !isOneValue(words, now)) {
    const place = placeOfLine(line['which'] ?? '');
    if (place < now.items.length) return replaced(place, line['value'], now);
  }
  const addition = ADDITION.exec(words)?.groups;
  if (addition !== undefined) {
    const named = addition['value'] ?? addition['more'] ?? '';
    return added(asMessage(named), named, now);
  }
  const change = matchOf(CHANGES, words);
  if (change !== undefined) {
    const at = placeOf(change['which'], now);
    return 'value' in at ? replaced(at.value, change['value'], now) : at;
  }
  const removal = matchOf(REMOVALS, words);
  if (removal === undefined) return undefined;
  const at = placeOf(removal['which'], now);
  return 'value' in at ? checked(now.items.toSpliced(at.value, 1), false, now) : at;
}

function matchOf(patterns: readonly RegExp[], words: string): RegExpExecArray['groups'] {
  return patterns.map((each) => each.exec(words)?.groups).find((groups) => groups !== undefined);
}

/** Whether a text is one value, as “2:30” is in a list of times. A parser that takes any text does not say. */
function isOneValue(words: string, { parse, parseContext }: ListNow): boolean {
  return !catchesAll(parse) && 'value' in toParsed(parse(asMessage(words), parseContext));
}

/** The place that stands before a colon; infinite for none. It is never what a value is called, also where that is a number. */
function placeOfLine(which: string): number {
  const [place = bareNumber(which)] = namedPlaces(which);
  return (place ?? Number.POSITIVE_INFINITY) - 1;
}

/** The place of a value that is named by its number or by what it is. */
function placeOf(which: string | undefined, { labels, parseContext }: ListNow): Parsed<number> {
  const names = labels.map((label) => label.trim() || '?');
  if (names.length === 0) return issue('issue.invalid');
  const said = asMessage(which);
  const options = names.map((label, place) => ({ value: `.${place}`, label }));
  const placed = choice(options)(said, withShown(parseContext, options));
  if ('value' in placed) return { value: Number(placed.value.slice(1)) };
  // Of several with one name, the newest is meant.
  const named = choice([...new Set(names)])(said, withShown(parseContext, []));
  if ('value' in named) return { value: names.lastIndexOf(named.value) };
  // Where the values are numbers and none is this one, it is a place, as the list shows it.
  const place = (bareNumber(which ?? '') ?? 0) - 1;
  return names[place] === undefined ? named : { value: place };
}

function replaced(place: number, words: string | undefined, now: ListNow): Parsed<ListNext> {
  if (words === undefined) return issue('issue.listChange', { number: place + 1 });
  const parsed = toParsed(now.parse(asMessage(words), now.parseContext));
  return 'value' in parsed ? checked(now.items.with(place, parsed.value), false, now) : parsed;
}

function added(message: Message, words: string | undefined, now: ListNow): Parsed<ListNext> {
  const { items, parse, parseContext } = now;
  const whole = toParsed(parse(message, parseContext));
  if (words === undefined || ('value' in whole && !catchesAll(parse))) {
    return 'value' in whole ? checked([...items, whole.value], false, now) : whole;
  }
  const read = (piece: string): Parsed<unknown> => toParsed(parse(asMessage(piece), parseContext));
  const isValue = (piece: string): boolean => 'value' in read(piece);
  const pieces = piecesOf(words, catchesAll(parse) ? undefined : isValue);
  if (pieces === undefined) return 'issue' in whole ? whole : issue('issue.invalid');
  const parsed = pieces.values.map((piece) => read(piece));
  const values = parsed.flatMap((each) => ('value' in each ? [each.value] : []));
  if (values.length > 0 && values.length === parsed.length) {
    return checked([...items, ...values], pieces.isAll, now);
  }
  const refused = parsed.find((each) => 'issue' in each) ?? whole;
  return 'issue' in refused ? refused : issue('issue.invalid');
}

function checked(
  items: readonly unknown[],
  isAll: boolean,
  { min, max }: ListNow,
): Parsed<ListNext> {
  if (items.length > max) return issue('issue.listMax', { max });
  if (isAll && items.length < min) return issue('issue.listMin', { min });
  return { value: { items, isAll: isAll || items.length === max } };
}

function asMessage(text: string | undefined): Message {
  return { type: 'message.text', text: text ?? '' };
}
