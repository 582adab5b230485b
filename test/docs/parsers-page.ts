import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { Message } from '../../src/message.ts';
import type { Kind, Language, ParserTable, Row } from '../dialogue/parsers/tables/table.ts';
import { root } from './pages.ts';

/** The page that is written from the tables of the parsers, from the root of the repository. */
export const PARSERS_PAGE = 'docs/parsers.md';

const OPENING = `# What each parser takes

A parser reads the **whole** answer or asks again. What it takes as the value, and a closed list of words that say nothing
(courtesies, interjections, words that frame an answer), have to account for everything in it. A word that is left over may
be a denial, a question, an alternative, an approximation or a unit; a wrong value that is taken in silence is worse than a
question that is asked again. To take a part of an answer, use [\`within\`](asking.md#what-reads-an-answer).

This page is written from the tables that the tests of the parsers run (\`npm run docs:parsers\`), so each line holds.
English and Chinese are read whatever the locale of the user is.
`;

const CLOSING = `Next: [forms](forms.md), which find several answers in one sentence.
`;

/** The text of the page, as the formatter of this project leaves it. */
export async function writeParsersPage(tables: readonly ParserTable[]): Promise<string> {
  const text = [OPENING, ...tables.map(sectionOf), CLOSING].join('\n');
  const options = await resolveConfig(join(root, PARSERS_PAGE));
  return format(text, { ...options, parser: 'markdown' });
}

function sectionOf({ call, about, kinds }: ParserTable): string {
  const isTaken = ({ rows }: Kind): boolean => rows.some((row) => 'takes' in row);
  const lines = (chosen: readonly Kind[]): string => chosen.map(lineOf).join('\n');
  const refused = kinds.filter((kind) => !isTaken(kind));
  return [
    `## \`${call}\`\n`,
    `${about}\n`,
    `Takes:\n`,
    `${lines(kinds.filter(isTaken))}\n`,
    ...(refused.length > 0 ? [`Asks again after:\n`, `${lines(refused)}\n`] : []),
  ].join('\n');
}

const LANGUAGES: Readonly<Record<Language, string>> = {
  any: '',
  en: ' in English',
  zh: ' in Chinese',
};

function lineOf({ kind, language, rows }: Kind): string {
  const groups = new Map<string, string[]>();
  for (const row of rows) {
    const result = resultOf(row);
    groups.set(result, [...(groups.get(result) ?? []), wordingOf(row.said)]);
  }
  const said = [...groups].map(
    ([result, wordings]) => wordings.join(', ') + (result === '' ? '' : ` → ${result}`),
  );
  return `- **${kind}${LANGUAGES[language]}**: ${said.join('; ')}`;
}

function resultOf(row: Row): string {
  if (!('takes' in row)) return '';
  const { takes } = row;
  return `**\`${typeof takes === 'string' ? takes : JSON.stringify(takes)}\`**`;
}

function wordingOf(said: string | Message): string {
  if (said === '') return '(nothing)';
  if (typeof said !== 'string') return `\`${JSON.stringify(said)}\``;
  const shown = said.replace(/[\u200b\ufeff]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  });
  return `\`${shown}\``;
}
