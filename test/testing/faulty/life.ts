import { ConflictError, type LoadedRecord, PersistError } from 'colloquy';
import { memory } from 'colloquy/persist/memory';
import { type Fault, fault, pause } from './fault.ts';

const DECLARED = 'leases are there where they are declared, and only there';
const TWICE = 'close may be called twice, also at once';
const CLOSED = 'every call after close is refused as closed';
const SECRET = 'no error tells of a body, nor of an openid in its text';
const RESTART = 'what was saved is there after a restart';
const TWO = 'two on one place see what the other did';

export const lifeFaults: readonly Fault[] = [
  fault(DECLARED, 'has what it does not declare', 'expected false, got true', () => ({}), []),
  fault(
    DECLARED,
    'declares what it does not have',
    'expected true, got false',
    (_inner, { disk }) => ({
      ...memory(disk),
      lease: undefined as never,
    }),
  ),
  fault(TWICE, 'wants it once', 'a close was refused', ({ close }) => {
    let closed = false;
    return {
      async close() {
        if (closed) throw new Error('closed already');
        closed = true;
        await close();
      },
    };
  }),
  ...(['load', 'save', 'delete', 'due'] as const).map((name) =>
    fault(
      CLOSED,
      `continues with ${name}()`,
      `${name}() after close()`,
      (_inner, { disk, clock }) => ({
        [name]: memory(disk, { shared: true, clock })[name],
      }),
    ),
  ),
  ...(['take', 'save', 'release'] as const).map((name) =>
    fault(
      CLOSED,
      `continues with lease.${name}()`,
      `lease.${name}() after`,
      ({ lease }, { disk, clock }) => ({
        lease: { ...lease, [name]: memory(disk, { shared: true, clock }).lease?.[name] },
      }),
    ),
  ),
  fault(CLOSED, 'says that it is not reachable', "got PersistError 'unavailable'", ({ load }) => ({
    load: (openid) =>
      load(openid).catch(() => {
        throw new PersistError('unavailable', 'There is no connection.');
      }),
  })),
  fault(SECRET, 'quotes the body', 'an error holds no body', ({ save }) => ({
    save: (record, expected) =>
      save(record, expected).catch(() => {
        throw new ConflictError(record.openid, { body: record.body });
      }),
  })),
  fault(SECRET, 'hands on the cause, command and all', 'an error holds no body', ({ save }) => ({
    save: (record, expected) =>
      save(record, expected).catch(() => {
        const command = { name: 'set', args: [record.openid, record.body] };
        const cause = Object.assign(new Error('failed'), { command });
        throw new PersistError('conflict', 'The save failed.', { cause });
      }),
  })),
  fault(SECRET, 'names the openid', 'the text of an error names no openid', ({ save }) => ({
    save: (record, expected) =>
      save(record, expected).catch(() => {
        throw new PersistError('conflict', `${record.openid} was changed.`);
      }),
  })),
  fault(
    SECRET,
    'names the openid in a cause',
    'names no openid: ConflictError (Error)',
    ({ save }) => ({
      save: (record, expected) =>
        save(record, expected).catch((error: ConflictError) => {
          error.cause = new Error(`Key (openid)=(${record.openid}) exists.`);
          throw error;
        }),
    }),
  ),
  fault(SECRET, 'names the openid once it is closed', 'names no openid', ({ load }) => ({
    load: (openid) =>
      load(openid).catch(() => {
        throw new PersistError('closed', `Closed; ${openid} was not loaded.`);
      }),
  })),
  fault(RESTART, 'writes later', 'a record after a restart', (_inner, { disk, opened }) => {
    if (opened > 0) disk.records.clear();
    return {};
  }),
  fault(
    RESTART,
    'keeps deletes for itself',
    'what was deleted, after a restart',
    ({ delete: remove }, { disk, opened }) => {
      if (opened === 1)
        disk.records.set('cid', { openid: 'cid', body: '', wakeAt: 0, revision: 9 });
      return { delete: remove };
    },
  ),
  fault(RESTART, 'has its index in memory', 'what is due after a restart', ({ save, due }) => {
    const known = new Set<string>();
    return {
      save: (record, expected) => save((known.add(record.openid), record), expected),
      due: async (until, limit) =>
        (await due(until, limit)).filter(({ openid }) => known.has(openid)),
    };
  }),
  fault(
    'revisions grow over a restart, after a delete, too',
    'continues from the highest revision it finds',
    'and a restart, came 1',
    (_inner, { disk }) => {
      disk.lastRevision = Math.max(
        0,
        ...[...disk.records.values()].map(({ revision }) => revision),
      );
      return {};
    },
  ),
  fault(
    'a save under way at a close is kept or refused',
    'answers and drops it',
    'a save that was not refused',
    ({ save, close }, { disk }) => {
      let closed = false;
      return {
        async save(record, expected) {
          const revision = await save(record, expected);
          if (closed) disk.records.delete(record.openid);
          return revision;
        },
        async close() {
          closed = true;
          await close();
        },
      };
    },
  ),
  fault(TWO, 'remembers what it loaded', 'what the other saved', ({ load, save }) => {
    const cache = new Map<string, LoadedRecord>();
    return {
      async load(openid) {
        const found = cache.get(openid) ?? (await load(openid));
        if (found) cache.set(openid, found);
        return found;
      },
      async save(record, expected) {
        const revision = await save(record, expected);
        cache.set(record.openid, { ...record, revision });
        return revision;
      },
    };
  }),
  fault(TWO, 'has a second index', 'what is due by the other', ({ save, due }) => {
    const known = new Set<string>();
    return {
      save: (record, expected) => save((known.add(record.openid), record), expected),
      due: async (until, limit) =>
        (await due(until, limit)).filter(({ openid, wakeAt }) => known.has(openid) && wakeAt < 20),
    };
  }),
  fault(TWO, 'counts revisions for itself', 'a revision grows', ({ save }, { disk }) => {
    let last = 0;
    return {
      async save(record, expected) {
        disk.lastRevision = last;
        last = await save(record, expected);
        return last;
      },
    };
  }),
  fault(
    'of saves at once by two on one place one is let through',
    'has a lock in the process only',
    'expected 1, got 2',
    ({ save, load }, { disk }) => {
      let lock: Promise<unknown> = Promise.resolve();
      return {
        save(record, expected) {
          const saved = lock.then(async () => {
            const found = await load(record.openid);
            if (found?.revision !== expected) throw new ConflictError(record.openid);
            await pause();
            return save(record, disk.records.get(record.openid)?.revision);
          });
          lock = saved.catch(() => {});
          return saved;
        },
      };
    },
  ),
  fault(
    'one of two on a place closes without the other',
    'closes what they share',
    'a save failed after the other on the place was closed',
    ({ save, close }, { disk }) => ({
      async save(record, expected) {
        if (Object.isFrozen(disk.records)) throw new PersistError('closed', 'Closed.');
        return save(record, expected);
      },
      async close() {
        Object.freeze(disk.records);
        await close();
      },
    }),
  ),
];
