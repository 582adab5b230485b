import fc from 'fast-check';
import * as z from 'zod';
import { describe, expect, it } from 'vitest';
import { anywhere } from '../../../src/dialogue/parsers/anywhere.ts';
import { email } from '../../../src/dialogue/parsers/email.ts';
import type { Parser } from '../../../src/dialogue/parsers/parser.ts';
import { phone } from '../../../src/dialogue/parsers/phone.ts';
import { text } from '../../../src/dialogue/parsers/text.ts';
import { within } from '../../../src/dialogue/parsers/within.ts';
import { textOf } from '../../../src/message.ts';
import { read } from './reading.ts';

/** A parser of whole answers: the first group of the pattern, which has to match all of the text. */
function whole(pattern: RegExp): Parser<string> {
  return (message) => {
    const found = pattern.exec((textOf(message) ?? '').trim());
    const value = found?.slice(1).find((group: string | undefined) => group !== undefined);
    return value === undefined ? { issue: 'not understood' } : { value: value.toLowerCase() };
  };
}

const DAYS = 'today|tomorrow|monday|friday|saturday';
/** “tomorrow at 7pm”, “Friday, 7pm”, “7pm”, “half past six”, 明天晚上七点. */
const when = whole(
  new RegExp(
    `^((?:(?:on )?(?:${DAYS}|november 27)(?:, | at | ))*(?:at )?\\d+ ?(?:pm|p\\.m\\.)|half past six|(?:明天)?(?:晚上)?七点)$`,
    'iu',
  ),
);
const people = whole(/^(?:for |we are )?(\w+) people$|^([一二三四五六七八]+)个人$/iu);
const number = phone({ country: 'CN' });

const MOBILE = '+8613800138000';

describe('anywhere', () => {
  it.each([
    ['tomorrow at 7pm', 'tomorrow at 7pm'],
    ['four people, tomorrow at 7pm', 'tomorrow at 7pm'],
    ['tomorrow at 7pm, four people', 'tomorrow at 7pm'],
    ['Friday, November 27, 7pm, four people', 'friday, november 27, 7pm'],
    ['7 p.m., four people', '7 p.m.'],
    ['Four people. Tomorrow at 7pm.', 'tomorrow at 7pm'],
    ['four people\ntomorrow at 7pm', 'tomorrow at 7pm'],
    ['tomorrow at 7pm and my number is 13800138000', 'tomorrow at 7pm'],
    ['four people, and tomorrow at 7pm', 'tomorrow at 7pm'],
    ['no, tomorrow at 7pm', 'tomorrow at 7pm'],
    ['No problem. Tomorrow at 7pm', 'tomorrow at 7pm'],
    ['Great! tomorrow at 7pm; call me at 13800138000', 'tomorrow at 7pm'],
    ['7pm, 13800138000, 7pm', '7pm'],
  ])('finds in %j the time', (said, value) => {
    expect(read(anywhere(when), said)).toBe(value);
  });

  it.each([
    ['四个人，明天晚上七点', '明天晚上七点'],
    ['明天晚上七点，四个人，13800138000', '明天晚上七点'],
    ['明天七点、四个人', '明天七点'],
    ['四个人。明天七点。', '明天七点'],
    ['四个人；明天七点', '明天七点'],
    ['四个人\n明天七点', '明天七点'],
    ['不对，明天七点', '明天七点'],
    ['不好意思，明天七点，四个人', '明天七点'],
    ['四个人，还有明天七点', '明天七点'],
  ])('finds in %j the time, in Chinese', (said, value) => {
    expect(read(anywhere(when), said)).toBe(value);
  });

  it.each([
    ['tomorrow at 7, 13800138000', MOBILE],
    ['tomorrow at 7,13800138000', MOBILE],
    ['my name is Ann, my number is 138 0013 8000.', MOBILE],
    ['2026-11-22 18:30, +44 20 7946 0958', '+442079460958'],
    ['明天七点，电话13800138000', MOBILE],
    ['我叫王明，手机13800138000，四个人', MOBILE],
    ['Ann; +86 138 0013 8000', MOBILE],
    ['table for four, 13800138000, thanks!', MOBILE],
  ])('finds in %j the number', (said, value) => {
    expect(read(anywhere(number), said)).toBe(value);
  });

  it('finds an address, and what a schema takes', () => {
    expect(read(anywhere(email()), 'tomorrow at 7, ann@example.com')).toBe('ann@example.com');
    expect(read(anywhere(z.enum(['red', 'blue'])), 'large, red')).toBe('red');
  });

  it.each([
    'not tomorrow at 7pm, four people',
    'four people, not tomorrow at 7pm',
    'no, not tomorrow at 7pm, 8',
    'I can’t, tomorrow at 7pm is full',
    'four people, any day but friday, 7pm',
    'never, tomorrow at 7pm',
    'anything except 7pm, four people',
    'tomorrow at 7pm, I don’t know the number',
    '四个人，明天七点不行',
    '不要七点，四个人',
    '除了七点，都可以',
    '没空，明天七点',
    '四个人，别七点',
    '明天七点，取消',
  ])('finds nothing in %j, which denies', (said) => {
    expect(read(anywhere(when), said)).toBe('not understood');
  });

  it.each([
    'four people, tomorrow at 7pm?',
    'is tomorrow at 7pm, ok',
    'can we come, tomorrow at 7pm',
    'what time, 7pm',
    'do you have a table, tomorrow at 7pm',
    'are you open, tomorrow at 7pm',
    'four people, how about, tomorrow at 7pm',
    'could you make it, 7pm',
    '四个人，明天七点可以吗',
    '明天七点，行不行？',
    '有什么菜，明天七点',
    '四个人，明天七点呢',
    '几点关门，七点',
    '哪天有位，明天七点',
  ])('finds nothing in %j, which asks', (said) => {
    expect(read(anywhere(when), said)).toBe('not understood');
  });

  it.each([
    'tomorrow at 7pm, or friday at 7pm',
    'four people, tomorrow at 7pm, or later',
    'either way, tomorrow at 7pm',
    'maybe, tomorrow at 7pm',
    'wait, tomorrow at 7pm',
    'tomorrow at 7pm, friday at 7pm',
    'tomorrow at 7pm, otherwise friday',
    'perhaps four people, tomorrow at 7pm',
    '明天七点，或者周五',
    '明天七点，要么后天',
    '四个人，可能明天，七点',
    '等等，明天七点',
    '明天晚上七点，七点，明天七点，四个人，五个人',
    '明天七点，还是后天',
    '明天七点，不然后天',
    '也许吧，明天七点',
  ])('finds nothing in %j, which leaves it open', (said) => {
    expect(read(anywhere(when), said)).toBe('not understood');
  });

  it('takes no part of a clause that it does not understand whole', () => {
    for (const said of [
      'tomorrow at 7pm for dinner, four people',
      'on christmas at 7pm, four people',
      'between 5 and 7pm, four people',
      'two and a half, 7pm-ish',
      '除夕七点，四个人',
    ]) {
      expect(read(anywhere(when), said)).toBe('not understood');
    }
  });

  it('leaves a number with a thousands separator, an abbreviation and an “and” in one clause', () => {
    const amount = whole(/^([\d,]+|\w+ and a half|on nov\. \d+)$/iu);
    expect(read(anywhere(amount), 'hello, 1,200')).toBe('1,200');
    expect(read(anywhere(amount), 'hello, two and a half')).toBe('two and a half');
    expect(read(anywhere(amount), 'hello, on nov. 22')).toBe('on nov. 22');
  });

  it('finds a value inside of a clause by the words that it stands in', () => {
    const finding = anywhere(within(/table for (\S+)/iu, whole(/^(\w+)$/u)));
    expect(read(finding, 'a table for four tomorrow, please')).toBe('four');
    expect(read(finding, 'a table for four tomorrow, please?')).not.toBe('four');
    expect(read(finding, 'a table for four, no, a table for five')).not.toBe('four');
  });

  it('requires a known meaning for every clause when `beside` lists what else a text may contain', () => {
    const strict = anywhere(when, { beside: [people, number, text({ pattern: /^a table$/iu })] });
    for (const said of [
      'a table, four people, tomorrow at 7pm',
      'hello, tomorrow at 7pm, please',
      'no, tomorrow at 7pm, 13800138000',
      '四个人，tomorrow at 7pm',
    ]) {
      expect(read(strict, said)).toBe('tomorrow at 7pm');
    }
    for (const said of ['on christmas, 7pm', '除夕，七点', 'four people, next month, 7pm']) {
      expect(read(strict, said)).toBe('not understood');
      expect(read(anywhere(when), said)).not.toBe('not understood');
    }
  });

  it('finds nothing in a message that is long or has many clauses', () => {
    expect(read(anywhere(number), `${'la, '.repeat(7)}13800138000`)).toBe(MOBILE);
    expect(read(anywhere(number), `${'la, '.repeat(8)}13800138000`)).toBe('issue.phone');
    expect(read(anywhere(number), `${'la'.repeat(150)}, 13800138000`)).toBe('issue.phone');
    expect(read(anywhere(text()), 'la, '.repeat(9))).toBe('issue.invalid');
    expect(read(anywhere(text()), 'la'.repeat(151))).toBe('issue.invalid');
  });

  it('reads a button by its own value alone', () => {
    const pressed = { type: 'message.action', value: 'x, 13800138000' } as const;
    expect(read(anywhere(number), pressed)).toBe('issue.phone');
    expect(read(anywhere(number), { ...pressed, value: '13800138000' })).toBe(MOBILE);
  });

  it('keeps the samples of its parser, and refuses what is none', () => {
    const sampled = Object.assign((...args: Parameters<typeof when>) => when(...args), {
      samples: ['7pm'],
    });
    expect(anywhere(sampled).samples).toEqual(['7pm']);
    const bad = expect.objectContaining({ code: 'bad_parser' });
    expect(() => anywhere('7pm' as never)).toThrow(bad);
    expect(() => anywhere(when, { beside: ['7pm' as never] })).toThrow(bad);
    expect(() => anywhere(when, { beside: when as never })).toThrow(
      expect.objectContaining({ code: 'bad_option' }),
    );
  });

  it('never finds what the parser alone does not take', () => {
    const pieces = fc.constantFrom(
      ...'7pm|tomorrow at 7pm|friday at 7pm|four people|not|or|?|no|and|christmas|七点|不|吗|或'.split(
        '|',
      ),
    );
    const glue = fc.constantFrom(', ', '，', '. ', '\n', ' ', ' and ');
    fc.assert(
      fc.property(fc.array(fc.tuple(pieces, glue), { maxLength: 8 }), (said) => {
        const message = said.flat().join('');
        const found = read(anywhere(when), message);
        if (found === 'not understood') return;
        expect(read(when, found)).toBe(found);
        expect(message.toLowerCase()).toContain(found);
        if (read(when, message) === found) return;
        for (const spoilt of [
          `not ${message}`,
          `不，不要${message}`,
          `${message}?`,
          `${message}, or friday`,
          `${message}或周五`,
        ]) {
          expect(read(anywhere(when), spoilt)).toBe('not understood');
        }
      }),
    );
  });
});
