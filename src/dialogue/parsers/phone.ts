/**
 * Telephone numbers of every country, read with the package libphonenumber-js. It is an optional peer, so this parser
 * has a separate entry.
 */

import { type KeysOf, checkOptions } from '../../internal/closed.ts';
import {
  getCountries,
  getCountryCallingCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import { UsageError } from '../../errors.ts';
import { lazy } from '../../internal/lazy.ts';
import { createFillers, isFiller } from '../text/explained.ts';
import { commonFillers } from '../text/fillers.ts';
import { fold } from '../text/normalize.ts';
import { issue, messageWords, type Parser } from './parser.ts';
import { looksLikeAnother } from './phone-lookalikes.ts';

/** Options of `phone()`. */
export interface PhoneOptions {
  /**
   * The country of a number that is written the national way: its calling code, as `86`, or its ISO 3166 code, as `CN`.
   * Countries that share a calling code (`1`, `7`, `44`) share it here too. Without a country, a number needs its own
   * calling code after `+` or `00`.
   */
  readonly country?: string | undefined;
}

const KEYS = { country: null } satisfies KeysOf<PhoneOptions>;

/** No number has more digits than this, and neither have two of them. */
const MOST_DIGITS = 40;

/** More numbers than this in one text are not looked at one by one. */
const MOST_RUNS = 8;

/** From here on, one run may be two numbers. */
const DIGITS_OF_TWO = 14;

const RUN = /(?:\(\s?)?(?:\+\s?)?\(?\d(?:[\s().\-‐-―−/]{0,3}\d)*/gu;

const SPOKEN = '〇一二三四五六七八九';

/**
 * Takes an answer that is a telephone number, with words that only introduce it (“my number is …”, `我的电话是…`), and gives
 * the number in E.164 form, as `+8613800138000`. The number may have any usual separators, full-width, Arabic or spoken
 * digits (`幺三八…`), and a trunk prefix (`+44 (0)20 …`); it has to be valid in its country's numbering plan. Only
 * a call shows whether the number is in use.
 *
 * Everything else is an issue: two numbers, an extension, a number with a question, a denial or any other content beside
 * it, and what a date, a time, a price or an IP address looks like, unless a `+` stands before it.
 * @example
 * words.ask({ question: 'Your number?', parse: phone({ country: 'CN' }), assign: 'name' });
 * @throws UsageError `bad_option`, when made, for a country that the package does not know.
 */
export function phone(options: PhoneOptions = {}): Parser<string> {
  checkOptions('phone()', options, KEYS);
  const home = homeOf(options.country);
  return (message) => {
    const text = toDigits(fold(messageWords(message) ?? ''));
    const runs = Array.from(text.matchAll(RUN), ({ 0: run, index }) => ({ run, index }));
    const [only, ...others] = runs;
    if (only === undefined || runs.length > MOST_RUNS) return issue('issue.phone');
    const numbers = runs.filter(({ run }) => readNumber(run, home) !== undefined);
    if (numbers.length > 1 || isTwo(only.run, home)) return issue('issue.severalPhones');
    const isWhole =
      others.length === 0 &&
      isFiller(text.slice(0, only.index), introductions()) &&
      isFiller(text.slice(only.index + only.run.length), endings());
    if (!isWhole) return issue('issue.phone');
    const number = readNumber(only.run, home);
    if (number === undefined) {
      const lacksCountry = home === undefined && !/^[\s(]*(?:\+|00)/u.test(only.run);
      return issue(lacksCountry ? 'issue.phoneCountry' : 'issue.phone');
    }
    const isCertain = number.isInternational || !looksLikeAnother(only.run, number.isWhole);
    return isCertain ? { value: number.value } : issue('issue.phoneCountry');
  };
}

/** What leads to a number. What only stands behind one would make a question before it: “is my number …”. */
const INTRODUCTIONS =
  'my number, my number is, my number’s, my phone, my phone is, my phone number, my phone number is, my telephone number is, ' +
  'my mobile, my mobile is, my mobile number is, my cell, my cell is, my cell number is, my cell phone is, my contact number is, ' +
  'the number, the number is, the number’s, the phone number is, number, phone, phone number, phone no, telephone, telephone number, tel, ' +
  'tel no, mobile, mobile number, mobile phone, mob, cell, cell phone, cellphone, landline, contact, contact number, call, call me, ' +
  'call me at, call me on, please call, ring me on, ring me at, text me at, text me on, you can call me at, you can call me on, ' +
  'you can reach me at, you can reach me on, you can reach me under, reach me at, reach me on, i’m at, i am at, i’m on, here it is, ' +
  'here is my number, here’s my number, this is my number, that’s my number, that is my number, ' +
  'use, use this, take, take this, whatsapp, on whatsapp, same on whatsapp, 📞, ☎, 📱, *, _, `, ' +
  '我, 我的, 是, 为, 电话, 電話, 电话号码, 電話號碼, 电话号, 电话是, 电话号码是, 手机, 手機, 手机号, 手机号码, 手机是, 手机号是, 手机号码是, 手機號碼, ' +
  '我的电话, 我的电话是, 我电话是, 我的手机, 我的手机是, 我手机是, 我的手机号, 我的手机号是, 号码, 号码是, 號碼, 座机, 固话, 固定电话, 联系方式, 聯繫方式, 联系电话, 聯絡電話, ' +
  '我的联系方式是, 联系方式是, 联系电话是, 打, 打这个, 打我电话, 打我手机, 打给我, 请打, 可以打, 拨打, 联系我, 用, 用这个, 这个, 这个号, 这个号码, ' +
  '这是我的电话, 这是我的手机号, 这是我的号码, 微信同号, 微信同步, 您记一下, 记一下';

const introductions = /* @__PURE__ */ lazy(() => createFillers(INTRODUCTIONS, commonFillers()));

const ENDINGS =
  'is my number, is the number, is my phone number, is my mobile, is my cell, 是我的电话, 是我的手机, 是我的手机号, 是我的号码';
const endings = /* @__PURE__ */ lazy(() => createFillers(ENDINGS, introductions()));

type Home = { readonly callingCode: string } & (
  | { readonly defaultCountry: ReturnType<typeof getCountries>[number] }
  | { readonly defaultCallingCode: string }
);

interface ReadNumber {
  /** E.164. */
  readonly value: string;
  /** Whether its calling code was written after `+` or `00`. */
  readonly isInternational: boolean;
  /** Whether it was written with all digits, trunk prefix included, that its country writes. */
  readonly isWhole: boolean;
}

function homeOf(country: string | undefined): Home | undefined {
  if (country === undefined) return undefined;
  if (isSupportedCountry(country)) {
    return { defaultCountry: country, callingCode: getCountryCallingCode(country) };
  }
  const isCallingCode = getCountries().some((each) => getCountryCallingCode(each) === country);
  if (isCallingCode) return { defaultCallingCode: country, callingCode: country };
  throw new UsageError(
    'bad_option',
    "`country` is a calling code without a plus, as '86', or an ISO 3166 code in capital letters, as 'CN', of a country that libphonenumber-js knows.",
  );
}

/** Each character stays one character, so that places in the text stay what they are. */
function toDigits(text: string): string {
  return text
    .replaceAll('幺', '一')
    .replaceAll('零', '〇')
    .replace(/[〇一二三四五六七八九]/gu, (digit) => String(SPOKEN.indexOf(digit)))
    .replace(/[\u0660-\u0669\u06f0-\u06f9]/gu, (digit) => String(digit.charCodeAt(0) & 0xf));
}

function readNumber(run: string, home: Home | undefined): ReadNumber | undefined {
  const digits = run.replace(/\D/gu, '');
  if (digits.length > MOST_DIGITS) return undefined;
  if (/^[\s(]*\+/u.test(run)) return international(digits);
  const national = home === undefined ? undefined : inCountry(digits, home);
  if (national?.isWhole === true) return national;
  // `49 171 …` in Germany: the calling code is likelier than a number of Leer (0491) without its 0.
  const withoutPlus =
    home !== undefined && digits.startsWith(home.callingCode) ? international(digits) : undefined;
  if (withoutPlus !== undefined) return { ...withoutPlus, isInternational: false };
  if (national !== undefined) return national;
  // Out of any country: 00 is what most of them dial for a plus, and 011 what North America dials.
  const prefix = home === undefined ? /^00(?=[1-9])/u : /^0(?:0|11)(?=[1-9])/u;
  return prefix.test(digits) ? international(digits.replace(prefix, '')) : undefined;
}

function international(digits: string): ReadNumber | undefined {
  const number = parsePhoneNumberFromString(`+${digits}`, { extract: false });
  if (number?.isValid() !== true) return undefined;
  return { value: number.number, isInternational: true, isWhole: true };
}

function inCountry(digits: string, home: Home): ReadNumber | undefined {
  const number = parsePhoneNumberFromString(digits, { ...home, extract: false });
  if (number?.isValid() !== true) return undefined;
  const isWhole = number.formatNational().replace(/\D/gu, '') === digits;
  return { value: number.number, isInternational: false, isWhole };
}

/** Whether a run comes apart, at one of its separators, into two numbers. Some countries have numbers that long, too. */
function isTwo(run: string, home: Home | undefined): boolean {
  const count = run.replace(/\D/gu, '').length;
  if (count < DIGITS_OF_TWO || count > MOST_DIGITS) return false;
  return Array.from(run.matchAll(/\D+/gu)).some(({ 0: separator, index }) => {
    const second = run.slice(index).replace(/^[^\d+(]+/u, '');
    if (separator === '' || index === 0) return false;
    return [run.slice(0, index), second].every(
      (part) => readNumber(part, home)?.isWhole === true && part.replace(/\D/gu, '').length > 6,
    );
  });
}
