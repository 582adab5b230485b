import { isExplained, type Span } from '../text/explained.ts';
import { dateFillers, isClauseExplained, numberFillers, stands } from './date-fillers.ts';
import type { Setting } from './date-parts.ts';
import { scan, toScanned, type Placed } from './date-scan.ts';
import { combine, type Moment, type NoMoment } from './moment.ts';
import type { ParseContext } from '../text/parse-context.ts';
import { toWallTime } from '../text/time-zone.ts';

export interface Reading {
  readonly want: Setting['want'];
  readonly past: boolean;
  /** Whether the text may say more than the day and the time. */
  readonly anywhere: boolean;
}

/** Words that join two days or times, or separate the ends of a span of them. */
const JOINT = /\b(?:or|to|till?|until|and|between|through)\b|[-–—~/]|或|还是|到|至|和|、/u;

/** What is answered “no, saturday” where something is to be corrected. */
const CORRECTION = /^(?:no|nope|nah|不|不对|不是|错了)[,.;:!。、] ?/u;

let isWarm = false;

/**
 * Reads an answer of each kind once. The first of each compiles its patterns and makes the lists of fillers, which takes
 * longer than a turn should: so it is done where a parser is made, at the start of a program.
 */
export function warmUp(): void {
  if (isWarm) return;
  isWarm = true;
  const parseContext = { now: 0, timeZone: 'UTC', locale: 'en' };
  for (const answer of ['on 11/22 at 3', 'tomorrow at 3pm, thanks', '明天下午三点吧', '不明天']) {
    readMoment(answer, parseContext, { want: 'dateTime', past: false, anywhere: true });
  }
}

/** The one day and time that a text in English or Chinese names. What is said beside it must not change it. */
export function readMoment(
  text: string,
  { now, timeZone, locale, previous }: ParseContext,
  { want, past, anywhere }: Reading,
): Moment | NoMoment {
  const { year, month, day } = toWallTime(now, timeZone);
  if (!(year >= 1 && year <= 9999)) return 'none';
  const setting = { today: { year, month, day }, past, locale, want };
  const corrects = previous !== undefined || anywhere;
  const scanned = toScanned(text);
  const said = corrects ? scanned.replace(CORRECTION, '') : scanned;
  const found = scan(said, setting);
  if (found === undefined) return 'none';
  const { parts, spans } = found;
  const moment = combine(parts, setting);
  const counts = parts.some(({ part }) => part.kind === 'number');
  const fillers = counts ? numberFillers() : dateFillers(past);
  if (ANOTHER_MEANING.test(said)) return 'none';
  if (isExplained(said, spans, fillers) && !isRough(said, spans)) return moment;
  if (parts.some(({ part }) => part.kind === 'impossible')) return 'impossible';
  if (anywhere) return readPart(said, parts, setting);
  return moment === 'several' || isSeveral(said, spans, parts) ? 'several' : 'none';
}

/** Words that each read as a day or a filler, and together mean another day (“Good Friday”) or no day (“the 5th time”). */
const ANOTHER_MEANING = /\bgood fri(?:day)?\b|\b\d+(?:st|nd|rd|th) time\b/u;

/** Whether a sign makes it a span (22~24号) or only about it (~7pm), which some take for a flourish. */
function isRough(text: string, spans: readonly Span[]): boolean {
  const gaps = spans.map(({ start }, index) => text.slice(spans[index - 1]?.end ?? 0, start));
  return gaps.some((gap, index) => (index > 0 && gap.includes('~')) || /[-–—~] ?$/u.test(gap));
}

/** Whether a text that was not understood gives a choice of days or times, so that the user is asked which one. */
function isSeveral(text: string, spans: readonly Span[], parts: readonly Placed[]): boolean {
  const times = parts.filter(({ part }) => /^(?:time|number|midnight|pair)$/.test(part.kind));
  const days = parts.filter(({ part }) => /^(?:day|weekday|ordinal|number|pair)$/.test(part.kind));
  if (times.length < 2 && days.length < 2) return false;
  return spans.some(
    ({ end }, index) =>
      index + 1 < spans.length && JOINT.test(text.slice(end, spans[index + 1]?.start)),
  );
}

/** A day and time out of a message that says more. */
function readPart(text: string, all: readonly Placed[], setting: Setting): Moment | NoMoment {
  // A number of it counts something else, and a short word is another one: “I sat at home”.
  const parts = all.filter(
    ({ part }) => part.kind !== 'number' && !(part.kind === 'weekday' && part.loose === true),
  );
  const moment = combine(parts, setting);
  if (typeof moment === 'string') return moment;
  const spans = parts.map(({ start, end }) => ({ start, end }));
  const { day, time, span } = moment;
  const isWhole = span !== undefined || (day !== undefined && time !== undefined);
  const isWanted =
    setting.want === 'date' ? day !== undefined : setting.want === 'time' && time !== undefined;
  const isExplainedThere = isClauseExplained(text, spans);
  if (!stands(text, spans, isWhole || isExplainedThere)) return 'none';
  return isWhole || isWanted || isExplainedThere ? moment : 'none';
}
