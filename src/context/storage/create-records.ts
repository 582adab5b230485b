import type { Persister } from '../../persist/persister.ts';
import { LeasedRecords, type LeasedOptions } from './leased-records.ts';
import type { RecordsListener, Records } from './records.ts';
import type { PersisterCalls } from './persister-calls.ts';
import { PersistedRecords } from './persisted-records.ts';
import { MemoryRecords } from './memory-records.ts';

/** Where the records of a store are, how many, and for how long. */
export interface CoreOptions extends Omit<LeasedOptions, 'persister' | 'calls' | 'leases'> {
  readonly maxContextBytes: number;
  readonly persister: Persister | undefined;
  readonly persistTimeoutMs: number;
}

/** The records of a store: in memory, over a persister, or over one that processes share. */
export function createRecords(
  options: CoreOptions & { readonly calls: PersisterCalls | undefined },
  listener: RecordsListener,
): Records {
  const { persister, calls } = options;
  if (persister === undefined || calls === undefined) return new MemoryRecords(options, listener);
  const persisted = { ...options, persister, calls };
  const { lease: leases } = persister;
  if (leases === undefined) return new PersistedRecords(persisted, listener);
  return new LeasedRecords({ ...persisted, leases }, listener);
}
