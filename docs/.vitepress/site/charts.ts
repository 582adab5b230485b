import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Box, Chart } from '../../../src/graph/chart.ts';
import { layOut } from '../../../src/graph/layout.ts';
import { toSvg } from '../../../src/graph/svg.ts';
import { type Page, readPages, root } from '../../../test/docs/pages.ts';
import { fillOnce } from './cache.ts';
import { readFlowchart } from './flowchart.ts';
import { type ProgramCharts, chartsOfPrograms } from './program-charts.ts';

/** A chart on a page: below the block that ends at a line, or instead of it. */
export interface Figure {
  /** The number of the line at which its block begins: that of the fence. */
  readonly line: number;
  readonly replaces: boolean;
  /** The id of the dialogue; undefined for a chart that draws none. */
  readonly dialogue: string | undefined;
  /** The name of its two files, without `.svg` and `-dark.svg`. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** The states, for those who do not see it. */
  readonly states: readonly string[];
}

/** A block of a page. */
interface Block {
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

interface Drawn {
  readonly block: Block;
  readonly replaces: boolean;
  readonly dialogue: string | undefined;
  readonly chart: Chart;
}

/** The charts of each page, by its path. */
export type Figures = Readonly<Record<string, readonly Figure[]>>;

/** What the charts are made by. */
const CODE = ['charts', 'flowchart', 'program-charts'].map(
  (name) => `docs/.vitepress/site/${name}.ts`,
);

const FIGURES = 'figures.json';

/** Draws every dialogue of the guide into a folder, in light and dark. */
export async function drawCharts(folder: string): Promise<Figures> {
  mkdirSync(folder, { recursive: true });
  const pages = readPages();
  await fillOnce(folder, 'charts', {
    ingredients: {
      paths: ['src', 'test/docs/dialogues.ts', 'test/docs/pages.ts', ...CODE],
      texts: pages.map(({ path, text }) => `${path}\0${text}`),
    },
    make: async () => {
      const figures = await drawPages(pages, folder);
      writeFileSync(join(folder, FIGURES), JSON.stringify(figures));
    },
  });
  const figures = JSON.parse(readFileSync(join(folder, FIGURES), 'utf8')) as Figures;
  rmSync(join(folder, FIGURES));
  return figures;
}

async function drawPages(pages: readonly Page[], folder: string): Promise<Figures> {
  const programs = pages.flatMap((page) => page.programs);
  // In the repository, where Node.js finds the packages.
  const temporary = mkdtempSync(join(root, 'docs/.vitepress/tmp-'));
  let found: readonly ProgramCharts[];
  try {
    found = await chartsOfPrograms(programs, temporary);
  } finally {
    rmSync(temporary, { recursive: true });
  }
  const byName = new Map(programs.map(({ name }, index) => [name, found[index]] as const));
  const figures: Record<string, readonly Figure[]> = {};
  for (const page of pages) {
    const own = page.programs.flatMap(({ name }) => byName.get(name) ?? []);
    const taken = new Set<string>();
    const drawn: Figure[] = [];
    for (const each of drawnOn(page, own)) drawn.push(await draw(page, each, { folder, taken }));
    figures[page.path] = drawn;
  }
  return figures;
}

function drawnOn(page: Page, programs: readonly ProgramCharts[]): readonly Drawn[] {
  const blocks = blocksOf(page.text);
  const printed = programs.flatMap((each) => each.printed);
  const diagrams = blocks
    .filter(({ language }) => language === 'mermaid')
    .map((block): Drawn => {
      const same = printed.find(({ text }) => text.trim() === block.text.trim());
      if (same === undefined) {
        return { block, replaces: true, dialogue: undefined, chart: readFlowchart(block.text) };
      }
      return { block, replaces: true, dialogue: same.chart.name, chart: same.chart };
    });
  const shown = new Set(diagrams.map(({ dialogue }) => dialogue));
  const dialogues = programs
    .flatMap((each) => each.charts)
    .filter(hasWays)
    .flatMap((chart): Drawn[] => {
      const id = titleOf(chart);
      const block = blocks.find(({ text }) => text.includes(`id: '${id}'`));
      // Of several with the same id, the first.
      if (block === undefined || shown.has(id)) return [];
      shown.add(id);
      return [{ block, replaces: false, dialogue: id, chart }];
    });
  return [...diagrams, ...dialogues].toSorted((a, b) => a.block.line - b.block.line);
}

/** Whether there is something to see: a chart of one state shows nothing that its program does not say better. */
function hasWays({ boxes, arrows }: Chart): boolean {
  const states = boxes.flatMap((box) => box.inside).filter(isState);
  return states.length > 1 && arrows.length > 1;
}

function titleOf({ boxes: [box] }: Chart): string {
  return box?.title ?? '';
}

function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = [];
  const lines = text.split('\n');
  let start: number | undefined;
  for (const [index, line] of lines.entries()) {
    if (!line.startsWith('```')) continue;
    if (start === undefined) start = index;
    else {
      const language = lines[start]?.slice(3) ?? '';
      blocks.push({ line: start + 1, language, text: lines.slice(start + 1, index).join('\n') });
      start = undefined;
    }
  }
  return blocks;
}

interface Drawing {
  readonly folder: string;
  /** The names that the page has. */
  readonly taken: Set<string>;
}

async function draw(
  { path }: Page,
  { block, replaces, dialogue, chart }: Drawn,
  { folder, taken }: Drawing,
): Promise<Figure> {
  const page = path
    .replace(/^docs\//u, '')
    .replace(/\.md$/u, '')
    .replaceAll('/', '-');
  const own = `${page}-${(dialogue ?? 'flow').replaceAll(/[^\w-]/gu, '_')}`.toLowerCase();
  let name = own;
  for (let count = 2; taken.has(name); count += 1) name = `${own}-${count}`;
  taken.add(name);
  const layout = await layOut(chart);
  for (const dark of [false, true]) {
    const svg = toSvg(chart, layout, { title: dialogue ?? page, dark });
    writeFileSync(join(folder, `${name}${dark ? '-dark' : ''}.svg`), svg);
  }
  const states = chart.boxes.flatMap(statesIn);
  const [width, height] = [Math.ceil(layout.width), Math.ceil(layout.height)];
  return { line: block.line, replaces, dialogue, name, width, height, states };
}

function statesIn(box: Box): readonly string[] {
  return [...(isState(box) ? [box.title] : []), ...box.inside.flatMap(statesIn)];
}

function isState({ kind }: Box): boolean {
  return kind !== 'initial' && kind !== 'anywhere' && kind !== 'dialogue';
}
