/**
 * Days and times, in English and Chinese in every locale: `tomorrow at 3pm`, `next friday`, `the 22nd`, `ten past nine`,
 * `明天下午三点半`, `下周五晚上8点`, `11月22日`, `三天后`, `2026-11-22 18:30`.
 *
 * A parser reads the whole answer. What names the day and the time, and words that change nothing (please, on, let’s do, 在,
 * 吧, 订 …) must be all that is said. Anything else is an issue, so that the user is asked again: a denial (not friday,
 * 周五不行), a question (friday?, 可以吗), a choice or a span of days (friday or saturday, 22号到25号), what is only about it
 * (around 7, 左右, maybe), a holiday, a day of the lunar calendar, a zone by its letters (CST), or minutes that the parser
 * cannot read. Days that contradict each other are an issue, too: `monday 27 november` where that is a Friday.
 *
 * - A day without a year, a weekday and a day of the month are the next ones, or the last ones where `past` is set. Today
 *   counts as both.
 * - Weeks begin on Monday. `next friday` and 下周五 are those of next week; `friday week` is seven days after the next Friday,
 *   and `the friday after next` seven days after `next friday`. `last friday` is the last one before today, and 上周五 the
 *   one of last week.
 * - Of two figures the locale says which is the month: 11/12 is 12 November in `en` and 11 December in `en-GB`. 11/22 and
 *   22/11 are both 22 November. With points and a year the day comes first (04.07.1995).
 * - An hour without its half of the day is in the afternoon from 1 to 6; from 7 to 11 it is in the morning, unless that is
 *   past today and the evening is not. `03:00`, `8h` and 凌晨三点 are at night or in the morning. An hour after midnight
 *   belongs to the night before: 周五晚上一点 is on Saturday. `friday at midnight` may be either end of Friday and is asked
 *   again; `tonight at midnight` is not.
 * - A zone is taken as `Z`, `UTC`, `UTC+8` or `+08:00`.
 * - A text of over 200 characters is an issue.
 */

import { type KeysOf, checkOptions } from '../../internal/closed.ts';
import { UsageError } from '../../errors.ts';
import { sayDay, sayInstant, sayTime } from '../text/formats.ts';
import { addDays, compareDays, exists, type Day } from './calendar.ts';
import { readMoment, warmUp, type Reading } from './date-answers.ts';
import { completed, continued, instantOf, isTimely, partOf, settledInstant } from './instants.ts';
import type { Moment } from './moment.ts';
import { issue, messageWords, type Parsed, type Parser } from './parser.ts';
import type { ParseContext } from '../text/parse-context.ts';
import { checkTimeZone, toWallTime } from '../text/time-zone.ts';

/** In UTF-16 units. A day and a time take no more, and each character costs time. */
const LONGEST_TEXT = 200;

interface PlaceOptions {
  /** IANA. Where the day or time is counted, if that is not where the user is: at the restaurant. */
  readonly timeZone?: string | undefined;
}

interface DirectionOptions extends PlaceOptions {
  /** What is past is an issue. Today is not past. */
  readonly future?: boolean | undefined;
  /** What is to come is an issue, and an open year or weekday is the last one. */
  readonly past?: boolean | undefined;
}

/** Options of `date()`: which days are taken. */
export interface DateOptions extends DirectionOptions {
  /** The first day that is taken, as `2026-11-22`. */
  readonly min?: string | undefined;
  /** The last day that is taken. */
  readonly max?: string | undefined;
}

const TIME_KEYS = { timeZone: null, min: null, max: null } satisfies KeysOf<TimeOptions>;
const DATE_KEYS = { ...TIME_KEYS, past: null, future: null } satisfies KeysOf<DateOptions>;
const DATE_TIME_KEYS = { ...DATE_KEYS, timeAlone: null } satisfies KeysOf<DateTimeOptions>;

/**
 * Takes a day and gives it as `2026-11-22`.
 * @example
 * words.ask({ question: 'Which day?', parse: date({ future: true }), assign: 'day' });
 * @throws UsageError `bad_option`, when made, for a bound that is no such day, both directions, or an unknown time zone.
 */
export function date(options: DateOptions = {}): Parser<string> {
  checkOptions('date()', options, DATE_KEYS);
  const { min, max, past = false, future = false } = options;
  checkBounds(options, isDay, "a day as '2026-11-22'");
  return parserOf({ want: 'date', past }, options.timeZone, {
    take(moment, parseContext) {
      const { now, timeZone, locale } = parseContext;
      const day = dayIn(moment, parseContext, past);
      if (day === undefined) return issue('issue.date');
      const value = formatDay(day);
      const today = formatDay(toWallTime(now, timeZone));
      if (future && value < today) return issue('issue.future');
      if (past && value > today) return issue('issue.past');
      return checkRange(value, min, max, (bound) => sayDay(bound, locale));
    },
    format: (day, { locale }) => sayDay(day, locale, 'full'),
  });
}

/** Options of `time()`: which times of the day are taken. */
export interface TimeOptions extends PlaceOptions {
  /** The earliest that is taken, as `09:00`. */
  readonly min?: string | undefined;
  /** The latest that is taken. */
  readonly max?: string | undefined;
}

/**
 * Takes a time of day and gives it as `18:30`; a number alone is an hour. Which day it is for, or whether it is past, does
 * not matter.
 * @example
 * words.ask({ question: 'At what time?', parse: time(), assign: 'day' });
 * @throws UsageError `bad_option`, when made, for a bound that is no time, or an unknown time zone.
 */
export function time(options: TimeOptions = {}): Parser<string> {
  checkOptions('time()', options, TIME_KEYS);
  const { min, max } = options;
  checkBounds(options, (bound) => /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(bound), "a time as '09:00'");
  return parserOf({ want: 'time', past: false }, options.timeZone, {
    take(moment, { now, timeZone, locale }) {
      const today = toWallTime(now, timeZone);
      const settled = settledInstant({ day: today, ...moment }, now);
      const { hours: [hour] = [], minute = 0, second = 0 } = moment.time ?? {};
      // The value has no room for seconds, and a time without them would be another one.
      const isUnsaid = settled === undefined && hour === undefined;
      if (isUnsaid || second !== 0) return issue('issue.time');
      const wall =
        settled === undefined ? { hour: (hour ?? 0) % 24, minute } : toWallTime(settled, timeZone);
      const value = `${pad(wall.hour)}:${pad(wall.minute)}`;
      return checkRange(value, min, max, (bound) => sayTime(bound, locale));
    },
    format: (said, { locale }) => sayTime(said, locale),
  });
}

/** Options of `dateTime()`: which instants are taken. */
export interface DateTimeOptions extends DirectionOptions {
  /** The earliest instant that is taken. */
  readonly min?: Date | undefined;
  /** The latest instant that is taken. */
  readonly max?: Date | undefined;
  /**
   * Whether a time without a day is taken as the next one, or the last one where `past` is set: “7 pm”. Default: false. To a
   * question that was asked again because “tomorrow” had no time, “7 pm” is tomorrow in either case.
   */
  readonly timeAlone?: boolean | undefined;
}

/**
 * Takes a day and time and gives the instant of it in the user's time zone. A day alone is an issue that asks for the time, and
 * a time alone one that asks for the day, unless `timeAlone` is set; the next answer completes it. `now` and `in two hours` need no day. In a form, where the slot
 * holds an instant to come, a time alone is one on the same day, and a day alone keeps the time. Where the clocks are set back, a
 * time that comes twice is the earlier one; where they are set forward, one that does not come is as much later.
 * @example
 * words.ask({ question: 'When?', parse: dateTime({ future: true }), assign: ({ value }) => ({ day: value.toISOString() }) });
 * @throws UsageError `bad_option`, when made, for a bound that is no date, both directions, or an unknown time zone.
 */
export function dateTime(options: DateTimeOptions = {}): Parser<Date> {
  checkOptions('dateTime()', options, DATE_TIME_KEYS);
  const { min, max, past = false, future = false, timeAlone = false } = options;
  checkBounds(options, (bound) => !Number.isNaN(bound.getTime()), 'a valid Date');
  return parserOf({ want: 'dateTime', past }, options.timeZone, {
    take(moment, parseContext) {
      const whole = completed(moment, parseContext.part);
      const meant = continued(whole, parseContext);
      const { day, span, edge = false } = meant;
      const isHalf = !isTimely(meant) || (day === undefined && !timeAlone) || edge;
      if (span === undefined && isHalf) {
        const part = partOf(meant);
        if (part === undefined) return issue('issue.dayAndTime');
        return { ...issue(day === undefined ? 'issue.date' : 'issue.time'), part };
      }
      const noTime = { hours: [], minute: 0, second: 0 };
      const value = new Date(instantOf({ time: noTime, ...meant }, parseContext, past));
      const { now, locale, timeZone } = parseContext;
      if (Number.isNaN(value.getTime())) return issue('issue.noSuchDate');
      if (future && value.getTime() <= now) return issue('issue.future');
      if (past && value.getTime() >= now) return issue('issue.past');
      return checkRange(value, min, max, (bound) => sayInstant(bound, locale, timeZone));
    },
    format: (instant, { locale, timeZone }) =>
      sayInstant(instant, locale, options.timeZone ?? timeZone, 'full'),
  });
}

interface Kind<Value> extends Required<Pick<Parser<Value>, 'format'>> {
  /** What the moment of an answer says, in the time zone that counts. */
  take(moment: Moment, parseContext: ParseContext): Parsed<Value>;
}

/** A parser of whole answers, with the way to find its value in a message that says more. */
function parserOf<Value>(
  reading: Pick<Reading, 'want' | 'past'>,
  timeZone: string | undefined,
  { take, format }: Kind<Value>,
): Parser<Value> {
  const read =
    (anywhere: boolean): Parser<Value> =>
    (message, given) => {
      const parseContext = { ...given, timeZone: timeZone ?? given.timeZone };
      const words = messageWords(message, LONGEST_TEXT);
      const moment =
        words === undefined ? 'none' : readMoment(words, parseContext, { ...reading, anywhere });
      if (typeof moment === 'object') return take(moment, parseContext);
      if (moment === 'several') return issue('issue.severalDates');
      return issue(moment === 'none' ? `issue.${reading.want}` : 'issue.noSuchDate');
    };
  return Object.assign(read(false), { find: read(true), format });
}

/**
 * The day that is named. Where the zone of the time is another one, it is the day in the user's zone; where it is today by
 * its weekday and at a time that is over, it is the one that `dateTime` takes, a week on.
 */
function dayIn(moment: Moment, parseContext: ParseContext, past: boolean): Day | undefined {
  const { day, offset, weekly = false } = moment;
  const { now, timeZone } = parseContext;
  if (day === undefined) return undefined;
  const instant = offset === undefined ? undefined : settledInstant(moment, now);
  if (instant !== undefined) return toWallTime(instant, timeZone);
  if (!weekly || !isTimely(moment)) return day;
  const meant = toWallTime(instantOf(moment, parseContext, past), timeZone);
  const distance = compareDays(meant, day);
  return Math.abs(distance) < 6 ? day : addDays(day, Math.sign(distance) * 7);
}

function checkRange<Value extends string | Date>(
  value: Value,
  min: Value | undefined,
  max: Value | undefined,
  say: (bound: Value) => string,
): Parsed<Value> {
  if (min !== undefined && value < min) return issue('issue.earliest', { min: say(min) });
  if (max !== undefined && value > max) return issue('issue.latest', { max: say(max) });
  return { value };
}

function formatDay({ year, month, day }: Day): string {
  return `${String(year).padStart(4, '0')}-${pad(month)}-${pad(day)}`;
}

function pad(part: number): string {
  return String(part).padStart(2, '0');
}

function checkBounds<Bound>(
  options: DirectionOptions & {
    readonly min?: Bound | undefined;
    readonly max?: Bound | undefined;
  },
  holds: (bound: Bound) => boolean,
  expected: string,
): void {
  warmUp();
  const { timeZone, min, max } = options;
  if (options.past === true && options.future === true) {
    throw new UsageError('bad_option', 'A date lies in the `past` or the `future`, not in both.');
  }
  if (timeZone !== undefined) checkTimeZone(timeZone);
  if ([min, max].every((bound) => bound === undefined || holds(bound))) return;
  throw new UsageError('bad_option', `\`min\` and \`max\` are each ${expected}.`);
}

function isDay(bound: string): boolean {
  const [year = 0, month = 0, day = 0] = bound.split('-').map(Number);
  return /^\d{4}-\d{2}-\d{2}$/.test(bound) && exists({ year, month, day });
}
