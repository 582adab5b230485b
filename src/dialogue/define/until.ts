import { StepError, UsageError } from '../../errors.ts';
import { type KeysOf, checkOptions } from '../../internal/closed.ts';
import { now } from '../text/current-step.ts';
import { type WallTime, asUtc, isTimeZone, toInstant, toWallTime } from '../text/time-zone.ts';

/** Options of `until()`: a moment by the clock on a wall. */
export interface UntilOptions {
  /** The day: as a `date()` parser gives it (`2026-11-22`), or the day of a moment in the time zone. */
  readonly from: Date | string;
  /** The number of days after that; -1 is the day before. Default 0. */
  readonly days?: number | undefined;
  /** What the clock on the wall shows then, by 24 hours, as a `time()` parser gives it: `9:00`, `18:30`. */
  readonly time: string;
  /** The place of the clock, as an IANA name: `Asia/Shanghai`. */
  readonly timeZone: string;
}

const KEYS = { from: null, days: null, time: null, timeZone: null } satisfies KeysOf<UntilOptions>;

const DAY_MS = 24 * 3_600_000;

/**
 * The milliseconds until a time of day in a time zone, for a delay: “the day before at nine, in Shanghai”. Where the clock
 * is set, it is right as well: of two such times (the clock was set back) the earlier one counts, and one that does not
 * exist (it was set forward) becomes as much later as the clock was set.
 *
 * For a moment in the past the result is negative, and a delay of that length is due at once.
 * @example
 * const reminders = setupDialogue({
 *   types: {} as { context: { day: string } },
 *   delays: {
 *     dayBefore: ({ context }) =>
 *       until({ from: context.day, days: -1, time: '9:00', timeZone: 'Asia/Shanghai' }),
 *   },
 * });
 * @throws UsageError `bad_option`; StepError `bad_time_zone`
 */
export function until(options: UntilOptions): number {
  checkOptions('until()', options, KEYS);
  const { from, days = 0, time, timeZone } = options;
  if (!isTimeZone(timeZone)) {
    throw new StepError(
      'bad_time_zone',
      "The `timeZone` of until() is not the name of a time zone. Expected is an IANA name, as 'Asia/Shanghai'; an offset ('+08:00', 'GMT+8') and an abbreviation ('CST') are none.",
    );
  }
  const [, hour, minute, second = '0'] = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/u.exec(time) ?? [];
  const day = dayOf(from, timeZone);
  if (day === undefined) throw refusal("a day as `from`, as '2026-11-22', or a valid Date");
  if (!Number.isSafeInteger(days)) throw refusal('a whole number of `days`');
  const clock = { hour: Number(hour), minute: Number(minute), second: Number(second) };
  const on = new Date(asUtc({ ...day, hour: 0, minute: 0, second: 0 }) + days * DAY_MS);
  const wall = {
    year: on.getUTCFullYear(),
    month: on.getUTCMonth() + 1,
    day: on.getUTCDate(),
    ...clock,
  };
  if (!(clock.second < 60) || Number.isNaN(asUtc(wall))) {
    throw refusal("a `time` by 24 hours, as '9:00' or '18:30'");
  }
  return toInstant(wall, timeZone) - now();
}

function dayOf(
  from: unknown,
  timeZone: string,
): Pick<WallTime, 'year' | 'month' | 'day'> | undefined {
  if (from instanceof Date) {
    return Number.isNaN(from.getTime()) ? undefined : toWallTime(from.getTime(), timeZone);
  }
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/u.exec(String(from)) ?? [];
  const named = { year: Number(year), month: Number(month), day: Number(day) };
  const exists = !Number.isNaN(asUtc({ ...named, hour: 0, minute: 0, second: 0 }));
  return typeof from === 'string' && exists ? named : undefined;
}

function refusal(expected: string): UsageError {
  return new UsageError('bad_option', `until() takes ${expected}.`);
}
