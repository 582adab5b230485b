import { fold } from '../text/normalize.ts';
import { NUMERALS, readChinese } from './chinese.ts';
import { readEnglish, type Piece, type Reckoned } from './english.ts';

/**
 * Words in which a numeral counts nothing: 一共 (altogether), 一下 (a moment), 千万 (by all means), 星期一 (Monday). 千克 and
 * 千米 are units.
 */
const NO_NUMBERS = /* @__PURE__ */ new RegExp(
  `[统唯]一|(?<![${NUMERALS}\\d])(?:一[共起下定般样直些切旦边会]|一点(?=[儿也都]|$)|万一|千万(?=[别不要记])|十分(?![之钟]))|(?:星期|礼拜|[周週])[一二三四五六]|千(?=[克米瓦])`,
  'gu',
);

const DIGITS = '(?:\\d{1,3}(?:,\\d{3})+(?!\\d)|\\d+)(?:\\.\\d+)?|(?<![\\w.])\\.\\d+';

/**
 * A run of digits and numerals with its sign, or a word. Digits that a letter or point stands before (`A4`, the third part
 * of `1.2.3`), or that go on in letters and digits (`1e5`), are a name and not a number.
 */
const PIECE = /* @__PURE__ */ new RegExp(
  `(?<sign>(?<![\\w)])[-+−]\\s?|[负負]|零下)?(?<run>(?<![a-z_.\\d])(?:${DIGITS}|[${NUMERALS}])(?:[${NUMERALS}]|[点點](?=[${NUMERALS}\\d])|(?<=[${NUMERALS}])\\d+)*)(?<name>[a-z]*\\d|\\.\\d)?(?<half>\\p{Script=Han}?半)?|(?<word>\\p{Script=Latin}+)`,
  'gu',
);

/**
 * Every number in a text: digits (`1,200`, `-3.5`, full-width ones), Chinese numerals (`两百零五`, `1.5万`, `负三`, `三个半`), English
 * words (`twenty-one`, `half a dozen`). Undefined stands for what is written like a number and cannot be read as one.
 */
export function findNumbers(text: string): (number | undefined)[] {
  const { numbers, unread } = scan(text);
  return [
    ...numbers.map(({ value }) => (Number.isNaN(value) ? undefined : value)),
    ...Array.from({ length: unread }, () => undefined),
  ];
}

/** The number that the text is from end to end, punctuation aside. */
export function toNumber(text: string): number | undefined {
  const { numbers, unread, pieces, rest } = scan(text);
  const [number] = numbers;
  const whole = numbers.length === 1 && unread === 0 && number?.length === pieces && !rest;
  return whole && !Number.isNaN(number.value) ? number.value : undefined;
}

interface Scan {
  readonly numbers: readonly Reckoned[];
  /** How many numbers could not be read. */
  readonly unread: number;
  /** How many words and numbers there are. */
  readonly pieces: number;
  /** Whether there are letters of other scripts. */
  readonly rest: boolean;
}

function scan(text: string): Scan {
  const words = fold(text).replace(NO_NUMBERS, (match) => ' '.repeat(match.length));
  if (/^一?半个?$/u.test(words)) {
    return { numbers: [{ value: 0.5, length: 1 }], unread: 0, pieces: 1, rest: false };
  }
  let unread = 0;
  let rest = false;
  let end = 0;
  const pieces: Piece[] = [];
  for (const match of words.matchAll(PIECE)) {
    const { run, word } = match.groups ?? {};
    const between = words.slice(end, match.index);
    const apart = !/^(?:\s?|,\s|-)$/u.test(between);
    rest ||= /\p{L}/u.test(between);
    end = match.index + match[0].length;
    const value = run === undefined ? undefined : toAmount(run, match.groups ?? {});
    if (run !== undefined && value === undefined) unread += 1;
    pieces.push({
      ...(value !== undefined && { value }),
      ...(word !== undefined && { word }),
      apart,
    });
  }
  rest ||= /\p{L}/u.test(words.slice(end));
  return { numbers: readEnglish(pieces), unread, pieces: pieces.length, rest };
}

function toAmount(
  run: string,
  { sign = '', name, half }: Readonly<Record<string, string | undefined>>,
): number | undefined {
  if (name !== undefined) return undefined;
  const plain = run.replaceAll(',', '');
  const read = /^[\d.]+$/.test(plain) ? Number(plain) : readChinese(plain);
  if (read === undefined || read === 0) return read;
  const amount = half === undefined ? read : read + 0.5;
  return sign === '' || sign.startsWith('+') ? amount : -amount;
}
