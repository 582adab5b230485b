import type { Span } from '../text/explained.ts';
import { NUMERALS } from './chinese.ts';
import { CHINESE, toPlainChinese } from './chinese-moments.ts';
import { FIGURES } from './date-figures.ts';
import { LETTERS, type Found, type Part, type Rule, type Setting } from './date-parts.ts';
import { ENGLISH } from './english-moments.ts';
import { fold } from '../text/normalize.ts';

/** A part with the place of the phrase that says it. */
export interface Placed extends Span {
  readonly part: Part;
}

/** What a text says about days and times. */
export interface Scan {
  readonly parts: readonly Placed[];
  /** The phrases that were read. */
  readonly spans: readonly Span[];
}

/** No answer has more phrases, or more words without one; what has is not looked at to its end. */
const MOST_PHRASES = 12;
const MOST_WORDS = 50;

/** The signs that a phrase in Chinese can begin with. */
const CHINESE_STARTS = `${NUMERALS}今明昨前后大去本上下这周星礼半再过凌清早晨中正午傍黄晚深夜差现马立此有共那几`;
const DIGITS = [...FIGURES, ...CHINESE, ...ENGLISH];

/** A word, a number, or one sign of a script without words. */
const NEXT = new RegExp(`[${LETTERS}\\d’]+|[${NUMERALS}]+|[^]`, 'y');

/** The form of a text in which it is scanned: folded, with one kind of apostrophe and Chinese in plain signs. */
export function toScanned(text: string): string {
  return toPlainChinese(fold(text).replace(/['‘`´]/gu, '’'));
}

/** Finds the phrases of a text, the longest that stands at each place. Undefined where there are too many words. */
export function scan(text: string, setting: Setting): Scan | undefined {
  const parts: Placed[] = [];
  const spans: Span[] = [];
  let words = 0;
  for (let at = 0; at < text.length;) {
    if (spans.length > MOST_PHRASES || words > MOST_WORDS) return undefined;
    const rules = rulesFor(text, at);
    const found = longest(rules, text, at, setting);
    if (found === undefined) {
      if (rules.length > 0) words += 1;
      NEXT.lastIndex = at;
      at += NEXT.exec(text)?.[0].length ?? 1;
    } else {
      const { start, end } = found;
      spans.push({ start, end });
      parts.push(...found.parts.map((part) => ({ part, start, end })));
      at = end;
    }
  }
  return { parts, spans };
}

function longest(
  rules: readonly Rule[],
  text: string,
  at: number,
  setting: Setting,
): Found | undefined {
  let best: Found | undefined;
  for (const rule of rules) {
    const found = rule(text, at, setting);
    if (found !== undefined && found.end > (best?.end ?? at)) best = found;
  }
  return best;
}

function rulesFor(text: string, at: number): readonly Rule[] {
  const sign = text[at] ?? '';
  if (sign === ' ') return [];
  if (/\d/.test(sign)) return DIGITS;
  if (/[a-z]/.test(sign)) return sign === 'z' || sign === 'u' || sign === 'g' ? ALL_LATIN : ENGLISH;
  if (sign === '+') return FIGURES;
  return CHINESE_STARTS.includes(sign) ? CHINESE : [];
}

const ALL_LATIN = [...FIGURES, ...ENGLISH];
