import { LRUCache } from 'lru-cache';
import { UsageError } from '../../errors.ts';

/** What a clock and a calendar on the wall show. Months count from 1. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const LONGEST_NAME = 64;

/** A formatter takes longer to make than a message to answer, and users share few zones. */
const formatters = /* @__PURE__ */ new LRUCache<string, Intl.DateTimeFormat>({ max: 64 });

function formatterOf(zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'iso8601',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formatters.set(zone, formatter);
  }
  return formatter;
}

/** The names of IANA that have three letters. Of any others V8 takes those of ICU, where CST is Chicago and BST Dhaka. */
const SHORT_NAMES = /^(?:cet|eet|est|gmt|hst|met|mst|prc|roc|rok|uct|utc|wet)$/i;

/** Whether it is the IANA name of a time zone that this process knows. An offset is none, though Node.js 22 takes it. */
export function isTimeZone(zone: unknown): zone is string {
  if (typeof zone !== 'string' || zone.length > LONGEST_NAME) return false;
  if (/^[^a-z]/i.test(zone) || (zone.length === 3 && !SHORT_NAMES.test(zone))) return false;
  try {
    formatterOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** @throws UsageError `bad_option` */
export function checkTimeZone(zone: string): void {
  if (isTimeZone(zone)) return;
  throw new UsageError(
    'bad_option',
    "`timeZone` is an IANA name, as 'Asia/Shanghai'; this one is not known here.",
  );
}

/** What the wall shows in a zone at an instant (epoch milliseconds, within a Date's range). */
export function toWallTime(instant: number, zone: string): WallTime {
  const shown: Record<string, number> = {};
  for (const { type, value } of formatterOf(zone).formatToParts(instant)) {
    shown[type] = Number(value);
  }
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
  return { year, month, day, hour, minute, second };
}

/** The epoch milliseconds at which UTC shows it; NaN where there is no such day or time. */
export function asUtc(wall: WallTime): number {
  const date = new Date(0);
  date.setUTCFullYear(wall.year, wall.month - 1, wall.day);
  date.setUTCHours(wall.hour, wall.minute, wall.second);
  const exists =
    date.getUTCMonth() === wall.month - 1 &&
    date.getUTCDate() === wall.day &&
    date.getUTCHours() === wall.hour &&
    date.getUTCMinutes() === wall.minute;
  return exists ? date.getTime() : Number.NaN;
}

const DAY_MS = 24 * 3_600_000;

/**
 * The instant at which the wall shows it in a zone, as Temporal's `compatible` has it: of two (the clock was set back)
 * the earlier one; where there is none (it was set forward), as much later as it was set.
 */
export function toInstant(wall: WallTime, zone: string): number {
  const utc = asUtc(wall);
  const offsetAt = (instant: number): number => asUtc(toWallTime(instant, zone)) - instant;
  const before = utc - offsetAt(utc - DAY_MS);
  const after = utc - offsetAt(utc + DAY_MS);
  for (const instant of [Math.min(before, after), Math.max(before, after)]) {
    if (asUtc(toWallTime(instant, zone)) === utc) return instant;
  }
  return before;
}
