import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { Message } from '../../src/message.ts';
import { clockOf } from '../dialogue/parsers/reading.ts';
import type { Asked, Kind, Language, ParserTable, Row } from '../dialogue/parsers/tables/table.ts';
import { aboutInChinese, kindInChinese } from './chinese-parsers.ts';
import { root } from './pages.ts';

/** What of the page is in a language: the sentences around the tables, and the words for their parts. */
export interface ParsersPage {
  /** From the root of the repository. */
  readonly path: string;
  readonly opening: string;
  readonly closing: string;
  readonly takes: string;
  readonly refuses: string;
  readonly nothing: string;
  readonly separators: { readonly wordings: string; readonly results: string };
  readonly aboutOf: (table: ParserTable) => string;
  readonly occasionOf: (asked: Asked) => string;
  /** The begin of a line: a kind of answers, their language, and why they are refused. */
  readonly lineOf: (kind: string, language: Language, reason: string | undefined) => string;
}

const OPENING = `# What each parser takes

A parser reads the **whole** answer or asks again. The value and a closed list of words that add no meaning
(courtesies, interjections, words that frame an answer) must account for every word. A word that is left over may be a denial,
a question, an alternative, an approximation or a unit. A wrong value that is stored silently is worse than a question that is
asked again. To take a part of an answer, use [\`within\`](asking.md#what-reads-an-answer).

\`npm run docs:parsers\` writes this page from the tables that the tests of the parsers run, so each line holds. Parsers read
English and Chinese in every locale. Of days, times, phone numbers and e-mail addresses, the page shows a maximum of twelve
answers of each kind; the tests run more.
`;

const CLOSING = `Next: [forms](forms.md), which find several answers in one sentence.
`;

const CHINESE_OPENING = `# 每个解析器认什么

解析器读**整句**回答，读不懂就再问。值，加上一张不改变意思的词表（客气话、感叹词、引出回答的词），必须说得清每一个词。剩下的词可能是否认、反问、二选一、约数或单位。悄悄存错一个值，比再问一次更糟。要取回答里的一段，用 [\`within\`](asking.md#用什么读回答)。

\`npm run docs:parsers\` 由解析器的测试所跑的表写出这一页，所以每一行都成立。不管用户是什么语言，解析器都读中文和英文。日期、时间、电话号码和邮箱，每种最多列十二个例子；测试跑的更多。
`;

const CHINESE_CLOSING = `下一页：[表单](forms.md)。
`;

const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeZone: 'UTC' });
const CHINESE_DAY = new Intl.DateTimeFormat('zh-CN', { dateStyle: 'full', timeZone: 'UTC' });

const LANGUAGES: Readonly<Record<Language, string>> = {
  any: '',
  en: ' in English',
  zh: ' in Chinese',
};
const LANGUAGES_IN_CHINESE: Readonly<Record<Language, string>> = {
  any: '',
  en: '（英文）',
  zh: '（中文）',
};

const ENGLISH: ParsersPage = {
  path: 'docs/parsers.md',
  opening: OPENING,
  closing: CLOSING,
  takes: 'Takes:',
  refuses: 'Asks again after:',
  nothing: '(nothing)',
  separators: { wordings: ', ', results: '; ' },
  aboutOf: ({ about }) => about,
  occasionOf: ({ at, locale, previous }) => {
    const [day = '', time = ''] = at.split('T');
    return [
      `Asked on ${DAY.format(new Date(day))} at ${time}`,
      ...(locale === undefined ? [] : [`where the locale of the user is \`${locale}\``]),
      ...(previous === undefined ? [] : [`in a form that holds \`${previous}\` already`]),
    ]
      .join(', ')
      .concat('.');
  },
  lineOf: (kind, language, reason) => {
    const why = reason === undefined ? '' : ` (${reason})`;
    return `**${kind}${LANGUAGES[language]}**${why}: `;
  },
};

const CHINESE: ParsersPage = {
  path: 'docs/zh-CN/parsers.md',
  opening: CHINESE_OPENING,
  closing: CHINESE_CLOSING,
  takes: '认：',
  refuses: '再问：',
  nothing: '（什么都没说）',
  separators: { wordings: '、', results: '；' },
  aboutOf: ({ call }) => aboutInChinese(call),
  occasionOf: ({ at, locale, previous }) => {
    const [day = '', time = ''] = at.split('T');
    return [
      `${CHINESE_DAY.format(new Date(day))} ${time} 问的`,
      ...(locale === undefined ? [] : [`用户的语言是 \`${locale}\``]),
      ...(previous === undefined ? [] : [`表单里已经有 \`${previous}\``]),
    ]
      .join('，')
      .concat('。');
  },
  lineOf: (kind, language, reason) => {
    const why = reason === undefined ? '' : `（${kindInChinese(reason)}）`;
    return `**${kindInChinese(kind)}${LANGUAGES_IN_CHINESE[language]}**${why}：`;
  },
};

export const PARSERS_PAGES: readonly ParsersPage[] = [ENGLISH, CHINESE];

/** The text of a page, formatted as this project formats pages. */
export async function writeParsersPage(
  tables: readonly ParserTable[],
  page: ParsersPage = ENGLISH,
): Promise<string> {
  const sections = tables.map((table) => sectionOf(table, page));
  const options = await resolveConfig(join(root, page.path));
  const text = [page.opening, ...sections, page.closing].join('\n');
  return format(text, { ...options, parser: 'markdown' });
}

function sectionOf(table: ParserTable, page: ParsersPage): string {
  const { call, kinds, shown } = table;
  const groups = groupBy(kinds, ({ asked }) => JSON.stringify(asked ?? {}));
  const parts = [...groups.values()].map((group) => groupOf(group, shown, page));
  return [`## \`${call}\`\n`, `${page.aboutOf(table)}\n`, ...parts].join('\n');
}

function groupBy<T>(all: readonly T[], keyOf: (each: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const each of all) groups.set(keyOf(each), [...(groups.get(keyOf(each)) ?? []), each]);
  return groups;
}

/** The kinds that are asked at one occasion. */
function groupOf(kinds: readonly Kind[], shown: number | undefined, page: ParsersPage): string {
  const asked = kinds[0]?.asked;
  const linesOf = (isTaken: boolean): string =>
    kinds
      .flatMap((kind) => kindLines(kind, isTaken, page, shown))
      .map((line) => `- ${line}`)
      .join('\n');
  const [taken, refused] = [linesOf(true), linesOf(false)];
  return [
    ...(asked === undefined ? [] : [`${page.occasionOf(asked)}\n`]),
    ...(taken === '' ? [] : [`${page.takes}\n`, `${taken}\n`]),
    ...(refused === '' ? [] : [`${page.refuses}\n`, `${refused}\n`]),
  ].join('\n');
}

/** One line for what is taken, or one for each reason for which an answer of the kind is refused. */
function kindLines(
  { kind, language, rows }: Kind,
  isTaken: boolean,
  page: ParsersPage,
  shown: number | undefined,
): string[] {
  const ofPart = rows.filter((row) => 'takes' in row === isTaken);
  const reasons = groupBy(ofPart, (row) => ('refuses' in row ? row.refuses : kind));
  return [...reasons].map(([reason, chosen]) => {
    const begin = page.lineOf(kind, language, reason === kind ? undefined : reason);
    return `${begin}${examplesOf(chosen.slice(0, shown), page)}`;
  });
}

function examplesOf(rows: readonly Row[], page: ParsersPage): string {
  const groups = groupBy(rows, resultOf);
  const said = [...groups].map(([result, ofResult]) => {
    const wordings = ofResult
      .map((row) => wordingOf(row.said, page))
      .join(page.separators.wordings);
    return result === '' ? wordings : `${wordings} → ${result}`;
  });
  return said.join(page.separators.results);
}

function resultOf(row: Row): string {
  if (!('takes' in row)) return '';
  const { takes } = row;
  if (takes instanceof Date) return `**\`${clockOf(takes)}\`**`;
  return `**\`${typeof takes === 'string' ? takes : JSON.stringify(takes)}\`**`;
}

function wordingOf(said: string | Message, { nothing }: ParsersPage): string {
  if (said === '') return nothing;
  if (typeof said !== 'string') return `\`${JSON.stringify(said)}\``;
  const shown = said.replace(/[\u200b\ufeff]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  });
  return shown.includes('`') ? `\`\` ${shown} \`\`` : `\`${shown}\``;
}
