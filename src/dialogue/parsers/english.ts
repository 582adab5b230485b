import type { Span } from '../text/explained.ts';

/** One thing in a text that may be part of a number: digits with their value, or a word in lower case. */
export interface Piece extends Span {
  /** What digits say, NaN where they say no number; undefined where it is a word. */
  readonly value?: number;
  readonly word?: string;
  /** Whether the digits say a part of one, as ¾ does. */
  readonly isPart?: boolean;
  /** Whether anything but white space or a hyphen stands between it and the piece before. */
  readonly apart: boolean;
}

export interface Amount extends Span {
  /** NaN for what is written like a number and says none, or only about one. */
  readonly value: number;
  /** Whether it is a part of one, as “half” or “two thirds”, which counts no things. */
  readonly isPart: boolean;
}

// Marked as pure, here and elsewhere, so that a bundler leaves the tables out where nothing is parsed.
export const ONES: readonly string[] =
  /* @__PURE__ */ 'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
export const TENS: readonly string[] =
  /* @__PURE__ */ 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const PARTS: readonly string[] =
  /* @__PURE__ */ 'half third quarter fifth sixth seventh eighth ninth tenth'.split(' ');

/** What a word says that is below a hundred on its own. */
export function smallOf(word: string | undefined): number | undefined {
  if (word === undefined) return undefined;
  if (word === 'nought' || word === 'naught') return 0;
  const ones = ONES.indexOf(word);
  if (ones >= 0) return ones;
  const tens = TENS.indexOf(word);
  return tens < 0 ? undefined : tens * 10 + 20;
}

const SCALES: ReadonlyMap<string, number> = new Map([
  ['thousand', 1e3],
  ['k', 1e3],
  ['million', 1e6],
  ['billion', 1e9],
  ['trillion', 1e12],
  ['quadrillion', 1e15],
]);

/** What pieces say, and the index after the last of them. */
interface Reading {
  readonly value: number;
  readonly end: number;
  readonly isPart?: boolean;
}

/**
 * The numbers that pieces say in English: `twenty-one`, `two hundred and five`, `120 thousand`, `a dozen`, `half a
 * million`, `two thirds`, `minus zero point five`. Digits count alone, too. What does not go on ends a number: `three
 * four` are two.
 */
export function readEnglish(pieces: readonly Piece[]): Amount[] {
  const found: Amount[] = [];
  for (let index = 0; index < pieces.length;) {
    const word = pieces[index]?.word;
    const negative = (word === 'minus' || word === 'negative') && joined(pieces, index + 1);
    const reading = readNumber(pieces, negative ? index + 1 : index);
    if (reading === undefined) {
      index += 1;
      continue;
    }
    const { isPart = false } = reading;
    const amount = isCut(pieces, reading.end) ? Number.NaN : reading.value;
    found.push({
      value: negative && amount !== 0 ? -amount : amount,
      isPart,
      start: pieces[index]?.start ?? 0,
      end: pieces[reading.end - 1]?.end ?? 0,
    });
    index = reading.end;
  }
  return found;
}

/** Whether words follow that belong to a number, but not to this one: “one thousand trillion” is not a thousand. */
function isCut(pieces: readonly Piece[], end: number): boolean {
  const word = nextWord(pieces, end) ?? '';
  return word === 'hundred' || isDozen(word) || SCALES.has(word);
}

function joined(pieces: readonly Piece[], index: number): boolean {
  return pieces[index]?.apart === false;
}

/** The word at an index, if it continues the piece before. */
function nextWord(pieces: readonly Piece[], index: number): string | undefined {
  return joined(pieces, index) ? pieces[index]?.word : undefined;
}

function isArticle(word: string | undefined): boolean {
  return word === 'a' || word === 'an';
}

function isDozen(word: string | undefined): boolean {
  return word === 'dozen' || word === 'dozens';
}

function readNumber(pieces: readonly Piece[], start: number): Reading | undefined {
  const special = readDozen(pieces, start) ?? readHalfScale(pieces, start);
  if (special !== undefined) return special;
  const part = readPart(pieces, start);
  if (part !== undefined) return { ...part, isPart: true };
  let group = readGroup(pieces, start);
  if (group === undefined) return readPoint(pieces, 0, start);
  let total = 0;
  let limit = Infinity;
  for (;;) {
    const first = limit === Infinity;
    const point = joined(pieces, group.end) ? readPoint(pieces, group.value, group.end) : undefined;
    const exact: Reading = point ?? (first ? withPart(pieces, group) : group);
    const scale = SCALES.get(nextWord(pieces, exact.end) ?? '');
    if (scale === undefined || scale >= limit) return { ...exact, value: total + exact.value };
    total += scaleBy(exact.value, scale);
    limit = scale;
    const end: number = exact.end + 1;
    const after = nextWord(pieces, end) === 'and' ? end + 1 : end;
    const next: Reading | undefined = joined(pieces, after) ? readGroup(pieces, after) : undefined;
    if (next === undefined || next.value >= limit) return { value: total, end };
    group = next;
  }
}

/** Below a thousand (or `fifteen hundred`), or digits of any size. */
function readGroup(pieces: readonly Piece[], start: number): Reading | undefined {
  const first = readSmall(pieces, start);
  if (first === undefined || nextWord(pieces, first.end) !== 'hundred') {
    if (!isArticle(pieces[start]?.word)) return first;
    return SCALES.has(nextWord(pieces, start + 1) ?? '') ? first : undefined;
  }
  const end = first.end + 1;
  const after = nextWord(pieces, end) === 'and' ? end + 1 : end;
  const rest = joined(pieces, after) ? readSmall(pieces, after) : undefined;
  return rest !== undefined && rest.value < 100 && !isArticle(pieces[after]?.word)
    ? { value: first.value * 100 + rest.value, end: rest.end }
    : { value: first.value * 100, end };
}

/** Below a hundred in words, digits, or the `a` of `a hundred`. */
function readSmall(pieces: readonly Piece[], start: number): Reading | undefined {
  const piece = pieces[start];
  if (piece === undefined) return undefined;
  if (piece.value !== undefined) {
    return { value: piece.value, end: start + 1, isPart: piece.isPart ?? false };
  }
  if (isArticle(piece.word)) return { value: 1, end: start + 1 };
  const value = smallOf(piece.word);
  if (value === undefined) return undefined;
  const ones = value >= 20 ? smallOf(nextWord(pieces, start + 1)) : undefined;
  return ones !== undefined && ones > 0 && ones < 10
    ? { value: value + ones, end: start + 2 }
    : { value, end: start + 1 };
}

/** `a dozen`, `3 dozens`, `half a dozen`. */
function readDozen(pieces: readonly Piece[], start: number): Reading | undefined {
  if (pieces[start]?.word === 'half') {
    const end = isArticle(nextWord(pieces, start + 1)) ? start + 2 : start + 1;
    return isDozen(nextWord(pieces, end)) ? { value: 6, end: end + 1 } : undefined;
  }
  const count = readSmall(pieces, start);
  return count !== undefined && isDozen(nextWord(pieces, count.end))
    ? { value: count.value * 12, end: count.end + 1 }
    : undefined;
}

/** `half a million`. */
function readHalfScale(pieces: readonly Piece[], start: number): Reading | undefined {
  if (pieces[start]?.word !== 'half' || !isArticle(nextWord(pieces, start + 1))) return undefined;
  const word = nextWord(pieces, start + 2);
  const scale = word === 'hundred' ? 100 : SCALES.get(word ?? '');
  return scale === undefined ? undefined : { value: scale / 2, end: start + 3 };
}

/** A part of one: `half`, `a quarter`, `two thirds`. “second” is none, nor is what has as many parts as the whole. */
function readPart(pieces: readonly Piece[], start: number): Reading | undefined {
  if (pieces[start]?.word === 'half') return { value: 0.5, end: start + 1 };
  const count = pieces[start]?.value === undefined ? readSmall(pieces, start) : undefined;
  const named = count === undefined ? undefined : nextWord(pieces, count.end);
  if (count === undefined || named === undefined) return undefined;
  const place = PARTS.indexOf(count.value > 1 ? named.replace(/s$/u, '') : named);
  const parts = place + 2;
  const fits = place >= 0 && count.value > 0 && count.value < parts;
  return fits && (count.value === 1 || named.endsWith('s'))
    ? { value: count.value / parts, end: count.end + 1 }
    : undefined;
}

/** `five and a quarter`; after a hundred or more, people mean something else by it. */
function withPart(pieces: readonly Piece[], whole: Reading): Reading {
  if (nextWord(pieces, whole.end) !== 'and' || !joined(pieces, whole.end + 1)) return whole;
  const part = Number.isInteger(whole.value) ? readPart(pieces, whole.end + 1) : undefined;
  return part !== undefined && whole.value < 100 && pieces[whole.end + 1]?.word !== 'half'
    ? { value: whole.value + part.value, end: part.end }
    : whole;
}

/** `point five`, behind a whole number or alone. */
function readPoint(pieces: readonly Piece[], whole: number, start: number): Reading | undefined {
  if (pieces[start]?.word !== 'point' || !Number.isInteger(whole)) return undefined;
  let digits = '';
  let index = start + 1;
  for (; ; index += 1) {
    const digit = smallOf(nextWord(pieces, index));
    if (digit === undefined || digit > 9) break;
    digits += String(digit);
  }
  return digits === '' ? undefined : { value: Number(`${whole}.${digits}`), end: index };
}

/** Multiplied by a power of ten, as written: `2.3 × 10⁸` is 230,000,000, not a little less. */
export function scaleBy(value: number, scale: number): number {
  return Number.isInteger(value) ? value * scale : Number(`${value}e${Math.log10(scale)}`);
}
