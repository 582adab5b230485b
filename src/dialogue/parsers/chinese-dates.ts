import { NUMERALS, readChinese } from './chinese.ts';
import type { WallTime } from './zone.ts';

/**
 * Puts the dates and times of a Chinese text into figures, for a reader of English: `明天下午三点半` becomes `2026-11-23 15:30`,
 * `11月22日` becomes `11/22`, and `两小时后` `in 120 minutes`. A time without its part of the day stays as open as it was (`3:30`).
 * Weeks begin on Monday, and after midnight 明天 is still the day after. What is not understood is left.
 *
 * chrono has a Chinese of its own, but reads 下周日 as this Sunday, 明天 as today until two in the morning, 傍晚6点 as six in the
 * morning, and no date beside an English time.
 */
export function toFigures(text: string, today: WallTime): string {
  const simplified = text.replace(/[後週點時鐘個這禮號兩]/gu, (sign) => SIMPLIFIED[sign] ?? sign);
  return REWRITES.reduce(
    (rewritten, [pattern, rewrite]) =>
      rewritten.replace(pattern, (...match: unknown[]) => {
        const figures = rewrite(match.at(-1) as Groups, today);
        return figures === undefined ? String(match[0]) : ` ${figures} `;
      }),
    simplified,
  );
}

type Groups = Readonly<Record<string, string | undefined>>;
type Rewrite = (groups: Groups, today: WallTime) => string | undefined;

const SIMPLIFIED: Readonly<Record<string, string>> = {
  後: '后',
  週: '周',
  點: '点',
  時: '时',
  鐘: '钟',
  個: '个',
  這: '这',
  禮: '礼',
  號: '号',
  兩: '两',
};
/** Days from today. */
const DISTANCES: Readonly<Record<string, number>> = {
  大前: -3,
  前: -2,
  昨: -1,
  今: 0,
  明: 1,
  后: 2,
  大后: 3,
};
/** Weeks, months or years from this one. */
const TURNS: Readonly<Record<string, number>> = {
  去: -1,
  上: -1,
  这: 0,
  本: 0,
  今: 0,
  明: 1,
  下: 1,
  后: 2,
  下下: 2,
};
const UNITS: Readonly<Record<string, string>> = {
  天: 'days',
  周: 'weeks',
  星期: 'weeks',
  礼拜: 'weeks',
};
const WEEKDAYS = 'monday tuesday wednesday thursday friday saturday sunday'.split(' ');

const N = `(?:\\d{1,4}|[${NUMERALS}]{1,4})`;
const WEEKDAY = '(?:周|星期|礼拜)(?<day>[一二三四五六日天1-7])';
const AFTER = '(?:之|以|过)?后';

/** Days before the times that may follow them. */
const REWRITES: readonly (readonly [RegExp, Rewrite])[] = [
  [/现在|马上|立刻/gu, () => 'now'],
  [
    new RegExp(`(?<whole>${N}|半)个?(?<half>半)?(?:小时|钟头)${AFTER}`, 'gu'),
    ({ whole, half }) => {
      const hours = whole === '半' ? 0.5 : toNumber(whole);
      if (hours === undefined) return undefined;
      return `in ${(hours + (half === undefined ? 0 : 0.5)) * 60} minutes`;
    },
  ],
  [
    new RegExp(`(?<count>${N})(?<unit>分钟?|刻钟)${AFTER}`, 'gu'),
    ({ count, unit }) => `in ${(toNumber(count) ?? 0) * (unit === '刻钟' ? 15 : 1)} minutes`,
  ],
  [
    new RegExp(`(?<count>${N})个?(?<unit>天|周|星期|礼拜)${AFTER}`, 'gu'),
    ({ count, unit = '' }) => `in ${toNumber(count) ?? 0} ${UNITS[unit]}`,
  ],
  [
    /(?<![之以])(?<distance>大?[前后]|[今明昨])(?:[天日]|(?=[早晚]))/gu,
    ({ distance = '' }, today) => dateOf(today, { days: DISTANCES[distance] ?? 0 }),
  ],
  [
    new RegExp(
      `(?:(?<year>\\d{4}|[〇零一二三四五六七八九]{4})年|(?<turn>[去今明后])年)?\\s?(?<month>${N})月\\s?(?<day>${N})[日号]?(?:\\s?\\(?(?:周|星期|礼拜)[一二三四五六日天]\\)?)?`,
      'gu',
    ),
    ({ year, turn, month, day }, today) => {
      const named = turn === undefined ? toNumber(year) : today.year + (TURNS[turn] ?? 0);
      const parts = [toNumber(month) ?? 0, toNumber(day) ?? 0];
      if (named === undefined) return parts.join('/');
      return [named, ...parts.map((part) => String(part).padStart(2, '0'))].join('-');
    },
  ],
  [
    new RegExp(`(?<turn>下下|[上这本下])个?${WEEKDAY}`, 'gu'),
    ({ turn = '', day }, today) =>
      dateOf(today, { days: weekdayOf(day) - isoWeekday(today) + 7 * (TURNS[turn] ?? 0) }),
  ],
  [new RegExp(WEEKDAY, 'gu'), ({ day }) => WEEKDAYS[weekdayOf(day)]],
  [
    new RegExp(`(?<turn>下下|[上这本下])个?月(?<day>${N})[日号]?`, 'gu'),
    ({ turn = '', day }, today) => dayOfMonth(toNumber(day), today, TURNS[turn] ?? 0),
  ],
  [
    new RegExp(`(?<![第${NUMERALS}\\d])(?<day>${N})号(?![码线楼])`, 'gu'),
    ({ day }, today) => nextDayOfMonth(toNumber(day), today),
  ],
  [
    new RegExp(
      `(?<date>\\d{4}-\\d{2}-\\d{2})?\\s*(?:(?<part>凌晨|清晨|早[上晨]?|上午|[中正]午|下午|午后|傍晚|[夜晚][上里晚]?|[半深午]夜)?的?\\s?(?<hour>${N})(?:[点时]钟?(?:整|(?<half>半)|(?<quarters>[一三13])刻|(?<minute>${N})分|(?<bare>\\d{2}|[${NUMERALS}]{2,3}))?|:(?<figures>\\d{2}))|[中正]午)`,
      'gu',
    ),
    timeOf,
  ],
];

function timeOf(groups: Groups, today: WallTime): string | undefined {
  const { date, part, hour, half, figures } = groups;
  const said = hour === undefined ? 12 : toNumber(hour);
  const minutes = half === undefined ? minutesOf(groups) : 30;
  // A time in figures needs no help.
  if (part === undefined && figures !== undefined) return undefined;
  if (said === undefined || said > 24 || minutes === undefined || minutes > 59) return undefined;
  const hours = hourIn(part, said);
  const time = `${hours % 24}:${String(minutes).padStart(2, '0')}`;
  // An early hour that its part of the day has settled is written with a zero, and no longer open.
  const settled = part === undefined ? time : time.padStart(5, '0');
  if (hours < 24) return `${date ?? ''} ${settled}`;
  const [year, month, day] = date?.split('-').map(Number) ?? [];
  const from = year === undefined ? today : { year, month: month ?? 1, day: day ?? 1 };
  return `${dateOf(from, { days: 1 })} ${settled}`;
}

/** On a clock of 24 hours, and beyond them for what the night before has of the next day. */
function hourIn(part: string | undefined, hour: number): number {
  if (part === undefined || hour > 12) return hour;
  if (/^[凌清早上]/u.test(part)) return hour % 12;
  if (/^[中正]/u.test(part)) return hour < 4 ? hour + 12 : hour;
  if (/^(?:[晚夜]|[半深午]夜)/u.test(part))
    return hour === 12 || hour < 5 ? (hour % 12) + 24 : hour + 12;
  return (hour % 12) + 12;
}

function minutesOf({ quarters, minute, bare, figures }: Groups): number | undefined {
  if (quarters !== undefined) return quarters === '一' || quarters === '1' ? 15 : 45;
  return toNumber(minute ?? bare ?? figures ?? '0');
}

function toNumber(said: string | undefined): number | undefined {
  if (said === undefined) return undefined;
  // 零五 of 三点零五.
  const plain = said.length > 1 ? said.replace(/^[零〇]/u, '') : said;
  return /^\d+$/.test(plain) ? Number(plain) : readChinese(plain);
}

/** 0 for Monday. */
function weekdayOf(said: string | undefined): number {
  const index = '一二三四五六日'.indexOf(said === '天' ? '日' : (said ?? ''));
  return index < 0 ? Number(said) - 1 : index;
}

type Day = Pick<WallTime, 'year' | 'month' | 'day'>;

function isoWeekday({ year, month, day }: Day): number {
  return (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;
}

/** The next such day of a month, which may be today. */
export function nextDayOfMonth(day: number | undefined, today: Day): string | undefined {
  return dayOfMonth(day, today, day !== undefined && day < today.day ? 1 : 0);
}

/** The day of the month so many months on; undefined where that month has no such day. */
function dayOfMonth(day: number | undefined, today: Day, months: number): string | undefined {
  const last = new Date(Date.UTC(today.year, today.month + months, 0)).getUTCDate();
  if (day === undefined || day < 1 || day > last) return undefined;
  return dateOf({ ...today, day }, { months });
}

function dateOf(from: Day, { months = 0, days = 0 }: { months?: number; days?: number }): string {
  const date = new Date(Date.UTC(from.year, from.month - 1 + months, from.day + days));
  return date.toISOString().slice(0, 10);
}
