import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { Message } from '../../src/message.ts';
import { clockOf } from '../dialogue/parsers/reading.ts';
import type { Asked, Kind, Language, ParserTable, Row } from '../dialogue/parsers/tables/table.ts';
import { root } from './pages.ts';

/** The page that `npm run docs:parsers` writes, from the root of the repository. */
export const PARSERS_PAGE = 'docs/parsers.md';

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

/** The text of the page, formatted as this project formats pages. */
export async function writeParsersPage(tables: readonly ParserTable[]): Promise<string> {
  const text = [OPENING, ...tables.map(sectionOf), CLOSING].join('\n');
  const options = await resolveConfig(join(root, PARSERS_PAGE));
  return format(text, { ...options, parser: 'markdown' });
}

function sectionOf({ call, about, kinds, shown }: ParserTable): string {
  const groups = groupBy(kinds, ({ asked }) => JSON.stringify(asked ?? {}));
  const parts = [...groups.values()].map((group) => groupOf(group, shown));
  return [`## \`${call}\`\n`, `${about}\n`, ...parts].join('\n');
}

function groupBy<T>(all: readonly T[], keyOf: (each: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const each of all) groups.set(keyOf(each), [...(groups.get(keyOf(each)) ?? []), each]);
  return groups;
}

/** The kinds that are asked at one occasion. */
function groupOf(kinds: readonly Kind[], shown: number | undefined): string {
  const asked = kinds[0]?.asked;
  const taken = kinds.flatMap((kind) => linesOf(kind, true, shown));
  const refused = kinds.flatMap((kind) => linesOf(kind, false, shown));
  return [
    ...(asked === undefined ? [] : [`${occasionInWords(asked)}\n`]),
    ...(taken.length > 0 ? [`Takes:\n`, `${taken.join('\n')}\n`] : []),
    ...(refused.length > 0 ? [`Asks again after:\n`, `${refused.join('\n')}\n`] : []),
  ].join('\n');
}

const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeZone: 'UTC' });

function occasionInWords({ at, locale, previous }: Asked): string {
  const [day = '', time = ''] = at.split('T');
  return [
    `Asked on ${DAY.format(new Date(day))} at ${time}`,
    ...(locale === undefined ? [] : [`where the locale of the user is \`${locale}\``]),
    ...(previous === undefined ? [] : [`in a form that holds \`${previous}\` already`]),
  ]
    .join(', ')
    .concat('.');
}

const LANGUAGES: Readonly<Record<Language, string>> = {
  any: '',
  en: ' in English',
  zh: ' in Chinese',
};

/** One line for what is taken, or one for each reason for which an answer of the kind is refused. */
function linesOf({ kind, language, rows }: Kind, isTaken: boolean, shown?: number): string[] {
  const ofPart = rows.filter((row) => 'takes' in row === isTaken);
  const reasons = groupBy(ofPart, (row) => ('refuses' in row ? row.refuses : kind));
  return [...reasons].map(([reason, chosen]) => {
    const why = reason === kind ? '' : ` (${reason})`;
    return `- **${kind}${LANGUAGES[language]}**${why}: ${examplesOf(chosen.slice(0, shown))}`;
  });
}

function examplesOf(rows: readonly Row[]): string {
  const groups = groupBy(rows, resultOf);
  const said = [...groups].map(([result, ofResult]) => {
    const wordings = ofResult.map((row) => wordingOf(row.said)).join(', ');
    return result === '' ? wordings : `${wordings} → ${result}`;
  });
  return said.join('; ');
}

function resultOf(row: Row): string {
  if (!('takes' in row)) return '';
  const { takes } = row;
  if (takes instanceof Date) return `**\`${clockOf(takes)}\`**`;
  return `**\`${typeof takes === 'string' ? takes : JSON.stringify(takes)}\`**`;
}

function wordingOf(said: string | Message): string {
  if (said === '') return '(nothing)';
  if (typeof said !== 'string') return `\`${JSON.stringify(said)}\``;
  const shown = said.replace(/[\u200b\ufeff]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  });
  return shown.includes('`') ? `\`\` ${shown} \`\`` : `\`${shown}\``;
}
