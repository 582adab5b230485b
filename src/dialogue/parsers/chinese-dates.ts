import { addUnits, type Unit } from './calendar.ts';
import { NUMERALS, readChinese } from './chinese.ts';
import { dayOfYear, fullYear } from './date-figures.ts';
import {
  calendarPart,
  dayPart,
  nearDay,
  rule,
  type Groups,
  type Part,
  type Rule,
  type Setting,
} from './date-parts.ts';

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

/** A number of at most four signs, for a pattern. */
export const N = `(?:\\d{1,4}|[${NUMERALS}]{1,4})`;

/** It is no part of a longer number, and counts days and hours rather than rows (第三日) or days of the moon (初三). */
export const FIRST = '(?<![第初\\d.])';

/** No further digit or numeral follows. */
export const LAST = `(?![\\d${NUMERALS}])`;

/** The value of a number in the rules: digits, or numerals with or without a leading zero. */
export function chineseNumberOf(said: string | undefined): number | undefined {
  if (said === undefined) return undefined;
  // 零五 of 三点零五.
  const plain = said.length > 1 ? said.replace(/^[零〇]/u, '') : said;
  return /^\d+$/.test(plain) ? Number(plain) : readChinese(plain);
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

/** Weeks or months from this one: 下下 is two. Undefined for 上下. */
function turnsOf(turn = ''): number | undefined {
  if (/^[这本]$/u.test(turn)) return 0;
  if (/^上+$/u.test(turn)) return -turn.length;
  return /^下+$/u.test(turn) ? turn.length : undefined;
}

/** 周末 is two days. */
function weekdayPart({ weekday = '' }: Groups): Part {
  if (weekday === '末') return { kind: 'nothing' };
  return { kind: 'weekday', weekday: WEEKDAYS.findIndex((signs) => signs.includes(weekday)) };
}

/** `2026年11月22日`, `明年3月5号`, `11月22`. A day in numerals needs its 日: 八月十五 is one of the moon's calendar. */
function monthDay(groups: Groups, setting: Setting): Part | undefined {
  const { year: said, turn } = groups;
  const [month, day] = [chineseNumberOf(groups['month']), chineseNumberOf(groups['day'])];
  if (month === undefined || day === undefined) return undefined;
  if (turn === undefined && said === undefined) return dayPart(dayOfYear(month, day, setting));
  const year = turn === undefined ? yearOf(said, setting) : setting.today.year + (YEARS[turn] ?? 0);
  if (year === undefined) return undefined;
  return calendarPart({ year, month, day });
}

/** `2026`, `二〇二六`, `90`, `九零`. */
function yearOf(said = '', setting: Setting): number | undefined {
  const year = chineseNumberOf(said);
  if (year === undefined) return undefined;
  return Array.from(said).length === 2 ? fullYear(String(year).padStart(2, '0'), setting) : year;
}

function inMonth({ turn, day: said }: Groups): Part | readonly Part[] | undefined {
  const [turns, day] = [turnsOf(turn), chineseNumberOf(said)];
  if (turns === undefined || day === undefined) return undefined;
  return [
    { kind: 'month', turns },
    { kind: 'ordinal', day },
  ];
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
  const amount = half === '' ? chineseNumberOf(count) : 1;
  const counted = UNITS[`${half}${unit}`];
  if (amount === undefined || counted === undefined) return undefined;
  return dayPart(addUnits(today, sign * amount, counted), true);
}

/** A month needs its 个: 三月 is March. */
const SPAN = `${FIRST}(?:(?<half>半)(?:(?:个)(?=月)|(?=年))|(?<count>${N})(?:个(?=月|星期|礼拜)|(?!月|个)))(?<unit>[天日周月年]|星期|礼拜)`;

/** Days in Chinese. Weeks begin on Monday. The text is one of `toPlainChinese`. */
export const CHINESE_DATES: readonly Rule[] = [
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
      const turns = turnsOf(groups['turn']);
      if (turns === undefined) return undefined;
      const week: Part = { kind: 'week', turns };
      return groups['weekday'] === undefined ? week : [week, weekdayPart(groups)];
    },
  ),
  rule(
    `${TURN}月的?(?<day>${N})(?:[日号](?![码线楼店桌])|(?![\\d${NUMERALS}点时分个:.]))`,
    inMonth,
  ),
  rule(`${FIRST}(?<day>${N})[日号](?![码线楼店桌])`, ({ day: said }) => {
    const day = chineseNumberOf(said);
    return day === undefined ? undefined : { kind: 'ordinal', day };
  }),
];
