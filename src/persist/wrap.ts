import type { Persister, StoredRecord } from './persister.ts';

/** A call of a persister, before it has an answer. */
export interface PersisterCall {
  /** The function that is called. */
  readonly method:
    | 'load'
    | 'save'
    | 'delete'
    | 'move'
    | 'due'
    | 'list'
    | 'now'
    | 'close'
    | 'lease.take'
    | 'lease.save'
    | 'lease.release';
  /** Undefined where the call is not about one user: `due`, `list`, `now`, `close`. */
  readonly openid: string | undefined;
}

/**
 * What happens around each call: it may wait before and after `work`, or answer in its place.
 * @param args what the method was called with
 */
export type Around = <T>(
  call: PersisterCall,
  work: () => Promise<T>,
  args: readonly unknown[],
) => Promise<T>;

/**
 * Decorates a persister: every call but those of `flush` and `later` goes through `around`. The result has the optional capabilities that
 * `persister` has, and no others.
 */
export function wrapPersister(persister: Persister, around: Around): Persister {
  const wrap =
    <Args extends readonly unknown[], T>(
      method: PersisterCall['method'],
      work: (...args: Args) => Promise<T>,
      openidOf: (args: NoInfer<Args>) => string | undefined,
    ) =>
    (...args: Args): Promise<T> =>
      around({ method, openid: openidOf(args) }, () => work(...args), args);
  const { lease, later } = persister;
  const move = persister.move?.bind(persister);
  const list = persister.list?.bind(persister);
  const now = persister.now?.bind(persister);
  const flush = persister.flush?.bind(persister);
  const own = ([openid]: readonly [openid: string, ...rest: unknown[]]): string => openid;
  const ofRecord = ([record]: readonly [record: StoredRecord, ...rest: unknown[]]): string =>
    record.openid;
  const none = (): undefined => undefined;
  return {
    load: wrap('load', persister.load.bind(persister), own),
    save: wrap('save', persister.save.bind(persister), ofRecord),
    delete: wrap('delete', persister.delete.bind(persister), own),
    due: wrap('due', persister.due.bind(persister), none),
    close: wrap('close', persister.close.bind(persister), none),
    ...(move && { move: wrap('move', move, ([, , record]) => record.openid) }),
    ...(list && { list: wrap('list', list, none) }),
    ...(now && { now: wrap('now', now, none) }),
    ...(flush && { flush }),
    ...(later && { later }),
    ...(lease && {
      lease: {
        take: wrap('lease.take', lease.take.bind(lease), own),
        save: wrap('lease.save', lease.save.bind(lease), ofRecord),
        release: wrap('lease.release', lease.release.bind(lease), own),
      },
    }),
  };
}
