import {
  addDays,
  compareDays,
  exists,
  lastDay,
  nextWeekday,
  weekdayOf,
  type Day,
} from './calendar.ts';
import type { Part, Setting, TimePart } from './date-parts.ts';
import type { Placed } from './date-scan.ts';
import { hourIn, isNight, openHours, type Half } from './day-halves.ts';

/** A day, a time of day or both, as a text says it. */
export interface Moment {
  readonly day?: Day;
  /** Whether it is named by its weekday alone, so that it may be one a week on. */
  readonly weekly?: boolean;
  readonly time?: Time;
  /** The parts of the day that are said without a time: “tomorrow evening”. */
  readonly halves?: readonly Half[];
  /** The time's zone, in minutes before UTC, where it is said. */
  readonly offset?: number;
  /** Milliseconds from now, where that is what is said. */
  readonly span?: number;
  /** Midnight, where it is not said on which side of the day. */
  readonly edge?: boolean;
}

export interface Time {
  /** Hours that may be meant, the likelier first: for “at 8” two. From 24 on they belong to the day after. */
  readonly hours: readonly number[];
  readonly minute: number;
  readonly second: number;
  /** Whether a part of the day that is still to be said may settle the hour: “at 3”. */
  readonly open?: boolean;
}

/** Why there is none: nothing was said, two were, or a day that is in no calendar or has another weekday. */
export type NoMoment = 'none' | 'several' | 'impossible';

type Of<Kind extends Part['kind']> = Extract<Part, { readonly kind: Kind }>;

/** What all parts of a text say together. They have to agree: two days are no answer, and neither is half a day. */
export function combine(placed: readonly Placed[], setting: Setting): Moment | NoMoment {
  const parts = withoutPairs(
    placed.map(({ part }) => part),
    setting,
  );
  if (has(parts, 'impossible')) return 'impossible';
  if (parts.length === 0 || has(parts, 'nothing')) return 'none';
  const spans = of(parts, 'span');
  const [span] = spans;
  if (span !== undefined) {
    if (parts.length === 1) return { span: span.length };
    return spans.length > 1 ? 'several' : 'none';
  }
  const numbered = withoutNumber(parts, setting);
  if (numbered === undefined) return 'none';
  const named = dayOf(numbered, placed, setting);
  if (typeof named === 'string') return named;
  const timed = timeOf(numbered);
  return typeof timed === 'string' ? timed : { ...named, ...timed };
}

function has(parts: readonly Part[], kind: Part['kind']): boolean {
  return parts.some((part) => part.kind === kind);
}

function of<Kind extends Part['kind']>(parts: readonly Part[], kind: Kind): Of<Kind>[] {
  return parts.filter((part): part is Of<Kind> => part.kind === kind);
}

const DAYS = ['day', 'weekday', 'ordinal'] as const;

/** 11.22 is a day or a time by what else is said, or by what is asked for where nothing else is. */
function withoutPairs(parts: readonly Part[], { want }: Setting): Part[] {
  const others = parts.filter(({ kind }) => kind !== 'pair');
  return parts.map((part) => {
    if (part.kind !== 'pair') return part;
    const { day, time } = part;
    const asDay: Part = day === undefined ? { kind: 'nothing' } : { kind: 'day', day };
    if (day === undefined || time === undefined) return time ?? asDay;
    if (has(others, 'time')) return asDay;
    if (has(others, 'day') || has(others, 'ordinal')) return time;
    if (others.length > 0 || want === 'dateTime') return { kind: 'nothing' };
    return want === 'date' ? asDay : time;
  });
}

/** From 13 on a number alone is hardly an hour. */
const FIRST_CLEAR_DAY = 13;

/** A number is the day of a weekday (Friday 27) or the hour of a day (8 tonight). Undefined where it is neither. */
function withoutNumber(parts: readonly Part[], { want }: Setting): readonly Part[] | undefined {
  const numbers = of(parts, 'number');
  const [number] = numbers;
  if (number === undefined) return parts;
  if (numbers.length > 1) return undefined;
  const { value, digits } = number;
  const others = parts.filter((part) => part !== number);
  const day: Part[] = [...others, { kind: 'ordinal', day: value }];
  const isDay = digits && value >= 1 && value <= 31;
  if (others.length === 0 && want === 'date') {
    return isDay && value >= FIRST_CLEAR_DAY ? day : undefined;
  }
  const near = of(parts, 'day').some((part) => part.near === true);
  if (has(others, 'weekday') && (!has(others, 'half') || value > 24)) {
    const named = has(others, 'day') || has(others, 'ordinal');
    return isDay && !named ? day : undefined;
  }
  const isHour =
    !has(others, 'time') &&
    !has(others, 'midnight') &&
    (others.length === 0 ? want === 'time' : near || has(others, 'half')) &&
    value <= (has(others, 'weekday') ? FIRST_CLEAR_DAY - 1 : 24);
  if (!isHour) return undefined;
  const open = value >= 1 && value <= 12;
  return [...others, { kind: 'time', hour: value, minute: 0, second: 0, open }];
}

type Named = Pick<Moment, 'day' | 'weekly'>;

/** The day that the parts name, where they agree. */
function dayOf(
  parts: readonly Part[],
  placed: readonly Placed[],
  setting: Setting,
): Named | NoMoment {
  const [shift, ...shifts] = of(parts, 'shift');
  if (shift !== undefined && (shifts.length > 0 || !standsBefore(shift, placed))) return 'none';
  const past = shift?.back !== false && setting.past;
  const named = unmoved(parts, { ...setting, past });
  if (typeof named === 'string') return named;
  if (named.day === undefined) return shift === undefined ? named : 'none';
  const moved = shift === undefined ? named : { day: shift.move(named.day) };
  return exists(moved.day ?? named.day) ? moved : 'impossible';
}

/** Whether a day follows at once. */
function standsBefore(shift: Part, placed: readonly Placed[]): boolean {
  const index = placed.findIndex(({ part }) => part === shift);
  const next = placed[index + 1];
  const days: readonly string[] = [...DAYS, 'week'];
  return next !== undefined && days.includes(next.part.kind) && placed[index]?.end === next.start;
}

function unmoved(parts: readonly Part[], setting: Setting): Named | NoMoment {
  const { today } = setting;
  const [day, ...days] = of(parts, 'day').map((part) => part.day);
  const [weekday, ...weekdays] = of(parts, 'weekday').map((part) => part.weekday);
  const [ordinal, ...ordinals] = of(parts, 'ordinal').map((part) => part.day);
  const [week, ...weeks] = of(parts, 'week').map((part) => part.turns);
  const [month, ...months] = of(parts, 'month').map((part) => part.turns);
  if (days.some((other) => compareDays(other, day ?? today) !== 0)) return 'several';
  if (weekdays.some((other) => other !== weekday)) return 'several';
  if (ordinals.length > 0) return 'several';
  if (weeks.length + months.length > 0) return 'none';
  const agrees = (found: Day): Named | NoMoment => {
    const right =
      (weekday === undefined || weekdayOf(found) === weekday) &&
      (ordinal === undefined || found.day === ordinal);
    return right ? { day: found } : 'impossible';
  };
  if (day !== undefined) return week === undefined && month === undefined ? agrees(day) : 'none';
  if (week !== undefined) {
    if (weekday === undefined || month !== undefined) return 'none';
    return agrees(addDays(today, week * 7 + weekday - weekdayOf(today)));
  }
  if (ordinal !== undefined) {
    const found = month === undefined ? nearest(ordinal, setting) : inMonth(ordinal, month, today);
    return found === undefined ? 'impossible' : agrees(found);
  }
  if (month !== undefined) return 'none';
  if (weekday === undefined) return {};
  const next = nextWeekday(today, weekday);
  const isToday = compareDays(next, today) === 0;
  return { day: setting.past && !isToday ? addDays(next, -7) : next, weekly: true };
}

/** The longest wait for a 31st, in months. */
const LONGEST_WAIT = 2;

/** The next day of that number in its month, or the last one where `past` is set; today is both. */
function nearest(day: number, { today, past }: Setting): Day | undefined {
  const step = past ? -1 : 1;
  for (let months = 0; months <= LONGEST_WAIT; months += 1) {
    const found = inMonth(day, months * step, today);
    if (found !== undefined && compareDays(found, today) * step >= 0) return found;
  }
  return undefined;
}

function inMonth(day: number, months: number, today: Day): Day | undefined {
  const counted = today.year * 12 + today.month - 1 + months;
  const [year, month] = [Math.floor(counted / 12), (counted % 12) + 1];
  return day >= 1 && day <= lastDay(year, month) ? { year, month, day } : undefined;
}

type Timed = Pick<Moment, 'time' | 'halves' | 'offset' | 'edge'>;

function timeOf(parts: readonly Part[]): Timed | NoMoment {
  const times = of(parts, 'time');
  const halves = of(parts, 'half').map(({ half }) => half);
  const zones = of(parts, 'zone');
  const midnights = of(parts, 'midnight');
  if (times.length + midnights.length > 1) return 'several';
  const [time] = times;
  const [zone] = zones;
  if (midnights.length > 0) {
    if (zone !== undefined || !halves.every(isNight)) return 'none';
    const isAfter = halves.length > 0;
    const clock = { hours: [isAfter ? 24 : 0], minute: 0, second: 0 };
    return { time: clock, edge: !isAfter && DAYS.some((kind) => has(parts, kind)) };
  }
  if (time === undefined) {
    if (zone !== undefined) return 'none';
    return halves.length === 0 ? {} : { halves };
  }
  const hours = hoursOf(time, halves);
  if (hours === undefined) return 'none';
  const { minute, second } = time;
  if (zone === undefined) {
    const open = time.open && halves.length === 0;
    return { time: { hours, minute, second, ...(open && { open }) } };
  }
  // A user who adds a zone to 10:30 counts to 24. In another zone, neither half of the day is more likely.
  const isSettled = !time.open || halves.length > 0 || time.written === true;
  if (!isSettled || zones.length > 1) return 'none';
  const inZone = halves.length > 0 ? hours : [time.hour];
  return { time: { hours: inZone, minute, second }, offset: zone.offset };
}

/** The hours that a time may mean beside the parts of the day that are named; undefined where they contradict it. */
function hoursOf({ hour, open }: TimePart, halves: readonly Half[]): readonly number[] | undefined {
  const [half, ...others] = halves;
  if (half === undefined) return open ? openHours(hour) : [hour];
  const settled = hourIn(half, hour, open);
  if (settled === undefined) return undefined;
  return others.every((other) => hourIn(other, hour, open) === settled) ? [settled] : undefined;
}
