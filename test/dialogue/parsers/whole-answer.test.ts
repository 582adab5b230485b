import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choice } from '../../../src/dialogue/parsers/choice.ts';
import { confirm } from '../../../src/dialogue/parsers/confirm.ts';
import { integer } from '../../../src/dialogue/parsers/integer.ts';
import { number } from '../../../src/dialogue/parsers/number.ts';
import type { Parser } from '../../../src/dialogue/parsers/parser.ts';
import { within } from '../../../src/dialogue/parsers/within.ts';
import { parseContext, parseContextOf, textMessage } from './reading.ts';
import { TABLES } from './tables/tables.ts';
import type { ParserTable } from './tables/table.ts';

/** A parser that has to explain the whole answer, and answers that it takes. */
interface Whole {
  readonly name: string;
  readonly parser: Parser<unknown>;
  readonly answers: readonly string[];
  /** The words of `CONTENT` that it knows. */
  readonly knows?: string;
}

/**
 * Every table but those of parsers that take any words, parts, or what is no text, and that of several countries, whose
 * answers belong to a parser each.
 */
const NOT_WHOLE = /^(?:text|within|anywhere|image|location)\(|country \}/u;

/** `later` is known in front of `today`. */
const DAYS = 'yesterday tomorrow later 明天 昨天';
/** A space may separate an hour from its 点 when the answer is only the hour. */
const HOURS = '点';

const KNOWN: Readonly<Record<string, string>> = {
  'date()': DAYS,
  'date({ past: true })': DAYS,
  'time()': `${DAYS} ${HOURS}`,
  'dateTime()': `${DAYS} ${HOURS}`,
  'dateTime({ timeAlone: true })': `${DAYS} ${HOURS}`,
  'dateTime({ past: true })': `${DAYS} ${HOURS}`,
};

const fromTables: readonly Whole[] = TABLES.filter(({ call }) => !NOT_WHOLE.test(call)).map(
  (table) => ({
    name: table.call,
    parser: table.parser,
    answers: takenBy(table),
    knows: KNOWN[table.call] ?? '',
  }),
);

const others: readonly Whole[] = [
  {
    name: 'integer in bounds',
    parser: integer({ min: 1, max: 10 }),
    answers: ['3', 'three people', '三个人', 'ten', '我们有五位', 'we are 7'],
  },
  {
    name: 'number of dollars',
    parser: number({ units: ['$', 'dollars', '元'] }),
    answers: ['$3', '3.50', 'ten dollars', '五元', '三点五元', '$1,200'],
  },
  {
    name: 'choice of sentences',
    parser: choice(['To stay', 'To go', '堂食', '外带']),
    answers: ['to stay', 'To go please', '堂食', '我要外带', '2', 'the last one', '第三个'],
  },
  {
    name: 'confirm in French',
    parser: confirm({ yes: ['oui', 'bien sûr'], no: ['non', 'pas du tout'] }),
    answers: ['oui', 'Bien sûr!', 'non', 'pas du tout', 'yes', '好的'],
  },
  {
    name: 'within the whole text',
    parser: within(/^[^]+$/u, integer()),
    answers: ['3', 'four', '三个人', '5 people, thanks'],
  },
];

const parsers: readonly Whole[] = [...fromTables, ...others];

function takenBy({ kinds }: ParserTable): string[] {
  return kinds
    .filter((kind) => isDeepStrictEqual(parseContextOf(kind), parseContext))
    .flatMap(({ rows }) => rows)
    .flatMap((row) => ('takes' in row && typeof row.said === 'string' ? [row.said] : []));
}

function valueOf(parser: Parser<unknown>, said: string, locale = 'en'): unknown {
  const parsed = parser(textMessage(said), { ...parseContext, locale });
  return 'value' in parsed ? parsed.value : undefined;
}

/** Words that say something, none of which any parser here knows. */
const CONTENT =
  'yesterday tomorrow banana wheelchair vegan window which what where how price cost later swap broken except unless instead without ' +
  'maybe about around roughly almost nearly over under between until wait hold but however though cheaper bigger ' +
  'kilometres percent degrees 明天 昨天 轮椅 素食 靠窗 价格 怎么 多少 哪 什么 改 换 除了 以外 大概 左右 差不多 可能 也许 等等 但是 不过 如果 公里 度 点 斤';

const contentBut = (known: readonly string[]): fc.Arbitrary<string> =>
  fc.constantFrom(...CONTENT.split(' ').filter((word) => !known.includes(word)));
const random = fc
  .string({
    unit: fc.constantFrom(...'bcdfghjklmnpqrstvwxz'.split('')),
    minLength: 4,
    maxLength: 9,
  })
  // “hmmm” is a courtesy.
  .filter((word) => !/^h?m+$/u.test(word));

const DENIALS = ['not ', 'Not ', '不'];
/** They say no by themselves, so that a no behind them only says it again. */
const MORE_DENIALS = ['不是', '没有', '别', '除了', 'not a ', 'except ', 'any but ', 'never '];
const QUESTIONS = ['?', '？', ' ?', '吗', '吗？', '么', ', right?', '可以吗', ' is it?', '行不行'];
const OR = [' or ', '或', '还是', '或者', ' or rather ', '/', ' either '];

describe.each(parsers)('$name reads the whole answer', ({ parser, answers, knows = '' }) => {
  const content = contentBut(knows.split(' '));
  const answer = fc.constantFrom(...answers);

  it('takes each of its answers', () => {
    expect(answers.length).toBeGreaterThan(3);
    expect(answers.filter((said) => valueOf(parser, said) === undefined)).toEqual([]);
  });

  it('takes no answer with a word in it that it cannot explain', () => {
    fc.assert(
      fc.property(answer, fc.oneof(content, random), fc.nat(), (said, word, at) => {
        const words = said.split(' ');
        const place = at % (words.length + 1);
        const more = [...words.slice(0, place), word, ...words.slice(place)].join(' ');
        expect([more, valueOf(parser, more)]).toEqual([more, undefined]);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives another value, or none, with a denial in front', () => {
    for (const said of answers) {
      const value = valueOf(parser, said);
      for (const denial of value === false ? DENIALS : [...DENIALS, ...MORE_DENIALS]) {
        expect([denial + said, valueOf(parser, denial + said)]).not.toEqual([denial + said, value]);
      }
    }
  });

  it('gives no value with a question behind', () => {
    for (const said of answers) {
      const value = valueOf(parser, said);
      for (const question of value === false ? QUESTIONS.slice(0, -1) : QUESTIONS) {
        expect([said + question, valueOf(parser, said + question)]).toEqual([
          said + question,
          undefined,
        ]);
      }
    }
  });

  it('gives neither of two answers that an “or” joins', () => {
    fc.assert(
      fc.property(answer, answer, fc.constantFrom(...OR), (first, second, or) => {
        const [one, two] = [valueOf(parser, first), valueOf(parser, second)];
        fc.pre(JSON.stringify(one) !== JSON.stringify(two));
        // A slash between two numbers makes a date of them: "3" and "12 midnight".
        fc.pre(or !== '/' || !/\d$/u.test(first) || !/^\d/u.test(second));
        const both = first + or + second;
        expect([one, two]).not.toContainEqual(valueOf(parser, both));
      }),
      { numRuns: 500 },
    );
  });

  it('gives no other value with a courtesy behind', () => {
    for (const said of answers) {
      for (const courtesy of [' please', ', thanks', ' 🙏', ' :pray:', '，谢谢']) {
        expect([valueOf(parser, said), undefined]).toContainEqual(valueOf(parser, said + courtesy));
      }
    }
  });
});
