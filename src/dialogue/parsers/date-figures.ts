import { LRUCache } from 'lru-cache';
import { compareDays, exists, type Day } from './calendar.ts';
import {
  calendarPart,
  dayPart,
  END,
  LETTERS,
  rule,
  timePart,
  type Groups,
  type Part,
  type Rule,
  type Setting,
  type TimePart,
} from './date-parts.ts';

/** No figure or sign of a longer one stands before. */
const START = String.raw`(?<![\d_]|\d[.,:/-]|[-+#$€£¥])`;
/** No further figure follows. */
const STOP = String.raw`(?![${LETTERS}\d_%]|[.,:/-]\d)`;

/** How many of the years that two figures may mean lie ahead. */
const YEARS_AHEAD = 20;

/** A year of two figures: one of the last eighty and the next twenty, or one that is not to come where `past` is set. */
export function fullYear(said: string, { today, past }: Setting): number {
  const year = Number(said);
  if (said.length !== 2) return year;
  const latest = today.year + (past ? 0 : YEARS_AHEAD);
  return latest - ((latest - year) % 100);
}

/** How far a day without a year is looked for: 29 February may be eight years away. */
const LONGEST_WAIT = 8;

/** A day whose year is not said: the next such day, or the last one where `past` is set. Today is both. */
export function dayOfYear(month: number, day: number, { today, past }: Setting): Day | undefined {
  const step = past ? -1 : 1;
  for (let years = 0; years <= LONGEST_WAIT; years += 1) {
    const found = { year: today.year + years * step, month, day };
    if (exists(found) && compareDays(found, today) * step >= 0) return found;
  }
  return undefined;
}

const orders = /* @__PURE__ */ new LRUCache<string, string>({ max: 64 });

/** In which order a locale writes day, month and year: `mdy`, `dmy` or `ymd`. */
function orderOf(locale: string): string {
  const known = orders.get(locale);
  if (known !== undefined) return known;
  let order = 'mdy';
  try {
    const format = new Intl.DateTimeFormat(locale, { dateStyle: 'short', calendar: 'gregory' });
    order = format
      .formatToParts(0)
      .map(({ type }) => (type === 'year' || type === 'month' || type === 'day' ? type[0] : ''))
      .join('');
  } catch {
    // No locale: the order of the last resort, English.
  }
  orders.set(locale, order);
  return order;
}

/** A month and a day of two figures, where it is clear which is which. */
function monthAndDay(
  [first, second]: readonly [number, number],
  order: string | undefined,
  year = 2000,
): Day | undefined {
  const monthFirst = { year, month: first, day: second };
  const dayFirst = { year, month: second, day: first };
  if (!exists(dayFirst)) return exists(monthFirst) ? monthFirst : undefined;
  if (!exists(monthFirst) || order === 'dmy') return dayFirst;
  return order === undefined && first !== second ? undefined : monthFirst;
}

function dayIn({ year, month, day }: Groups): Day {
  return { year: Number(year), month: Number(month), day: Number(day) };
}

function withYear(groups: Groups, setting: Setting): Part | undefined {
  const { first = '', second = '', year = '', sign = '' } = groups;
  const order = orderOf(setting.locale);
  // 26/11/22 begins with the year where years come first.
  if (year.length === 2 && sign !== '.' && order === 'ymd') return undefined;
  const pair = [Number(first), Number(second)] as const;
  const full = fullYear(year, setting);
  // Who separates by points writes the day first.
  return dayPart(monthAndDay(pair, sign === '.' ? 'dmy' : order, full));
}

/** The least distance of two figures that are a month and a day and cannot well be a range of days: 11-27, not 12-14. */
const WIDEST_RANGE = 12;

function withoutYear(groups: Groups, setting: Setting): Part | undefined {
  const { first = '', second = '', sign } = groups;
  const pair = [Number(first), Number(second)] as const;
  const order = orderOf(setting.locale);
  const named = (as: string | undefined): Part => {
    const found = monthAndDay(pair, as);
    return dayPart(found && dayOfYear(found.month, found.day, setting));
  };
  if (sign === '/') return named(order);
  if (sign === '-') {
    const isRange = Math.abs(pair[0] - pair[1]) <= WIDEST_RANGE && !first.startsWith('0');
    return isRange || monthAndDay(pair, undefined) === undefined ? undefined : named(undefined);
  }
  const day = named(order === 'mdy' ? undefined : order);
  const time = second.length === 2 ? clock(first, second) : undefined;
  if (day.kind !== 'day' && time === undefined) return undefined;
  return { kind: 'pair', day: day.kind === 'day' ? day.day : undefined, time };
}

/** A time in figures; one that begins with a zero counts from midnight. */
function clock(hour: string, minute = '0', second?: string): TimePart | undefined {
  const open = !hour.startsWith('0') && second === undefined;
  const time = timePart(Number(hour), Number(minute), { second: Number(second ?? 0), open });
  return time && { ...time, written: true };
}

const SECONDS = String.raw`(?::(?<second>\d{2})(?:[.,]\d{1,9})?)?`;
const FURTHEST_ZONE = 14 * 60;

function zonePart({ sign, hours = '0', minutes = '0' }: Groups): Part | undefined {
  const offset = Number(hours) * 60 + Number(minutes);
  if (offset > FURTHEST_ZONE || Number(minutes) > 59) return undefined;
  return { kind: 'zone', offset: sign === '-' ? -offset : offset };
}

const OFFSET = String.raw`(?<sign>[-+])(?<hours>\d{1,2})(?::?(?<minutes>\d{2}))?`;

/** Dates and times in figures, which all languages share. */
export const FIGURES: readonly Rule[] = [
  rule(
    String.raw`${START}(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})t(?<hour>\d{2}):(?<minute>\d{2})${SECONDS}(?: ?(?:(?<utc>z)|(?<sign>[-+])(?<hours>\d{2}):?(?<minutes>\d{2})))?${STOP}`,
    (groups) => {
      const { hour = '', minute, second } = groups;
      const time = clock(hour, minute, second ?? '0');
      if (time === undefined) return undefined;
      const parts = [calendarPart(dayIn(groups)), time];
      if (groups['utc'] === undefined && groups['sign'] === undefined) return parts;
      const zone = zonePart(groups);
      return zone && [...parts, zone];
    },
  ),
  rule(
    String.raw`${START}(?<year>\d{4})(?<sign>[-/.])(?<month>\d{1,2})\k<sign>(?<day>\d{1,2})${STOP}`,
    (groups) => calendarPart(dayIn(groups)),
  ),
  rule(
    String.raw`${START}(?<year>(?:19|20|21)\d{2})(?<month>\d{2})(?<day>\d{2})${STOP}`,
    (groups) => (exists(dayIn(groups)) ? calendarPart(dayIn(groups)) : undefined),
  ),
  rule(
    String.raw`${START}(?<first>\d{1,2})(?<sign>[-/.])(?<second>\d{1,2})\k<sign>(?<year>\d{4}|(?<![-]\d{1,2}-)\d{2})${STOP}`,
    withYear,
  ),
  rule(String.raw`${START}(?<first>\d{1,2})(?<sign>[-/.])(?<second>\d{1,2})${STOP}`, withoutYear),
  rule(
    String.raw`${START}(?<hour>\d{1,2}):(?<minute>\d{2})${SECONDS}(?<hours> ?h(?:ours|rs)?)?${STOP}`,
    ({ hour = '', minute, second, hours }) => clock(hour, minute, hours ? (second ?? '0') : second),
  ),
  // 19h, 19h30, 19.30h
  rule(
    String.raw`${START}(?<hour>\d{1,2})(?: ?h(?<minute>\d{2})?|[.](?<minutes>\d{2}) ?h)${STOP}`,
    ({ hour, minute, minutes }) => timePart(Number(hour), Number(minute ?? minutes ?? 0)),
  ),
  rule(
    String.raw`${START}(?<hour>\d{2})(?<minute>\d{2})(?<hours> ?(?:h|hrs|hours))?${STOP}`,
    ({ hour, minute, hours }, { want }) =>
      hours === undefined && want !== 'time' ? undefined : timePart(Number(hour), Number(minute)),
  ),
  rule(
    String.raw`${START}(?<hour>\d{1,2}?)(?:[:.]?(?<minute>\d{2})(?::(?<second>\d{2}))?)? ?(?<half>[ap])\.?m(?:\.|${END})`,
    ({ hour: said, minute = '0', second, half }) => {
      const hour = Number(said);
      const most = half === 'p' ? 23 : 12;
      if (hour < 1 || hour > most) return undefined;
      const full = hour > 12 ? hour : (hour % 12) + (half === 'p' ? 12 : 0);
      return timePart(full, Number(minute), { second: Number(second ?? 0) });
    },
  ),
  rule(String.raw`${START}(?<digits>\d{1,2})${STOP}`, ({ digits }) => ({
    kind: 'number',
    value: Number(digits),
    digits: true,
  })),
  // Other names of zones mean another one somewhere else: CST is Shanghai's, Chicago's and Havana's.
  rule(String.raw`(?:utc|gmt) ?${OFFSET}${STOP}`, zonePart),
  rule(String.raw`(?:utc${END}|(?<=\d)z${END})`, () => ({ kind: 'zone', offset: 0 })),
  rule(String.raw`(?<=\d|m|\d )(?<sign>\+)(?<hours>\d{2}):?(?<minutes>\d{2})${STOP}`, zonePart),
];
