/** Several measurements of one thing: their median, and the spread of the middle half. */
export interface Figure {
  readonly median: number;
  /** Half of the distance between the quartiles. */
  readonly noise: number;
  readonly count: number;
}

export function figureOf(values: readonly number[]): Figure {
  return {
    median: quantile(values, 0.5),
    noise: (quantile(values, 0.75) - quantile(values, 0.25)) / 2,
    count: values.length,
  };
}

/** Interpolates between the two nearest values. @throws RangeError for an empty list */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * q;
  const low = sorted[Math.floor(place)];
  const high = sorted[Math.ceil(place)];
  if (low === undefined || high === undefined) throw new RangeError('There is nothing to measure.');
  return low + (high - low) * (place - Math.floor(place));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The ratio of two things that were measured side by side, pair by pair. */
export function ratioOf(values: readonly number[], base: readonly number[]): Figure {
  return figureOf(values.map((value, index) => value / (base[index] as number)));
}
