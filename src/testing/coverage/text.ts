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

/** @param listed of what kinds all that is missing is named */
export function coverageText(
  dialogue: string,
  summary: CoverageSummary,
  listed: readonly CoverageKind[] = ['states', 'transitions', 'guards'],
): string {
  const width = Math.max(...Object.values(KIND_TITLES).map((title) => title.length));
  const rows = COVERAGE_KINDS.map((kind) => {
    const { walked, total, percent } = summary[kind];
    const share = formatPercent(percent).padStart(8);
    return `${KIND_TITLES[kind].padEnd(width)} ${share}  ${walked} of ${total}`;
  });
  const missing = COVERAGE_KINDS.flatMap((kind) => {
    const items = summary[kind].missing;
    if (items.length === 0 || !listed.includes(kind)) return [];
    return ['', `never walked, ${KIND_TITLES[kind]}:`, ...items.map(lineOf(dialogue))];
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
