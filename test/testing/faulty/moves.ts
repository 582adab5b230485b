import { ConflictError, PersistError, type Persister } from 'colloquy';
import { type Fault, fault, pause } from './fault.ts';

const KEEPS = 'a move keeps the new record and deletes the old one';
const EXPECTS = 'a move that expects another revision is refused and changes nothing';
const MISSING = 'a move of what is not there is refused';
const TAKEN = 'a move to an openid that has a record is refused and changes nothing';
const GROW = 'revisions of both openids grow over moves';
const AT_ONCE = 'of a move and a save at once one is let through';
const TEN = 'of ten moves to one openid at once one is let through';
const LEASES = 'a move touches no lease, and a lease holds none up';
const RESTART = 'what was moved is there after a restart';
const CLOSED = 'a closed one moves nothing';

type Move = NonNullable<Persister['move']>;

/** The move of a sound persister. */
const soundMove = ({ move }: Persister): Move => {
  if (move === undefined) throw new Error('a memory persister has `move`');
  return move;
};

export const moveFaults: readonly Fault[] = [
  fault(KEEPS, 'declares it, and has none', 'the persister has no `move`', () => ({
    move: undefined as never,
  })),
  fault(KEEPS, 'leaves the old one', 'the record that was moved away', (inner) => ({
    move: (_from, _expected, record) => inner.save(record, undefined),
  })),
  fault(KEEPS, 'keeps the time of the old one', 'the record that was moved', (inner, { disk }) => ({
    move: (from, expected, record) =>
      soundMove(inner)(from, expected, {
        ...record,
        wakeAt: disk.records.get(from)?.wakeAt ?? record.wakeAt,
      }),
  })),
  fault(EXPECTS, 'goes by the openid alone', 'was answered with', (inner, { disk }) => ({
    move: (from, _expected, record) =>
      soundMove(inner)(from, disk.records.get(from)?.revision ?? 0, record),
  })),
  fault(EXPECTS, 'saves before it looks', 'where a refused move led', (inner) => ({
    async move(from, expected, record) {
      const revision = await inner.save(record, undefined);
      if (await inner.delete(from, expected)) return revision;
      throw new ConflictError(from);
    },
  })),
  fault(MISSING, 'saves it all the same', 'was answered with', (inner) => ({
    async move(from, expected, record) {
      const revision = await inner.save(record, undefined);
      await inner.delete(from, expected);
      return revision;
    },
  })),
  fault(TAKEN, 'puts it over what is there', 'was answered with', (inner) => ({
    async move(from, expected, record) {
      await inner.delete(record.openid);
      return soundMove(inner)(from, expected, record);
    },
  })),
  fault(TAKEN, 'deletes before it looks', 'a move to the same openid', (inner) => ({
    async move(from, expected, record) {
      await inner.delete(from, expected);
      return inner.save(record, undefined);
    },
  })),
  fault(GROW, 'counts again for each record', 'grows: after', (inner, { disk }) => ({
    async move(from, expected, record) {
      const revision = await soundMove(inner)(from, expected, record);
      disk.lastRevision = 0;
      return revision;
    },
  })),
  fault(AT_ONCE, 'looks first and moves later', 'let through of a move and a save', (inner) => ({
    async move(from, expected, record) {
      if ((await inner.load(from))?.revision !== expected) throw new ConflictError(from);
      await pause();
      const revision = await inner.save(record, undefined);
      await inner.delete(from);
      return revision;
    },
  })),
  fault(TEN, 'takes them all away', 'what is gone', (inner) => ({
    async move(from, expected, record) {
      await inner.delete(from, expected);
      return inner.save(record, undefined);
    },
  })),
  fault(
    LEASES,
    'frees that of the old one',
    "the lease of 'old' after a move",
    (inner, { disk }) => ({
      async move(from, expected, record) {
        disk.leases?.delete(from);
        return soundMove(inner)(from, expected, record);
      },
    }),
  ),
  fault(
    LEASES,
    'frees that of the new one',
    "the lease of 'new' after a move",
    (inner, { disk }) => ({
      async move(from, expected, record) {
        disk.leases?.delete(record.openid);
        return soundMove(inner)(from, expected, record);
      },
    }),
  ),
  fault(RESTART, 'moves it in memory alone', 'after a restart', (inner, { disk }) => {
    const moved = new Map<string, string>();
    return {
      async move(from, expected, record) {
        if (disk.records.get(from)?.revision !== expected) throw new ConflictError(from);
        moved.set(record.openid, from);
        return expected;
      },
      load: (openid) => inner.load(moved.get(openid) ?? openid),
    };
  }),
  fault(CLOSED, 'moves all the same', 'move() after close()', (inner) => ({
    async move(from, expected, record) {
      try {
        return await soundMove(inner)(from, expected, record);
      } catch (error) {
        if (error instanceof PersistError && error.code === 'closed') return 1;
        throw error;
      }
    },
  })),
];
