/** What was measured several times: the middle, and how far half of it lies around it. */
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

/** Between the two nearest where none falls on it. @throws RangeError for an empty list */
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

/** How one thing stands to another: the ratio of what was measured side by side, pair by pair. */
export function ratioOf(values: readonly number[], base: readonly number[]): Figure {
  return figureOf(values.map((value, index) => value / (base[index] as number)));
}
