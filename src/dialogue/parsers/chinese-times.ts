import { NUMERALS } from './chinese.ts';
import { FIRST, LAST, N, chineseNumberOf } from './chinese-dates.ts';
import {
  isTwelveHour,
  rule,
  timeAfter,
  timePart,
  type Groups,
  type Part,
  type Rule,
} from './date-parts.ts';
import type { Half } from './day-halves.ts';

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

function time({ hour: said = '' }: Groups, minutes: number | undefined): Part | undefined {
  const hour = chineseNumberOf(said);
  if (minutes === undefined || hour === undefined || hour > 24) return undefined;
  return timeAfter(hour, minutes, !/^0\d/.test(said) && isTwelveHour(hour));
}

const QUARTERS: Readonly<Record<string, number>> = { 一: 15, 1: 15, 两: 30, 二: 30, 三: 45, 3: 45 };

function minutesOf({ half, quarters, minutes }: Groups): number | undefined {
  if (half !== undefined) return 30;
  if (quarters !== undefined) return QUARTERS[quarters];
  const count = minutes === undefined ? 0 : chineseNumberOf(minutes);
  return count !== undefined && count <= 59 ? count : undefined;
}

function timeBefore(groups: Groups): Part | undefined {
  const minutes = minutesOf(groups);
  return minutes === undefined ? undefined : time(groups, -minutes);
}

const HOUR = `${FIRST}(?<hour>\\d{1,2}|[${NUMERALS}]{1,3})[点时]`;
const MINUTES = `(?:(?<quarters>[一三13])刻钟?|(?<minutes>${N})分钟?)`;
const CLOCK = '(?:钟|整)?';

const MINUTE_MS = 60_000;

/** `两个半小时`, `半小时`, `一刻钟`, `90分钟`. */
function span(groups: Groups, sign = 1): Part | undefined {
  const { whole, half, only, minutes = only, quarters } = groups;
  const hours = whole === undefined ? 0 : whole === '半' ? 0.5 : chineseNumberOf(whole);
  const rest = minutes === undefined ? 0 : chineseNumberOf(minutes);
  const count = quarters === undefined ? 0 : QUARTERS[quarters];
  if (hours === undefined || rest === undefined || count === undefined) return undefined;
  const total = (hours + (half === undefined ? 0 : 0.5)) * 60 + rest + count;
  return { kind: 'span', length: total * MINUTE_MS * sign };
}

const LENGTH = `${FIRST}(?:(?<whole>${N}|半)个?(?<half>半)?(?:小时|钟头)(?:零?(?<minutes>${N})分钟?)?|(?<only>${N})分钟?|(?<quarters>[一两三13])刻钟)`;

/** Times in Chinese. The text is one of `toPlainChinese`. */
export const CHINESE_TIMES: readonly Rule[] = [
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
  rule('[早晚]上好|[上中下]午好|[早晚]安', () => []),
  // Points of a list: 有三点.
  rule(`[有共这那几](?=${N}点)`, () => ({ kind: 'nothing' })),
  rule('现在|马上|立刻|此刻', () => ({ kind: 'span', length: 0 })),
  rule(`再?过?${LENGTH}(?:之|以)?后`, (groups) => span(groups)),
  rule(`再?过${LENGTH}`, (groups) => span(groups)),
  rule(`${LENGTH}(?:之|以)?前`, (groups) => span(groups, -1)),
  rule(
    `${FIRST}(?<said>[${NUMERALS}]{1,3})(?![\\d${NUMERALS}点时分刻天日周月年个])`,
    ({ said }) => {
      const value = chineseNumberOf(said);
      return value === undefined ? undefined : { kind: 'number', value, digits: false };
    },
  ),
];
