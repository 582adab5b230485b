import { randomInt } from 'node:crypto';
import { toBytes, toText } from '../text-bytes.ts';
import { NUMBER_BYTES, fromOrderedBytes, toOrderedBytes } from './bytes.ts';
import type { Entry, Tables } from './tables.ts';

interface Lease {
  /** Epoch ms. */
  readonly until: number;
  readonly ttlMs: number;
  readonly owner: string;
}

/**
 * Takes or extends the lease.
 * @returns 0, or the milliseconds for which another owner holds it
 */
export async function takeLease(
  tables: Tables,
  openid: string,
  { owner, ttlMs }: Pick<Lease, 'owner' | 'ttlMs'>,
  now: () => number,
): Promise<number> {
  const { leases } = tables;
  const key = toBytes(openid);
  for (;;) {
    const found = leases.getEntry(key);
    const at = now();
    const put = (lease: Lease): void => leases.put(key, toValue(lease), anyVersion());
    const take = (): void => put({ until: at + ttlMs, ttlMs, owner });
    let isTaken: Promise<boolean>;
    if (found === undefined) isTaken = leases.ifNoExists(key, take);
    else {
      const held = leaseIn(found);
      const heldMs = held.owner === owner ? 0 : held.until - at;
      if (heldMs > held.ttlMs) {
        // The clock was set back. The lease must not last longer because of that.
        const shortened = { ...held, until: at + held.ttlMs };
        await leases.ifVersion(key, found.version ?? 0, () => put(shortened));
        return held.ttlMs;
      }
      if (heldMs > 0) return heldMs;
      isTaken = leases.ifVersion(key, found.version ?? 0, take);
    }
    if (await isTaken) return 0;
    tables.refresh();
  }
}

/** Gives the lease back if `owner` holds it: now, or at the end of the block in which it is called. */
export async function releaseLease(
  { leases }: Tables,
  openid: string,
  owner: string,
): Promise<void> {
  const key = toBytes(openid);
  const found = leases.getEntry(key);
  if (found === undefined || leaseIn(found).owner !== owner) return;
  await leases.ifVersion(key, found.version ?? 0, () => leases.remove(key));
}

/** Drops leases that have expired: their owners are gone. */
export async function dropLeases({ leases }: Tables, now: number): Promise<void> {
  const dropped: Promise<boolean>[] = [];
  for (const key of leases.getKeys()) {
    const found = leases.getEntry(key);
    if (found === undefined || leaseIn(found).until > now) continue;
    dropped.push(leases.ifVersion(key, found.version ?? 0, () => leases.remove(key)));
  }
  await Promise.all(dropped);
}

/** A lease that was given back and taken again has another version. */
function anyVersion(): number {
  return randomInt(2 ** 47);
}

function toValue({ until, ttlMs, owner }: Lease): Buffer {
  return Buffer.concat([toOrderedBytes(until), toOrderedBytes(ttlMs), toBytes(owner)]);
}

function leaseIn({ value }: Entry): Lease {
  return {
    until: fromOrderedBytes(value),
    ttlMs: fromOrderedBytes(value.subarray(NUMBER_BYTES)),
    owner: toText(value.subarray(2 * NUMBER_BYTES)),
  };
}
