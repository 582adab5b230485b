import { addDays, addUnits, weekdayOf, type Day, type Unit } from './calendar.ts';
import { dayOfYear, fullYear } from './date-figures.ts';
import {
  calendarPart,
  dayPart,
  END,
  nearDay,
  rule,
  type Groups,
  type Part,
  type Rule,
  type Setting,
} from './date-parts.ts';
import type { Half } from './day-halves.ts';
import { COUNT, countOf } from './english-counts.ts';

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

/** The next such weekday from a day on, which counts itself. */
export function nextWeekday(from: Day, wanted: number): Day {
  return addDays(from, (wanted - weekdayOf(from) + 7) % 7);
}

/** The weekday that is named, so many weeks after the next one from a day on. */
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

function moveBy({ count, unit = '' }: Groups, sign: number): Move | undefined {
  const [amount, counted] = [countOf(count), UNITS[unit]];
  if (amount === undefined || !Number.isInteger(amount) || counted === undefined) return undefined;
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

/** Days in English. The text is in lower case, with ’ for every apostrophe. */
export const ENGLISH_DATES: readonly Rule[] = [
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
];
