import type { Figure } from './statistics.ts';
import type { SystemName } from './system.ts';

/** How much is measured, and of what. */
export interface Scale {
  /** Minutes instead of a quarter of an hour: fewer launches, fewer users. Its figures are for comparing, not for quoting. */
  readonly quick: boolean;
  /** The folder of the build that is measured. */
  readonly build: string;
  /** That of another build to compare with. */
  readonly against: string | undefined;
  /** Only these systems, beside what a target needs. */
  readonly only: readonly SystemName[] | undefined;
  /** Tells how far it is. */
  readonly note: (text: string) => void;
}

/** One story of the benchmark. */
export interface Part {
  readonly name: string;
  readonly run: (scale: Scale) => Promise<Report>;
}

export interface Report {
  readonly title: string;
  /** What was done, in a sentence or two. */
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

/** A target is missed where not even the noise that was measured could explain it. */
export function verdictOf({ figure, atLeast, atMost }: Check): Verdict {
  const { median, noise } = figure;
  if (median >= (atLeast ?? -Infinity) && median <= (atMost ?? Infinity)) return 'met';
  const isNear = median + noise >= (atLeast ?? -Infinity) && median - noise <= (atMost ?? Infinity);
  return isNear ? 'within noise' : 'missed';
}

/** A figure that was measured once. */
export function once(value: number): Figure {
  return { median: value, noise: 0, count: 1 };
}
