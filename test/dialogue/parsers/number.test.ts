import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integer } from '../../../src/dialogue/parsers/integer.ts';
import { number } from '../../../src/dialogue/parsers/number.ts';
import { parseContext, read, textMessage } from './reading.ts';
import { inChinese, inEnglish } from './numbers-in-words.ts';

describe('number', () => {
  it.each<[text: string, value: number]>([
    ['3', 3],
    ['３０', 30],
    ['-5', -5],
    ['−5', -5],
    ['+7', 7],
    ['-0', 0],
    ['3.14', 3.14],
    ['.5', 0.5],
    ['1,200', 1200],
    ['1，２００', 1200],
    ['30k', 30_000],
    ['12,345,678', 12_345_678],
  ])('reads the digits of %j as %d', (text, value) => {
    expect(read(number(), text)).toBe(value);
  });

  it.each<[text: string, value: number]>([
    ['零', 0],
    ['三', 3],
    ['十五', 15],
    ['二十', 20],
    ['一百十五', 115],
    ['两百零五', 205],
    ['两百五', 250],
    ['三千五', 3500],
    ['三千零五', 3005],
    ['一万二', 12_000],
    ['十万零五十', 100_050],
    ['一亿二', 120_000_000],
    ['三百万', 3_000_000],
    ['一万亿', 1_000_000_000_000],
    ['九千零七万亿', 9_007_000_000_000_000],
    ['二〇二六', 2026],
    ['三点五', 3.5],
    ['三点一四万', 31_400],
    ['负三', -3],
    ['零下五', -5],
    ['3万', 30_000],
    ['1.5万', 15_000],
    ['2.3亿', 230_000_000],
    ['3万5', 35_000],
    ['3万5千', 35_000],
    ['12万3456', 123_456],
    ['半', 0.5],
    ['一半', 0.5],
    ['三个半', 3.5],
    ['俩', 2],
    ['仨', 3],
    ['三万一', 31_000],
    ['廿五', 25],
    ['卅', 30],
    ['壹佰贰拾叁', 123],
    ['貳萬', 20_000],
  ])('reads the numerals of %s as %d', (text, value) => {
    expect(read(number(), text)).toBe(value);
  });

  it.each<[text: string, value: number]>([
    ['one', 1],
    ['Twenty-One', 21],
    ['two hundred and five', 205],
    ['fifteen hundred', 1500],
    ['one hundred twenty thousand', 120_000],
    ['one million two hundred thousand and one', 1_200_001],
    ['two thousand and twenty-six', 2026],
    ['a hundred', 100],
    ['a dozen', 12],
    ['half a dozen', 6],
    ['3 hundred', 300],
    ['1.5 million', 1_500_000],
    ['minus five', -5],
    ['zero point five', 0.5],
    ['two and a half', 2.5],
  ])('reads the words %j as %d', (text, value) => {
    expect(read(number(), text)).toBe(value);
  });

  it.each<[text: string, value: number]>([
    ['I am 30 years old', 30],
    ['三个人', 3],
    ['我们一共两百零五人', 205],
    ['a table for two, please', 2],
    ['Just me, so one!', 1],
  ])('takes the number that is all that %j says', (text, value) => {
    expect(read(number(), text)).toBe(value);
  });

  it.each([
    ['3 4', 'issue.severalNumbers'],
    ['I need 2, no wait 3', 'issue.severalNumbers'],
    ['1,2', 'issue.severalNumbers'],
    ['12,34', 'issue.severalNumbers'],
    ['3-5', 'issue.severalNumbers'],
    ['三到五', 'issue.severalNumbers'],
    ['2026-11-22', 'issue.severalNumbers'],
    ['18:30', 'issue.severalNumbers'],
    ['three four', 'issue.severalNumbers'],
    ['三五个', 'issue.number'],
    ['七八个', 'issue.number'],
    ['十七八', 'issue.number'],
    ['百', 'issue.number'],
    ['三万一壹', 'issue.number'],
    ['千万别来', 'issue.number'],
    ['等一下', 'issue.number'],
    ['周三', 'issue.number'],
    ['A4', 'issue.number'],
    ['1e5', 'issue.number'],
    ['0x1f', 'issue.number'],
    ['1.2.3', 'issue.number'],
    ['9'.repeat(400), 'issue.number'],
    ['one thousand trillion', 'issue.number'],
    ['NaN', 'issue.number'],
    ['Infinity', 'issue.number'],
    ['', 'issue.number'],
    ['many', 'issue.number'],
    [`3 ${'a'.repeat(500)}`, 'issue.number'],
  ])('takes %j for no number (%s)', (text, key) => {
    expect(read(number(), text)).toBe(key);
  });

  it('takes the measures that its question names, in the singular and the plural, and no others', () => {
    const weeks = number({ units: ['weeks', '周', '$', 'kg', '°c', '小时', '度'] });
    const said = ['3 weeks', '1 week', '三周', '$3', '30kg', '5℃', '两个半小时', '零下五度', '3'];
    expect(said.map((each) => read(weeks, each))).toEqual([3, 1, 3, 3, 30, 5, 2.5, -5, 3]);
    for (const other of ['3 days', '三天', '€3', '30g', '$10M', '3 weeks or 4', '3 weeks?']) {
      expect(read(weeks, other)).toMatch(/^issue\./u);
    }
  });

  it.each([[['']], [[' ']], [['weeks', 'a,b']]])('refuses the units %j', (units) => {
    expect(() => number({ units })).toThrow(expect.objectContaining({ code: 'bad_option' }));
  });

  it.each<[locale: string, text: string, result: number | string]>([
    ['de', '1,5', 1.5],
    ['de', '1.200', 'issue.number'],
    ['de', '1,200', 'issue.number'],
    ['fr-FR', '2,25 personnes', 'issue.number'],
    ['fr', '12,5', 12.5],
    ['en', '1.200', 1.2],
    ['en', '1,200', 1200],
    ['zh-CN', '1.2', 1.2],
    ['zh-CN', '10w', 100_000],
    ['zh-CN', '10W', 100_000],
    ['zh-CN', '10 watts', 'issue.number'],
    ['en', '10w', 'issue.number'],
    ['no such locale', '1.5', 1.5],
  ])('reads the signs of numbers as the locale %s has them: %s is %s', (locale, text, result) => {
    expect(read(number(), text, { locale })).toBe(result);
  });

  it('says which bounds a number is out of', () => {
    const issueOf = (options: object, text: string): unknown =>
      number(options)(textMessage(text), parseContext);
    expect(issueOf({ min: 1 }, '0')).toEqual({ issue: { key: 'issue.min', values: { min: 1 } } });
    expect(issueOf({ max: 9 }, '10')).toEqual({ issue: { key: 'issue.max', values: { max: 9 } } });
    const between = { issue: { key: 'issue.between', values: { min: 1, max: 9 } } };
    expect(issueOf({ min: 1, max: 9 }, '0')).toEqual(between);
    expect(issueOf({ min: 1, max: 9 }, '10')).toEqual(between);
    expect(issueOf({ min: 1, max: 9 }, '9')).toEqual({ value: 9 });
  });

  it('refuses bounds that leave nothing', () => {
    expect(() => number({ min: 2, max: 1 })).toThrow(
      expect.objectContaining({ code: 'bad_option' }),
    );
    expect(() => number({ min: Number.NaN })).toThrow(
      expect.objectContaining({ code: 'bad_option' }),
    );
  });

  it('reads what a button or a voice says', () => {
    expect(read(number(), { type: 'message.action', value: '5' })).toBe(5);
    expect(read(number(), { type: 'message.voice', transcript: '五个' })).toBe(5);
    expect(read(number(), { type: 'message.voice' })).toBe('issue.number');
    expect(read(number(), { type: 'message.image', url: 'https://example.org/5' })).toBe(
      'issue.number',
    );
  });
});

describe('integer', () => {
  it.each<[text: string, result: number | string]>([
    ['3', 3],
    ['3.0', 3],
    ['三点零', 3],
    ['3.5', 'issue.integer'],
    ['半', 'issue.integer'],
    ['some', 'issue.integer'],
    ['3 4', 'issue.severalNumbers'],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['-9,007,199,254,740,991', Number.MIN_SAFE_INTEGER],
    ['9007199254740992', 'issue.integer'],
    ['九千零八万亿', 'issue.integer'],
  ])('makes %2$s of %1$j', (text, result) => {
    expect(read(integer(), text)).toBe(result);
  });

  it('keeps to its bounds', () => {
    expect(read(integer({ min: 1, max: 120 }), '121')).toBe('issue.between');
    expect(read(integer({ min: 1, max: 120 }), '一百二')).toBe(120);
  });
});

describe('a whole number', () => {
  const any = fc.oneof(
    fc.integer({ min: 0, max: 20_000 }),
    fc.integer({ min: 0, max: 999_999_999_999 }),
    fc.bigInt({ min: 0n, max: 9_999n }).map((n) => Number(n * 10_000n)),
    fc.maxSafeNat(),
  );
  const signed = fc.tuple(any, fc.boolean()).map(([n, minus]) => (minus && n > 0 ? -n : n));

  it('comes back from Chinese numerals', () => {
    fc.assert(
      fc.property(signed, (n) => {
        const said = n < 0 ? `负${inChinese(-n)}` : inChinese(n);
        expect(read(integer(), said)).toBe(n);
        expect(read(integer(), `我们有${said}个。`)).toBe(n);
      }),
      { numRuns: 5000 },
    );
  });

  it('comes back from English words', () => {
    fc.assert(
      fc.property(signed, fc.boolean(), (n, and) => {
        const said = n < 0 ? `minus ${inEnglish(-n, and)}` : inEnglish(n, and);
        expect(read(integer(), said)).toBe(n);
        expect(read(integer(), `We are ${said.toUpperCase()}, thanks!`)).toBe(n);
      }),
      { numRuns: 5000 },
    );
  });

  it('comes back from digits: plain, separated and full-width', () => {
    const wide = (digits: string): string =>
      digits.replace(/[!-~]/g, (c) => String.fromCodePoint((c.codePointAt(0) ?? 0) + 0xfee0));
    fc.assert(
      fc.property(signed, (n) => {
        const separated = n.toLocaleString('en-US');
        for (const said of [String(n), separated, wide(String(n)), wide(separated)]) {
          expect(read(integer(), said)).toBe(n);
        }
      }),
      { numRuns: 5000 },
    );
  });
});
