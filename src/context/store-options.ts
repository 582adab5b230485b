import { type Clock, systemClock } from '../clock.ts';
import { UsageError } from '../errors.ts';
import { checkOptions, keyTable, type KeysOf } from '../internal/closed.ts';
import type { Persister } from '../persist/persister.ts';
import { checkParts } from './parts.ts';
import type { Codec } from './record/envelope.ts';
import type { CoreOptions } from './storage/create-records.ts';
import { jsonCodec } from './record/json-codec.ts';
import { DEFAULT_AGE_SECONDS } from './record/expiry.ts';
import type { LeaseOptions } from './storage/leases.ts';
import { type OnCorrupt, checkOnCorrupt } from './storage/quarantine.ts';

/** Options of `createContextStore()`: how much is kept, for how long, and where. */
export interface ContextStoreOptions {
  /** The most records in memory; the least recently used one leaves. Default 100 000. */
  readonly max?: number | undefined;
  /**
   * The maximum of bytes that all records in memory may have together: contexts as JSON, replies that wait or are kept for
   * redeliveries, and ids of messages. Default: no limit.
   */
  readonly maxWeight?: number | undefined;
  /**
   * Seconds from its last save until a context expires. Under a runner, a turn counts as a save if a state of the dialogue
   * handled its message or event. Default 7200, as in wechat-python-sdk.
   */
  readonly age?: number | undefined;
  /** The most bytes that one context may have, as JSON. Default 65 536. */
  readonly maxContextBytes?: number | undefined;
  /** Milliseconds after which an unfinished `update` is given up. Default 10 000. */
  readonly updateTimeoutMs?: number | undefined;
  /** Keeps records beyond this process. */
  readonly persister?: Persister | undefined;
  /**
   * Milliseconds after which a call of the persister without an answer is given up, with a PersistError `timeout`.
   * Default 4000.
   */
  readonly persistTimeoutMs?: number | undefined;
  /**
   * How conversations are leased where several processes share the persister. `owner` names this process (default: a
   * random id). A lease that is not given back expires after `ttlMs` (default 15 000). This process waits `waitMs` (default
   * 10 000) for a lease that another one holds. Every `patrolMs` (default 1000) it looks for work that a dead process left.
   */
  readonly lease?: Partial<LeaseOptions> | undefined;
  /** The clock by which contexts expire and timers fire. Default: the system clock. */
  readonly clock?: Clock | undefined;
  /** Turns data into text for the persister. Default: JSON that round-trips Date, Map, Set, bigint and undefined. */
  readonly codec?: Codec | undefined;
  /**
   * What happens to a stored record that does not open, when a new record of its user replaces it: `keep`, the default,
   * puts its body into the new record, `discard` drops it, and a function may first store it elsewhere.
   */
  readonly onCorrupt?: OnCorrupt | undefined;
}

const KEYS = {
  ...keyTable('max maxWeight age maxContextBytes updateTimeoutMs persister persistTimeoutMs'),
  lease: keyTable('owner ttlMs waitMs patrolMs'),
  ...keyTable('clock codec onCorrupt'),
} satisfies KeysOf<ContextStoreOptions>;

/** What the parts of a store work with: every option as it was given, or its default. */
interface StoreSettings extends Omit<CoreOptions, 'clock'> {
  readonly updateTimeoutMs: number;
}

/** @throws UsageError `bad_option` */
export function readStoreOptions(options: ContextStoreOptions): StoreSettings {
  checkOptions('createContextStore()', options, KEYS);
  checkParts(options);
  const { maxWeight, lease = {} } = options;
  return {
    max: positive(options.max ?? 100_000, 'max', isCount),
    maxWeight:
      maxWeight === undefined ? undefined : positive(maxWeight, 'maxWeight', Number.isSafeInteger),
    ageSeconds: positive(options.age ?? DEFAULT_AGE_SECONDS, 'age'),
    maxContextBytes: positive(options.maxContextBytes ?? 65_536, 'maxContextBytes'),
    updateTimeoutMs: positive(options.updateTimeoutMs ?? 10_000, 'updateTimeoutMs'),
    processClock: options.clock ?? systemClock,
    codec: options.codec ?? jsonCodec,
    onCorrupt: checkOnCorrupt(options.onCorrupt ?? 'keep'),
    persister: options.persister,
    persistTimeoutMs: positive(options.persistTimeoutMs ?? 4000, 'persistTimeoutMs'),
    lease: {
      owner: lease.owner,
      ttlMs: positive(lease.ttlMs ?? 15_000, 'lease.ttlMs'),
      waitMs: positive(lease.waitMs ?? 10_000, 'lease.waitMs'),
      patrolMs: positive(lease.patrolMs ?? 1000, 'lease.patrolMs'),
    },
  };
}

/** What lru-cache can hold. */
function isCount(value: number): boolean {
  return Number.isInteger(value) && value < 2 ** 32;
}

function positive(
  value: number,
  name: string,
  also: (value: number) => boolean = Number.isFinite,
): number {
  if (typeof value === 'number' && value > 0 && also(value)) return value;
  throw new UsageError(
    'bad_option',
    `\`${name}\` must be a positive ${also === Number.isFinite ? 'number' : 'integer'}${also === isCount ? ' below 2^32' : ''}.`,
  );
}
