import type { Exploration } from '../explore.ts';
import { plainText, type StyledLine } from '../styled-line.ts';
import { needText } from './report.ts';

/** An exploration in words: what was covered, what it needs, where it stopped, and what failed. */
export function formatExploration(exploration: Exploration): string {
  return plainText(explorationLines(exploration));
}

/** The same, line by line. */
export function explorationLines({
  coverage,
  conversations,
  unreached,
  needs,
  failures,
}: Exploration): readonly StyledLine[] {
  const { states, transitions } = coverage.summary();
  const needed = new Set(needs.map(needText));
  const first = unreached.filter(({ isBehind, why }) => !isBehind && !needed.has(why));
  const reasons = new Set(first.map(({ why }) => why));
  const behind = unreached.filter(({ isBehind }) => isBehind).length;
  const sum: StyledLine = {
    text: `${conversations.length} conversations walk through ${states.walked} of ${states.total} states and ${transitions.walked} of ${transitions.total} transitions of ${coverage.dialogue}.`,
    ...(unreached.length + failures.length === 0 && { style: 'good' }),
  };
  const rest: StyledLine = {
    text: `${behind} states and transitions lie behind what was not reached.`,
    style: 'quiet',
  };
  return [
    sum,
    ...[...needed].map((text): StyledLine => ({ text, style: 'said' })),
    ...[...reasons].flatMap((reason): StyledLine[] => [
      ...first
        .filter(({ why }) => why === reason)
        .map(({ dialogue, path, item: { label } }): StyledLine => {
          const from = dialogue === coverage.dialogue ? '' : `${dialogue}: `;
          const what = label === undefined ? '' : `  ${label}`;
          return { text: `not reached: ${from}${path}${what}`, style: 'said' };
        }),
      { text: `  ${reason}`, style: 'quiet' },
    ]),
    ...(behind === 0 ? [] : [rest]),
    ...failures.flatMap(({ kind, message, transcript }): StyledLine[] => [
      { text: `${kind}: ${message}`, style: 'bad' },
      { text: '' },
      ...transcript.split('\n').map((text) => ({ text })),
    ]),
  ];
}
