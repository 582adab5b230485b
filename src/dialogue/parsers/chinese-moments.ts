import { addUnits, type Unit } from './calendar.ts';
import { NUMERALS, readChinese } from './chinese.ts';
import { dayOfYear, fullYear } from './date-figures.ts';
import {
  calendarPart,
  dayPart,
  isTwelveHour,
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

/** Signs as they are written traditionally, each before its plain form. */
const SIGNS =
  '後后 週周 點点 時时 鐘钟 個个 這这 禮礼 號号 兩两 過过 裡里 裏里 間间 現现 馬马 剛刚 訂订 預预 約约 來来 請请 謝谢';
const SIMPLIFIED: ReadonlyMap<string, string> = new Map(
  SIGNS.split(' ').map((pair) => [pair.charAt(0), pair.slice(1)]),
);
const TRADITIONAL = new RegExp(`[${[...SIMPLIFIED.keys()].join('')}]`, 'gu');

/** In the signs that the rules know, and without the spaces that some put around figures: `11 月 27 日`. */
export function toPlainChinese(text: string): string {
  return text
    .replace(TRADITIONAL, (sign) => SIMPLIFIED.get(sign) ?? sign)
    .replace(/(?<=[〇\u3400-\u9fff\d]) (?=[〇\u3400-\u9fff])|(?<=[〇\u3400-\u9fff]) (?=\d)/g, '');
}

/** A number of at most four signs. */
const N = `(?:\\d{1,4}|[${NUMERALS}]{1,4})`;

/** It is no part of a longer number, and counts days and hours rather than rows (第三日) or days of the moon (初三). */
const FIRST = '(?<![第初\\d.])';

/** No further digit or numeral follows. */
const LAST = `(?![\\d${NUMERALS}])`;

/** What digits say, or numerals with or without a leading zero (三点零五); NaN where they say no number. */
function numberOf(said = '0'): number {
  if (/^\d+$/.test(said)) return Number(said);
  return readChinese(said.length > 1 ? said.replace(/^[零〇]/u, '') : said) ?? Number.NaN;
}

/** Days from today. */
const DISTANCES: Readonly<Record<string, number>> = {
  大前: -3,
  前: -2,
  昨: -1,
  今: 0,
  明: 1,
  后: 2,
  大后: 3,
};
/** Years from this one. */
const YEARS: Readonly<Record<string, number>> = { 前: -2, 去: -1, 今: 0, 本: 0, 明: 1, 后: 2 };

const WEEKDAY = '(?:周|星期|礼拜)(?<weekday>[一二三四五六日天末1-7])';
const WEEKDAYS = ['一1', '二2', '三3', '四4', '五5', '六6', '日天7'];
const TURN = '(?<turn>[上下]{1,3}|[这本])(?:一?个)?';

/** Weeks or months from this one: 下下 is two. NaN for 上下. */
function turnsOf(turn = ''): number {
  if (/^[这本]$/u.test(turn)) return 0;
  if (/^上+$/u.test(turn)) return -turn.length;
  return /^下+$/u.test(turn) ? turn.length : Number.NaN;
}

/** 周末 is two days. */
function weekdayPart({ weekday = '' }: Groups): Part {
  if (weekday === '末') return { kind: 'nothing' };
  return { kind: 'weekday', weekday: WEEKDAYS.findIndex((signs) => signs.includes(weekday)) };
}

/** `2026年11月22日`, `明年3月5号`, `11月22`. A day in numerals needs its 日: 八月十五 is one of the moon's calendar. */
function monthDay(groups: Groups, setting: Setting): Part | undefined {
  const { year: said, turn } = groups;
  const [month, day] = [numberOf(groups['month']), numberOf(groups['day'])];
  if (Number.isNaN(month + day)) return undefined;
  if (turn === undefined && said === undefined) return dayPart(dayOfYear(month, day, setting));
  const year = turn === undefined ? yearOf(said, setting) : setting.today.year + (YEARS[turn] ?? 0);
  return Number.isNaN(year) ? undefined : calendarPart({ year, month, day });
}

/** `2026`, `二〇二六`, `90`, `九零`. */
function yearOf(said = '', setting: Setting): number {
  const year = numberOf(said);
  return said.length === 2 ? fullYear(String(year).padStart(2, '0'), setting) : year;
}

const UNITS: Readonly<Record<string, Unit>> = {
  天: { days: 1 },
  日: { days: 1 },
  周: { days: 7 },
  星期: { days: 7 },
  礼拜: { days: 7 },
  月: { months: 1 },
  年: { months: 12 },
  半月: { days: 15 },
  半年: { months: 6 },
};

function moved(
  { count, half = '', unit }: Groups,
  sign: number,
  { today }: Setting,
): Part | undefined {
  const amount = half === '' ? numberOf(count) : 1;
  const counted = UNITS[`${half}${unit}`];
  if (Number.isNaN(amount) || counted === undefined) return undefined;
  return dayPart(addUnits(today, sign * amount, counted), true);
}

/** A month needs its 个: 三月 is March. */
const SPAN = `${FIRST}(?:(?<half>半)(?:(?:个)(?=月)|(?=年))|(?<count>${N})(?:个(?=月|星期|礼拜)|(?!月|个)))(?<unit>[天日周月年]|星期|礼拜)`;

const HALVES: readonly (readonly [pattern: string, half: Half])[] = [
  ['凌晨', 'dawn'],
  ['清晨|早[上晨间]?|晨', 'early'],
  ['上午', 'morning'],
  ['[中正]午', 'noon'],
  ['下午|午后', 'after noon'],
  ['傍晚|黄昏', 'dusk'],
  [`[半深]夜|夜[里间]|午夜(?=\\d|[${NUMERALS}])`, 'late'],
  ['晚[上间里]?|夜晚?', 'night'],
];

/** A group for each part of the day, by its place in the list. */
const HALF = HALVES.map(([pattern], index) => `(?<half${index}>${pattern})`).join('|');

function time({ hour: said = '' }: Groups, minutes: number): Part | undefined {
  const hour = numberOf(said);
  return hour > 24 ? undefined : timeAfter(hour, minutes, !/^0\d/.test(said) && isTwelveHour(hour));
}

const QUARTERS: Readonly<Record<string, number>> = { 一: 15, 1: 15, 两: 30, 二: 30, 三: 45, 3: 45 };

function minutesOf({ half, quarters, minutes }: Groups): number {
  if (half !== undefined) return 30;
  const count = quarters === undefined ? numberOf(minutes) : (QUARTERS[quarters] ?? 0);
  return count <= 59 ? count : Number.NaN;
}

function timeBefore(groups: Groups): Part | undefined {
  return time(groups, -minutesOf(groups));
}

const HOUR = `${FIRST}(?<hour>\\d{1,2}|[${NUMERALS}]{1,3})[点时]`;
const MINUTES = `(?:(?<quarters>[一三13])刻钟?|(?<minutes>${N})分钟?)`;
const CLOCK = '(?:钟|整)?';

/** `两个半小时`, `半小时`, `一刻钟`, `90分钟`. */
function span({ whole, half, only, minutes = only, quarters = '' }: Groups, sign = 1): Part {
  const hours = (whole === '半' ? 0.5 : numberOf(whole)) + (half === undefined ? 0 : 0.5);
  return spanPart((hours * 60 + numberOf(minutes) + (QUARTERS[quarters] ?? 0)) * sign);
}

const LENGTH = `${FIRST}(?:(?<whole>${N}|半)个?(?<half>半)?(?:小时|钟头)(?:零?(?<minutes>${N})分钟?)?|(?<only>${N})分钟?|(?<quarters>[一两三13])刻钟)`;

/** Days and times in Chinese. Weeks begin on Monday. The text is one of `toPlainChinese`. */
export const CHINESE: readonly Rule[] = [
  // 明天, 大后天; 今晚, 明早
  rule(
    '(?:(?<distance>大?[前后]|[今明昨])(?:天|日|儿)|(?<part>[今明昨前后])(?=[早晚晨夜]))',
    ({ distance, part = '' }, setting) => nearDay(DISTANCES[distance ?? part] ?? 0, setting),
  ),
  rule(`${SPAN}(?:之|以)?后`, (groups, setting) => moved(groups, 1, setting)),
  rule(`${SPAN}(?:之|以)?前`, (groups, setting) => moved(groups, -1, setting)),
  rule(`再?过${SPAN}(?:之后|以后|后)?`, (groups, setting) => moved(groups, 1, setting)),
  rule(
    `(?:(?:${FIRST}(?<year>\\d{4}|\\d{2}|[〇零○一二三四五六七八九]{4}|[〇零○一二三四五六七八九]{2})|(?<turn>[前去今本明后]))年的?)?${FIRST}(?<month>${N})月份?的?(?<day>${N})(?:[日号](?![码线楼店桌])|(?<=\\d)(?![\\d${NUMERALS}点时分个:.]))`,
    monthDay,
  ),
  rule(`(?<!\\d|[${NUMERALS}]|[每个])${WEEKDAY}`, weekdayPart),
  rule(
    `${TURN}(?:(?:周|星期|礼拜)的?(?=(?:周|星期|礼拜)[一二三四五六日天1-7])|的?${WEEKDAY})`,
    (groups) => {
      const week: Part = { kind: 'week', turns: turnsOf(groups['turn']) };
      return groups['weekday'] === undefined ? week : [week, weekdayPart(groups)];
    },
  ),
  rule(
    `${TURN}月的?(?<day>${N})(?:[日号](?![码线楼店桌])|(?![\\d${NUMERALS}点时分个:.]))`,
    ({ turn, day }) => [
      { kind: 'month', turns: turnsOf(turn) },
      { kind: 'ordinal', day: numberOf(day) },
    ],
  ),
  rule(`${FIRST}(?<day>${N})[日号](?![码线楼店桌])`, ({ day }) => ({
    kind: 'ordinal',
    day: numberOf(day),
  })),
  rule('(?<=^)早(?= ?[,!。])', () => ({ kind: 'nothing' })),
  rule(
    `${HOUR}(?:(?<half>半)|过?${MINUTES}|(?<bare>\\d{2}|[${NUMERALS}]{2,3})(?!分)${LAST}|${CLOCK})(?![秒点])`,
    ({ bare, ...groups }) =>
      time(groups, minutesOf({ ...groups, minutes: groups['minutes'] ?? bare })),
  ),
  rule(`${HOUR}差${MINUTES}`, timeBefore),
  rule(`差${MINUTES}到?${HOUR}${CLOCK}(?![半\\d${NUMERALS}点])`, timeBefore),
  rule(`[中正]午(?!的?(?:\\d|[${NUMERALS}]))`, () => timePart(12, 0)),
  rule(`(?:${HALF})的?`, (groups) => {
    const named = HALVES.find((_, index) => groups[`half${index}`] !== undefined);
    return named && { kind: 'half', half: named[1] };
  }),
  rule('午夜', () => ({ kind: 'midnight' })),
  // A bit earlier, a bit later.
  rule('(?<![今明昨前后])[早晚]一?点(?!\\d)', () => ({ kind: 'nothing' })),
  // Greetings, and what may be one.
  // A greeting; behind a day or before a particle, 好 says of that part of it that it suits: 明天晚上好了.
  rule(
    `(?<![天日号明今后昨${NUMERALS}末\\d])(?:[早晚]上好|[上中下]午好)(?![了吧的些])|[早晚]安`,
    () => [],
  ),
  // Points of a list: 有三点.
  rule(`[有共这那几](?=${N}点)`, () => ({ kind: 'nothing' })),
  rule('现在|马上|立刻|此刻', () => spanPart(0)),
  rule(`再?过?${LENGTH}(?:之|以)?后`, (groups) => span(groups)),
  rule(`再?过${LENGTH}`, (groups) => span(groups)),
  rule(`${LENGTH}(?:之|以)?前`, (groups) => span(groups, -1)),
  rule(
    `${FIRST}(?<said>[${NUMERALS}]{1,3})(?![\\d${NUMERALS}点时分刻天日周月年个])`,
    ({ said }) => ({ kind: 'number', value: numberOf(said), digits: false }),
  ),
];
