import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partsOf, textSize, wellFormed } from '../../src/channels/text-parts.ts';

const UNITS = ['bytes', 'characters', 'utf16'] as const;

/** What a reader sees as one character, the longest of 25 bytes, and parts of such characters. */
const grapheme = fc.constantFrom(
  ...[
    'a',
    ' ',
    '\n',
    '\r\n',
    '你',
    'é',
    'é',
    '한',
    '각',
    'க்ஷ',
    '👍🏽',
    '🇨🇳',
    '👩‍👩‍👧‍👦',
    '\u0301',
    '\u200d',
  ],
);
const words = fc.array(grapheme, { maxLength: 120 }).map((each) => each.join(''));

function bordersOf(text: string): ReadonlySet<number> {
  const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text);
  return new Set([...Array.from(segments, ({ index }) => index), text.length]);
}

describe.each(UNITS)('a text that is cut at a limit of %s', (unit) => {
  it('is whole in its parts, each of which fits and ends with a character', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 25, max: 80 }), (text, max) => {
        const parts = partsOf(text, { max, unit });
        expect(parts.join('')).toBe(text);
        let end = 0;
        // The rest of a longer text is cut as if it were another text.
        for (const part of parts) {
          const rest = text.slice(end);
          const isLongGrapheme = ![...bordersOf(rest)].some(
            (border) => border > 0 && textSize(rest.slice(0, border), unit) <= max,
          );
          expect(textSize(part, unit)).toBeLessThanOrEqual(max);
          if (!isLongGrapheme) expect(bordersOf(rest)).toContain(part.length);
          end += part.length;
        }
        expect(parts.length).toBeGreaterThan(0);
      }),
    );
  });

  it('splits what a reader sees as one character only where that alone is too long', () => {
    const text = `a${'\u0301'.repeat(50)}`;
    const parts = partsOf(text, { max: 10, unit });
    expect(parts.join('')).toBe(text);
    for (const part of parts) expect(textSize(part, unit)).toBeLessThanOrEqual(10);
  });

  it('is one part up to the limit, and two behind it', () => {
    expect(partsOf('a'.repeat(10), { max: 10, unit })).toHaveLength(1);
    expect(partsOf('a'.repeat(11), { max: 10, unit })).toHaveLength(2);
    expect(partsOf('', { max: 10, unit })).toEqual(['']);
  });
});

it('a text is cut behind a line, or else a space, that ends in the second half of a part', () => {
  const limit = { max: 10, unit: 'utf16' } as const;
  expect(partsOf('abcdef\ng hijk', limit)).toEqual(['abcdef\n', 'g hijk']);
  expect(partsOf('abcdef ghijk', limit)).toEqual(['abcdef ', 'ghijk']);
  expect(partsOf('ab cdefghijk', limit)).toEqual(['ab cdefghi', 'jk']);
});

it('a text is not cut behind a space that is a character with what follows it', () => {
  const limit = { max: 10, unit: 'utf16' } as const;
  expect(partsOf('abcdef \u0301gh', limit)).toEqual(['abcdef \u0301gh']);
  expect(partsOf('abcdef \u0301ghij', limit)).toEqual(['abcdef \u0301gh', 'ij']);
  expect(partsOf('abcde f \u0301ghij', limit)).toEqual(['abcde ', 'f \u0301ghij']);
});

it('a limit counts bytes of UTF-8, characters, or units of UTF-16', () => {
  expect(UNITS.map((unit) => textSize('a你😀', unit))).toEqual([8, 3, 4]);
  const cut = (unit: (typeof UNITS)[number]): readonly string[] =>
    partsOf('😀😀😀', { max: 4, unit });
  expect(UNITS.map((unit) => cut(unit).length)).toEqual([3, 1, 2]);
});

it('a text has no halves of pairs', () => {
  expect(wellFormed('a\ud83d')).toBe('a\ufffd');
});
