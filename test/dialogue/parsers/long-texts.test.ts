import { integer, text, within } from 'colloquy';
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

describe('a text of over 4096 characters', () => {
  const people = within(/(\d+) people/i, integer());

  it('matches no pattern, wherever it would match', () => {
    const said = (length: number) =>
      textMessage(`4 people${' and more'.repeat(600)}`.slice(0, length));
    expect(people(said(4096), parseContext)).toEqual({ value: 4 });
    expect(people(said(4097), parseContext)).toHaveProperty('issue');
    const parse = text({ pattern: /^x+$/u });
    expect(parse(textMessage('x'.repeat(4096)), parseContext)).toHaveProperty('value');
    expect(parse(textMessage('x'.repeat(4097)), parseContext)).toHaveProperty('issue');
  });

  it.each(['1', '1,', '1.'])('of 64 KB of %j does not block', (unit) => {
    const said = textMessage(unit.repeat(65_536 / unit.length));
    const before = process.cpuUsage();
    expect(people(said, parseContext)).toHaveProperty('issue');
    const { user, system } = process.cpuUsage(before);
    // The square of its length took seven seconds.
    expect((user + system) / 1000).toBeLessThan(1000);
  });
});
