import { fold } from './normalize.ts';

/** A part of a text, in UTF-16 units; the end is the first unit behind it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Phrases that change nothing about an answer, by their words joined with spaces. */
export interface Fillers {
  readonly phrases: ReadonlySet<string>;
  /** The number of words of the longest phrase. */
  readonly longest: number;
}

/** A word of a script that puts spaces between words, one character of a script that does not, or a symbol. */
const TOKEN = /\p{Script=Han}|[\p{L}\p{M}\p{N}]+(?:’\p{L}+)*|\p{Extended_Pictographic}|\S/gu;

/** What separates words and says nothing. A question mark does, and so do signs that belong to numbers. */
const SILENT = /^(?:[,.!;:，。！；：、~…"“”‘’'()（）]|\ufe0f|\u200d)$/u;

/** Phrases out of a list that is separated by commas, added to others. */
export function createFillers(list: string, others?: Fillers): Fillers {
  const phrases = new Set(others?.phrases);
  let longest = others?.longest ?? 0;
  for (const phrase of list.split(',')) {
    const tokens = tokensOf(fold(phrase));
    if (tokens.length === 0) continue;
    phrases.add(tokens.join(' '));
    longest = Math.max(longest, tokens.length);
  }
  return { phrases, longest };
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
    if (!isFiller(text.slice(from, start), fillers)) return false;
    from = Math.max(from, end);
  }
  return isFiller(text.slice(from), fillers);
}

/** Whether a text is made of fillers and nothing else. */
function isFiller(text: string, { phrases, longest }: Fillers): boolean {
  const tokens = tokensOf(text);
  // Whether everything before the token of that index can be read as fillers.
  const reached = Array.from({ length: tokens.length + 1 }, (_, index) => index === 0);
  for (let index = 0; index < tokens.length; index += 1) {
    if (!reached[index]) continue;
    let phrase = '';
    for (let length = 1; length <= longest && index + length <= tokens.length; length += 1) {
      phrase += (length === 1 ? '' : ' ') + tokens[index + length - 1];
      if (phrases.has(phrase)) reached[index + length] = true;
    }
  }
  return reached[tokens.length] === true;
}

function tokensOf(text: string): string[] {
  const tokens = text.replaceAll("'", '’').match(TOKEN) ?? [];
  return tokens.filter((token) => !SILENT.test(token));
}
