import type { CoverageItem, CoverageKind, CoverageSummary } from './items.ts';

export const KIND_TITLES: readonly { readonly kind: CoverageKind; readonly title: string }[] = [
  { kind: 'states', title: 'states' },
  { kind: 'transitions', title: 'transitions' },
  { kind: 'guards', title: 'guards, both ways' },
  { kind: 'retries', title: 'questions asked again' },
  { kind: 'giveUps', title: 'questions given up' },
  { kind: 'failures', title: 'failures taken' },
];

/** @param listed of what kinds all that is missing is named */
export function coverageText(
  dialogue: string,
  summary: CoverageSummary,
  listed: readonly CoverageKind[] = ['states', 'transitions', 'guards'],
): string {
  const width = Math.max(...KIND_TITLES.map(({ title }) => title.length));
  const rows = KIND_TITLES.map(({ kind, title }) => {
    const { walked, total, percent } = summary[kind];
    const share = formatPercent(percent).padStart(8);
    return `${title.padEnd(width)} ${share}  ${walked} of ${total}`;
  });
  const missing = KIND_TITLES.filter(({ kind }) => listed.includes(kind)).flatMap(
    ({ kind, title }) => {
      const items = summary[kind].missing;
      return items.length === 0
        ? []
        : ['', `never walked, ${title}:`, ...items.map(lineOf(dialogue))];
    },
  );
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
