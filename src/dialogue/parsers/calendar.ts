/** A day of the Gregorian calendar. Months count from 1. */
export interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const DAY_MS = 24 * 3_600_000;

/** Whether the calendar has such a day, in a year of at most four digits. */
export function exists({ year, month, day }: Day): boolean {
  const isMonth = year >= 1 && year <= 9999 && month >= 1 && month <= 12;
  return isMonth && day >= 1 && day <= lastDay(year, month);
}

export function lastDay(year: number, month: number): number {
  return dayAt(numberOf({ year, month: month + 1, day: 0 })).day;
}

/** 0 for Monday. */
export function weekdayOf(day: Day): number {
  return (((numberOf(day) + 3) % 7) + 7) % 7;
}

export function addDays(day: Day, days: number): Day {
  return dayAt(numberOf(day) + days);
}

/** A unit of spans between days, as a number of days or of months. */
export type Unit = { readonly days: number } | { readonly months: number };

/** The day `count` units later, or the last day of its month if that has no such day. */
export function addUnits(from: Day, count: number, unit: Unit): Day {
  if ('days' in unit) return addDays(from, count * unit.days);
  const first = dayAt(numberOf({ ...from, month: from.month + count * unit.months, day: 1 }));
  return { ...first, day: Math.min(from.day, lastDay(first.year, first.month)) };
}

/** The next such weekday from a day on, which counts itself. */
export function nextWeekday(from: Day, wanted: number): Day {
  return addDays(from, (wanted - weekdayOf(from) + 7) % 7);
}

/** Negative where the first day is the earlier one, 0 where they are the same. */
export function compareDays(first: Day, second: Day): number {
  return numberOf(first) - numberOf(second);
}

/** Days since 1970-01-01. A month or day beyond its bounds counts on into the next ones. */
function numberOf({ year, month, day }: Day): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime() / DAY_MS;
}

function dayAt(number: number): Day {
  const date = new Date(number * DAY_MS);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}
