import { EMOJI_DETAILS, withEmoji } from './emoji.ts';
import { fold } from './normalize.ts';

/** A part of a text, in UTF-16 units; the end is the first unit behind it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Phrases that change nothing about an answer, by their words joined with spaces. */
export interface Fillers {
  readonly phrases: ReadonlySet<string>;
  /** What phrases begin with, so that a text is compared with no longer phrases than it may have. */
  readonly beginnings: ReadonlySet<string>;
}

/** Where nothing but punctuation may stand around a value. */
export const NO_FILLERS: Fillers = { phrases: new Set(), beginnings: new Set() };

/**
 * A word of a script that puts spaces between words, one character of a script that does not, or a symbol. A hyphen
 * inside of a word separates its parts as a space does.
 */
const TOKEN =
  /\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}])+(?:’\p{L}+)*|(?!(?<=\p{L})[-‐](?=\p{L}))\S/gu;

/**
 * What separates words and says nothing. A question mark says something, and so do a slash, a hyphen, and signs that
 * belong to numbers.
 */
const SILENT = /^[,.!;:，。！；：、…"“”‘’()[\]（）「」『』《》【】*_`~]$/u;

/** Whether a folded text is words of ASCII with one space between them: its tokens. */
export function isPlainWords(text: string): boolean {
  return /^[a-z\d]+(?: [a-z\d]+)*$/.test(text);
}

/** Made of fillers, and none: 对了 is “by the way”, 要是 is “if”. */
const MORE_THAN_PARTS = /(?:^| )(?:[对對] 了|要 是)(?: |$)/u;

/** Phrases out of a list that is separated by commas, added to others. */
export function createFillers(list: string, ...others: readonly Fillers[]): Fillers {
  const phrases = new Set(others.flatMap((other) => [...other.phrases]));
  const beginnings = new Set(others.flatMap((other) => [...other.beginnings]));
  for (const phrase of list.split(',')) {
    const tokens = tokensOf(fold(phrase));
    if (tokens.length === 0) continue;
    phrases.add(tokens.join(' '));
    for (const beginning of beginningsOf(tokens)) beginnings.add(beginning);
  }
  return { phrases, beginnings };
}

/** The words of a phrase but the last, the last two, and so on. */
export function beginningsOf(tokens: readonly string[]): string[] {
  return tokens.slice(1).map((_, index) => tokens.slice(0, index + 1).join(' '));
}

/**
 * Whether everything in a text is accounted for: by the spans that a parser has read, by fillers, and by punctuation that
 * says nothing. What is left over (a denial, a question, an alternative, a unit, any other word) may turn the answer into
 * something else, so that the parser has to ask again.
 * @param text in the form that `fold` gives
 */
export function isExplained(text: string, spans: readonly Span[], fillers: Fillers): boolean {
  let from = 0;
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    if (!isFillerBefore(text.slice(from, start), fillers)) return false;
    from = Math.max(from, end);
  }
  return isFiller(text.slice(from), fillers);
}

/** Whether a text that stands before a value is made of fillers. A tilde right before the value (`~3`) is “about”. */
export function isFillerBefore(text: string, fillers: Fillers): boolean {
  return !/~\s*$/u.test(text.slice(-8)) && isFiller(text, fillers);
}

/** Whether a text is made of fillers and nothing else. */
export function isFiller(text: string, { phrases, beginnings }: Fillers): boolean {
  const tokens = tokensOf(text);
  if (MORE_THAN_PARTS.test(tokens.join(' '))) return false;
  // Whether everything before the token of that index can be read as fillers.
  const reached = Array.from({ length: tokens.length + 1 }, (_, index) => index === 0);
  let furthest = 0;
  for (let index = 0; index <= furthest && index < tokens.length; index += 1) {
    if (!reached[index]) continue;
    let phrase = '';
    for (let end = index + 1; end <= tokens.length; end += 1) {
      phrase += (phrase === '' ? '' : ' ') + tokens[end - 1];
      if (phrases.has(phrase)) {
        reached[end] = true;
        furthest = Math.max(furthest, end);
      }
      if (!beginnings.has(phrase)) break;
    }
  }
  return reached[tokens.length] === true;
}

/**
 * The words, characters and symbols of a folded text, without what is silent. An emoji is the same in every colour
 * of skin, and as its name (`:+1:`). A dash before further words is silent too.
 */
export function tokensOf(text: string): string[] {
  const tokens = withEmoji(text).replaceAll("'", '’').match(TOKEN) ?? [];
  const kept = tokens.filter((token) => !SILENT.test(token) && !EMOJI_DETAILS.test(token));
  return kept.filter((token, index) => index === kept.length - 1 || !/^[–—]$/u.test(token));
}
