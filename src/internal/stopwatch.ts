/** Epoch milliseconds with fractions, for measuring what takes less than one. Nothing is decided by it. */
export function elapsed(): number {
  return performance.timeOrigin + performance.now();
}
