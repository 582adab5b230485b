import { ColloquyError, type ContextStore, createContextStore } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock, faulty } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { writeBehind } from 'colloquy/persist/write-behind';
import { expectSoundLists, placeOf } from '../support/listing.ts';
import { refusalOf } from '../support/persisting.ts';
import { type BenchOptions, createBench, createRig, put } from './support.ts';

async function listAll(store: Pick<ContextStore, 'list'>, limit?: number): Promise<string[]> {
  const listed: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.list(cursor, limit);
    listed.push(...page.openids);
    cursor = page.next;
  } while (cursor !== undefined);
  return listed;
}

const stores: [what: string, options: () => BenchOptions][] = [
  ['in memory', () => ({})],
  ['over a persister', () => ({ persister: memory() })],
  [
    'over one that several processes share',
    () => ({ persister: memory(createDisk(), { shared: true }) }),
  ],
  ['that writes behind', () => ({ persister: writeBehind(memory(), { behindMs: 100 }) })],
  ['over a persister, with a small memory', () => ({ persister: memory(), max: 2 })],
];

describe.each(stores)('a store %s', (_what, options) => {
  it('lists each openid once, in pages of any length', async () => {
    const { store } = createBench(options());
    const openids = Array.from({ length: 30 }, (_, index) => `user-${(index * 11) % 30}`);
    for (const openid of openids) await put(store, openid, { n: 1 });
    await put(store, 'gone', { n: 1 });
    await store.delete('gone');
    for (const limit of [undefined, 7, 1]) {
      expect((await listAll(store, limit)).toSorted()).toEqual(openids.toSorted());
    }
  });

  it('lists nothing where no user has a record', async () => {
    const { store } = createBench(options());
    expect(await listAll(store)).toEqual([]);
  });

  it('refuses a cursor that is none, and a page without a length', async () => {
    const { store } = createBench(options());
    for (const call of [
      () => store.list(''),
      () => store.list(3 as never),
      () => store.list(undefined, 0),
      () => store.list(undefined, 1.5),
      () => store.list(undefined, 10_001),
    ]) {
      await expect(call()).rejects.toMatchObject({ name: 'UsageError', code: 'bad_option' });
    }
  });

  it('lists nothing when it is closed', async () => {
    const { store } = createBench(options());
    await store.close();
    await expect(store.list()).rejects.toMatchObject({ code: 'store_closed' });
  });
});

describe('a list', () => {
  it('is the same however many records are in memory, and slides no expiry', async () => {
    const { store, clock } = createBench({ persister: memory(), age: 10 });
    await put(store, 'ann', { n: 1 });
    await clock.advance({ seconds: 9 });
    expect(await listAll(store)).toEqual(['ann']);
    await clock.advance({ seconds: 2 });
    expect(await store.exists('ann')).toBe(false);
    expect(await listAll(store)).toEqual([]);
  });

  it('has what was committed by another process', async () => {
    const disk = createDisk();
    const [one, two] = [disk, disk].map(() =>
      createContextStore<{ n?: number }>({ persister: memory(disk, { shared: true }) }),
    ) as [ContextStore<{ n?: number }>, ContextStore<{ n?: number }>];
    await one.update('ann', (context) => void context.set('n', 1));
    await two.update('bob', (context) => void context.set('n', 1));
    expect(await listAll(one, 1)).toEqual(['ann', 'bob']);
    await one.close();
    await two.close();
  });

  it('writes what waits before its first page, and fails with what cannot be written', async () => {
    const rig = createRig();
    const { store, clock } = createBench({
      persister: writeBehind(rig.persister, { behindMs: 1e6 }),
    });
    await put(store, 'ann', { n: 1 });
    expect(rig.disk.records.size).toBe(0);
    expect(await listAll(store)).toEqual(['ann']);
    expect(rig.disk.records.size).toBe(1);
    let isDown = true;
    const refusing = faulty(memory(), {
      clock,
      choose: ({ method }) => (isDown && method === 'save' ? { outcome: 'refused' } : undefined),
    });
    const down = createBench({ persister: writeBehind(refusing, { behindMs: 100 }) });
    down.store.on('error', () => {});
    await put(down.store, 'ann', { n: 1 });
    const refusal = refusalOf(down.store.list());
    await down.clock.advance({ seconds: 30 });
    expect(await refusal).toMatchObject({ retryable: true });
    isDown = false;
    await down.clock.advance({ seconds: 60 });
    expect(await listAll(down.store)).toEqual(['ann']);
  });

  it('is refused, with what to do, where the persister has none', async () => {
    const { list: _list, ...without } = memory();
    const { store } = createBench({ persister: without });
    const error: unknown = await store.list().catch((thrown: unknown) => thrown);
    expect(ColloquyError.is(error, 'cannot_list')).toBe(true);
    expect((error as Error).message).toContain('persisterContract');
    const behind = createBench({ persister: writeBehind(without, { behindMs: 1 }) });
    await expect(behind.store.list()).rejects.toMatchObject({ code: 'cannot_list' });
  });

  it('gives up on a persister that does not answer', async () => {
    const clock = createManualClock();
    const silent = faulty(memory(), {
      clock,
      choose: ({ method }) => (method === 'list' ? { outcome: 'dropped' } : undefined),
    });
    const store = createContextStore({ persister: silent, clock, persistTimeoutMs: 100 });
    const refusal = refusalOf(store.list());
    await clock.advance(100);
    expect(await refusal).toMatchObject({ code: 'timeout', retryable: true });
    await store.close();
  });
});

describe('a list is sound while records are written between its pages', () => {
  it('of the memory persister', async () => {
    await expectSoundLists(async () => placeOf(memory()), 300);
  });

  it('of what is written behind', async () => {
    const open = async () => placeOf(writeBehind(memory(), { behindMs: 60_000 }));
    await expectSoundLists(open, 300);
  });

  it('of a store in memory', async () => {
    await expectSoundLists(async () => {
      const store = createContextStore();
      return {
        persister: {
          load: async () => undefined,
          async save({ openid, wakeAt }) {
            await store.update(openid, (context) => void context.set('wakeAt', wakeAt));
            return 1;
          },
          delete: (openid) => store.delete(openid),
        },
        list: (cursor, limit) => store.list(cursor, limit),
        cleanUp: () => store.close(),
      };
    }, 200);
  });
});
