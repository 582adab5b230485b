import { type Comparison, type Row, can, titleOf } from '../comparison.ts';
import { format, percent, times } from '../format.ts';
import type { Check, Table } from '../part.ts';
import type { Figure } from '../statistics.ts';
import type { SystemName } from '../system.ts';

/** A table of all systems with that number of messages in flight, compared with the first of them. */
export function turnsTable(
  comparison: Comparison,
  names: readonly SystemName[],
  inFlight: number,
  caption: string,
): Table {
  const [base] = names;
  const other = comparison.ratio('colloquy', 'against', inFlight);
  return {
    caption:
      other === undefined
        ? caption
        : `${caption}; this build against the other ${times(other.median)} ± ${other.noise.toFixed(2)}`,
    head: [
      'system',
      'turns/s',
      `against ${titleOf(base as SystemName).split(',')[0]}`,
      'p50',
      'p99',
      'p99.9',
      'CPU a turn',
      'GC',
      'loop p99',
    ],
    rows: names
      .filter((name) => can(name, inFlight))
      .map((name) => {
        const row = comparison.row(name, inFlight);
        return cellsOf(row, comparison.ratio(name, base as SystemName, inFlight), inFlight);
      }),
  };
}

function cellsOf(row: Row, ratio: Figure | undefined, inFlight: number): string[] {
  const { name, latency, turnsPerSecond, cpuMicroseconds, gcShare } = row;
  return [
    titleOf(name),
    format(turnsPerSecond.median),
    ratio === undefined ? '–' : `${times(ratio.median)} ± ${ratio.noise.toFixed(2)}`,
    `${format(latency.p50)} µs`,
    `${format(latency.p99)} µs`,
    `${format(latency.p999)} µs`,
    `${format(cpuMicroseconds.median)} µs`,
    percent(gcShare),
    // With one in flight, a turn hardly returns to the event loop.
    inFlight === 1 ? '–' : `${format(latency.loopP99)} ms`,
  ];
}

/** The check of a ratio, if both of its systems were measured. */
export function ratioCheck(
  what: string,
  figure: Figure | undefined,
  atLeast: number,
): readonly Check[] {
  return figure === undefined ? [] : [{ what, figure, unit: '×', atLeast }];
}
