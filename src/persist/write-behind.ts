import { UsageError } from '../errors.ts';
import { type KeysOf, checkOptions, keyTable } from '../internal/closed.ts';
import { checkPort } from '../internal/port.ts';
import { LateWrites } from './late-writes.ts';
import { PERSISTER_METHODS, type Persister } from './persister.ts';

/** Options of `writeBehind()`. */
export interface WriteBehindOptions {
  /** The maximum of milliseconds between a save and its write. */
  readonly behindMs: number;
}

const KEYS = keyTable('behindMs') satisfies KeysOf<WriteBehindOptions>;

/**
 * A persister whose saves are answered at once, from memory, and written a little later: within `behindMs` milliseconds, and of
 * several saves of one openid only the last. For conversations whose last moments may be lost: a crash of the process loses the
 * commits whose `save` event was not `durable`, unless a `durable` event has followed; their messages count again when they are
 * delivered again. A write that fails is an `error` event of the store, and tried again. While 10 000 records, or 64 million
 * characters of them, wait to be written, commits wait, too. `close()` of the store and `stop()` of a runner write the rest.
 *
 * Only one store may use it, and no other process the persister below: one with leases is refused.
 * @example
 * const store = createContextStore({ persister: writeBehind(memory(), { behindMs: 200 }) });
 * await store.close();
 * @throws UsageError `bad_option`
 */
export function writeBehind(persister: Persister, options: WriteBehindOptions): Persister {
  checkOptions('writeBehind()', options, KEYS);
  checkPort(persister, {
    place: 'The persister of writeBehind()',
    methods: PERSISTER_METHODS,
    expected: 'is what sqlite(), lmdb() or memory() returns, or a Persister of your own',
  });
  const { behindMs } = options;
  if (typeof behindMs !== 'number' || !(behindMs > 0 && Number.isFinite(behindMs))) {
    throw badOption('`behindMs` must be a positive number.');
  }
  if (persister.lease !== undefined) {
    throw badOption(
      'the store must be the only user of the persister, and this one has leases: several processes share it, and the others would not see what was answered here. Where there is one process only, pass the persister without its `lease`.',
    );
  }
  return new LateWrites(persister, behindMs);
}

function badOption(problem: string): UsageError {
  return new UsageError('bad_option', `writeBehind(): ${problem}`);
}
