import * as z from 'zod';
import { describe, expect, it } from 'vitest';
import { choice } from '../../../src/dialogue/parsers/choice.ts';
import { integer } from '../../../src/dialogue/parsers/integer.ts';
import { text } from '../../../src/dialogue/parsers/text.ts';
import { within } from '../../../src/dialogue/parsers/within.ts';
import { read } from './reading.ts';

describe('within', () => {
  const people = within(/for (\S+)/i, integer({ max: 10 }));

  it('reads what the first group captures', () => {
    expect(read(people, 'A table at 8 FOR ３ please')).toBe(3);
    expect(read(people, { type: 'message.voice', transcript: 'for four' })).toBe(4);
  });

  it('reads the group that took part, or the whole match where none did', () => {
    expect(read(within(/(?:red (\d))|(?:blue (\d))/, integer()), 'blue 7')).toBe(7);
    expect(read(within(/(?:red (\d))|\d+/, integer()), 'green 42')).toBe(42);
    expect(read(within(/\d+ beds/, integer()), '2 rooms, 3 beds')).toBe(3);
  });

  it('has the issue of what it reads with, matched or not', () => {
    expect(read(people, 'for 11')).toBe('issue.max');
    expect(read(people, 'a table')).toBe('issue.integer');
    expect(read(people, { type: 'message.image' })).toBe('issue.integer');
    expect(read(within(/size (\w)/, choice(['S', 'M'])), 'size')).toBe('issue.choice');
  });

  it('never takes a text that does not match', () => {
    const anything = within(/a(b)/, () => ({ value: 'all' }));
    expect(read(anything, 'ab')).toBe('all');
    expect(read(anything, 'b')).toBe('issue.invalid');
  });

  it('takes a schema as well', () => {
    expect(read(within(/code (\w+)/, z.string().length(4)), 'my code abcd')).toBe('abcd');
  });

  it('matches from the start each time, also with the flags g and y', () => {
    for (const pattern of [/(b)/g, /a(b)/y]) {
      const parse = within(pattern, text());
      expect([1, 2, 3].map(() => read(parse, 'ab'))).toEqual(['b', 'b', 'b']);
      expect(pattern.lastIndex).toBe(0);
    }
  });
});
