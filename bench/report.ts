import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format as prettify, resolveConfig } from 'prettier';
import { format } from './format.ts';
import { machineText, versionsText } from './machine.ts';
import { type Check, type Report, type Table, verdictOf } from './part.ts';

const PAGE = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url));
const BEGIN = '<!-- measured: begin -->';
const END = '<!-- measured: end -->';

/** Formats all results as Markdown. */
export function toMarkdown(reports: readonly Report[]): string {
  const checks = reports.flatMap((report) => report.checks);
  const parts = reports.map(({ title, text, tables }) =>
    [`## ${title}`, text, ...tables.map(tableText)].join('\n\n'),
  );
  const targets = checks.length === 0 ? [] : ['## Targets', tableText(targetsTable(checks))];
  return [`${machineText()}.`, `Compared: ${versionsText()}.`, ...targets, ...parts].join('\n\n');
}

/** Writes the results between the markers of `docs/benchmarks.md`. */
export async function writePage(reports: readonly Report[]): Promise<void> {
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`${PAGE} lacks its markers.`);
  const measured = `${BEGIN}\n\n${toMarkdown(reports)}\n\n`;
  const text = page.slice(0, begin) + measured + page.slice(end);
  writeFileSync(PAGE, await prettify(text, { ...(await resolveConfig(PAGE)), parser: 'markdown' }));
}

function targetsTable(checks: readonly Check[]): Table {
  return {
    head: ['figure', 'target', 'measured', ''],
    rows: checks.map((check) => {
      const { what, figure, unit, atLeast, atMost } = check;
      const target = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
      const noise = figure.count > 1 ? ` ± ${format(figure.noise)}` : '';
      return [
        what,
        `${target} ${unit}`,
        `${format(figure.median)}${noise} ${unit}`,
        verdictOf(check),
      ];
    }),
  };
}

function tableText({ caption, head, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const table = [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
  return caption === undefined ? table : `${caption}:\n\n${table}`;
}
