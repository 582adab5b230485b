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
  { listed = ['states', 'transitions', 'guards'], isListed = () => true }: Listing = {},
): string {
  const width = Math.max(...Object.values(KIND_TITLES).map((title) => title.length));
  const rows = COVERAGE_KINDS.map((kind) => {
    const { walked, total, percent } = summary[kind];
    const share = formatPercent(percent).padStart(8);
    return `${KIND_TITLES[kind].padEnd(width)} ${share}  ${walked} of ${total}`;
  });
  const missing = COVERAGE_KINDS.flatMap((kind) => {
    const { missing: all } = summary[kind];
    if (all.length === 0 || !listed.includes(kind)) return [];
    const items = all.filter(isListed);
    const hidden = all.length - items.length;
    const rest = hidden === 0 ? [] : [`  ${hidden} of the library itself, within questions`];
    return ['', `never walked, ${KIND_TITLES[kind]}:`, ...items.map(lineOf(dialogue)), ...rest];
  });
  return [`coverage of ${dialogue}`, ...rows, ...missing].join('\n');
}

function lineOf(root: string): (item: CoverageItem) => string {
  return ({ dialogue, path, label }) => {
    const place = path === '' ? '(anywhere)' : path;
    const state = dialogue === root ? place : `${dialogue}: ${place}`;
    return label === undefined ? `  ${state}` : `  ${state}  ${label}`;
  };
}

/** Never rounded up to what a threshold would take. */
export function formatPercent(percent: number): string {
  return `${(Math.floor(percent * 10) / 10).toFixed(1)} %`;
}
