import type { Figure } from './statistics.ts';
import type { SystemName } from './system.ts';

/** How much to measure, and of what. */
export interface Scale {
  /**
   * Takes minutes instead of a quarter of an hour: fewer launches, fewer users. Its figures are for comparing, not for
   * quoting.
   */
  readonly quick: boolean;
  /** The folder of the build that is measured. */
  readonly build: string;
  /** The folder of another build to compare with. */
  readonly against: string | undefined;
  /** Measure only these systems, and those that a target needs. */
  readonly only: readonly SystemName[] | undefined;
  /** Reports progress. */
  readonly note: (text: string) => void;
}

/** One subject of the benchmark. */
export interface Part {
  readonly name: string;
  readonly run: (scale: Scale) => Promise<Report>;
}

export interface Report {
  readonly title: string;
  /** A sentence or two on what was done. */
  readonly text: string;
  readonly tables: readonly Table[];
  readonly checks: readonly Check[];
}

export interface Table {
  readonly caption?: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A figure that has a target. */
export interface Check {
  readonly what: string;
  readonly figure: Figure;
  readonly unit: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export type Verdict = 'met' | 'within noise' | 'missed';

/** A target counts as missed only if the measured noise cannot explain the difference. */
export function verdictOf({ figure, atLeast, atMost }: Check): Verdict {
  const { median, noise } = figure;
  if (median >= (atLeast ?? -Infinity) && median <= (atMost ?? Infinity)) return 'met';
  const isNear = median + noise >= (atLeast ?? -Infinity) && median - noise <= (atMost ?? Infinity);
  return isNear ? 'within noise' : 'missed';
}

/** Makes a figure from a single measurement. */
export function once(value: number): Figure {
  return { median: value, noise: 0, count: 1 };
}
