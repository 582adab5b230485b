import { addDays, compareDays, type Day } from './calendar.ts';
import { hourIn, type Half } from './day-halves.ts';
import type { Moment, Time } from './moment.ts';
import type { ParseContext } from '../text/parse-context.ts';
import { asUtc, toInstant, toWallTime } from '../text/time-zone.ts';

export type Timely = Moment & { readonly time: Time };

const MINUTE_MS = 60_000;
const HOURS_OF_DAY = 24;

/** Whether a moment has a time, so that it can become an instant. */
export function isTimely(moment: Moment): moment is Timely {
  return moment.time !== undefined;
}

/**
 * The instant that a moment alone says: a span from now, or a time with its zone on a day that is named. Others
 * depend on the user's zone, and on now where an hour or a day is open.
 */
export function settledInstant(
  { span, offset, day, time }: Moment,
  now: number,
): number | undefined {
  if (span !== undefined) return now + span;
  if (offset === undefined || day === undefined || time === undefined) return undefined;
  const [hour = 0] = time.hours;
  return asUtc(wallAt(day, hour, time)) - offset * MINUTE_MS;
}

function wallAt(day: Day, hour: number, { minute, second }: Time): Parameters<typeof asUtc>[0] {
  const on = addDays(day, Math.floor(hour / HOURS_OF_DAY));
  return { ...on, hour: hour % HOURS_OF_DAY, minute, second };
}

/**
 * The instant of a moment: of what it may mean, the first after now, or the last before it where `past` is set. On a day
 * that is not today only the likelier hour is meant.
 */
export function instantOf(moment: Timely, { now, timeZone }: ParseContext, past: boolean): number {
  const { day, weekly = false, time, offset } = moment;
  const settled = settledInstant(moment, now);
  if (settled !== undefined) return settled;
  const at = (on: Day, hour: number): number => {
    const wall = wallAt(on, hour, time);
    return offset === undefined ? toInstant(wall, timeZone) : asUtc(wall) - offset * MINUTE_MS;
  };
  const today: Day = toWallTime(now, timeZone);
  const [likely = 0] = time.hours;
  const step = past ? -1 : 1;
  // The night of yesterday is not over at one o'clock.
  const days = day === undefined ? [-step, 0, step, 2 * step] : weekly ? [0, 7 * step] : [0];
  for (const distance of days) {
    const on = addDays(day ?? today, distance);
    const isOpen = day === undefined || compareDays(on, today) === 0;
    const hours = isOpen ? time.hours : [likely];
    for (const hour of past ? hours.toReversed() : hours) {
      const instant = at(on, hour);
      if (past ? instant <= now : instant > now) return instant;
    }
  }
  return at(day ?? today, likely);
}

/** A moment that names only the day or only the time, with the other half of what the slot holds, if that is to come. */
export function continued(moment: Moment, { previous, now, timeZone }: ParseContext): Moment {
  const { day, time, halves = [], offset, span } = moment;
  const isHalf = (day === undefined) !== (time === undefined);
  if (!isHalf || span !== undefined || offset !== undefined) return moment;
  if (!(previous instanceof Date) || !(previous.getTime() > now)) return moment;
  const { hour, minute, second, ...on } = toWallTime(previous.getTime(), timeZone);
  if (time === undefined) {
    const isIn = (half: Half): boolean => hourIn(half, hour, false) !== undefined;
    const isKept = halves.every(isIn);
    return isKept ? { ...moment, time: { hours: [hour], minute, second } } : moment;
  }
  const distance = (other: number): number => Math.abs(other - hour);
  const hours = time.hours.toSorted((a, b) => distance(a) - distance(b));
  return { ...moment, day: on, time: { ...time, hours } };
}

/** What a moment that lacks its day or its time says, as a text to keep. One with its own zone is said in one answer. */
export function partOf({ day, weekly, time, halves, offset }: Moment): string | undefined {
  if ((day === undefined) === (time === undefined) || offset !== undefined) return undefined;
  return JSON.stringify({ day, weekly, time, halves });
}

/** A moment that names only the day or only the time, with the other half that the answer before it had. */
export function completed(moment: Moment, part: string | undefined): Moment {
  const { day, time, span, offset } = moment;
  const isHalf = (day === undefined) !== (time === undefined);
  if (part === undefined || !isHalf || span !== undefined || offset !== undefined) return moment;
  const kept = JSON.parse(part) as Moment;
  const whole = time === undefined ? { ...kept, ...moment } : { ...moment, ...kept, time };
  const { halves = [], ...meant } = whole;
  if (!isTimely(meant) || meant.day === undefined) return moment;
  const { time: said } = meant;
  const [likely = 0] = said.hours;
  const isOpen = said.open === true;
  const settled = halves.map((half) => hourIn(half, isOpen ? likely % 12 : likely, isOpen));
  const [hour = likely] = settled;
  if (settled.some((other) => other !== hour)) return moment;
  return { ...meant, time: settled.length === 0 ? said : { ...said, hours: [hour] } };
}
