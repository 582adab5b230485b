import { casual } from 'chrono-node/en';
import type { ParsedResult } from 'chrono-node/en';
import { toFigures } from './chinese-dates.ts';
import { hasImpossibleDate, toKnownEnglish } from './english-dates.ts';
import type { Occasion } from './parser.ts';
import { asUtc, toInstant, toWallTime, type WallTime } from './zone.ts';

/** A day, a time of day or both, as a text says it. */
export interface Moment {
  /** What the user's wall shows then; a day that the text does not say is today, a time is midnight. */
  readonly wall: WallTime;
  readonly hasDay: boolean;
  readonly hasTime: boolean;
  /** Where the text settles the instant by itself: a span from now, or a time with its zone. */
  readonly instant: number | undefined;
  /** Hours that may be meant, the likelier first: one, or for “at 8” two. None where the instant is settled. */
  readonly hours: readonly number[];
}

/** Why there is none: nothing was said, two were, or a day that is in no calendar. */
export type NoMoment = 'none' | 'several' | 'impossible';

type ParsedComponents = ParsedResult['start'];

const FIRST_YEAR = 1;
const LAST_YEAR = 9999;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * The one day and time that a text in English or Chinese names, read by chrono (https://github.com/wanasit/chrono) after
 * Chinese was put into figures. Days without a year, and weekdays, are the next ones; the last ones where `past` is set.
 */
export function readMoment(
  text: string,
  { now, timeZone }: Occasion,
  past: boolean,
): Moment | NoMoment {
  const today = toWallTime(now, timeZone);
  if (today.year < FIRST_YEAR || today.year > LAST_YEAR) return 'none';
  const words = toKnownEnglish(toFigures(text.toLowerCase(), today), today);
  if (hasImpossibleDate(words)) return 'impossible';
  const found = resultsIn(words, today, past).flatMap((result) => {
    const moment = toMoment(result, { now, timeZone, today, past });
    return moment === undefined ? [] : [moment];
  });
  const [first, second, ...more] = found;
  if (first === undefined) return 'none';
  if (first === 'several' || second === 'several' || more.length > 0) return 'several';
  return second === undefined
    ? first
    : (joined(first, second) ?? joined(second, first) ?? 'several');
}

/** “At 3 I want to come, tomorrow”: a day and a time that stand apart. */
function joined(day: Moment, time: Moment): Moment | undefined {
  const apart = day.hasDay && !day.hasTime && time.hasTime && !time.hasDay;
  if (!apart || time.instant !== undefined) return undefined;
  const { hour, minute, second } = time.wall;
  return { ...time, hasDay: true, wall: { ...day.wall, hour, minute, second } };
}

function resultsIn(words: string, today: WallTime, past: boolean): ParsedResult[] {
  // The wall's time as if it were UTC's: what comes back are the wall's figures again, whatever the zone's rules.
  const reference = { instant: new Date(asUtc(today)), timezone: 0 };
  try {
    return casual.parse(words, reference, { forwardDate: !past });
  } catch {
    // No text that does this is known; but it is the text's doing, and a user must get an answer.
    return [];
  }
}

interface Setting {
  readonly now: number;
  readonly timeZone: string;
  readonly today: WallTime;
  readonly past: boolean;
}

function toMoment(result: ParsedResult, setting: Setting): Moment | 'several' | undefined {
  const { start, end, text } = result;
  const { now, timeZone, today, past } = setting;
  if (end) return 'several';
  const hasDay = start.isCertain('day') || start.isCertain('weekday');
  const hasTime = start.isCertain('hour');
  const wall = wallOf(start, today, { hasDay, hasTime });
  if (wall === undefined || !(hasDay || hasTime)) return undefined;
  const offset = hasTime && start.isCertain('timezoneOffset') ? start.get('timezoneOffset') : null;
  const instant = isSpan(start)
    ? now + asUtc(wall) - asUtc(today)
    : offset === null
      ? undefined
      : asUtc(wall) - offset * MINUTE_MS;
  if (instant !== undefined) {
    return { wall: toWallTime(instant, timeZone), hasDay, hasTime, instant, hours: [] };
  }
  return {
    wall: past && hasDay ? toLast(wall, start, today) : wall,
    hasDay,
    hasTime,
    instant: undefined,
    hours: isOpen(start, text) ? openHours(wall.hour) : [wall.hour],
  };
}

function wallOf(
  start: ParsedComponents,
  today: WallTime,
  { hasDay, hasTime }: Pick<Moment, 'hasDay' | 'hasTime'>,
): WallTime | undefined {
  const part = (name: 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second'): number =>
    start.get(name) ?? 0;
  const { year, month, day } = today;
  const wall = {
    ...(hasDay
      ? { year: part('year'), month: part('month'), day: part('day') }
      : { year, month, day }),
    ...(hasTime
      ? { hour: part('hour'), minute: part('minute'), second: part('second') }
      : { hour: 0, minute: 0, second: 0 }),
  };
  const exists = !Number.isNaN(asUtc(wall));
  return exists && wall.year >= FIRST_YEAR && wall.year <= LAST_YEAR ? wall : undefined;
}

/** `in two hours`, `now`: counted from the instant, through any change of the clocks. */
function isSpan(start: ParsedComponents): boolean {
  const tags = start.tags();
  return tags.has('result/relativeDateAndTime') || tags.has('casualReference/now');
}

/** An hour without am, pm or a zero before it. */
function isOpen(start: ParsedComponents, text: string): boolean {
  const hour = start.get('hour') ?? 0;
  const settled = start.isCertain('meridiem') || start.isCertain('second');
  return !settled && hour >= 1 && hour <= 11 && !/\b0\d:\d\d|morning/.test(text);
}

/** Nobody makes an appointment for three at night; at eight may be either. */
function openHours(hour: number): number[] {
  return hour < 7 ? [hour + 12] : [hour, hour + 12];
}

/** The same weekday, or day of the year, where it last was. */
function toLast(wall: WallTime, start: ParsedComponents, today: WallTime): WallTime {
  if (start.isCertain('year') || dayNumber(wall) <= dayNumber(today)) return wall;
  if (start.isCertain('day')) return { ...wall, year: wall.year - 1 };
  return { ...wall, ...daysFrom(wall, -7) };
}

function dayNumber({ year, month, day }: WallTime): number {
  return (year * 12 + month) * 31 + day;
}

/** The wall's day so many days on. */
function daysFrom(wall: WallTime, days: number): WallTime {
  const moved = toWallTime(asUtc(wall) + days * DAY_MS, 'UTC');
  return { ...wall, year: moved.year, month: moved.month, day: moved.day };
}

/**
 * The instant of a moment with a time: of what it may mean, the first after now, or the last before it where `past` is
 * set. With a day of its own only the hour is open.
 */
export function instantOf(moment: Moment, { now, timeZone }: Occasion, past: boolean): number {
  if (moment.instant !== undefined) return moment.instant;
  const today = toWallTime(now, timeZone);
  const [likely = 0] = moment.hours;
  const isToday = dayNumber(moment.wall) === dayNumber(today);
  const days = moment.hasDay ? [0] : past ? [0, -1] : [0, 1];
  const hours = moment.hasDay && !isToday ? [likely] : moment.hours;
  const instants = days.flatMap((day) =>
    (past ? hours.toReversed() : hours).map((hour) =>
      toInstant(daysFrom({ ...moment.wall, hour }, day), timeZone),
    ),
  );
  const meant = instants.find((instant) => (past ? instant <= now : instant > now));
  return meant ?? toInstant({ ...moment.wall, hour: likely }, timeZone);
}

/** A moment that names only the day or only the time, with the other half of what the slot holds, if that is to come. */
export function continued(moment: Moment, { previous, now, timeZone }: Occasion): Moment {
  const isHalf = moment.hasDay !== moment.hasTime && moment.instant === undefined;
  if (!isHalf || !(previous instanceof Date) || !(previous.getTime() > now)) return moment;
  const { year, month, day, hour, minute, second } = toWallTime(previous.getTime(), timeZone);
  if (moment.hasDay) {
    return {
      ...moment,
      hasTime: true,
      wall: { ...moment.wall, hour, minute, second },
      hours: [hour],
    };
  }
  const distance = (other: number): number => Math.abs(other - hour);
  return {
    ...moment,
    hasDay: true,
    wall: { ...moment.wall, year, month, day },
    hours: moment.hours.toSorted((a, b) => distance(a) - distance(b)),
  };
}
