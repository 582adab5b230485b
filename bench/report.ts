import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format as prettify, resolveConfig } from 'prettier';
import { reportInChinese, toChinese } from './chinese.ts';
import { format } from './format.ts';
import { machineText, versionsText } from './machine.ts';
import { type Check, type Report, type Table, verdictOf } from './part.ts';

const DOCS = fileURLToPath(new URL('../docs/', import.meta.url));
const BEGIN = '<!-- measured: begin -->';
const END = '<!-- measured: end -->';

interface Language {
  /** The page of the guide. */
  readonly page: string;
  /** The machine, and what it was compared with. */
  readonly about: () => readonly string[];
  readonly report: (report: Report) => Report;
  readonly say: (text: string) => string;
  readonly colon: string;
}

const english: Language = {
  page: 'benchmarks.md',
  about: () => [`${machineText().join(', ')}.`, `Compared: ${versionsText().join(', ')}.`],
  report: (report) => report,
  say: (text) => text,
  colon: ':',
};

const chinese: Language = {
  page: 'zh-CN/benchmarks.md',
  about: () => [`${machineText().join('，')}。`, `比较的版本：${versionsText().join('、')}。`],
  report: reportInChinese,
  say: toChinese,
  colon: '：',
};

/** Formats all results as Markdown. */
export function toMarkdown(reports: readonly Report[], language: Language = english): string {
  const { about, say } = language;
  const own = reports.map(language.report);
  const checks = own.flatMap((report) => report.checks);
  const parts = own.map(({ title, text, tables }) =>
    [`## ${title}`, text, ...tables.map((table) => tableText(table, language))].join('\n\n'),
  );
  const targets =
    checks.length === 0
      ? []
      : [`## ${say('Targets')}`, tableText(targetsTable(checks, language), language)];
  return [...about(), ...targets, ...parts].join('\n\n');
}

/** Writes the results between the markers of the page in each language. */
export async function writePages(reports: readonly Report[]): Promise<void> {
  for (const language of [english, chinese]) {
    const path = `${DOCS}${language.page}`;
    const page = readFileSync(path, 'utf8');
    const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
    if (begin === -1 || end < begin) throw new Error(`${path} lacks its markers.`);
    const measured = `${BEGIN}\n\n${toMarkdown(reports, language)}\n\n`;
    const text = page.slice(0, begin) + measured + page.slice(end);
    const options = { ...(await resolveConfig(path)), parser: 'markdown' };
    writeFileSync(path, await prettify(text, options));
  }
}

function targetsTable(checks: readonly Check[], { say }: Language): Table {
  return {
    head: [say('figure'), say('target'), say('measured'), ''],
    rows: checks.map((check) => {
      const { what, figure, unit, atLeast, atMost } = check;
      const target = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
      const noise = figure.count > 1 ? ` ± ${format(figure.noise)}` : '';
      return [
        what,
        `${target} ${unit}`,
        `${format(figure.median)}${noise} ${unit}`,
        say(verdictOf(check)),
      ];
    }),
  };
}

function tableText({ caption, head, rows }: Table, { colon }: Language): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const table = [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
  return caption === undefined ? table : `${caption}${colon}\n\n${table}`;
}
