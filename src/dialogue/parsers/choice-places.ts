import { lazy } from '../../internal/lazy.ts';
import {
  createFillers,
  isExplained,
  isFiller,
  isFillerBefore,
  NO_FILLERS,
  type Span,
} from '../text/explained.ts';
import { courtesyFillers } from '../text/fillers.ts';
import { fold } from '../text/normalize.ts';
import { NUMERALS } from './chinese.ts';
import type { Groups } from './date-parts.ts';
import { findAmounts, foldNumerals, toNumber } from './numerals.ts';

/** The place that a text says by a number and nothing else: `2`, `2.`, `(2)`, `two`, “2 please”. */
export function bareNumber(words: string): number | undefined {
  const text = foldNumerals(words);
  const [amount, ...others] = findAmounts(text);
  if (amount === undefined || others.length > 0 || !(amount.value > 0)) return undefined;
  // “one please” may want one of something.
  const isFigure = /^\d+$/u.test(text.slice(amount.start, amount.end));
  const around = isFigure ? picking() : NO_FILLERS;
  const isBare =
    isFillerBefore(text.slice(0, amount.start), around) && isFiller(text.slice(amount.end), around);
  return isBare && Number.isInteger(amount.value) ? amount.value : undefined;
}

const ORDINALS = 'first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth';

const NUMERAL = `[${NUMERALS}\\d]{1,6}`;

/**
 * `the second`, `2nd option`, `number two`, `#2`, `第二个`, `选2`, `二号`; from the end of a list `the last one`, `second last`,
 * `最后一个`, `倒数第二个`.
 */
const PLACE = /* @__PURE__ */ new RegExp(
  `\\b(?:the )?(?:(?:(?<fromEnd>${ORDINALS}|next|\\d+(?:st|nd|rd|th))(?: to the| to| from the| from|-to-|-)? ?last)|(?<end>last|final)|(?<ordinal>${ORDINALS}|\\d+(?:st|nd|rd|th)))\\b(?: (?:one|option|choice|item)\\b)?|` +
    `(?:\\b(?:option|number|choice)(?: number)? ?|\\bno\\. ?|#)(?<number>\\d{1,6}|[a-z]{3,9})\\b|` +
    `倒[数數]第(?<chineseFromEnd>${NUMERAL})[个個项項种]?|第(?<nth>${NUMERAL})[个個项項种]?|[选選](?:[择擇项項])?(?<picked>${NUMERAL})[号號]?|(?<numbered>${NUMERAL})[号號]|(?<chineseEnd>最[后後](?:[一那]?[个個项項种]))`,
  'gu',
);

/** An answer does not name more of them, and each takes time to read. */
const MOST_PLACES = 5;

/** The places that a text names; none where it says something else besides, unless it names several. */
export function namedPlaces(words: string): readonly number[] {
  const said = fold(words);
  const spans: Span[] = [];
  const places = new Set<number>();
  for (const match of said.matchAll(PLACE)) {
    const place = placeOf(match.groups ?? {});
    if (place === undefined || spans.length >= MOST_PLACES) return [];
    places.add(place);
    spans.push({ start: match.index, end: match.index + match[0].length });
  }
  if (places.size === 1 && !isExplained(said, spans, picking())) return [];
  return [...places];
}

function placeOf(groups: Groups): number | undefined {
  const { fromEnd, end, ordinal, chineseFromEnd, chineseEnd } = groups;
  if (end !== undefined || chineseEnd !== undefined) return -1;
  if (fromEnd === 'next') return -2;
  if (fromEnd !== undefined) return negated(ordinalOf(fromEnd));
  if (chineseFromEnd !== undefined) return negated(toNumber(chineseFromEnd));
  if (ordinal !== undefined) return ordinalOf(ordinal);
  return toNumber(
    groups['number'] ?? groups['nth'] ?? groups['picked'] ?? groups['numbered'] ?? '',
  );
}

function negated(place: number | undefined): number | undefined {
  return place === undefined ? undefined : -place;
}

function ordinalOf(word: string): number {
  const index = ORDINALS.split('|').indexOf(word);
  return index < 0 ? Number.parseInt(word, 10) : index + 1;
}

/** What may stand around a place: words of choosing, but none that count (“we are 2”). */
const picking = /* @__PURE__ */ lazy(() =>
  createFillers(
    'i’d like, i would like, i want, i’ll take, i will take, i’ll have, i will have, i choose, i’ll choose, i pick, i’ll pick, i select, i prefer, i’d prefer, ' +
      'i’ll go with, i go with, go with, give me, make it, let’s go with, let’s take, let’s do, that is, that’s, it is, it’s, my choice, my choice is, my answer is, the answer is, ' +
      '我要, 我选, 我選, 我选择, 选, 選, 选择, 我想要, 我想选, 要, 就要, 想要, 就选, 那就选, 那就要, 给我, 来, 我说的是, 我的选择是, 答案是, 定, 我定, 改成, 换成, 的',
    courtesyFillers(),
  ),
);
