import { LRUCache } from 'lru-cache';

/** How the library itself says numbers, days, times and lists: as people write them who speak the user's language. */

type Formatter = Intl.NumberFormat | Intl.DateTimeFormat | Intl.ListFormat;

/** A formatter takes longer to make than a message to answer. A locale comes from a context, so their number has a limit. */
const formatters = /* @__PURE__ */ new LRUCache<string, Formatter>({ max: 128 });

function cached<Kind extends Formatter>(key: string, make: () => Kind): Kind {
  let formatter = formatters.get(key) as Kind | undefined;
  if (formatter === undefined) {
    formatter = make();
    formatters.set(key, formatter);
  }
  return formatter;
}

/** A number with all its digits: `1234`, `12,345`, `0,5`. Four digits stand together, since they may be a year. */
export function sayNumber(value: number | bigint, locale: string): string {
  const options = { useGrouping: 'min2', maximumFractionDigits: 20 } as const;
  const formatter = cached(`number ${locale}`, () => new Intl.NumberFormat(locale, options));
  return typeable(formatter.format(value));
}

/** A day that is given as `2026-11-22`: `Sunday, November 22, 2026` where it is `full`, `Nov 22, 2026` where it is `medium`. */
export function sayDay(day: string, locale: string, style: 'full' | 'medium' = 'medium'): string {
  const instant = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(instant)) return day;
  return sayDate(instant, locale, { timeZone: 'UTC', dateStyle: style });
}

/** A time of day that is given as `18:30`: `6:30 PM`. */
export function sayTime(time: string, locale: string): string {
  const instant = Date.parse(`1970-01-01T${time}:00Z`);
  if (Number.isNaN(instant)) return time;
  return sayDate(instant, locale, { timeZone: 'UTC', timeStyle: 'short' });
}

/** An instant as the clock and the calendar on the user's wall show it. */
export function sayInstant(
  instant: Date,
  locale: string,
  timeZone: string,
  style: 'full' | 'medium' = 'medium',
): string {
  if (Number.isNaN(instant.getTime())) return String(instant);
  return sayDate(instant, locale, { timeZone, dateStyle: style, timeStyle: 'short' });
}

/** Things of which all are meant (`conjunction`), or one (`disjunction`): `a, b or c`, `a、b还是c`, `a, b ou c`. */
export function sayList(
  items: readonly string[],
  locale: string,
  type: 'conjunction' | 'disjunction',
): string {
  const own = OWN_LISTS[locale.split('-')[0] ?? ''];
  if (own !== undefined) {
    const rest = items.slice(0, -1).join(own.comma);
    return rest === '' ? (items[0] ?? '') : `${rest}${own[type]}${items.at(-1)}`;
  }
  return cached(`${type} ${locale}`, () => new Intl.ListFormat(locale, { type })).format(items);
}

/** How the library's own sentences are worded: those of Intl for Chinese are no questions. */
const OWN_LISTS: Readonly<
  Record<string, Readonly<Record<'comma' | 'conjunction' | 'disjunction', string>>>
> = {
  en: { comma: ', ', conjunction: ' and ', disjunction: ' or ' },
  zh: { comma: '、', conjunction: '和', disjunction: '还是' },
};

function sayDate(
  instant: number | Date,
  locale: string,
  options: Intl.DateTimeFormatOptions,
): string {
  const key = `date ${Object.values(options).join(' ')} ${locale}`;
  return typeable(cached(key, () => new Intl.DateTimeFormat(locale, options)).format(instant));
}

/** Users do not type the narrow spaces that Unicode puts before PM and between digits, nor find them in a log. */
function typeable(text: string): string {
  return text.replaceAll(/[\u00a0\u202f\u2009]/gu, ' ');
}
