import {
  END,
  isTwelveHour,
  rule,
  timeAfter,
  timePart,
  type Groups,
  type Part,
  type Rule,
} from './date-parts.ts';
import type { Half } from './day-halves.ts';
import { COUNT, countOf, SMALL_NUMBER, smallOf } from './english-counts.ts';

const HOUR = `(?<hour>${SMALL_NUMBER})`;
const CLOCK = String.raw`(?: ?o ?’? ?clock)`;
const MERIDIEM = String.raw`(?: ?(?<half>[ap])\.?m(?:\.|${END}))`;
const MINUTES = '(?: minutes?| mins?)';

/** An hour with minutes from it, which may lie before it. */
function timeOf(groups: Groups, minutes: number): Part | undefined {
  const { hour: said = '', half } = groups;
  const hour = said === 'noon' ? 12 : smallOf(said);
  if (hour === undefined || hour > 24 || (half !== undefined && !isTwelveHour(hour))) {
    return undefined;
  }
  const settled = half !== undefined || said === 'noon' || /^0\d/.test(said);
  const full = half === undefined ? hour : (hour % 12) + (half === 'p' ? 12 : 0);
  return timeAfter(full, minutes, !settled && isTwelveHour(hour));
}

function fraction(groups: Groups): Part | undefined {
  const { fraction: said = '', minutes, unit, to, hour = '' } = groups;
  const before = to !== undefined;
  if (said !== '') {
    if (said === 'half') return before ? undefined : timeOf(groups, 30);
    return timeOf(groups, before ? -15 : 15);
  }
  const count = smallOf(minutes ?? '');
  if (count === undefined || count < 1 || count > 59) return undefined;
  // Other minutes are said with their unit: “four after seven” may be four people.
  if (unit === undefined && count % 5 !== 0) return undefined;
  // “Five to nine” may as well be from five until nine.
  const isRange = before && unit === undefined && count <= 12 && count < (smallOf(hour) ?? 12);
  return isRange ? undefined : timeOf(groups, before ? -count : count);
}

/** `five thirty`, `twelve oh five`. */
function spoken({ hour = '', minute = '', zero, half }: Groups): Part | undefined {
  const minutes = smallOf(minute);
  if (minutes === undefined || minutes > 59 || (zero === undefined) !== minutes >= 10)
    return undefined;
  return timeOf({ hour, half }, minutes);
}

const MINUTE_MS = 60_000;
const UNITS: Readonly<Record<string, number>> = { h: 60, m: 1, s: 1 / 60 };

function span(groups: Groups, sign = 1): Part | undefined {
  const { count, half, unit = '', later, more = '0' } = groups;
  const [amount, rest] = [countOf(count), smallOf(more)];
  if (amount === undefined || rest === undefined || (half !== undefined && later !== undefined))
    return undefined;
  if (more !== '0' && !unit.startsWith('h')) return undefined;
  const whole = half === undefined && later === undefined;
  const minutes = (whole ? amount : amount + 0.5) * (UNITS[unit.slice(0, 1)] ?? 1) + rest;
  return { kind: 'span', length: Math.round(minutes * MINUTE_MS) * sign };
}

const UNIT = '(?<unit>hours?|hrs?|minutes?|mins?|seconds?|secs?)';
/** `two and a half hours`, `two hours and a half`, `two hours and five minutes`. */
const LENGTH = `${COUNT}(?<half> and a half)? ${UNIT}(?:(?<later> and a half)|,? (?:and )?(?<more>${SMALL_NUMBER})${MINUTES})?`;
const FROM = '(?: from now)';

const QUARTERS: Readonly<Record<string, number>> = { half: 30, quarter: 15, three: 45 };

function quarter({ part = '' }: Groups): Part {
  const minutes = QUARTERS[part.split(/[ -]/)[0] ?? ''] ?? 0;
  return { kind: 'span', length: minutes * MINUTE_MS };
}

const PART = '(?:(?:a )?(?<part>half an|half|quarter of an|three[ -]quarters of an) hour)';

/** Times in English. The text is in lower case, with ’ for every apostrophe. */
export const ENGLISH_TIMES: readonly Rule[] = [
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
  rule(`(?:right )?now${END}|immediately${END}`, () => ({ kind: 'span', length: 0 })),
  rule(`in (?:exactly )?${LENGTH}${FROM}?${END}`, (groups) => span(groups)),
  rule(`${LENGTH}${FROM}${END}`, (groups) => span(groups)),
  rule(`${LENGTH} ago${END}`, (groups) => span(groups, -1)),
  rule(`in ${PART}${FROM}?${END}|${PART.replace('<part>', '<later>')}${FROM}${END}`, (groups) =>
    quarter({ part: groups['part'] ?? groups['later'] }),
  ),
  rule(`half an hour ago${END}`, () => ({ kind: 'span', length: -30 * MINUTE_MS })),
  // Who tells about what has been does not name a day to come.
  rule(`(?:it|that|this) was(?: on)?${END}`, (_, { past }) => (past ? [] : { kind: 'nothing' })),
  rule(`(?<words>(?!\\d)${SMALL_NUMBER})${END}`, ({ words = '' }) => {
    const value = smallOf(words);
    return value === undefined ? undefined : { kind: 'number', value, digits: false };
  }),
];
