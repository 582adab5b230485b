import { text, within } from 'colloquy';
import { describe, expect, it } from 'vitest';
import { parseContext, textMessage } from './reading.ts';

/** The engine that matches it keeps a place on its stack for each character; eight million do not fit. */
const EXHAUSTING = /^(?:(a)|(b)|(c)|(d))*$/u;
const LONG = 'a'.repeat(8_000_000);

describe('a pattern that a text exhausts', () => {
  it('is exhausted by the text', () => {
    expect(() => EXHAUSTING.exec(LONG)).toThrow(RangeError);
  });

  it('gives an issue where a parser tries it', () => {
    for (const parse of [within(EXHAUSTING, text()), text({ pattern: EXHAUSTING })]) {
      expect(parse(textMessage(LONG), parseContext)).toHaveProperty('issue');
      expect(parse(textMessage('abba'), parseContext)).toHaveProperty('value');
    }
  });
});
