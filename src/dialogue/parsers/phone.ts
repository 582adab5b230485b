import { UsageError } from '../../errors.ts';
import { wordsOf, type Parser } from './parser.ts';

export interface PhoneOptions {
  /**
   * The calling code, as `86`, that belongs before a number written the national way. Without it a number has to come with
   * its own, after a `+` or `00`.
   */
  readonly country?: string;
}

/** The national number without its trunk prefix, where its shape is known here. */
const NATIONAL: ReadonlyMap<string, RegExp> = new Map([
  // North America: area code and exchange begin with 2 to 9.
  ['1', /^[2-9]\d{2}[2-9]\d{6}$/],
  // Mainland China: a mobile number, or a landline behind its area code (10, 2x, three digits elsewhere).
  ['86', /^(?:1[3-9]\d{9}|10\d{8}|2\d{9}|[3-9]\d{9,10})$/],
]);

const TRUNK: ReadonlyMap<string, string> = new Map([['1', '1']]);

/** Fewer digits than this in a row are a floor, a year or an hour. */
const LEAST_DIGITS = 7;

/** Calling code and national number together (ITU-T E.164); shorter than eight there are none in service. */
const E164 = /^[1-9]\d{7,14}$/;

const CANDIDATE = /(?:\+\s?)?\(?\d(?:[\s().\-‐-―−/]{0,3}\d)*/gu;

const SPOKEN = '〇一二三四五六七八九';

/**
 * Takes a telephone number and gives it in E.164 form, as `+8613800138000`: the only one in the text, with any
 * separators, full-width or spoken digits (`幺三八…`), and its trunk `0` dropped. The shapes of +86 and +1 are checked, of other countries
 * the length alone (8 to 15 digits); nobody can tell here whether a number is in service.
 * @throws UsageError `bad_option`, when made, for a country that is not one to three digits.
 */
export function phone(options: PhoneOptions = {}): Parser<string> {
  const { country } = options;
  if (country !== undefined && !/^[1-9]\d{0,2}$/.test(country)) {
    throw new UsageError(
      'bad_option',
      "`country` is a calling code of one to three digits, as '86'.",
    );
  }
  return (message) => {
    const words = (wordsOf(message) ?? '')
      .replaceAll('(0)', '')
      .replaceAll('幺', '一')
      .replace(/[零〇一二三四五六七八九]/gu, (digit) => String(Math.max(SPOKEN.indexOf(digit), 0)));
    const candidates = Array.from(words.matchAll(CANDIDATE), ([found]) => ({
      international: /^\(?(?:\+|00)/.test(found),
      digits: found.replace(/\D/g, ''),
    })).filter(({ digits }) => digits.length >= LEAST_DIGITS);
    const [only, ...others] = candidates;
    if (only === undefined) return { issue: { key: 'issue.phone' } };
    if (others.length > 0) return { issue: { key: 'issue.severalPhones' } };
    if (!only.international && country === undefined)
      return { issue: { key: 'issue.phoneCountry' } };
    const value = only.international
      ? fromInternational(only.digits.replace(/^00/, ''))
      : fromNational(only.digits, country ?? '');
    return value === undefined ? { issue: { key: 'issue.phone' } } : { value: `+${value}` };
  };
}

function fromInternational(digits: string): string | undefined {
  const [code, shape] = [...NATIONAL].find(([known]) => digits.startsWith(known)) ?? [];
  if (code === undefined || shape === undefined) return E164.test(digits) ? digits : undefined;
  // +86 010 … is a common mistake.
  const national = digits.slice(code.length).replace(/^0/, '');
  return shape.test(national) ? code + national : undefined;
}

function fromNational(digits: string, country: string): string | undefined {
  const trunk = TRUNK.get(country) ?? '0';
  const national = digits.startsWith(trunk) ? digits.slice(trunk.length) : digits;
  const shape = NATIONAL.get(country);
  if (shape === undefined) return E164.test(country + national) ? country + national : undefined;
  if (shape.test(national)) return country + national;
  return digits.startsWith(country) ? fromInternational(digits) : undefined;
}
