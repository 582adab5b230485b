import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalize, tidy } from '../../../src/dialogue/text/normalize.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.string({
    unit: fc.constantFrom('a', ' ', '!', '\u200b', '\u0301', '\ud83d', '好', 'Ａ', '\n'),
  }),
);

describe('normalize', () => {
  it.each([
    ['Yes!', 'yes'],
    ['  YES  ', 'yes'],
    ['ｙｅｓ', 'yes'],
    ['“yes”', 'yes'],
    ['y\u200bes', 'yes'],
    ['yes 👍', 'yes'],
    ['yes ❤️', 'yes'],
    ['2️⃣', '2'],
    ['好的。', '好的'],
    ['（好的）', '好的'],
    ['start \n  over', 'start over'],
    ["don't", "don't"],
    ['👍', '👍'],
    ['?!', '?!'],
    ['？', '?'],
    ['', ''],
    [' ', ''],
  ])('makes of %j: %j', (text, normal) => {
    expect(normalize(text)).toBe(normal);
  });

  it('leaves no white space around, and nothing empty that was not', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const normal = normalize(text);
        expect(normal).toBe(normal.trim());
        expect(normal === '').toBe(tidy(text.replace(/[\u200c\u200d]/g, '')) === '');
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['a\u0301\u0316'.repeat(350_000), 'marks'],
    ['\u0301\u0316'.repeat(500_000), 'marks alone'],
    ['\u0301'.repeat(500_000) + '\u0316'.repeat(500_000), 'marks in the wrong order'],
    ['\uff9e\u0316'.repeat(500_000), 'marks in the making'],
    [`a${'!'.repeat(1_000_000)}b`, 'punctuation'],
    [`a${' '.repeat(1_000_000)}b`, 'spaces'],
    ['\ufdfa'.repeat(300_000), 'ligatures'],
    ['\u200b'.repeat(1_000_000), 'nothing'],
  ])('returns a text of bounded length for a million characters (case %#)', (text) => {
    expect(normalize(text).length).toBeLessThan(18 * text.length + 1);
  });
});

describe('tidy', () => {
  it.each([
    ['  Ｈｅｌｌｏ  World ', 'Hello  World'],
    ['\ufeffHi\u200b', 'Hi'],
    ['👩\u200d💻', '👩\u200d💻'],
    ['Yes!', 'Yes!'],
  ])('makes of %j: %j', (text, tidied) => {
    expect(tidy(text)).toBe(tidied);
  });
});
