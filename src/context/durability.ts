import type { Clock } from '../clock.ts';
import { UsageError } from '../errors.ts';
import type { Persister } from '../persist/persister.ts';
import { WriteBehind } from '../persist/write-behind.ts';
import type { StoreCore } from './store-core.ts';

/** When a commit is answered: when it is in the persister, or at once. */
export type Durability =
  | 'commit'
  | {
      /** Milliseconds after the answer within which the commit is written. */
      readonly behindMs: number;
    };

interface DurabilityOptions {
  readonly durability: Durability | undefined;
  readonly persister: Persister | undefined;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/**
 * The persister that `durability: { behindMs }` puts before the given one; undefined where commits wait for their write.
 * @throws UsageError `bad_option`
 */
export function createWriteBehind({
  durability = 'commit',
  persister,
  timeoutMs,
  clock,
}: DurabilityOptions): WriteBehind | undefined {
  if (durability === 'commit') return undefined;
  if (typeof durability !== 'object' || durability === null) {
    throw badOption("`durability` must be 'commit' or { behindMs }.");
  }
  if (persister === undefined) {
    throw badOption('`durability` says when the persister is written: give one.');
  }
  if (persister.lease !== undefined) {
    throw badOption(
      'With `durability: { behindMs }` a store must be the only user of its persister, and this one has leases: several processes share it, and the others would not see what was answered here. Where there is one process only, pass the persister without its `lease`.',
    );
  }
  const { behindMs } = durability;
  if (typeof behindMs !== 'number' || !(behindMs > 0 && Number.isFinite(behindMs))) {
    throw badOption('`durability.behindMs` must be a positive number.');
  }
  return new WriteBehind(persister, { behindMs, timeoutMs, clock });
}

/** Has a store report what its write-behind persister did after the commits were answered. */
export function reportWrites(behind: WriteBehind, core: StoreCore): void {
  behind.listen({
    onDurable: (openid, revision) => core.events.emit('durable', { openid, revision }),
    onOverwritten: (openid, error) => {
      core.records.invalidate(openid);
      core.report(error, openid);
    },
    onError: (error, openid) => core.report(error, openid),
  });
}

function badOption(message: string): UsageError {
  return new UsageError('bad_option', message);
}
