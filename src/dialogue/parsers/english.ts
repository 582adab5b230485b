/** One thing in a text that may be part of a number: digits with their value, or a word in lower case. */
export interface Piece {
  /** What digits say; undefined where it is a word. */
  readonly value?: number;
  readonly word?: string;
  /** Whether anything but white space or a hyphen stands between it and the piece before. */
  readonly apart: boolean;
}

// Marked as pure, here and elsewhere, so that a bundler leaves the tables out where nothing is parsed.
const ONES: readonly string[] =
  /* @__PURE__ */ 'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS: readonly string[] =
  /* @__PURE__ */ 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');

/** What a word says that is below a hundred on its own. */
function smallOf(word: string | undefined): number | undefined {
  if (word === undefined) return undefined;
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
}

/** A number, and how many pieces it is made of. */
export interface Reckoned {
  readonly value: number;
  readonly length: number;
}

/**
 * The numbers that pieces say in English: `twenty-one`, `two hundred and five`, `120 thousand`, `a dozen`,
 * `minus zero point five`. Digits count alone, too. What does not go on ends a number: `three four` are two. NaN stands for
 * what is none.
 */
export function readEnglish(pieces: readonly Piece[]): Reckoned[] {
  const found: Reckoned[] = [];
  for (let index = 0; index < pieces.length;) {
    const word = pieces[index]?.word;
    const negative = (word === 'minus' || word === 'negative') && joined(pieces, index + 1);
    const reading = readNumber(pieces, negative ? index + 1 : index);
    if (reading === undefined) {
      index += 1;
    } else {
      const amount = isCut(pieces, reading.end) ? Number.NaN : reading.value;
      const value = negative && amount !== 0 ? -amount : amount;
      found.push({ value, length: reading.end - index });
      index = reading.end;
    }
  }
  return found;
}

/** Whether a number goes on in a way that none does: “one thousand trillion” is not a thousand. */
function isCut(pieces: readonly Piece[], end: number): boolean {
  const word = nextWord(pieces, end) ?? '';
  return word === 'hundred' || word === 'dozen' || SCALES.has(word);
}

function joined(pieces: readonly Piece[], index: number): boolean {
  return pieces[index]?.apart === false;
}

/** The word at an index, where it goes on from the piece before. */
function nextWord(pieces: readonly Piece[], index: number): string | undefined {
  return joined(pieces, index) ? pieces[index]?.word : undefined;
}

function readNumber(pieces: readonly Piece[], start: number): Reading | undefined {
  const special = readDozen(pieces, start) ?? readHalf(pieces, start);
  if (special !== undefined) return special;
  let group = readGroup(pieces, start);
  if (group === undefined) return undefined;
  let total = 0;
  let limit = Infinity;
  for (;;) {
    const scale = SCALES.get(nextWord(pieces, group.end) ?? '');
    if (scale === undefined || scale >= limit) {
      return readFraction(pieces, { value: total + group.value, end: group.end });
    }
    total += scaleBy(group.value, scale);
    limit = scale;
    const end: number = group.end + 1;
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
    return pieces[start]?.word === 'a' || pieces[start]?.word === 'an'
      ? SCALES.has(nextWord(pieces, start + 1) ?? '')
        ? first
        : undefined
      : first;
  }
  const end = first.end + 1;
  const after = nextWord(pieces, end) === 'and' ? end + 1 : end;
  const rest = joined(pieces, after) ? readSmall(pieces, after) : undefined;
  return rest !== undefined && rest.value < 100 && pieces[after]?.word !== 'a'
    ? { value: first.value * 100 + rest.value, end: rest.end }
    : { value: first.value * 100, end };
}

/** Below a hundred in words, digits, or the `a` of `a hundred`. */
function readSmall(pieces: readonly Piece[], start: number): Reading | undefined {
  const piece = pieces[start];
  if (piece === undefined) return undefined;
  if (piece.value !== undefined) return { value: piece.value, end: start + 1 };
  if (piece.word === 'a' || piece.word === 'an') return { value: 1, end: start + 1 };
  const value = smallOf(piece.word);
  if (value === undefined) return undefined;
  const ones = value >= 20 ? smallOf(nextWord(pieces, start + 1)) : undefined;
  return ones !== undefined && ones > 0 && ones < 10
    ? { value: value + ones, end: start + 2 }
    : { value, end: start + 1 };
}

function readDozen(pieces: readonly Piece[], start: number): Reading | undefined {
  const half = pieces[start]?.word === 'half';
  if (half && nextWord(pieces, start + 1) === 'a' && nextWord(pieces, start + 2) === 'dozen') {
    return { value: 6, end: start + 3 };
  }
  const count = readSmall(pieces, start);
  return count !== undefined && nextWord(pieces, count.end) === 'dozen'
    ? { value: count.value * 12, end: count.end + 1 }
    : undefined;
}

function readHalf(pieces: readonly Piece[], start: number): Reading | undefined {
  return pieces[start]?.word === 'half' ? { value: 0.5, end: start + 1 } : undefined;
}

/** `point five`, `and a half`. */
function readFraction(pieces: readonly Piece[], whole: Reading): Reading {
  const { end } = whole;
  if (nextWord(pieces, end) === 'and' && nextWord(pieces, end + 1) === 'a') {
    if (nextWord(pieces, end + 2) === 'half') return { value: whole.value + 0.5, end: end + 3 };
  }
  if (nextWord(pieces, end) !== 'point' || !Number.isInteger(whole.value)) return whole;
  let digits = '';
  let index = end + 1;
  for (; ; index += 1) {
    const digit = smallOf(nextWord(pieces, index));
    if (digit === undefined || digit > 9) break;
    digits += String(digit);
  }
  return digits === '' ? whole : { value: Number(`${whole.value}.${digits}`), end: index };
}

/** Multiplied by a power of ten, as written: `2.3 × 10⁸` is 230,000,000, not a little less. */
export function scaleBy(value: number, scale: number): number {
  return Number.isInteger(value) ? value * scale : Number(`${value}e${Math.log10(scale)}`);
}
