import { addDays, addUnits, nextWeekday, type Day, type Unit } from './calendar.ts';
import { dayOfYear, fullYear } from './date-figures.ts';
import {
  calendarPart,
  dayPart,
  END,
  isTwelveHour,
  LETTERS,
  nearDay,
  rule,
  spanPart,
  timeAfter,
  timePart,
  type Groups,
  type Part,
  type Rule,
  type Setting,
} from './date-parts.ts';
import type { Half } from './day-halves.ts';
import { ONES, smallOf, TENS } from './english.ts';

const SMALL = String.raw`(?:(?:${TENS.join('|')})(?:[ -](?:${ONES.slice(1, 10).join('|')}))?|${ONES.toReversed().join('|')})`;

/** A number below a hundred in words, or in at most two digits, for a pattern. */
const SMALL_NUMBER = String.raw`(?:\d{1,2}(?!\d)|${SMALL}(?![${LETTERS}]))`;

/** How many of a unit, for a pattern that a space and the unit follow. */
const COUNT = String.raw`(?<count>\d{1,4}(?:\.\d)?|an?|${SMALL})`;

/** What one of these says, or an article, or noon as an hour. */
function numberOf(said: string): number {
  if (/^\d/.test(said)) return Number(said);
  if (said === 'a' || said === 'an') return 1;
  if (said === 'noon') return 12;
  const [first, second = 'zero'] = said.split(/[ -]/);
  return (smallOf(first) ?? Number.NaN) + (smallOf(second) ?? Number.NaN);
}

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const MONTH =
  '(?<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';
const WEEKDAYS = 'mon tue wed thu fri sat sun'.split(' ');
const WEEKDAY = String.raw`(?<weekday>mon(?:day)?|tue(?:s(?:day)?)?|wed(?:s|nesday)?|thu(?:rs?|rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)(?:\.(?!\d))?`;
const ORDINALS =
  'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth'.split(
    ' ',
  );
const ORDINAL = String.raw`(?:(?<tens>twenty|thirty)[ -])?(?<ordinal>${ORDINALS.join('|')})`;
const DAY = String.raw`(?:(?<digits>\d{1,2})(?:st|nd|rd|th)?(?![\d:]|[./-]\d)|${ORDINAL})`;
const YEAR = String.raw`(?:(?:,? (?:of |in )?(?<turn>next|last|this) year|(?:,| of| in) ?(?<year>\d{4})|,? ’(?<decade>\d{2})|[ /-](?<plain>(?:19|20|21)\d{2}))(?![\d:]|[./-]\d| ?h(?:ours|rs)?${END})${END})?`;
const UNIT = '(?<unit>day|week|fortnight|month|year)s?';
const AGAIN = '(?:next|last|this|the coming)';

type Move = (day: Day) => Day;

const TURNS: Readonly<Record<string, number>> = {
  'before last': -2,
  last: -1,
  this: 0,
  coming: 1,
  'the coming': 1,
  next: 1,
  'after next': 2,
};

function weekday({ weekday: said = '' }: Groups): number {
  return WEEKDAYS.indexOf(said.slice(0, 3));
}

function weekdayPart(groups: Groups): Part {
  const loose = (groups['weekday']?.length ?? 0) < 'monday'.length;
  return { kind: 'weekday', weekday: weekday(groups), loose };
}

function inWeek(groups: Groups, turns: number): readonly Part[] {
  return [{ kind: 'week', turns }, weekdayPart(groups)];
}

/** The next weekday of that name from a day on, or a number of weeks after it. */
function weeksFrom(from: Day, groups: Groups, weeks: number): Part {
  return dayPart(addDays(nextWeekday(from, weekday(groups)), weeks * 7));
}

function ordinalOf({ digits, tens, ordinal }: Groups): number | undefined {
  if (digits !== undefined) return Number(digits);
  const index = ORDINALS.indexOf(ordinal ?? '') + 1;
  const value = index === ORDINALS.length ? 30 : index;
  if (tens === undefined) return value;
  return value < 10 ? (tens === 'twenty' ? 20 : 30) + value : undefined;
}

/** `22 november 2026`, `november 22nd`. */
function monthDay(groups: Groups, setting: Setting): Part | undefined {
  const day = ordinalOf(groups);
  if (day === undefined) return undefined;
  const month = MONTHS.indexOf(groups['name']?.slice(0, 3) ?? '') + 1;
  const { turn, decade } = groups;
  const said = groups['year'] ?? groups['plain'] ?? decade;
  if (said === undefined && turn === undefined) return dayPart(dayOfYear(month, day, setting));
  const year =
    turn === undefined ? fullYear(said ?? '', setting) : setting.today.year + (TURNS[turn] ?? 0);
  return calendarPart({ year, month, day });
}

function ordinalPart(groups: Groups): Part | readonly Part[] | undefined {
  const day = ordinalOf(groups);
  if (day === undefined) return undefined;
  const turns = TURNS[groups['turn'] ?? ''];
  const part: Part = { kind: 'ordinal', day };
  return turns === undefined ? part : [{ kind: 'month', turns }, part];
}

const UNITS: Readonly<Record<string, Unit>> = {
  day: { days: 1 },
  week: { days: 7 },
  fortnight: { days: 14 },
  month: { months: 1 },
  year: { months: 12 },
};

function moveBy({ count = '', unit = '' }: Groups, sign: number): Move | undefined {
  const [amount, counted] = [numberOf(count), UNITS[unit]];
  if (!Number.isInteger(amount) || counted === undefined) return undefined;
  return (day) => addUnits(day, sign * amount, counted);
}

function movedDay(groups: Groups, sign: number, { today }: Setting): Part | undefined {
  const move = moveBy(groups, sign);
  return move && dayPart(move(today), true);
}

function shift(groups: Groups, sign: number): Part | undefined {
  const move = moveBy(groups, sign);
  return move && { kind: 'shift', move, back: sign < 0 };
}

const NEAR: Readonly<Record<string, number>> = { today: 0, yesterday: -1 };

const HOUR = `(?<hour>${SMALL_NUMBER})`;
const CLOCK = String.raw`(?: ?o ?’? ?clock)`;
const MERIDIEM = String.raw`(?: ?(?<half>[ap])\.?m(?:\.|${END}))`;
const MINUTES = '(?: minutes?| mins?)';

/** An hour with minutes from it, which may lie before it. */
function timeOf({ hour: said = '', half }: Groups, minutes: number): Part | undefined {
  const hour = numberOf(said);
  if (hour > 24 || (half !== undefined && !isTwelveHour(hour))) return undefined;
  const settled = half !== undefined || said === 'noon' || /^0\d/.test(said);
  const full = half === undefined ? hour : (hour % 12) + (half === 'p' ? 12 : 0);
  return timeAfter(full, minutes, !settled && isTwelveHour(hour));
}

function fraction(groups: Groups): Part | undefined {
  const { fraction: said, minutes = '', unit, to, hour = '' } = groups;
  const before = to !== undefined;
  if (said === 'half') return before ? undefined : timeOf(groups, 30);
  if (said !== undefined) return timeOf(groups, before ? -15 : 15);
  const count = numberOf(minutes);
  if (count < 1 || count > 59) return undefined;
  // Other minutes are said with their unit: “four after seven” may be four people.
  if (unit === undefined && count % 5 !== 0) return undefined;
  // “Five to nine” may as well be from five until nine.
  const isRange = before && unit === undefined && count <= 12 && count < numberOf(hour);
  return isRange ? undefined : timeOf(groups, before ? -count : count);
}

/** `five thirty`, `twelve oh five`. */
function spoken({ hour, minute = '', zero, half }: Groups): Part | undefined {
  const minutes = numberOf(minute);
  const fits = minutes <= 59 && (zero === undefined) === minutes >= 10;
  return fits ? timeOf({ hour, half }, minutes) : undefined;
}

const SPANS: Readonly<Record<string, number>> = { h: 60, m: 1, s: 1 / 60 };

function span(groups: Groups, sign = 1): Part | undefined {
  const { count = '', half, unit = '', later, more } = groups;
  const halves = [half, later].filter((each) => each !== undefined).length;
  if (halves > 1 || (more !== undefined && !unit.startsWith('h'))) return undefined;
  const minutes = (numberOf(count) + halves / 2) * (SPANS[unit.charAt(0)] ?? 1);
  return spanPart((minutes + numberOf(more ?? '0')) * sign);
}

const SPAN = '(?<unit>hours?|hrs?|minutes?|mins?|seconds?|secs?)';
/** `two and a half hours`, `two hours and a half`, `two hours and five minutes`. */
const LENGTH = `${COUNT}(?<half> and a half)? ${SPAN}(?:(?<later> and a half)|,? (?:and )?(?<more>${SMALL_NUMBER})${MINUTES})?`;
const FROM = '(?: from now)';

const QUARTERS: Readonly<Record<string, number>> = { half: 30, quarter: 15, three: 45 };

function quarter({ part = '' }: Groups): Part {
  return spanPart(QUARTERS[part.split(/[ -]/)[0] ?? ''] ?? 0);
}

const PART = '(?:(?:a )?(?<part>half an|half|quarter of an|three[ -]quarters of an) hour)';

/** Days and times in English. The text is in lower case, with ’ for every apostrophe. */
export const ENGLISH: readonly Rule[] = [
  rule(
    `(?<word>(?:later )?today|tomorrow|tomm?orr?ow|tmrw?|yesterday)${END}`,
    ({ word = '' }, setting) => nearDay(NEAR[word.replace('later ', '')] ?? 1, setting),
  ),
  rule(`(?:the )?day after tomorrow${END}`, (_, setting) => nearDay(2, setting)),
  rule(`(?:the )?day before yesterday${END}`, (_, setting) => nearDay(-2, setting)),
  rule(`(?:(?<last>last night)|tonight|tonite)${END}`, ({ last }, setting) => [
    nearDay(last === undefined ? 0 : -1, setting),
    { kind: 'half', half: 'night' },
  ]),
  rule(`this (?<half>morning|afternoon|evening)${END}`, ({ half = '' }, setting) => [
    nearDay(0, setting),
    { kind: 'half', half: half as Half },
  ]),
  rule(
    `in (?:exactly )?${COUNT} ${UNIT}’?s?(?: time)?(?: from (?:now|today))?${END}`,
    (groups, setting) => movedDay(groups, 1, setting),
  ),
  rule(`${COUNT} ${UNIT} (?:from (?:now|today)|hence|after today)${END}`, (groups, setting) =>
    movedDay(groups, 1, setting),
  ),
  rule(`${COUNT} ${UNIT} ago${END}`, (groups, setting) => movedDay(groups, -1, setting)),
  rule(`${COUNT} ${UNIT} (?:from|after) `, (groups) => shift(groups, 1)),
  rule(`(?<count>a|one|two|2|1) (?<unit>week|fortnight)s? on `, (groups) => shift(groups, 1)),
  rule(`${COUNT} ${UNIT} before `, (groups) => shift(groups, -1)),
  rule(`(?:this )?${WEEKDAY}${END}`, weekdayPart),
  rule(`(?:the )?next ${WEEKDAY}${END}`, (groups) => inWeek(groups, 1)),
  rule(`(?:the )?${WEEKDAY} after next${END}`, (groups) => inWeek(groups, 2)),
  rule(`(?:(?:this|the) )?(?:coming|upcoming) ${WEEKDAY}${END}`, (groups, { today }) =>
    weeksFrom(addDays(today, 1), groups, 0),
  ),
  rule(`(?:(?:the )?(?:last|previous)|(?:this )?past) ${WEEKDAY}${END}`, (groups, { today }) =>
    weeksFrom(today, groups, -1),
  ),
  rule(`(?:the )?${WEEKDAY} before last${END}`, (groups, { today }) =>
    weeksFrom(today, groups, -2),
  ),
  rule(`${WEEKDAY} week${END}`, (groups, { today }) => weeksFrom(today, groups, 1)),
  rule(`(?<word>today|tomorrow) week${END}`, ({ word }, setting) =>
    nearDay(word === 'today' ? 7 : 8, setting),
  ),
  rule(
    `(?:of )?(?:(?<turn>${AGAIN}) week(?:’s)?|the week (?<far>after next|before last))(?: on)?${END}`,
    ({ turn, far = '' }) => ({ kind: 'week', turns: TURNS[turn ?? far] ?? 0 }),
  ),
  rule(`(?<turn>${AGAIN}) month(?: on)?${END}`, ({ turn = '' }) => ({
    kind: 'month',
    turns: TURNS[turn] ?? 0,
  })),
  rule(String.raw`(?:the )?${DAY}(?: of |[-/]| )?${MONTH}(?:\.(?!\d))?${YEAR}${END}`, monthDay),
  rule(
    String.raw`${MONTH}(?:\.?,? ?(?:the )?|[-/])${DAY}(?! ?[ap]\.?m${END}| ?h${END})${YEAR}${END}`,
    monthDay,
  ),
  rule(
    String.raw`the ${DAY}(?: of the month|,? (?:of )?(?:the )?(?<turn>next|last|this|coming) month)?${END}`,
    ordinalPart,
  ),
  rule(
    String.raw`(?<digits>\d{1,2})(?:st|nd|rd|th)(?:,? (?:of )?(?<turn>next|last|this) month)?${END}`,
    ordinalPart,
  ),
  // A greeting, or the part of the day that is meant.
  rule('(?<=^)(?:morning|afternoon|evening)(?= ?[,!.])', () => ({ kind: 'nothing' })),
  rule(String.raw`(?:at )?${HOUR}${CLOCK}${END}`, (groups) => timeOf(groups, 0)),
  rule(String.raw`(?:at )?${HOUR}${CLOCK}?${MERIDIEM}`, (groups) => timeOf(groups, 0)),
  rule(String.raw`at ${HOUR}(?![.,:/h-]?\d| ?%)${END}`, (groups) => timeOf(groups, 0)),
  rule(
    String.raw`(?<!\bfor )(?:at )?(?:(?<fraction>half|(?:a )?quarter)|(?<minutes>${SMALL_NUMBER})(?<unit>${MINUTES})?) (?:past|after|(?<to>to|till?|before)) (?:${HOUR.replace('(?<hour>', '(?<hour>noon|')})(?![.,:/h-]?\d)(?:${CLOCK}?${MERIDIEM}|${CLOCK}?${END})`,
    fraction,
  ),
  rule(
    String.raw`(?:at )?(?<hour>(?!\d)${SMALL_NUMBER})[ -](?<zero>oh?[ -])?(?<minute>(?!\d)${SMALL_NUMBER})(?:${MERIDIEM}|${END})`,
    spoken,
  ),
  rule(`(?:at )?(?:12 |twelve )?(?:noon|midday)${END}`, () => timePart(12, 0)),
  rule(`(?:at )?(?:12 |twelve )?midnight${END}`, () => ({ kind: 'midnight' })),
  rule(`(?:(?:in|during) the |at )?(?<half>morning|afternoon|evening|night)${END}`, ({ half }) => ({
    kind: 'half',
    half: half as Half,
  })),
  rule(`good (?:morning|afternoon|evening|day)${END}`, () => []),
  rule(`(?:right )?now${END}|immediately${END}`, () => spanPart(0)),
  rule(`in (?:exactly )?${LENGTH}${FROM}?${END}`, (groups) => span(groups)),
  rule(`${LENGTH}${FROM}${END}`, (groups) => span(groups)),
  rule(`${LENGTH} ago${END}`, (groups) => span(groups, -1)),
  rule(`in ${PART}${FROM}?${END}|${PART.replace('<part>', '<later>')}${FROM}${END}`, (groups) =>
    quarter({ part: groups['part'] ?? groups['later'] }),
  ),
  rule(`half an hour ago${END}`, () => spanPart(-30)),
  // Who tells about what has been does not name a day to come.
  rule(`(?:it|that|this) was(?: on)?${END}`, (_, { past }) => (past ? [] : { kind: 'nothing' })),
  rule(`(?<words>(?!\\d)${SMALL_NUMBER})${END}`, ({ words = '' }) => ({
    kind: 'number',
    value: numberOf(words),
    digits: false,
  })),
];
