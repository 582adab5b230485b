import type { Span } from '../text/explained.ts';
import { addDays, exists, type Day } from './calendar.ts';
import type { Half } from './day-halves.ts';

/** One thing that a text says about a day or a time. */
export type Part =
  /** A day that needs no other word; `near` for today, tomorrow and the like. */
  | { readonly kind: 'day'; readonly day: Day; readonly near?: boolean }
  /** 0 for Monday. `loose` where the word may be another one: sat, sun. */
  | { readonly kind: 'weekday'; readonly weekday: number; readonly loose?: boolean }
  /** A day of a month that other words name: the 22nd, 22号. */
  | { readonly kind: 'ordinal'; readonly day: number }
  /** Weeks or months from this one, without a day: next week, 下个月. */
  | { readonly kind: 'week'; readonly turns: number }
  | { readonly kind: 'month'; readonly turns: number }
  /** How far it is from the day that the next words name: a week from, two days before. */
  | { readonly kind: 'shift'; readonly move: (day: Day) => Day; readonly back: boolean }
  /** A number that may be a day of the month or an hour. */
  | { readonly kind: 'number'; readonly value: number; readonly digits: boolean }
  /** Two figures that may be a day or a time: 11.22. */
  | { readonly kind: 'pair'; readonly day: Day | undefined; readonly time: TimePart | undefined }
  | TimePart
  /** Midnight, before or after the day that is named with it. */
  | { readonly kind: 'midnight' }
  /** The part of the day without its hour: morning, 下午. */
  | { readonly kind: 'half'; readonly half: Half }
  /** Minutes before UTC. */
  | { readonly kind: 'zone'; readonly offset: number }
  /** Milliseconds from now. */
  | { readonly kind: 'span'; readonly length: number }
  /** A day that no calendar has. */
  | { readonly kind: 'impossible' }
  /** Words that look like a day or time and say something else. */
  | { readonly kind: 'nothing' };

/** A time on the clock. */
export interface TimePart {
  readonly kind: 'time';
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Whether the half of the day is not said: at 3, 三点. */
  readonly open: boolean;
  /** Whether it is written as on a clock: 10:30. */
  readonly written?: boolean;
}

/** What a text is read by, beside its words. */
export interface Setting {
  readonly today: Day;
  /** Whether a day without its year is the last one rather than the next. */
  readonly past: boolean;
  /** BCP 47: says which of two figures is the month. */
  readonly locale: string;
  /** What the parser has to find. */
  readonly want: 'date' | 'time' | 'dateTime';
}

/** What the groups of a pattern caught, by name. */
export type Groups = Readonly<Record<string, string | undefined>>;

/** Reads a phrase at a position of a text; undefined if the phrase is not there. */
export interface Rule {
  (text: string, at: number, setting: Setting): Found | undefined;
}

export interface Found extends Span {
  readonly parts: readonly Part[];
}

/** A rule of a pattern. What its groups caught may turn out to say nothing, or a number that is none (NaN). */
export function rule(
  source: string,
  read: (groups: Groups, setting: Setting) => Part | readonly Part[] | undefined,
): Rule {
  const pattern = new RegExp(source, 'y');
  return (text, at, setting) => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null || match[0] === '') return undefined;
    const said = read(match.groups ?? {}, setting);
    if (said === undefined) return undefined;
    const parts = [said].flat() as Part[];
    if (parts.some((part) => Object.values(part).some(Number.isNaN))) return undefined;
    return { start: at, end: at + match[0].length, parts };
  };
}

/**
 * Small letters of Latin script, for a class in a pattern. A Unicode property would be the same, but its compilation took
 * a tenth of a second before the first date.
 */
export const LETTERS = String.raw`a-z\u00df-\u024f`;

/** No letter and no digit follows the phrase. */
export const END = `(?![${LETTERS}\\d_])`;

/** A day, or what stands for one that no calendar has. */
export function dayPart(day: Day | undefined, near = false): Part {
  return day === undefined ? { kind: 'impossible' } : { kind: 'day', day, near };
}

/** The day of a calendar, by its numbers. */
export function calendarPart(day: Day): Part {
  return dayPart(exists(day) ? day : undefined);
}

/** A time on the clock, where it is one. */
export function timePart(
  hour: number | undefined,
  minute: number | undefined,
  { second = 0, open = false }: { readonly second?: number; readonly open?: boolean } = {},
): TimePart | undefined {
  if (hour === undefined || minute === undefined) return undefined;
  const exists = hour <= 24 && minute <= 59 && second <= 59 && (hour < 24 || minute + second === 0);
  return exists
    ? { kind: 'time', hour, minute, second, open: open && isTwelveHour(hour) }
    : undefined;
}

/** The time some minutes after an hour, or before it; `open` where the half of the day is not said. */
export function timeAfter(hour: number, minutes: number, open: boolean): TimePart | undefined {
  const total = hour * 60 + minutes;
  // Ten to one, where the half of the day is open, is at twelve and not at zero.
  const lowest = open ? 60 : 0;
  const counted = total < lowest ? total + (open ? 12 : 24) * 60 : total;
  return timePart(Math.floor(counted / 60), counted % 60, { open });
}

/** Today, tomorrow and the like, by their distance from today. */
export function nearDay(days: number, { today }: Setting): Part {
  return dayPart(addDays(today, days), true);
}

/** Minutes from now. */
export function spanPart(minutes: number): Part {
  return { kind: 'span', length: Math.round(minutes * 60_000) };
}

/** Whether it is an hour of the twelve. */
export function isTwelveHour(hour: number): boolean {
  return hour >= 1 && hour <= 12;
}
