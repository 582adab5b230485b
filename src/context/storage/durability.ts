import type { Persister } from '../../persist/persister.ts';
import type { CallOptions } from './persister-calls.ts';
import { WriteBehind, type WriteBehindListener } from './write-behind.ts';

export interface DurabilityOptions extends CallOptions {
  readonly persister: Persister | undefined;
  /** How long after its commit a record is written, at the latest; undefined: before the commit is answered. */
  readonly behindMs: number | undefined;
}

/** What stands between a store and its persister where commits are answered before they are written. */
export function createWriteBehind(
  { persister, behindMs, persistTimeoutMs: timeoutMs, processClock: clock }: DurabilityOptions,
  listener: WriteBehindListener,
): WriteBehind | undefined {
  if (persister === undefined || behindMs === undefined) return undefined;
  return new WriteBehind(persister, { behindMs, timeoutMs, clock }, listener);
}
