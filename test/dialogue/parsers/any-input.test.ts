import fc from 'fast-check';
import * as v from 'valibot';
import * as z from 'zod';
import { describe, expect, it } from 'vitest';
import { anywhere } from '../../../src/dialogue/parsers/anywhere.ts';
import { choice } from '../../../src/dialogue/parsers/choice.ts';
import { confirm } from '../../../src/dialogue/parsers/confirm.ts';
import { date, dateTime, time } from '../../../src/dialogue/parsers/date.ts';
import { email } from '../../../src/dialogue/parsers/email.ts';
import { image } from '../../../src/dialogue/parsers/image.ts';
import { integer } from '../../../src/dialogue/parsers/integer.ts';
import { location } from '../../../src/dialogue/parsers/location.ts';
import { number } from '../../../src/dialogue/parsers/number.ts';
import type { Parser } from '../../../src/dialogue/parsers/parser.ts';
import type { ParseContext } from '../../../src/dialogue/text/parse-context.ts';
import { phone } from '../../../src/dialogue/parsers/phone.ts';
import { schema } from '../../../src/dialogue/parsers/schema.ts';
import { text } from '../../../src/dialogue/parsers/text.ts';
import { within } from '../../../src/dialogue/parsers/within.ts';
import { createWords } from '../../../src/dialogue/text/localize.ts';
import { MESSAGE_TYPES, type Message } from '../../../src/message.ts';
import { parseContext, textMessage } from './reading.ts';

/** Each parser, and whether a value is of the shape that it promises. */
const parsers: readonly (readonly [string, Parser<unknown>, (value: unknown) => boolean])[] = [
  ['text', text({ maxLength: 50 }), isText],
  ['text of a pattern', text({ pattern: /^\p{L}+$/u }), isText],
  ['number', number(), Number.isFinite],
  ['number of units', number({ units: ['weeks', '$', '小时'] }), Number.isFinite],
  ['number in bounds', number({ min: -5, max: 5 }), (value) => Math.abs(Number(value)) <= 5],
  ['integer', integer(), Number.isSafeInteger],
  [
    'choice',
    choice(['red', '红色', '二', 'C++']),
    (value) => /^(?:red|红色|二|C\+\+)$/.test(String(value)),
  ],
  [
    'choice of marks',
    choice(['Málaga', 'İstanbul', 'Ελλάδα', 'wi-fi', '👍', 'Don’t know']),
    (value) => typeof value === 'string',
  ],
  ['choice of numbers', choice(['2', '四']), (value) => value === '2' || value === '四'],
  ['confirm', confirm(), (value) => typeof value === 'boolean'],
  ['confirm in French', confirm({ yes: ['oui'] }), (value) => typeof value === 'boolean'],
  ['phone', phone(), isPhone],
  ['phone in China', phone({ country: '86' }), isPhone],
  ['phone in North America', phone({ country: '1' }), isPhone],
  ['email', email(), (value) => /^[^\s@]{1,64}@[a-z\d.-]+\.[a-z\d-]+$/.test(String(value))],
  ['image', image(), (value) => typeof value === 'object' && Object.keys(value ?? {}).length > 0],
  ['location', location(), (value) => typeof value === 'object' && value !== null],
  ['date', date(), isDay],
  ['date past', date({ past: true }), isDay],
  ['time', time(), (value) => /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(String(value))],
  ['dateTime', dateTime(), isInstant],
  ['dateTime to come', dateTime({ future: true }), isInstant],
  ['dateTime past', dateTime({ past: true }), isInstant],
  ['within', within(/(\S+)(?: .*)?$/u, integer()), Number.isSafeInteger],
  ['phone anywhere', anywhere(phone({ country: 'CN' })), isPhone],
  ['integer anywhere', anywhere(integer(), { beside: [phone()] }), Number.isSafeInteger],
  ['zod', schema(z.coerce.number()), Number.isFinite],
  // The value of a button comes as it is.
  ['valibot', schema(v.pipe(v.string(), v.nonEmpty())), (value) => typeof value === 'string'],
];

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value === value.trim();
}
function isPhone(value: unknown): boolean {
  return /^\+[1-9]\d{6,14}$/.test(String(value));
}
function isDay(value: unknown): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(String(value)) && !Number.isNaN(Date.parse(String(value)));
}
function isInstant(value: unknown): boolean {
  return value instanceof Date && !Number.isNaN(value.getTime());
}

const words = createWords();

/** What a parser does wrong with a message, if anything. */
function problemOf(
  [name, parse, holds]: (typeof parsers)[number],
  message: Message,
  at: ParseContext,
): unknown {
  const parsed = parse(message, at);
  if ('value' in parsed) return holds(parsed.value) ? undefined : [name, message, parsed];
  const said = ['en', 'zh-CN'].map((locale) => words.say(parsed.issue, locale));
  const unsaid = said.some((issue) => issue.trim() === '' || /[{}]/.test(issue));
  return unsaid ? [name, message, said] : undefined;
}

const PIECES =
  '零 〇 一 二 两 三 五 九 十 百 千 万 亿 点 负 半 廿 壹 第 个 1 2 3 0 12 2026 １ ２ ， , . : - + / # @ ( ) % 年 月 日 号 周 星期 天 今 明 后 下 上 午 早 晚 点 分 刻 时 小时 之后 现在 ' +
  'one two twenty hundred thousand million dozen a and point half minus first second the last not no yes ok 好 的 不 是 要 没 对 吗 谢谢 ' +
  'please thanks of us people 请 吧 :+1: :-1: ½ ¾ ٣ ’ don’t it is I ? ？ 吗 或 约 ~ – — 半 打 分之 百分之 w k 人 位 倒数 second last tomorrow at pm am next friday feb 30 in hours ago noon evening to from now Z T +8 est red blue C++ 红色 a@b .com \u0301 \u200b \ud83d 👍 \n \t';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc
    .array(fc.tuple(fc.constantFrom(...PIECES.split(' ')), fc.constantFrom('', '', ' ')), {
      maxLength: 12,
    })
    .map((pieces) => pieces.flat().join('')),
);

/** Fields as a channel gives them, and as none should. */
const anyField = fc.oneof(anyText, fc.double(), fc.constantFrom(undefined, null, true, [], {}));
const FIELDS =
  'text url mediaId transcript value label latitude longitude name size title key'.split(' ');
const anyMessage = fc
  .tuple(
    fc.constantFrom(...MESSAGE_TYPES, 'intent.book', 'event.mine'),
    fc.record(Object.fromEntries(FIELDS.map((field) => [field, anyField])), { requiredKeys: [] }),
  )
  .map(([type, fields]) => ({ ...fields, type }) as unknown as Message);

const anyOccasion = fc.record({
  locale: fc.constantFrom('en', 'zh-CN', 'fr'),
  timeZone: fc.constantFrom('UTC', 'Asia/Shanghai', 'America/New_York', 'Pacific/Apia'),
  now: fc.oneof(
    fc.constant(parseContext.now),
    fc.integer({ min: 0, max: Date.UTC(2100, 0) }),
    fc.constantFrom(8.64e15, -8.64e15, 0),
  ),
});

describe.each(parsers)('%s', (...parser) => {
  it('makes a value or an issue of any text', () => {
    fc.assert(
      fc.property(anyText, (said) => {
        expect(problemOf(parser, textMessage(said), parseContext)).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  it('makes a value or an issue of any message, at any time and place', () => {
    fc.assert(
      fc.property(anyMessage, anyOccasion, (message, at) => {
        expect(problemOf(parser, message, at)).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it.each(
    '一 万 1, 1. 1- (((( a@ a@b. yes好 不 no red #1 +1 1: 二点 one-and- 第一 明天 10月 in1 \u0301 \u200b 点刻 tomorrow. - 第 :+1: 我要 👍🏽 一分之 ½ 1_000 don’t'.split(
      ' ',
    ),
  )('returns for a MiB of %s, and for the longest texts that it reads', (piece) => {
    for (const length of [1_048_576, 1000, 200]) {
      const said = piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
      expect(problemOf(parser, textMessage(said), parseContext)).toBeUndefined();
    }
  });
});
