import type { Clock } from '../../clock.ts';
import { PersistError } from '../../errors.ts';
import { checkKey } from '../../openid.ts';
import type { Leases, Persister, Revision, StoredRecord } from '../persister.ts';
import { causeOf, toCallError } from './faults.ts';
import { dropLeases, releaseLease, takeLease } from './leases.ts';
import { toListPage } from '../page.ts';
import {
  deleteRecord,
  dueEntries,
  listOpenids,
  loadRecord,
  moveStoredRecord,
  saveRecord,
} from './records.ts';
import type { Tables } from './tables.ts';

/** The persister on an open database, which it closes with itself. */
export function createPersister(
  tables: Tables,
  closeDatabase: () => Promise<void>,
  { shared, clock }: { readonly shared: boolean; readonly clock: Clock },
): Persister {
  let running = 0;
  let onIdle: (() => void) | undefined;
  let closing: Promise<void> | undefined;

  const ended = (): void => {
    running -= 1;
    if (running === 0) onIdle?.();
  };
  /** Makes a call, and its faults errors of ours. */
  const run = <T>(openid: string | undefined, work: () => Promise<T>): Promise<T> => {
    let answer: Promise<T>;
    try {
      if (closing !== undefined) {
        throw new PersistError('closed', 'The persister of the database is closed; open another.');
      }
      if (openid !== undefined) checkKey(openid);
      answer = work();
    } catch (fault) {
      answer = Promise.reject(fault as Error);
    }
    running += 1;
    return answer.then(
      (result) => {
        ended();
        return result;
      },
      async (fault: unknown) => {
        const cause = await causeOf(fault);
        ended();
        throw toCallError(cause, openid);
      },
    );
  };
  /** The same for a call that reads the last commit of all processes. */
  const call = <T>(openid: string | undefined, work: () => T | Promise<T>): Promise<T> =>
    run(openid, async () => {
      tables.refresh();
      return work();
    });
  const save = (
    record: StoredRecord,
    expected: Revision | undefined,
    also?: () => void,
  ): Promise<Revision> => run(record.openid, () => saveRecord(tables, record, expected, also));
  const lease: Leases = {
    take: (openid, owner, ttlMs) =>
      call(openid, async () => {
        const heldForMs = await takeLease(tables, openid, { owner, ttlMs }, () => clock.now());
        if (heldForMs > 0) return { taken: false, heldForMs };
        // The former owner saved before it gave the lease back.
        tables.refresh();
        return { taken: true, record: loadRecord(tables, openid) };
      }),
    save: (record, expected, owner) =>
      save(record, expected, () => {
        // It is part of the same commit, whose failure the save throws.
        releaseLease(tables, record.openid, owner).catch(() => {});
      }),
    release: (openid, owner) => call(openid, () => releaseLease(tables, openid, owner)),
  };
  const close = async (): Promise<void> => {
    if (running > 0) await new Promise<void>((resolve) => (onIdle = resolve));
    await closeDatabase();
  };

  // Leases that cannot be dropped now do no harm.
  if (shared) call(undefined, () => dropLeases(tables, clock.now())).catch(() => {});
  return {
    load: (openid) => call(openid, () => loadRecord(tables, openid)),
    save: (record, expected) => save(record, expected),
    delete: (openid, expected) => call(openid, () => deleteRecord(tables, openid, expected)),
    move: (from, expected, record) =>
      call(record.openid, () => {
        checkKey(from);
        return moveStoredRecord(tables, from, expected, record);
      }),
    due: (until, limit) => call(undefined, () => dueEntries(tables, until, limit)),
    list: (cursor, limit) =>
      call(undefined, () => toListPage(listOpenids(tables, cursor, limit), limit)),
    close: () => (closing ??= close()),
    ...(shared && { lease }),
  };
}
