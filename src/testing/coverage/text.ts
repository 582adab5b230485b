import { type StyledLine, plainText } from '../styled-line.ts';
import type { CoverageItem, CoverageKind, CoverageSummary } from './items.ts';

export const KIND_TITLES: Readonly<Record<CoverageKind, string>> = {
  states: 'states',
  transitions: 'transitions',
  guards: 'guards, both ways',
  retries: 'questions asked again',
  giveUps: 'questions given up',
  failures: 'failures taken',
};

export const COVERAGE_KINDS = Object.keys(KIND_TITLES) as readonly CoverageKind[];

/** What is named of all that is missing. */
interface Listing {
  readonly listed?: readonly CoverageKind[];
  readonly isListed?: (item: CoverageItem) => boolean;
}

export function coverageText(
  dialogue: string,
  summary: CoverageSummary,
  listing: Listing = {},
): string {
  return plainText(coverageLines(dialogue, summary, listing));
}

export function coverageLines(
  dialogue: string,
  summary: CoverageSummary,
  { listed = ['states', 'transitions', 'guards'], isListed = () => true }: Listing = {},
): readonly StyledLine[] {
  const width = Math.max(...Object.values(KIND_TITLES).map((title) => title.length));
  const rows = COVERAGE_KINDS.map((kind): StyledLine => {
    const { walked, total, percent } = summary[kind];
    const share = formatPercent(percent).padStart(8);
    const text = `${KIND_TITLES[kind].padEnd(width)} ${share}  ${walked} of ${total}`;
    return walked === total ? { text, style: 'good' } : { text };
  });
  const missing = COVERAGE_KINDS.flatMap((kind): StyledLine[] => {
    const { missing: all } = summary[kind];
    if (all.length === 0 || !listed.includes(kind)) return [];
    const items = all.filter(isListed);
    const hidden = all.length - items.length;
    const rest: StyledLine = {
      text: `  ${hidden} of the library itself, within questions`,
      style: 'quiet',
    };
    return [
      { text: '' },
      { text: `never walked, ${KIND_TITLES[kind]}:`, style: 'said' },
      ...items.map((item) => ({ text: lineOf(item, dialogue) })),
      ...(hidden === 0 ? [] : [rest]),
    ];
  });
  return [{ text: `coverage of ${dialogue}` }, ...rows, ...missing];
}

function lineOf({ dialogue, path, label }: CoverageItem, root: string): string {
  const place = path === '' ? '(anywhere)' : path;
  const state = dialogue === root ? place : `${dialogue}: ${place}`;
  return label === undefined ? `  ${state}` : `  ${state}  ${label}`;
}

/** Never rounded up to what a threshold would take. */
export function formatPercent(percent: number): string {
  return `${(Math.floor(percent * 10) / 10).toFixed(1)} %`;
}
