/** Times and spans as a person reads them. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface SpanUnits {
  readonly day: string;
  readonly hour: string;
  readonly minute: string;
  readonly second: string;
  readonly millisecond: string;
}

/** The two largest units, as `1 h 20 min`. */
export function spanInWords(ms: number, units: SpanUnits): string {
  const sizes: readonly (readonly [size: number, unit: string])[] = [
    [DAY, units.day],
    [HOUR, units.hour],
    [MINUTE, units.minute],
    [SECOND, units.second],
  ];
  const whole = Math.max(0, ms);
  const first = sizes.findIndex(([size]) => whole >= size);
  if (first < 0) return `${formatMs(whole)} ${units.millisecond}`;
  let rest = whole;
  const parts: string[] = [];
  for (const [size, unit] of sizes.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.join(' ');
}

/** A measured time, with as many digits as say something. */
export function formatMs(ms: number): string {
  if (ms >= 100) return String(Math.round(ms));
  return ms >= 10 ? ms.toFixed(1) : ms.toFixed(2);
}

export function formatTime(at: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(at);
}

export function formatDay(at: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  }).format(at);
}

/** Day and time; for a title, and where the day may be another one. */
export function formatMoment(at: number, locale: string): string {
  return `${formatDay(at, locale)}, ${formatTime(at, locale)}`;
}
