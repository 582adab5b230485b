import { textOf, type Message } from '../../message.ts';
import { isFiller, NO_FILLERS } from '../text/explained.ts';
import { withEmoji } from '../text/emoji.ts';
import { fold, isAscii } from '../text/normalize.ts';
import { NUMERALS, readChinese } from './chinese.ts';
import type { Groups } from './date-parts.ts';
import { readEnglish, type Amount, type Piece } from './english.ts';

/**
 * Words in which a numeral counts nothing: 一共 (altogether), 一下 (a moment), 千万 (by all means), 星期一 (Monday), 队伍 (a
 * group). 千克 and 千米 are units.
 */
const NO_NUMBERS = /* @__PURE__ */ new RegExp(
  `[统唯]一|[队入退]伍|(?<![${NUMERALS}\\d])(?:一[共起下定般样直些切旦边会行家]|一点(?=[儿也都]|$)|万一|千万(?=[别不要记])|十分(?![之钟]))|(?:星期|礼拜|[周週])[一二三四五六]|千(?=[克米瓦])`,
  'gu',
);

/** Formal digits that are a surname or a part of a word more often than a number. */
const ALONE_NO_NUMBER = /^[伍陆陸拾參仟佰]$/u;

const DIGITS =
  "(?:[1-9]\\d{0,2}(?<mark>[,’' ])\\d{3}(?:\\k<mark>\\d{3})*(?!\\d)|\\d+)(?:\\.\\d+)?|(?<![\\w.])\\.\\d+";

/** Between the parts of a Chinese amount that has spaces in it: `7 万 5 千`. */
const GAP = '(?<=[\\d万萬亿億]) (?=[百千万萬亿億])|(?<=[百千万萬亿億]) (?=\\d+ ?[十百千万萬])';

/**
 * A fraction, a run of digits and numerals with its sign, a half, or a word. Digits that a letter or point stands before
 * (`A4`, the third part of `1.2.3`), or that go on in letters and digits (`1e5`), are a name and not a number.
 */
const PIECE = /* @__PURE__ */ new RegExp(
  `(?<![\\w./⁄])(?:(?<whole>\\d{1,4}) )?(?<over>\\d{1,3})(?<line>[/⁄])(?<under>\\d{1,3})(?![\\w/⁄]|\\.\\d)|` +
    `(?<parts>[${NUMERALS}\\d]{1,9})分之(?<count>[${NUMERALS}\\d]{1,9})|(?<part>一?半[个打]?)|` +
    `(?<sign>(?<![\\w)])[-+−]|[负負]|零下)?(?<run>(?<![a-z_.\\d])(?:${DIGITS}|[${NUMERALS}幺])(?:[${NUMERALS}幺]|[点點](?=[${NUMERALS}\\d])|(?<=[${NUMERALS}] ?)\\d+|个(?=[亿億])|${GAP})*)(?<name>[a-z]*\\d|\\.\\d)?(?<half>个半)?(?<dozen>打)?|` +
    `(?<word>\\p{Script=Latin}+)`,
  'gu',
);

/** All that `PIECE` finds in ASCII without a digit, where it takes ten times as long to find it. */
const WORD = /[a-z]+/gi;

const VULGAR = /[\u00bc-\u00be\u2150-\u215e\u2189]/gu;
const RAISED = /[\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089]/gu;

/**
 * The folded text of a message, as numbers are looked for in it: `2¾` as `2 3⁄4`, digits of every script as plain ones,
 * `10w` as `10万` where people write so. Undefined where it has none, or more than `limit` UTF-16 units of it.
 */
export function numeralText(message: Message, limit: number, locale: string): string | undefined {
  const text: unknown = textOf(message);
  if (typeof text !== 'string' || text.length > limit) return undefined;
  // Compatibility form would make 21⁄2 of 2½, and 102 of 10².
  const spread = isAscii(text) ? text : text.replace(VULGAR, ' $&').replace(RAISED, '^$&');
  const folded = foldNumerals(spread);
  if (/^zh\b/iu.test(locale)) return folded.replace(/(?<=\d)w(?![\w])/gu, '万');
  return /\d[.,]\d/u.test(folded) && hasDecimalComma(locale) ? withPoints(folded) : folded;
}

/** Whether 1,5 is one and a half to who speaks that language. */
function hasDecimalComma(locale: string): boolean {
  try {
    return new Intl.NumberFormat(locale).format(1.5).includes(',');
  } catch {
    return false;
  }
}

/** `1,5` as `1.5`. What may be a thousand to one reader and one to another (`1.200`) is marked, so that it is no number. */
function withPoints(text: string): string {
  return text
    .replace(/(?<![\d.,])\d{1,3}[.,]\d{3}(?![\d.,])/gu, '^$&')
    .replace(/(?<![\d.,^])(\d{1,15}),(\d{1,15})(?![\d.,])/gu, '$1.$2');
}

/** A folded text with plain digits. */
export function foldNumerals(text: string): string {
  const folded = withEmoji(fold(text));
  if (isAscii(folded)) return folded;
  return folded
    .replace(/(?![0-9])\p{Nd}/gu, digitOf)
    .replace(/(?<=\d)٫(?=\d)/gu, '.')
    .replace(/(?<=\d)٬(?=\d)/gu, ',');
}

/** The values of digits that were looked up. Unicode has fewer than a thousand of them. */
const digits = /* @__PURE__ */ new Map<string, string>();

/** Decimal digits stand ten in a row in Unicode, the zero first. */
function digitOf(character: string): string {
  const known = digits.get(character);
  if (known !== undefined) return known;
  const code = character.codePointAt(0) ?? 0;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value += 1;
  digits.set(character, String(value));
  return String(value);
}

/** Words and figures: the longest number that can be read takes a third of them. */
const MOST_PIECES = 120;

const NO_GROUPS: Groups = {};

const UNREADABLE: Amount = { value: Number.NaN, isPart: false, start: 0, end: 0 };

/**
 * Every number in a folded text: digits (`1,200`, `-3.5`, `1/2`), Chinese numerals (`两百零五`, `1.5万`, `负三`, `三个半`),
 * English words (`twenty-one`, `half a dozen`). Their value is NaN where something is written like a number and cannot be
 * read as one, and in a text of more than 120 words.
 */
export function findAmounts(text: string): readonly Amount[] {
  const isPlain = isAscii(text);
  const words = isPlain ? text : text.replace(NO_NUMBERS, (match) => ' '.repeat(match.length));
  const pieces: Piece[] = [];
  let before = 0;
  const areWords = isPlain && !/\d/.test(words);
  const pattern = areWords ? WORD : PIECE;
  // `matchAll` would copy the pattern.
  pattern.lastIndex = 0;
  for (let match = pattern.exec(words); match !== null; match = pattern.exec(words)) {
    if (pieces.length >= MOST_PIECES) return [UNREADABLE];
    const start = match.index;
    const end = start + match[0].length;
    const groups = match.groups ?? NO_GROUPS;
    const word = areWords ? match[0] : groups['word'];
    const { run = '', half, sign } = groups;
    if (ALONE_NO_NUMBER.test(run) && sign === undefined && half === undefined) continue;
    const apart = !/^(?:\s?|,\s|-)$/u.test(words.slice(before, start));
    pieces.push(
      word === undefined
        ? { start, end, apart, ...readFigures(groups) }
        : { start, end, apart, word },
    );
    before = end;
  }
  return readEnglish(pieces);
}

/** The number that the text is from end to end, punctuation aside. */
export function toNumber(text: string): number | undefined {
  const words = foldNumerals(text);
  const [amount, ...others] = findAmounts(words);
  if (amount === undefined || others.length > 0 || Number.isNaN(amount.value)) return undefined;
  const around = [words.slice(0, amount.start), words.slice(amount.end)];
  return around.every((part) => isFiller(part, NO_FILLERS)) ? amount.value : undefined;
}

type Figure = Pick<Piece, 'isPart'> & Pick<Amount, 'value'>;

function readFigures(groups: Groups): Figure {
  const { run, part, parts } = groups;
  if (part !== undefined) return part.endsWith('打') ? { value: 6 } : { value: 0.5, isPart: true };
  if (parts !== undefined) return readShare(parts, groups['count'] ?? '');
  if (run === undefined) return readFraction(groups);
  return { value: readRun(run, groups) ?? Number.NaN };
}

/** The fractions that are said of things. `4/5` may be four out of five, and `11/22` a day. */
const EVERYDAY = ['1/2', '1/3', '2/3', '1/4', '3/4'];

function readFraction({ whole, over = '', line, under = '' }: Groups): Figure {
  const isKnown = line === '⁄' || EVERYDAY.includes(`${over}/${under}`);
  const part = Number(over) / Number(under);
  return {
    value: isKnown && part < 1 ? Number(whole ?? 0) + part : Number.NaN,
    isPart: whole === undefined,
  };
}

/** `三分之二`, but not 百分之五十, which may be 50 or a half. */
function readShare(parts: string, count: string): Figure {
  const [under, over] = [readFigure(parts), readFigure(count)];
  const part = under === undefined || over === undefined ? Number.NaN : over / under;
  return { value: part < 1 ? part : Number.NaN, isPart: true };
}

function readRun(run: string, { sign = '', name, half, dozen }: Groups): number | undefined {
  if (name !== undefined) return undefined;
  const read = readFigure(run);
  if (read === undefined || read === 0) return read;
  const amount = (half === undefined ? read : read + 0.5) * (dozen === undefined ? 1 : 12);
  return sign === '' || sign.startsWith('+') ? amount : -amount;
}

/** In characters; a number below 10¹⁶ takes half as many. */
const LONGEST_NUMERAL = 64;

function readFigure(run: string): number | undefined {
  const plain = run.replaceAll(/[,’' 个]/gu, '');
  if (/^[\d.]+$/.test(plain)) return Number(plain);
  if (plain.length > LONGEST_NUMERAL || isDoubtful(plain)) return undefined;
  return readChinese(plain.replaceAll('幺', '一'));
}

/** 五一 is a holiday rather than 51, 三四五 are three to five, and 幺 is a one only among digits. */
function isDoubtful(run: string): boolean {
  if (run.includes('幺')) return !/^[零〇○一二三四五六七八九幺]{2,}$/u.test(run);
  return (
    /^[一二三四五六七八九]{2}$/u.test(run) || (run.length > 1 && '一二三四五六七八九'.includes(run))
  );
}
