import { type ContextStoreOptions, type Persister, createContextStore } from 'colloquy';
import { type Disk, createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock, faulty } from 'colloquy/testing';
import { writeBehind } from 'colloquy/persist/write-behind';
import { describe, expect, it, onTestFinished } from 'vitest';
import { deferred } from '../runner/world.ts';

const AGE = 7200;

/** A persister that cannot move a record in one write. */
function stepwise(disk: Disk): Persister {
  const { move: _move, ...persister } = memory(disk);
  return persister;
}

function open(options: ContextStoreOptions = {}, clock = createManualClock()) {
  const store = createContextStore<Record<string, unknown>>({ clock, age: AGE, ...options });
  onTestFinished(() => store.close().catch(() => {}));
  const write = (openid: string, data: object): Promise<void> =>
    store.update(openid, (context) => {
      for (const [key, value] of Object.entries(data)) context.set(key, value);
    });
  const read = async (openid: string): Promise<object> => (await store.open(openid)).toJSON();
  return { store, clock, write, read };
}

const places: readonly [name: string, options: () => ContextStoreOptions][] = [
  ['in memory', () => ({})],
  ['over a persister that moves', () => ({ persister: memory(createDisk()) })],
  ['over one that saves and deletes', () => ({ persister: stepwise(createDisk()) })],
  ['written behind', () => ({ persister: writeBehind(memory(createDisk()), { behindMs: 1000 }) })],
  [
    'over one that is shared',
    () => {
      const clock = createManualClock();
      return { clock, persister: memory(createDisk(), { shared: true, clock }) };
    },
  ],
];

describe.each(places)('a move %s', (_name, options) => {
  it('takes the dictionary and its expiry along, and leaves nothing', async () => {
    const { store, clock, write, read } = open(options());
    const emitted: unknown[] = [];
    store.on('move', (event) => emitted.push(event));
    await write('old', { n: 1, list: [1, { a: 'b' }] });
    await store.update('old', (context) => context.setExpiry({ minutes: 5 }));
    expect(await store.move('old', 'new')).toBe(true);
    expect([await store.exists('old'), await read('new')]).toEqual([
      false,
      { n: 1, list: [1, { a: 'b' }] },
    ]);
    expect(emitted).toEqual([{ openid: 'new', from: 'old' }]);
    expect((await store.open('new')).getExpiryAge()).toBe(300);
    expect(clock).toBeDefined();
  });

  it('returns false without a record to move, and for the same openid', async () => {
    const { store, write } = open(options());
    expect(await store.move('old', 'new')).toBe(false);
    await write('old', { n: 1 });
    expect(await store.move('old', 'old')).toBe(false);
    expect(await store.move('old', 'new')).toBe(true);
    expect(await store.move('old', 'new')).toBe(false);
    expect([await store.exists('old'), await store.exists('new')]).toEqual([false, true]);
  });

  it('is refused if the new openid has a conversation, and changes nothing', async () => {
    const { store, write, read } = open(options());
    await write('old', { n: 1 });
    await write('new', { n: 2 });
    await expect(store.move('old', 'new')).rejects.toMatchObject({
      code: 'target_exists',
      openid: 'new',
    });
    expect([await read('old'), await read('new')]).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('may go back, and crosses another without waiting forever', async () => {
    const { store, write, read } = open(options());
    await write('a', { n: 1 });
    await write('b', { n: 2 });
    const crossing = await Promise.allSettled([store.move('a', 'b'), store.move('b', 'a')]);
    expect(crossing.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await store.move('a', 'c');
    await store.move('b', 'a');
    await store.move('c', 'b');
    expect([await read('a'), await read('b'), await store.exists('c')]).toEqual([
      { n: 2 },
      { n: 1 },
      false,
    ]);
    await store.move('b', 'c');
    await store.move('c', 'b');
    expect(await read('b')).toEqual({ n: 1 });
  });

  it('waits for running updates of both openids', async () => {
    const { store, write, read } = open(options());
    await write('old', { n: 1 });
    const begun = deferred();
    const end = deferred();
    const running = store.update('old', async (context) => {
      begun.resolve();
      await end.promise;
      context.set('n', 2);
    });
    await begun.promise;
    const moving = store.move('old', 'new');
    const behind = store.update('new', (context) => context.set('m', 3));
    end.resolve();
    await running;
    expect(await moving).toBe(true);
    await behind;
    expect([await store.exists('old'), await read('new')]).toEqual([false, { n: 2, m: 3 }]);
  });

  it('makes an earlier draft a conflict', async () => {
    const { store, write, read } = open(options());
    await write('old', { n: 1 });
    const draft = await store.open('old');
    draft.set('n', 2);
    await store.move('old', 'new');
    await expect(draft.save()).rejects.toMatchObject({ code: 'conflict' });
    expect([await store.exists('old'), await read('new')]).toEqual([false, { n: 1 }]);
  });
});

describe('a move over a persister', () => {
  it.each([
    ['in one write', (disk: Disk) => memory(disk)],
    ['in two', stepwise],
  ])(
    '%s survives a restart, and the record expires at the same time as before',
    async (_how, create) => {
      const disk = createDisk();
      const one = open({ persister: create(disk) });
      await one.write('old', { n: 1 });
      await one.clock.advance({ minutes: 90 });
      await one.store.move('old', 'new');
      await one.store.close();
      expect([...disk.records.keys()]).toEqual(['new']);
      const { store, clock, read } = open({ persister: create(disk) }, one.clock);
      expect(await read('new')).toEqual({ n: 1 });
      await clock.advance({ minutes: 30 });
      expect([await store.exists('new'), disk.records.size]).toEqual([false, 0]);
    },
  );

  it.each(['refused', 'lost'] as const)(
    'in two writes, the second of which is %s, is finished by the next call',
    async (outcome) => {
      const disk = createDisk();
      const clock = createManualClock();
      let isBad = true;
      const persister = faulty(stepwise(disk), {
        clock,
        choose: ({ method }) => (isBad && method === 'delete' ? { outcome } : undefined),
      });
      const { store, write, read } = open({ persister }, clock);
      await write('old', { n: 1 });
      await expect(store.move('old', 'new')).rejects.toMatchObject({ retryable: true });
      isBad = false;
      // Another user sends a message there first.
      await write('new', { m: 2 });
      expect(await store.move('old', 'new')).toBe(outcome === 'refused');
      expect([...disk.records.keys()]).toEqual(['new']);
      expect([await store.exists('old'), await read('new')]).toEqual([false, { n: 1, m: 2 }]);
    },
  );

  it('that was interrupted is not finished if the old openid has a new conversation', async () => {
    const disk = createDisk();
    const clock = createManualClock();
    let isBad = true;
    const persister = faulty(stepwise(disk), {
      clock,
      choose: ({ method }) => (isBad && method === 'delete' ? { outcome: 'refused' } : undefined),
    });
    const { store, write, read } = open({ persister }, clock);
    await write('old', { n: 1 });
    await expect(store.move('old', 'new')).rejects.toMatchObject({ retryable: true });
    isBad = false;
    await clock.advance({ minutes: 1 });
    await write('old', { n: 2 });
    await expect(store.move('old', 'new')).rejects.toMatchObject({ code: 'target_exists' });
    expect([await read('old'), await read('new')]).toEqual([{ n: 2 }, { n: 1 }]);
  });

  it.each(['refused', 'lost'] as const)(
    'in one write that is %s leaves exactly one record',
    async (outcome) => {
      const disk = createDisk();
      const clock = createManualClock();
      let isBad = true;
      const persister = faulty(memory(disk), {
        clock,
        choose: ({ method }) => (isBad && method === 'move' ? { outcome } : undefined),
      });
      const { store, write, read } = open({ persister }, clock);
      await write('old', { n: 1 });
      await expect(store.move('old', 'new')).rejects.toMatchObject({ retryable: true });
      isBad = false;
      expect([...disk.records.keys()]).toEqual([outcome === 'refused' ? 'old' : 'new']);
      expect(await store.move('old', 'new')).toBe(outcome === 'refused');
      expect([await store.exists('old'), await read('new')]).toEqual([false, { n: 1 }]);
    },
  );

  it('in two writes with a draft saved between them moves what the draft saved', async () => {
    const disk = createDisk();
    const clock = createManualClock();
    const persister = stepwise(disk);
    let between: (() => Promise<unknown>) | undefined;
    const { store, write, read } = open(
      {
        persister: {
          ...persister,
          async save(record, expected) {
            const revision = await persister.save(record, expected);
            if (record.openid === 'new') {
              const work = between;
              between = undefined;
              await work?.();
            }
            return revision;
          },
        },
      },
      clock,
    );
    await write('old', { n: 1 });
    const draft = await store.open('old');
    draft.set('n', 2);
    between = () => draft.save();
    expect(await store.move('old', 'new')).toBe(true);
    expect([await store.exists('old'), await read('new')]).toEqual([false, { n: 2 }]);
  });

  it('releases both leases, and waits for one that another process holds', async () => {
    const disk = createDisk();
    const clock = createManualClock();
    const shared = () => memory(disk, { shared: true, clock });
    const one = open({ persister: shared(), clock }, clock);
    const two = open({ persister: shared(), clock }, clock);
    await one.write('old', { n: 1 });
    const begun = deferred();
    const end = deferred();
    const running = two.store.update('old', async (context) => {
      begun.resolve();
      await end.promise;
      context.set('n', 2);
    });
    await begun.promise;
    const moving = one.store.move('old', 'new');
    end.resolve();
    await running;
    await clock.advance(1000);
    expect(await moving).toBe(true);
    await clock.advance(1000);
    expect([one.store.stats().leases, disk.leases?.size]).toEqual([0, 0]);
    expect([await two.store.exists('old'), await two.read('new')]).toEqual([false, { n: 2 }]);
  });
});
