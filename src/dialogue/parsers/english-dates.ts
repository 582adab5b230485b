import { nextDayOfMonth } from './chinese-dates.ts';
import type { WallTime } from './zone.ts';

const HOURS = 'one two three four five six seven eight nine ten eleven twelve'.split(' ');
const HOUR = String.raw`(?:\d{1,2}|${HOURS.join('|')})`;
const PART = String.raw`(?:in the |this )?(?<part>morning|afternoon|evening|tonight|at night)`;
const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const MONTH =
  'jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?';

/**
 * Puts what chrono's English does not know into words that it does: `half past three`, `quarter to 4`, `at three`,
 * `8 in the evening`, `the 22nd`. The text is in lower case.
 */
export function toKnownEnglish(text: string, today: WallTime): string {
  return text
    .replace(
      new RegExp(String.raw`\b(half past|(?:a )?quarter (?:past|to)) (${HOUR})\b`, 'g'),
      (_, fraction: string, hour: string) => {
        if (fraction.startsWith('half')) return `at ${hourOf(hour)}:30`;
        if (fraction.endsWith('past')) return `at ${hourOf(hour)}:15`;
        return `at ${((hourOf(hour) + 10) % 12) + 1}:45`;
      },
    )
    .replace(
      new RegExp(String.raw`\bat (${HOURS.join('|')})\b`, 'g'),
      (_, hour: string) => `at ${hourOf(hour)}`,
    )
    .replace(
      new RegExp(String.raw`\b(${HOURS.join('|')})(?= o['’]?clock| ?[ap]\.?m\b)`, 'g'),
      (hour) => String(hourOf(hour)),
    )
    .replace(
      new RegExp(String.raw`\b(?<time>\d{1,2}(?::\d{2})?)(?: o['’]?clock)?,? ${PART}\b`, 'g'),
      (_, time: string, part: string) => {
        const half = part === 'morning' ? 'am' : 'pm';
        return `${part === 'tonight' ? 'today at ' : ''}${time} ${half}`;
      },
    )
    .replace(
      new RegExp(
        String.raw`(?<!\b(?:${MONTH})\.? )(?:\bon )?\bthe (\d{1,2})(?:st|nd|rd|th)\b(?! (?:of|one|${MONTH})\b)`,
        'g',
      ),
      (all, day: string) => nextDayOfMonth(Number(day), today) ?? all,
    );
}

function hourOf(said: string): number {
  const index = HOURS.indexOf(said);
  return index < 0 ? Number(said) : index + 1;
}

const ISO = /(?<!\d)(?<year>\d{4})[-/.](?<month>\d{1,2})[-/.](?<day>\d{1,2})(?!\d)/g;
const SLASHED = /(?<![\d/.-])(?<month>\d{1,2})\/(?<day>\d{1,2})(?:\/(?<year>\d{4}))?(?![\d/])/g;
const NAMED = [
  new RegExp(
    String.raw`\b(?<name>${MONTH})\.? (?<day>\d{1,2})(?:st|nd|rd|th)?\b(?!:)(?:,? (?<year>\d{4})\b)?`,
    'g',
  ),
  new RegExp(
    String.raw`\b(?<day>[12]?\d|3[01])(?:st|nd|rd|th)? (?:of )?(?<name>${MONTH})\b(?:,? (?<year>\d{4})\b)?`,
    'g',
  ),
];

/** Whether a text names a day that its month does not have, as 30 February. Without a year, 29 February exists. */
export function hasImpossibleDate(text: string): boolean {
  return [ISO, SLASHED, ...NAMED].some((pattern) =>
    Array.from(text.matchAll(pattern)).some(({ groups = {} }) => {
      const { year = '2000', month, day = '', name = '' } = groups;
      const number = month === undefined ? MONTHS.indexOf(name.slice(0, 3)) + 1 : Number(month);
      const exists = isDay(Number(year), number, Number(day));
      // 22/11 is November in most of the world.
      return !exists && !(pattern === SLASHED && isDay(Number(year), Number(day), number));
    }),
  );
}

function isDay(year: number, month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= lastDay(year, month);
}

function lastDay(year: number, month: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, 0);
  return date.getUTCDate();
}
