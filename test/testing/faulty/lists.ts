import { type ListPage, PersistError, type Persister } from 'colloquy';
import { type Fault, type Place, fault } from './fault.ts';

const EVERY = 'list gives every openid that has a record, once';
const MORE = 'list gives no more than it is asked for';
const ORDER = 'list has one order, whatever is saved and however long the pages are';
const BETWEEN =
  'of the pages, what is written between them takes nothing away and gives nothing twice';
const ANEW = 'a list begins anew with every first page';
const CLOSED = 'a closed one lists nothing';
const LEASES = 'an openid that has a lease and no record is not listed';
const RESTART = 'a list goes on after a restart';
const TWO = 'two on one place give the pages of one list';

type List = NonNullable<Persister['list']>;

/** The list of a sound persister. */
const soundList = ({ list }: Persister): List => {
  if (list === undefined) throw new Error('a memory persister has `list`');
  return list;
};

/** Pages by a number of openids to pass over. */
const byPlace = (openids: readonly string[], cursor: string | undefined, limit: number) => {
  const start = Number(cursor ?? 0);
  const page = openids.slice(start, start + limit);
  const next = start + limit < openids.length ? String(start + limit) : undefined;
  return { openids: page, next } satisfies ListPage;
};

const sorted = ({ disk }: Place): string[] => [...disk.records.keys()].toSorted();

const timed = ({ disk }: Place): string[] =>
  [...disk.records.values()]
    .toSorted((one, two) => one.wakeAt - two.wakeAt)
    .map(({ openid }) => openid);

export const listFaults: readonly Fault[] = [
  fault(EVERY, 'declares it, and has none', 'the persister has no `list`', () => ({
    list: undefined as never,
  })),
  fault(EVERY, 'lists what was deleted', 'all openids', (inner) => {
    const saved = new Set<string>();
    return {
      save: (record, expected) => {
        saved.add(record.openid);
        return inner.save(record, expected);
      },
      list: async (cursor, limit) => byPlace([...saved].toSorted(), cursor, limit),
    };
  }),
  fault(EVERY, 'passes over what begins with the cursor', 'all openids', (inner) => ({
    async list(cursor, limit) {
      const page = await soundList(inner)(cursor, limit);
      if (cursor === undefined) return page;
      return { ...page, openids: page.openids.filter((openid) => !openid.startsWith(cursor)) };
    },
  })),
  fault(EVERY, 'gives the last one again', 'all openids', (inner) => ({
    async list(cursor, limit) {
      const page = await soundList(inner)(cursor, limit);
      return cursor === undefined ? page : { ...page, openids: [cursor, ...page.openids] };
    },
  })),
  fault(EVERY, 'never ends', 'there was still a next one', (inner) => ({
    list: async (cursor, limit) => ({ next: 'z', ...(await soundList(inner)(cursor, limit)) }),
  })),
  fault(MORE, 'gives everything at once', 'in a page of', (inner) => ({
    list: () => soundList(inner)(undefined, 10_000),
  })),
  fault(ORDER, 'goes by the time at which records are due', 'the openids', (_inner, place) => ({
    list: async (cursor, limit) => byPlace(timed(place), cursor, limit),
  })),
  fault(BETWEEN, 'counts how many it has given', 'given twice', (_inner, place) => ({
    list: async (cursor, limit) => byPlace(sorted(place), cursor, limit),
  })),
  fault(BETWEEN, 'goes on behind a time', 'there all the time', (_inner, place) => ({
    async list(cursor, limit) {
      const left = timed(place).filter(
        (openid) => (place.disk.records.get(openid)?.wakeAt ?? 0) > Number(cursor ?? -1),
      );
      const openids = left.slice(0, limit);
      const last = place.disk.records.get(openids.at(-1) ?? '')?.wakeAt;
      return { openids, next: left.length > limit ? String(last) : undefined };
    },
  })),
  fault(ANEW, 'keeps the first list for all', 'in the next list', (_inner, place) => {
    let all: string[] | undefined;
    return { list: async (cursor, limit) => byPlace((all ??= sorted(place)), cursor, limit) };
  }),
  fault(CLOSED, 'lists all the same', 'list() after close()', (inner) => ({
    async list(cursor, limit) {
      try {
        return await soundList(inner)(cursor, limit);
      } catch (error) {
        if (error instanceof PersistError && error.code === 'closed') return { openids: [] };
        throw error;
      }
    },
  })),
  fault(LEASES, 'lists leases with the records', 'what is listed', (_inner, { disk }) => ({
    async list(cursor, limit) {
      const all = new Set([...disk.records.keys(), ...(disk.leases?.keys() ?? [])]);
      return byPlace([...all].toSorted(), cursor, limit);
    },
  })),
  fault(RESTART, 'keeps its cursors in memory', 'all pages together', (_inner, place) => {
    const known = new Set<string>();
    return {
      async list(cursor, limit) {
        if (cursor !== undefined && !known.has(cursor)) return { openids: [] };
        const page = byPlace(sorted(place), cursor, limit);
        if (page.next !== undefined) known.add(page.next);
        return page;
      },
    };
  }),
  fault(TWO, 'lists what it saved itself', 'by the two in turn', (inner) => {
    const own = new Set<string>();
    return {
      save: (record, expected) => {
        own.add(record.openid);
        return inner.save(record, expected);
      },
      list: async (cursor, limit) => byPlace([...own].toSorted(), cursor, limit),
    };
  }),
];
