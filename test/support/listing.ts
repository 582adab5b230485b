import type { ListPage, Persister } from 'colloquy';
import fc from 'fast-check';
import { expect } from 'vitest';
import { record } from './persisting.ts';

/** What is written between two pages. */
type Write = readonly [kind: 'save' | 'delete', who: number, wakeAt: number];

const openids = Array.from({ length: 24 }, (_, index) =>
  index % 3 === 0 ? `u${index}\0` : `u${(index * 7) % 24}`,
);

const writes = fc.array(
  fc.tuple(
    fc.constantFrom('save' as const, 'delete' as const),
    fc.nat({ max: openids.length - 1 }),
    fc.nat({ max: 1000 }),
  ),
  { maxLength: 6 },
);

/** What is there at first, how long the pages are, and what is written after each. */
const histories = fc.record({
  first: fc.uniqueArray(fc.nat({ max: openids.length - 1 }), { maxLength: openids.length }),
  limit: fc.integer({ min: 1, max: 8 }),
  between: fc.array(writes, { maxLength: 12 }),
});

interface Place {
  readonly persister: Pick<Persister, 'load' | 'save' | 'delete'>;
  list(cursor: string | undefined, limit: number): Promise<ListPage>;
  cleanUp?(): Promise<void>;
}

/**
 * That all pages of a list together, with any writes between them, have each openid that is there all the time, none twice,
 * and none that never was there.
 */
export async function expectSoundLists(open: () => Promise<Place>, numRuns: number): Promise<void> {
  const property = fc.asyncProperty(histories, async ({ first, limit, between }) => {
    const { persister, list, cleanUp } = await open();
    const save = async (who: number, wakeAt: number): Promise<void> => {
      const openid = openids[who] as string;
      const { revision } = (await persister.load(openid)) ?? {};
      await persister.save(record(openid, 'body', wakeAt), revision);
    };
    for (const who of first) await save(who, who);
    const staying = new Set(first.map((who) => openids[who] as string));
    const ever = new Set(staying);
    const write = async ([kind, who, wakeAt]: Write): Promise<void> => {
      const openid = openids[who] as string;
      if (kind === 'save') {
        ever.add(openid);
        return save(who, wakeAt);
      }
      staying.delete(openid);
      await persister.delete(openid);
    };
    const listed: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page === 0 || cursor !== undefined; page += 1) {
      const { openids: some, next } = await list(cursor, limit);
      expect(some.length).toBeLessThanOrEqual(limit);
      listed.push(...some);
      cursor = next;
      for (const each of between[page] ?? []) await write(each);
    }
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed.filter((openid) => staying.has(openid)).toSorted()).toEqual(
      [...staying].toSorted(),
    );
    expect(listed.filter((openid) => !ever.has(openid))).toEqual([]);
    await cleanUp?.();
  });
  await fc.assert(property, { numRuns });
}

/** The same for a persister that has `list`. */
export function placeOf(persister: Persister, cleanUp?: () => Promise<void>): Place {
  const { list } = persister;
  if (list === undefined) throw new Error('this persister has no list');
  return {
    persister,
    list: list.bind(persister),
    async cleanUp() {
      await persister.close();
      await cleanUp?.();
    },
  };
}
