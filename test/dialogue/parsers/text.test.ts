import { describe, expect, it } from 'vitest';
import { catchesAll, text } from '../../../src/dialogue/parsers/text.ts';
import { integer } from '../../../src/dialogue/parsers/integer.ts';
import { read } from './reading.ts';

describe('text', () => {
  it('takes what was said as it is, but for the white space around it', () => {
    expect(read(text(), '  Hello，  World！\n')).toBe('Hello，  World！');
  });

  it('takes what was heard in a voice message, and the value of a button', () => {
    expect(read(text(), { type: 'message.voice', transcript: ' hi ' })).toBe('hi');
    expect(read(text(), { type: 'message.action', value: 'go' })).toBe('go');
  });

  it.each([
    { type: 'message.text', text: '' },
    { type: 'message.text', text: ' \n\t' },
    { type: 'message.text', text: '\u200b\ufeff' },
    { type: 'message.voice', mediaId: '1' },
    { type: 'message.image', url: 'https://example.org/' },
    { type: 'message.location', latitude: 1, longitude: 2 },
    { type: 'event.follow' },
  ] as const)('finds no words in %j', (message) => {
    expect(read(text(), message)).toBe('issue.text');
  });

  it('counts code points, so that a Chinese character and an emoji are one each', () => {
    expect(read(text({ minLength: 2, maxLength: 3 }), '你')).toBe('issue.tooShort');
    expect(read(text({ minLength: 2, maxLength: 3 }), '你𠮷😀')).toBe('你𠮷😀');
    expect(read(text({ minLength: 2, maxLength: 3 }), '你好吗啊')).toBe('issue.tooLong');
  });

  it('tries a pattern on the compatibility form, and gives that', () => {
    expect(read(text({ pattern: /^\d{4}$/ }), ' １２３４ ')).toBe('1234');
    expect(read(text({ pattern: /^\d{4}$/ }), '123')).toBe('issue.pattern');
  });

  it('tries a global or sticky pattern from the start each time', () => {
    for (const pattern of [/a/g, /a/y]) {
      const parse = text({ pattern });
      expect([1, 2, 3].map(() => read(parse, 'abc'))).toEqual(['abc', 'abc', 'abc']);
      expect(pattern.lastIndex).toBe(0);
    }
  });

  it('counts as a parser that takes any text, unless a pattern narrows it', () => {
    expect(
      [text(), text({ minLength: 3 }), text({ pattern: /a/ }), integer()].map(catchesAll),
    ).toEqual([true, true, false, false]);
  });
});
