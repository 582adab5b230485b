import type { DueEntry } from 'colloquy';
import { type Fault, changing, fault } from './fault.ts';

const FIRST = 'due gives what is due by then, the earliest first';
const LIMIT = 'due gives no more than it is asked for';
const FORGETS = 'due forgets what was deleted';
const LAST = 'due goes by the last save, once for each record';
const REFUSED = 'due feels nothing of a save or a delete that was refused';
const EXACT = 'due keeps every whole moment exactly, in its order';
const EQUAL = 'due gives equal moments in one order, however many are asked for';

const byMoment = (a: DueEntry, b: DueEntry): number => a.wakeAt - b.wakeAt;

export const dueFaults: readonly Fault[] = [
  fault(FIRST, 'leaves out the moment itself', 'at the very moment of the first', ({ due }) => ({
    due: (until, limit) => due(until - 1, limit),
  })),
  fault(FIRST, 'gives the latest first', 'what is due just before the fourth', ({ due }) => ({
    due: async (until, limit) => (await due(until, limit)).toReversed(),
  })),
  fault(FIRST, 'sorts moments as text', 'just before the fourth', ({ due }) => ({
    due: async (until, limit) =>
      (await due(until, limit)).sort((a, b) => (`${a.wakeAt}` < `${b.wakeAt}` ? -1 : 1)),
  })),
  fault(FIRST, 'gives what is not due', 'what is due before the first', ({ due }) => ({
    due: (_until, limit) => due(Number.MAX_SAFE_INTEGER, limit),
  })),
  fault(FIRST, 'gives moments as text', 'at the very moment', ({ due }) => ({
    due: async (until, limit) =>
      (await due(until, limit)).map((entry) => ({ ...entry, wakeAt: `${entry.wakeAt}` as never })),
  })),
  fault(LIMIT, 'gives all', 'the moments of due(…, 1)', ({ due }) => ({
    due: (until) => due(until, 1_000),
  })),
  fault(
    LIMIT,
    'takes some and sorts them then',
    'the moments of due(…, 1)',
    (_inner, { disk }) => ({
      due: async (until, limit) =>
        [...disk.records.values()]
          .filter(({ wakeAt }) => wakeAt <= until)
          .slice(0, limit)
          .sort(byMoment),
    }),
  ),
  fault('due changes nothing', 'hands out each once', 'what is due, asked again', ({ due }) => {
    const given = new Set<string>();
    return {
      async due(until, limit) {
        const entries = await due(until, limit);
        const fresh = entries.filter(({ openid }) => !given.has(openid));
        for (const { openid } of fresh) given.add(openid);
        return fresh;
      },
    };
  }),
  fault(
    'due changes nothing',
    'takes out what it gives',
    'is still there',
    ({ due }, { disk }) => ({
      async due(until, limit) {
        const entries = await due(until, limit);
        for (const { openid, wakeAt } of entries) {
          disk.records.set(openid, { openid, wakeAt, body: '', revision: 0 });
        }
        return entries;
      },
      load: async () => undefined,
    }),
  ),
  fault(FORGETS, 'leaves the index as it was', 'after two deletes', indexed({ deletes: false })),
  fault(
    FORGETS,
    'never notices that one is there again',
    'was saved again',
    ({ due, delete: remove }) => {
      const gone = new Set<string>();
      return {
        delete: (openid, expected) => remove((gone.add(openid), openid), expected),
        due: async (until, limit) =>
          (await due(until, limit)).filter(({ openid }) => !gone.has(openid)),
      };
    },
  ),
  fault(
    LAST,
    'keeps the old entry beside the new one',
    'who is due, after a save to 30',
    indexed({ moves: false }),
  ),
  fault(
    LAST,
    'keeps the earliest moment',
    'who is due, after a save to 30',
    ({ save }, { disk }) => ({
      save: (record, expected) =>
        save(
          {
            ...record,
            wakeAt: Math.min(
              record.wakeAt,
              disk.records.get(record.openid)?.wakeAt ?? record.wakeAt,
            ),
          },
          expected,
        ),
    }),
  ),
  fault(REFUSED, 'writes the index before the record', 'what is due', indexed({ first: true })),
  fault(REFUSED, 'deletes from the index before it looks', 'what is due', indexed({ loses: true })),
  ...(
    [
      ['keeps 32 bits', (wakeAt: number) => wakeAt | 0],
      ['keeps seconds', (wakeAt: number) => Math.floor(wakeAt / 1_000) * 1_000],
      ['keeps no moment before 1970', (wakeAt: number) => Math.max(wakeAt, 0)],
      ['keeps 15 digits', (wakeAt: number) => Number(wakeAt.toPrecision(15))],
      ['keeps what a Date can', (wakeAt: number) => Math.min(wakeAt, 8.64e15)],
    ] as const
  ).map(([what, round]) =>
    fault(
      EXACT,
      what,
      'every moment',
      changing((record) => ({ ...record, wakeAt: round(record.wakeAt) })),
    ),
  ),
  fault(EXACT, 'asks for moments up to one that is no more', 'the moments until', ({ due }) => ({
    due: (until, limit) => due(until === 10 ? 9 : until, limit),
  })),
  fault(EQUAL, 'gives them as they come', 'the first 59 of equal moments', ({ due }) => {
    let asked = 0;
    return {
      async due(until) {
        const entries = await due(until, 1_000);
        asked += 1;
        return [...entries.slice(asked), ...entries.slice(0, asked)];
      },
    };
  }),
  fault(EQUAL, 'has one entry for a moment', 'everyone who is due', ({ due }) => ({
    due: async (until, limit) => [
      ...new Map((await due(until, limit)).map((entry) => [entry.wakeAt, entry])).values(),
    ],
  })),
];

/** A persister with an index beside its records, which has to be kept right by hand. */
function indexed({
  deletes = true,
  moves = true,
  first = false,
  loses = false,
}: {
  readonly deletes?: boolean;
  readonly moves?: boolean;
  readonly first?: boolean;
  readonly loses?: boolean;
}): Parameters<typeof fault>[3] {
  return ({ save, delete: remove }) => {
    let index: DueEntry[] = [];
    const drop = (openid: string): void => {
      index = index.filter((entry) => entry.openid !== openid);
    };
    const enter = ({ openid, wakeAt }: DueEntry): void => {
      if (moves) drop(openid);
      index.push({ openid, wakeAt });
    };
    return {
      async save(record, expected) {
        if (first) enter(record);
        const revision = await save(record, expected);
        if (!first) enter(record);
        return revision;
      },
      async delete(openid, expected) {
        if (loses) drop(openid);
        const deleted = await remove(openid, expected);
        if (deleted && deletes) drop(openid);
        return deleted;
      },
      due: async (until, limit) =>
        index
          .filter(({ wakeAt }) => wakeAt <= until)
          .sort(byMoment)
          .slice(0, limit),
    };
  };
}
