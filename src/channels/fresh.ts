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

/** @throws UsageError `bad_prefix` */
export function checkPrefix(prefix: string, example: string): void {
  if (/^[\w-]{1,64}:$/.test(prefix)) return;
  throw new UsageError(
    'bad_prefix',
    `\`prefix\` is 1 to 64 letters, digits, \`_\` and \`-\`, and a colon: \`${example}\`.`,
  );
}
