import { LETTERS } from './date-parts.ts';
import { ONES, TENS } from './english.ts';

const SMALL = String.raw`(?:(?:${TENS.join('|')})(?:[ -](?:${ONES.slice(1, 10).join('|')}))?|${ONES.toReversed().join('|')})`;

/** A number below a hundred in words, or in at most two digits, for a pattern. */
export const SMALL_NUMBER = String.raw`(?:\d{1,2}(?!\d)|${SMALL}(?![${LETTERS}]))`;

/** How many of a unit, for a pattern that a space and the unit follow. */
export const COUNT = String.raw`(?<count>\d{1,4}(?:\.\d)?|an?|${SMALL})`;

/** What a count says: a number in digits or words, or an article. */
export function countOf(said: string | undefined): number | undefined {
  if (said === undefined) return undefined;
  return said === 'a' || said === 'an' ? 1 : smallOf(said);
}

/** What digits or words below a hundred say. */
export function smallOf(said: string): number | undefined {
  if (/^\d+(?:\.\d+)?$/.test(said)) return Number(said);
  const [first = '', second] = said.split(/[ -]/);
  const tens = TENS.indexOf(first);
  if (tens < 0)
    return second === undefined && ONES.includes(first) ? ONES.indexOf(first) : undefined;
  return (tens + 2) * 10 + (second === undefined ? 0 : ONES.indexOf(second));
}
