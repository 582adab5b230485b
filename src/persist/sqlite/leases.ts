import { firstRow, toBlob } from './database.ts';
import type { Statements } from './tables.ts';

/**
 * Takes or extends the lease.
 * @returns 0, or the milliseconds for which another owner holds it
 */
export function takeLease(
  statements: Statements,
  openid: string,
  { owner, ttlMs }: { readonly owner: string; readonly ttlMs: number },
  now: number,
): number {
  const key = toBlob(openid);
  const held = firstRow(statements.lease, key, 1);
  const heldMs = held === undefined || held['owner'] === owner ? 0 : Number(held['until']) - now;
  const longestMs = Number(held?.['ttl']);
  if (heldMs > longestMs) {
    // The clock was set back. The lease must not last longer because of that.
    firstRow(statements.putLease, key, String(held?.['owner']), now + longestMs, longestMs);
    return longestMs;
  }
  if (heldMs > 0) return heldMs;
  firstRow(statements.putLease, key, owner, now + ttlMs, ttlMs);
  return 0;
}

/** Gives the lease back if `owner` holds it. */
export function releaseLease(statements: Statements, openid: string, owner: string): void {
  firstRow(statements.dropLease, toBlob(openid), owner);
}
