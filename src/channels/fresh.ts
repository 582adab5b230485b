import { UsageError } from '../errors.ts';

/**
 * Whether a request was signed near enough to its arrival.
 * @param signedAt epoch milliseconds; of a request that does not say, nothing is fresh
 */
export function isFresh(
  signedAt: number | undefined,
  receivedAt: number,
  freshMs: number,
): boolean {
  return signedAt !== undefined && Math.abs(receivedAt - signedAt) <= freshMs;
}

/** @throws UsageError `bad_option` */
export function checkSpan(option: string, ms: number): void {
  if (Number.isFinite(ms) && ms > 0) return;
  throw new UsageError('bad_option', `\`${option}\` is a number of milliseconds over 0.`);
}
