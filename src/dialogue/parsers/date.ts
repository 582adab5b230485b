/**
 * Days and times, in English and Chinese whatever the locale: `tomorrow at 3pm`, `next friday`, `in two hours`,
 * `明天下午三点半`, `下周五晚上8点`, `11月22日`, `2026-11-22 18:30`. They need the package chrono-node.
 *
 * - A day without a year, a weekday and a time without a day are the next ones, or the last ones where `past` is set.
 *   11/22 is November 22, and so is 22/11.
 * - An hour without its half of the day is in the afternoon from 1 to 6; from 7 to 11 it is in the morning, unless that is
 *   past and the evening is not. `03:00` and `凌晨三点` are at night.
 * - Weeks begin on Monday in Chinese (`下周日`); what “next friday” is, chrono says.
 * - Two days or two times, a span (“from 3 to 5”), a day that no calendar has, or a text of over 200 characters is an issue.
 */

import { UsageError } from '../../errors.ts';
import type { Message } from '../../message.ts';
import type { PromptKey } from '../prompts.ts';
import { sayDay, sayInstant, sayTime } from '../said.ts';
import { continued, instantOf, readMoment, type Moment } from './moment.ts';
import { toNumber } from './numerals.ts';
import { wordsOf, type Occasion, type Parsed, type Parser } from './parser.ts';
import { asUtc, isTimeZone, toWallTime } from './zone.ts';

/** In UTF-16 units. Patterns that are not ours look at it, and a day and a time take no more. */
const LONGEST_TEXT = 200;

interface ZoneOption {
  /** IANA. Where the day or time is counted, if that is not where the user is: at the restaurant. */
  readonly timeZone?: string;
}

interface DirectionOptions extends ZoneOption {
  /** What is past is an issue. Today is not past. */
  readonly future?: boolean;
  /** What is to come is an issue, and an open year or weekday is the last one. */
  readonly past?: boolean;
}

export interface DateOptions extends DirectionOptions {
  /** The first day that is taken, as `2026-11-22`. */
  readonly min?: string;
  /** The last day that is taken. */
  readonly max?: string;
}

/**
 * Takes a day and gives it as `2026-11-22`.
 * @throws UsageError `bad_option`, when made, for a bound that is no such day, both directions, or an unknown time zone.
 */
export function date(options: DateOptions = {}): Parser<string> {
  const { min, max } = options;
  const { past, future } = checkDirection(options);
  checkBound(min, isDay, "a day as '2026-11-22'");
  checkBound(max, isDay, "a day as '2026-11-22'");
  const parse: Parser<string> = (message, given) => {
    const occasion = { ...given, timeZone: options.timeZone ?? given.timeZone };
    const moment = momentIn(message, occasion, past, 'issue.date');
    if ('issue' in moment) return moment;
    if (!moment.hasDay) return { issue: { key: 'issue.date' } };
    const value = formatDay(moment.wall);
    const today = formatDay(toWallTime(occasion.now, occasion.timeZone));
    if (future && value < today) return { issue: { key: 'issue.future' } };
    if (past && value > today) return { issue: { key: 'issue.past' } };
    return checkRange(value, min, max, (day) => sayDay(day, given.locale));
  };
  return Object.assign(parse, {
    format: (day: string, { locale }: Occasion) => sayDay(day, locale, 'full'),
  });
}

export interface TimeOptions extends ZoneOption {
  /** The earliest that is taken, as `09:00`. */
  readonly min?: string;
  /** The latest that is taken. */
  readonly max?: string;
}

/**
 * Takes a time of day and gives it as `18:30`; a number alone is an hour. Which day it is for, or whether it is past, does
 * not matter.
 * @throws UsageError `bad_option`, when made, for a bound that is no time, or an unknown time zone.
 */
export function time(options: TimeOptions = {}): Parser<string> {
  const { min, max } = options;
  checkDirection(options);
  checkBound(min, isTime, "a time as '09:00'");
  checkBound(max, isTime, "a time as '09:00'");
  const parse: Parser<string> = (message, given) => {
    const occasion = { ...given, timeZone: options.timeZone ?? given.timeZone };
    const moment = momentIn(hourAlone(message), occasion, false, 'issue.time');
    if ('issue' in moment) return moment;
    if (!moment.hasTime) return { issue: { key: 'issue.time' } };
    const { hours, wall } = moment;
    const value = `${pad(hours[0] ?? wall.hour)}:${pad(wall.minute)}`;
    return checkRange(value, min, max, (bound) => sayTime(bound, given.locale));
  };
  return Object.assign(parse, {
    format: (said: string, { locale }: Occasion) => sayTime(said, locale),
  });
}

export interface DateTimeOptions extends DirectionOptions {
  /** The earliest instant that is taken. */
  readonly min?: Date;
  /** The latest instant that is taken. */
  readonly max?: Date;
}

/**
 * Takes a day and time, or a time alone, and gives the instant of it in the user's time zone. In a form, where the slot
 * holds an instant to come, a time alone is one on the same day, and a day alone keeps the time. Where the clocks are set back, a
 * time that comes twice is the earlier one; where they are set forward, one that does not come is as much later.
 * @throws UsageError `bad_option`, when made, for a bound that is no date, both directions, or an unknown time zone.
 */
export function dateTime(options: DateTimeOptions = {}): Parser<Date> {
  const { min, max } = options;
  const { past, future } = checkDirection(options);
  checkBound(min, isInstant, 'a valid Date');
  checkBound(max, isInstant, 'a valid Date');
  const parse: Parser<Date> = (message, given) => {
    const occasion = { ...given, timeZone: options.timeZone ?? given.timeZone };
    const moment = momentIn(message, occasion, past, 'issue.dateTime');
    if ('issue' in moment) return moment;
    const meant = continued(moment, occasion);
    // To “tomorrow”, both are asked for again: a mere “7 pm” to the next question would be today's.
    if (!meant.hasTime) return { issue: { key: 'issue.dateTime' } };
    const value = new Date(instantOf(meant, occasion, past));
    if (future && value.getTime() <= occasion.now) return { issue: { key: 'issue.future' } };
    if (past && value.getTime() >= occasion.now) return { issue: { key: 'issue.past' } };
    return checkRange(value, min, max, (instant) =>
      sayInstant(instant, occasion.locale, occasion.timeZone),
    );
  };
  return Object.assign(parse, {
    format: (instant: Date, given: Occasion) =>
      sayInstant(instant, given.locale, options.timeZone ?? given.timeZone, 'full'),
  });
}

function momentIn(
  message: Message,
  occasion: Occasion,
  past: boolean,
  missing: PromptKey,
): Moment | { readonly issue: { readonly key: PromptKey } } {
  const words = wordsOf(message, LONGEST_TEXT);
  const moment = words === undefined ? 'none' : readMoment(words, occasion, past);
  if (typeof moment === 'object') return moment;
  if (moment === 'several') return { issue: { key: 'issue.severalDates' } };
  return { issue: { key: moment === 'impossible' ? 'issue.noSuchDate' : missing } };
}

function hourAlone(message: Message): Message {
  const words = wordsOf(message, LONGEST_TEXT);
  const hour = words === undefined ? undefined : toNumber(words);
  if (hour === undefined || !Number.isInteger(hour) || hour < 0 || hour > 24) return message;
  return { type: 'message.text', text: `at ${hour}` };
}

function checkRange<Value extends string | Date>(
  value: Value,
  min: Value | undefined,
  max: Value | undefined,
  say: (bound: Value) => string,
): Parsed<Value> {
  if (min !== undefined && value < min) {
    return { issue: { key: 'issue.earliest', values: { min: say(min) } } };
  }
  if (max !== undefined && value > max) {
    return { issue: { key: 'issue.latest', values: { max: say(max) } } };
  }
  return { value };
}

function formatDay({ year, month, day }: Moment['wall']): string {
  return `${String(year).padStart(4, '0')}-${pad(month)}-${pad(day)}`;
}

function pad(part: number): string {
  return String(part).padStart(2, '0');
}

function checkDirection({ past = false, future = false, timeZone }: DirectionOptions): {
  readonly past: boolean;
  readonly future: boolean;
} {
  if (past && future) {
    throw new UsageError('bad_option', 'A date lies in the `past` or the `future`, not in both.');
  }
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    throw new UsageError(
      'bad_option',
      "`timeZone` is an IANA name, as 'Asia/Shanghai'; this one is not known here.",
    );
  }
  return { past, future };
}

function checkBound<Bound>(
  bound: Bound | undefined,
  holds: (bound: Bound) => boolean,
  expected: string,
): void {
  if (bound === undefined || holds(bound)) return;
  throw new UsageError('bad_option', `\`min\` and \`max\` are each ${expected}.`);
}

function isDay(bound: string): boolean {
  const [year = 0, month = 0, day = 0] = bound.split('-').map(Number);
  const midnight = { hour: 0, minute: 0, second: 0 };
  return /^\d{4}-\d{2}-\d{2}$/.test(bound) && asUtc({ year, month, day, ...midnight }) > -Infinity;
}

function isTime(bound: string): boolean {
  return /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(bound);
}

function isInstant(bound: Date): boolean {
  return !Number.isNaN(bound.getTime());
}
