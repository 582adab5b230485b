import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { date, dateTime, time } from '../../../src/dialogue/parsers/date.ts';
import type { Parser } from '../../../src/dialogue/parsers/parser.ts';
import { read } from './reading.ts';
import { dateTimeTable } from './tables/date-time.ts';
import { dateTable } from './tables/date.ts';
import { timeTable } from './tables/time.ts';

type Table = readonly {
  readonly at: string;
  readonly options?: object;
  readonly anywhere?: boolean;
  readonly previous?: string;
  readonly locale?: string;
  readonly rows: readonly ({ readonly said: string } & object)[];
}[];

/** What is taken as it is asked for by default, on the Wednesday of `reading.ts`. */
function answersOf(table: Table): string[] {
  return table
    .filter(({ at, options, anywhere, previous, locale }) => {
      const isPlain =
        options === undefined && !anywhere && previous === undefined && locale === undefined;
      return isPlain && at === '2026-11-18T10:00';
    })
    .flatMap(({ rows }) => rows.filter((row) => 'takes' in row).map(({ said }) => said));
}

/** Words that add a meaning. */
const CONTENT =
  'maybe because unless weather noodles Ann loud seven-ish nowhere delete 50% €5 kids cheaper earlier 雨 孩子 便宜 左右 但是 如果 除了 再说 取消 五花肉'.split(
    ' ',
  );

const parsers: readonly (readonly [string, Parser<unknown>, readonly string[]])[] = [
  ['date', date(), answersOf(dateTable)],
  ['time', time(), answersOf(timeTable)],
  ['dateTime', dateTime(), answersOf(dateTimeTable)],
];

describe.each(parsers)('%s', (_, parser, answers) => {
  const isIssue = (found: unknown): boolean =>
    typeof found === 'string' && found.startsWith('issue.');
  /** What is taken of texts that should not be. */
  const taken = (texts: readonly string[]): unknown[] =>
    texts.map((said) => [said, read(parser, said)]).filter(([, found]) => !isIssue(found));

  it('has answers to try it on', () => {
    expect(answers.length).toBeGreaterThan(75);
  });

  it('refuses what it takes, where it is denied or asked', () => {
    const before = ['not ', 'no ', 'never ', 'anything but ', '不', '不要', '别', '除了', 'is '];
    const behind = ['?', '？', '吗', '可以吗', '行不行', '不行', ' or not', ' is impossible'];
    const texts = answers.flatMap((said) => [
      ...before.map((denial) => denial + said),
      ...behind.map((question) => said + question),
    ]);
    expect(taken(texts)).toEqual([]);
  });

  it('refuses an answer beside a word that adds a meaning', () => {
    const texts = answers.flatMap((said) =>
      CONTENT.flatMap((word) => [`${word} ${said}`, `${said} ${word}`]),
    );
    expect(taken(texts)).toEqual([]);
  });

  it('takes neither of two that are joined', () => {
    const anAnswer = fc.constantFrom(...answers);
    const alternatives = [' or ', '或', '或者', '还是'];
    const joints = [' to ', '到', ' - ', '~', ' until ', ' and '];
    fc.assert(
      fc.property(
        anAnswer,
        anAnswer,
        fc.constantFrom(...alternatives, ...joints),
        (first, second, joint) => {
          const said = first + joint + second;
          const found = read(parser, said);
          if (isIssue(found)) return;
          // “20 to 3 p.m.” is a third time, and neither of the two.
          const values = [first, second].map((each) => read(parser, each));
          expect([said, values]).toEqual([said, expect.not.arrayContaining([found])]);
          expect(alternatives).not.toContain(joint);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('takes it with courtesies around it, in capitals, in full width and with white space', () => {
    const wide = (said: string): string =>
      said.replace(/[!-~]/gu, (sign) => String.fromCodePoint((sign.codePointAt(0) ?? 0) + 0xfee0));
    for (const said of answers) {
      const texts = [`${said}, please`, `um, ${said}`, `请，${said}`, `${said}，谢谢`];
      texts.push(said.toUpperCase(), ` ${said}\n`, wide(said));
      const found = texts.map((text) => [text, read(parser, text)]);
      expect(found).toEqual(texts.map((text) => [text, read(parser, said)]));
    }
  });
});
