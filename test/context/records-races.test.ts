import { describe, expect, it } from 'vitest';
import { atRest } from '../../src/internal/async.ts';
import { createBench, createRig, hear, put, read } from './support.ts';

/** A store over a slow persister that holds `{ n: 1 }` for `a`, which is not in memory. */
async function cold(): Promise<
  ReturnType<typeof createBench> & { readonly rig: ReturnType<typeof createRig> }
> {
  const rig = createRig();
  const before = createBench({ persister: rig.persister });
  await put(before.store, 'a', { n: 1 });
  await before.store.close();
  const next = createRig(rig.disk);
  return { ...createBench({ persister: next.persister, clock: before.clock }), rig: next };
}

/** The same with the record in memory. */
async function warm(): ReturnType<typeof cold> {
  const bench = await cold();
  await bench.store.open('a');
  return bench;
}

describe('while the persister has not answered', () => {
  it('a load that a delete overtakes does not bring the record back', async () => {
    const { store, rig } = await cold();
    const release = rig.hold('load');
    const opening = store.open('a');
    await atRest();
    await store.delete('a');
    await release();
    await opening;
    expect([await store.exists('a'), await read(store, 'a')]).toEqual([false, {}]);
  });

  it('a load that begins during a delete does not bring the record back', async () => {
    const { store, rig } = await cold();
    const stored = rig.disk.records.get('a');
    const deleted = rig.hold('delete');
    const deleting = store.delete('a');
    await atRest();
    // The persister reads before it deletes, but answers in the other order.
    if (stored !== undefined) rig.disk.records.set('a', stored);
    const answer = rig.hold('load');
    const opening = store.open('a');
    await atRest();
    rig.disk.records.delete('a');
    await deleted();
    await answer();
    expect([await deleting, (await opening).get('n')]).toEqual([true, 1]);
    expect(await store.exists('a')).toBe(false);
  });

  it('a load that a save overtakes does not bring the older data back', async () => {
    const { clock, rig } = await cold();
    const { store } = createBench({ persister: rig.persister, clock, max: 1 });
    const draft = await store.open('a');
    await put(store, 'b');
    const answer = rig.hold('load');
    const opening = store.open('a');
    await atRest();
    rig.heal();
    await draft.set('n', 2).save();
    await put(store, 'b');
    await answer();
    expect((await opening).get('n')).toBe(1);
    expect(await read(store, 'a')).toEqual({ n: 2 });
  });

  it('a save that a delete overtakes does not bring the record back', async () => {
    const { store, rig } = await warm();
    const draft = await store.open('a');
    const release = rig.hold('save');
    const saving = draft.set('n', 2).save();
    await atRest();
    await store.delete('a');
    await release();
    await saving;
    expect([await store.exists('a'), await read(store, 'a')]).toEqual([false, {}]);
  });

  it('a save that is answered after a later one does not bring the older data back', async () => {
    const { store, rig } = await warm();
    const draft = await store.open('a');
    const release = rig.hold('save');
    const saving = draft.set('n', 2).save();
    await atRest();
    rig.heal();
    const other = createBench({ persister: rig.persister });
    await put(other.store, 'a', { n: 3 });
    const conflicting = (await store.open('a')).set('n', 4);
    await conflicting.save().catch(() => undefined);
    await put(store, 'a', { n: 5 });
    await release();
    await saving;
    expect(await read(store, 'a')).toEqual({ n: 5 });
  });

  it('two loads of one record cause one event', async () => {
    const { store } = await cold();
    const loaded = hear(store, 'load');
    await Promise.all([store.open('a'), store.open('a'), store.exists('a')]);
    expect(loaded).toHaveLength(1);
  });

  it('an expiry that several calls discover causes one event', async () => {
    const { store, clock, rig } = await warm();
    const expired = hear(store, 'expire');
    const release = rig.hold('delete');
    const advancing = clock.advance({ hours: 2 });
    const looking = [store.open('a'), store.exists('a'), store.clearExpired()];
    await atRest();
    await release();
    await Promise.all([advancing, ...looking]);
    expect(expired).toEqual([{ openid: 'a', data: { n: 1 } }]);
  });
});

describe('a record that leaves memory after a conflict', () => {
  it('still causes an event when it expires', async () => {
    const { store, clock } = await warm();
    const expired = hear(store, 'expire');
    const [one, other] = [await store.open('a'), await store.open('a')];
    await one.set('n', 2).save();
    await other.save().catch(() => undefined);
    await clock.advance({ hours: 2, seconds: 1 });
    expect(expired).toEqual([{ openid: 'a', data: { n: 2 } }]);
  });

  it('still causes an event if its save failed', async () => {
    const { store, clock, rig } = await warm();
    const expired = hear(store, 'expire');
    rig.fail('save', { with: new Error('no') });
    await put(store, 'a', { n: 2 }).catch(() => undefined);
    rig.heal();
    await clock.advance({ hours: 2, seconds: 1 });
    expect(expired).toEqual([{ openid: 'a', data: { n: 1 } }]);
  });
});

describe('a record that is saved again before the persister has answered its delete', () => {
  it('stays, and causes an event when it expires', async () => {
    const { store, clock, rig } = await warm();
    const expired = hear(store, 'expire');
    const answer = rig.hold('delete');
    const deleting = store.delete('a');
    await atRest();
    await expect(put(store, 'a', { n: 2 })).rejects.toMatchObject({ code: 'conflict' });
    await put(store, 'a', { n: 3 });
    await answer();
    await deleting;
    await clock.advance({ hours: 2, seconds: 1 });
    expect(expired).toEqual([{ openid: 'a', data: { n: 3 } }]);
  });
});

describe('where another process changed the record', () => {
  it('a store reads a record again that looks expired in memory', async () => {
    const { store, clock, rig } = await warm();
    const expired = hear(store, 'expire');
    const other = createBench({ persister: rig.persister, clock });
    await clock.advance({ hours: 1 });
    await put(other.store, 'a', { n: 2 });
    await clock.advance({ minutes: 61 });
    expect([await read(store, 'a'), expired]).toEqual([{ n: 2 }, []]);
  });
});

describe('a persister that never answers', () => {
  const LATER = { timeoutMs: 4000 };

  it.each<
    [
      what: string,
      method: 'load' | 'save' | 'delete' | 'due' | 'close',
      act: (bench: Awaited<ReturnType<typeof cold>>) => Promise<unknown>,
    ]
  >([
    ['a load', 'load', ({ store }) => store.open('a')],
    ['a save', 'save', ({ store }) => put(store, 'new')],
    ['a delete', 'delete', ({ store }) => store.delete('a')],
    ['what is due', 'due', ({ store }) => store.clearExpired()],
    ['a close', 'close', ({ store }) => store.close()],
  ])('makes the store give up %s after four seconds', async (_what, method, act) => {
    const bench = await cold();
    bench.rig.hang(method);
    let error: unknown = 'none yet';
    act(bench).catch((thrown: unknown) => (error = thrown));
    await bench.clock.advance(LATER.timeoutMs - 1);
    expect(error).toBe('none yet');
    await bench.clock.advance(1);
    expect(error).toMatchObject({ name: 'PersistError', code: 'timeout', retryable: true });
  });

  it('makes the store give up after persistTimeoutMs if that is set', async () => {
    const rig = createRig();
    const { store, clock } = createBench({ persister: rig.persister, persistTimeoutMs: 50 });
    rig.hang('load');
    let error: unknown;
    store.open('a').catch((thrown: unknown) => (error = thrown));
    await clock.advance(50);
    expect(error).toMatchObject({ code: 'timeout', openid: 'a' });
  });

  it('makes the store drop the record after a save with an unknown result', async () => {
    const { store, clock, rig } = await warm();
    const release = rig.hold('save');
    let error: unknown;
    (await store.open('a'))
      .set('n', 2)
      .save()
      .catch((thrown: unknown) => (error = thrown));
    await clock.advance(4000);
    expect([error, store.size]).toEqual([expect.objectContaining({ code: 'timeout' }), 0]);
    expect(await read(store, 'a')).toEqual({ n: 2 });
    await release();
    expect(await read(store, 'a')).toEqual({ n: 2 });
  });

  it.each(['before', 'after'])(
    'does not leave older data in memory if the save still arrives %s a load is answered',
    async (order) => {
      const { rig, clock } = await cold();
      let arrive = (): void => undefined;
      const gate = new Promise<void>((resolve) => {
        arrive = resolve;
      });
      const save: typeof rig.persister.save = async (...call) => {
        await gate;
        return rig.persister.save(...call);
      };
      const { store } = createBench({ persister: { ...rig.persister, save }, clock });
      put(store, 'a', { n: 2 }).catch(() => undefined);
      await clock.advance(4000);
      const answer = rig.hold('load');
      const reading = read(store, 'a');
      await atRest();
      const steps = [answer, async () => arrive()];
      for (const step of order === 'after' ? steps : steps.toReversed()) {
        await step();
        await atRest();
      }
      expect([await reading, await read(store, 'a')]).toEqual([{ n: 1 }, { n: 2 }]);
    },
  );

  it('frees the lane, so that the next update runs', async () => {
    const { store, clock, rig } = await warm();
    rig.hang('save');
    const errors: unknown[] = [];
    const first = store.update('a', (context) => void context.set('n', 2));
    first.catch(({ code }: { code: unknown }) => errors.push(code));
    const second = store.update('a', (context) => void context.set('m', 3));
    await atRest();
    rig.heal();
    await clock.advance(4000);
    await second;
    expect([errors, await read(store, 'a')]).toEqual([['timeout'], { n: 1, m: 3 }]);
  });

  it('does not prevent the expire event of a record whose save timed out and succeeded', async () => {
    const { store, clock, rig } = await warm();
    const expired = hear(store, 'expire');
    rig.hold('save');
    put(store, 'new', { n: 2 }).catch(() => undefined);
    await atRest();
    rig.heal();
    await clock.advance({ hours: 2, seconds: 5 });
    expect(expired.map(({ openid }) => openid).sort()).toEqual(['a', 'new']);
  });
});
