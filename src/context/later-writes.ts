import type { Persister } from '../persist/persister.ts';
import type { StoreCore } from './store-core.ts';

/**
 * Has a store report what its persister did after the commits were answered, where it writes them later.
 * @throws UsageError `bad_option` if the persister has a store already
 */
export function reportWrites({ later }: Persister, core: StoreCore, timeoutMs: number): void {
  later?.listen({
    clock: core.processClock,
    timeoutMs,
    onDurable: (openid, revision) => core.events.emit('durable', { openid, revision }),
    onOverwritten: (openid, error) => {
      core.records.invalidate(openid);
      core.report(error, openid);
    },
    onError: (error, openid) => core.report(error, openid),
  });
}
