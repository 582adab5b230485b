import { scaleBy } from './english.ts';

/** The signs of each digit, from zero on. */
const DIGITS: readonly string[] =
  /* @__PURE__ */ '零〇○0 一壹1 二贰貳弍2 三叁參3 四肆4 五伍5 六陆陸6 七柒7 八捌8 九玖9'.split(' ');

function digitOf(character: string): number | undefined {
  const digit = DIGITS.findIndex((signs) => signs.includes(character));
  return digit < 0 || character.length !== 1 ? undefined : digit;
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['千', 1000],
  ['百', 100],
  ['十', 10],
]);
/** Signs, each before its plain form. */
const PLAIN: ReadonlyMap<string, string> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ '仟千 佰百 拾十 萬万 億亿 點点 兩两 廿二十 卅三十 俩两 倆两 仨三'
    .split(' ')
    .map((pair) => [pair.charAt(0), pair.slice(1)]),
);

/** The characters that a number may be written in beside digits, for a class in a pattern. */
export const NUMERALS =
  '零〇○一二三四五六七八九十百千万亿两仟佰拾萬億兩廿卅俩倆仨壹贰貳弍叁參肆伍陆陸柒捌玖';

/** Whole amounts from one unit's worth of 10,000 up. */
const MYRIADS = [
  ['亿', 1e8],
  ['万', 1e4],
] as const;

/** Digits of contracts, which people do not mix with plain ones; some of them are surnames and parts of words. */
const FORMAL = /[壹贰貳弍叁參肆伍陆陸柒捌玖]/u;
const INFORMAL = /[一二三四五六七八九]/u;

/**
 * What a run of numerals says: `三`, `两百零五`, `三千五` (3500), `一万二` (12,000), `二〇二六`, `三点五`, `1.5万`,
 * `3万5`, `壹佰贰拾叁`. Undefined for what is no number, or only about one: `三五` (three to five), `十七八`, `百`, `万一`.
 */
export function readChinese(run: string): number | undefined {
  if (FORMAL.test(run) && INFORMAL.test(run)) return undefined;
  const plain = run.replace(/./gu, (character) => PLAIN.get(character) ?? character);
  return readDigits(plain) ?? readAmount(plain);
}

/** Digit by digit, as years and numbers of rooms are said. */
function readDigits(plain: string): number | undefined {
  const digits = Array.from(plain, digitOf);
  if (digits.length < 2 || digits.includes(undefined)) return undefined;
  const said = digits.join('');
  return isRough(said) && !/\d/.test(plain) ? undefined : Number(said);
}

/** Neighbours, as in `七八`, are seven or eight and not 78; so is `三五`. Two pairs are an idiom: `七七八八` is nearly all. */
function isRough(digits: string): boolean {
  return (
    digits === '35' ||
    /^(.)\1(?!\1)(.)\2$/u.test(digits) ||
    (digits.length === 2 && Number(digits[1]) - Number(digits[0]) === 1)
  );
}

function readAmount(plain: string): number | undefined {
  for (const [unit, worth] of MYRIADS) {
    const at = plain.lastIndexOf(unit);
    if (at < 0) continue;
    const before = readPart(plain.slice(0, at));
    if (before === undefined || before === 0) return undefined;
    const rest = readRest(plain.slice(at + 1), worth);
    return rest === undefined ? undefined : scaleBy(before, worth) + rest;
  }
  return readPart(plain);
}

/** What follows a unit: nothing, a smaller amount, or a single digit that counts in the next unit (`一万二`). */
function readRest(rest: string, worth: number): number | undefined {
  if (rest === '') return 0;
  const digit = digitOf(rest);
  if (digit !== undefined) return digit === 0 ? undefined : (digit * worth) / 10;
  const value = readAmount(/^[零〇○]/u.test(rest) ? rest.slice(1) : rest);
  return value !== undefined && value > 0 && value < worth ? value : undefined;
}

/** Before a 万 or 亿, or without any: `三千五百`, `12`, `1.5`, `三点五`; before an 亿 also `一万`. */
function readPart(part: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(part)) return Number(part);
  const [whole = '', fraction, ...more] = part.split('点');
  if (fraction !== undefined) {
    const digits = Array.from(fraction, digitOf);
    const value = readPart(whole);
    if (more.length > 0 || value === undefined || digits.length === 0) return undefined;
    return digits.includes(undefined) || !Number.isInteger(value)
      ? undefined
      : Number(`${value}.${digits.join('')}`);
  }
  if (!part.includes('万')) return readSection(part);
  return part.includes('亿') ? undefined : readAmount(part);
}

/** Below 10,000: digits with falling units. */
function readSection(section: string): number | undefined {
  let total = 0;
  let limit = 10_000;
  let digit: number | undefined;
  let zero = false;
  for (const character of section) {
    const unit = UNITS.get(character);
    if (unit !== undefined) {
      // Only ten can do without its one: 十五, 一百十五.
      const count = digit ?? (unit === 10 ? 1 : 0);
      if (count === 0 || unit >= limit) return undefined;
      total += count * unit;
      limit = unit;
      digit = undefined;
      zero = false;
    } else {
      const value = character === '两' ? 2 : digitOf(character);
      if (value === undefined || digit !== undefined) return undefined;
      if (value === 0) {
        if (zero || (limit === 10_000 && section.length > 1)) return undefined;
        zero = true;
        if (section.length === 1) return 0;
      } else {
        digit = value;
      }
    }
  }
  if (digit === undefined) return zero || limit === 10_000 ? undefined : total;
  // 三千五 is 3500, 三千零五 is 3005.
  const worth = zero || limit === 10_000 ? 1 : limit / 10;
  return total + digit * worth;
}
