import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFillers, isExplained, tokensOf } from '../../../src/dialogue/text/explained.ts';
import {
  closingFillers,
  commonFillers,
  courtesyFillers,
} from '../../../src/dialogue/text/fillers.ts';
import { fold } from '../../../src/dialogue/text/normalize.ts';

/** Whether all of a text is explained where a parser has read the X in it. */
function explains(said: string, fillers = commonFillers()): boolean {
  const text = fold(said);
  const start = text.indexOf('x');
  return isExplained(text, [{ start, end: start + 1 }], fillers);
}

const SAYS_NOTHING =
  "X|x!|x.|(x)|“x”|*x*|_x_|I'd like x please|I’d like x, thank you very much|um, x|ok, x|yes, x|let's say x|make it x|my answer is x|it is x|" +
  'there will be x|hello, x 👋|x 🙏|x 🙏🏽|x :pray::skin-tone-3:|x ❤️|thank-you x|x~|x – thanks|sorry, actually x|change it to x|x it is|' +
  '我要x|我想要x|来x|就x吧|请x|好的，x|您好，x，谢谢|一共x|我们有x|改成x|x谢谢~|那就x吧🙏|x[微笑]|是的，x|其实x|不好意思，x|帮我订x';

const SAYS_MORE =
  'x的话|唔x|not x|no x|x?|x ?|is it x|can i x|which x|what about x|x or|or x|either x|x -|- x|x to|between x|~x|about x|around x|roughly x|almost x|over x|at least x|x or so|' +
  'x but|x, wait|maybe x|x+|x%|$x|x/|#x|any but x|except x|x banana|🤔 x|x 👎|x ❓|want x i|am i x|are we x|how x|— x|x —|' +
  '不x|没x|别x|除了x|x吗|x么|x呢|x？|哪x|几x|x还是|或x|到x|x到|大概x|x左右|x多|x几|差不多x|可能x|但是x|等等x|x，想想|不过x|对了，x|要是x|x怎么样|能不能x|x行不行|算了x';

describe('the words around an answer', () => {
  it.each(SAYS_NOTHING.split('|'))('say nothing in %j', (said) => {
    expect(explains(said)).toBe(true);
  });

  it.each(SAYS_MORE.split('|'))('say something in %j', (said) => {
    expect(explains(said)).toBe(false);
  });

  it('may open an answer in Chinese that they do not close', () => {
    expect(explains('x对', closingFillers())).toBe(false);
    expect(explains('对，x', courtesyFillers())).toBe(true);
    expect(explains('x，谢谢', closingFillers())).toBe(true);
  });

  it('explain a text only up to every value in it, in any order of the values', () => {
    const text = 'please x and x, thanks';
    const spans = [
      { start: 13, end: 14 },
      { start: 7, end: 8 },
    ];
    expect(isExplained(text, spans, commonFillers())).toBe(false);
    expect(isExplained(text, spans, createFillers('and', commonFillers()))).toBe(true);
    expect(isExplained(text, [{ start: 7, end: 14 }], commonFillers())).toBe(true);
    expect(isExplained('please', [], commonFillers())).toBe(true);
    expect(isExplained('banana', [], commonFillers())).toBe(false);
  });

  it('may be put together from phrases that begin alike', () => {
    const fillers = createFillers('a b, a b c d, c');
    const said = ['a b', 'a b c', 'a b c d', 'a', 'a b c d c', 'a b d', 'c c', 'a b a b c'];
    expect(said.map((each) => isExplained(each, [], fillers))).toEqual([
      true,
      true,
      true,
      false,
      true,
      false,
      true,
      true,
    ]);
  });
});

describe('tokensOf', () => {
  it.each([
    ['don’t wi-fi', ['don’t', 'wi', 'fi']],
    ["i'd", ['i’d']],
    ['好的ok', ['好', '的', 'ok']],
    ['3-4', ['3', '-', '4']],
    ['👍🏽👍', ['👍', '👍']],
    ['🙅🏽‍♀️', ['🙅']],
    ['2️⃣', ['2️⃣']],
    [':+1: :nosuch:', ['👍', 'nosuch']],
    ['a – b –', ['a', 'b', '–']],
    ['a?', ['a', '?']],
  ])('makes of %j: %j', (text, tokens) => {
    expect(tokensOf(fold(text))).toEqual(tokens);
  });

  it('leaves out nothing but white space, punctuation and details of emoji', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'ß', '好', '3', '٣', '?', '+', ' ') });
    fc.assert(
      fc.property(letters, (text) => {
        expect(tokensOf(text).join('')).toBe(text.replaceAll(' ', ''));
      }),
    );
  });
});
