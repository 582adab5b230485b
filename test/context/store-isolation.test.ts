import { ConflictError } from 'colloquy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainData } from './arbitrary.ts';
import { isSame } from './same.ts';
import { type Loose, createBench, createRig, hear, hearCodes, put, read } from './support.ts';

/** Changes everything that a caller could change in a value, by mistake or on purpose. */
function vandalise(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (value instanceof Date) value.setTime(-1);
  const items = value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : [];
  for (const item of [...items, ...Object.values(value)]) vandalise(item);
  if (value instanceof Map || value instanceof Set) value.clear();
  for (const key of Object.keys(value)) Reflect.set(value, key, 'vandalised');
  Reflect.set(value, 'extra', 'vandalised');
}

const DATA = (): Loose => ({
  n: 1,
  list: [{ a: 1 }],
  dict: { inner: { b: 2 } },
  date: new Date(7),
  map: new Map([['k', { c: 3 }]]),
  set: new Set([{ d: 4 }]),
});
const PLAIN = (): Loose => ({ n: 1, list: [{ a: 1 }], dict: { inner: { b: 2 } } });

const kinds: [string, () => Loose][] = [
  ['plain JSON', PLAIN],
  ['dates, maps and sets', DATA],
];
const wheres: [string, () => ReturnType<typeof createBench>][] = [
  ['in memory alone', () => createBench()],
  ['over a persister', () => createBench({ persister: createRig().persister })],
];

describe.each(wheres)('committed data %s', (_where, create) => {
  describe.each(kinds)('with %s', (_kind, make) => {
    it('cannot be changed through the values that the caller passed', async () => {
      const { store } = create();
      const data = make();
      await put(store, 'ann', data);
      vandalise(data);
      expect(await read(store, 'ann')).toEqual(make());
    });

    it('cannot be changed through a draft that is not saved, nor after its save', async () => {
      const { store } = create();
      await put(store, 'ann', make());
      const draft = await store.open('ann');
      vandalise(draft.toJSON());
      for (const value of draft.values()) vandalise(value);
      for (const [, value] of await store.open('ann')) vandalise(value);
      expect(await read(store, 'ann')).toEqual(make());
      const saved = (await store.open('ann')).update(make());
      await saved.save();
      for (const value of saved.values()) vandalise(value);
      expect(await read(store, 'ann')).toEqual(make());
    });

    it('cannot be changed through an event', async () => {
      const { store } = create();
      const events = [hear(store, 'save'), hear(store, 'load')];
      store.on('save', ({ data }) => vandalise(data));
      await put(store, 'ann', make());
      for (const event of events.flat()) vandalise(event.data);
      expect(await read(store, 'ann')).toEqual(make());
    });

    it('cannot be changed while its save is under way', async () => {
      const { store } = create();
      const draft = (await store.open('ann')).update(make());
      const saving = draft.save();
      draft.set('n', 2);
      for (const value of draft.values()) vandalise(value);
      await saving;
      expect(await read(store, 'ann')).toEqual(make());
      expect(draft.modified).toBe(true);
    });
  });

  it('cannot be changed through a getter behind an object that the caller froze', async () => {
    const { store } = create();
    let secret = 1;
    const tricky = Object.freeze({
      get n() {
        return secret;
      },
    });
    const list = Object.freeze(Object.assign([tricky], { extra: { n: 1 } }));
    await put(store, 'ann', { tricky, list });
    secret = 2;
    list.extra.n = 2;
    expect(await read(store, 'ann')).toStrictEqual({ tricky: { n: 1 }, list: [{ n: 1 }] });
  });

  it('equals the saved data, for any plain data, even after a load from the persister', async () => {
    await fc.assert(
      fc.asyncProperty(plainData, async (data) => {
        const rig = createRig();
        const first = createBench({ persister: rig.persister, max: 10 });
        await put(first.store, 'ann', data);
        expect(isSame(await read(first.store, 'ann'), data)).toBe(true);
        const second = createBench({ persister: createRig(rig.disk).persister, max: 10 });
        const codes = hearCodes(second.store);
        expect(isSame(await read(second.store, 'ann'), data)).toBe(true);
        expect(codes).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe.each(wheres)('two drafts of one revision, %s', (_where, create) => {
  it('cannot both be saved: the second gets a ConflictError and changes nothing', async () => {
    const { store } = create();
    await put(store, 'ann', { n: 0 });
    const saved = hear(store, 'save');
    const [one, other] = [await store.open('ann'), await store.open('ann')];
    await one.set('n', 1).save();
    const refused = await other
      .set('n', 2)
      .save()
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ConflictError);
    expect(refused).toMatchObject({ code: 'conflict', retryable: true, openid: 'ann' });
    expect([other.modified, other.get('n')]).toEqual([true, 2]);
    expect(await read(store, 'ann')).toEqual({ n: 1 });
    expect(saved).toHaveLength(1);
  });

  it.each<[what: string, between: (store: ReturnType<typeof createBench>) => Promise<unknown>]>([
    ['another created the record', ({ store }) => put(store, 'new', { n: 1 })],
    ['the record was deleted', ({ store }) => store.delete('old')],
    [
      'the record was deleted and made again',
      async ({ store }) => {
        await store.delete('old');
        await put(store, 'old', { n: 1 });
      },
    ],
    ['the record has expired', ({ clock }) => clock.advance({ seconds: 7200 })],
  ])('cannot be saved if %s', async (what, between) => {
    const bench = create();
    await put(bench.store, 'old', { n: 0 });
    const draft = await bench.store.open(what.startsWith('another') ? 'new' : 'old');
    await between(bench);
    await expect(draft.set('n', 9).save()).rejects.toBeInstanceOf(ConflictError);
    expect((await bench.store.open(draft.openid)).get('n')).not.toBe(9);
  });

  it('cannot both take effect: after one is flushed, the other cannot be saved', async () => {
    const { store } = create();
    await put(store, 'ann', { n: 0 });
    const [one, other] = [await store.open('ann'), await store.open('ann')];
    await one.flush();
    await expect(other.set('n', 2).save()).rejects.toBeInstanceOf(ConflictError);
    expect(await store.exists('ann')).toBe(false);
  });

  it('can be flushed without regard to the revision', async () => {
    const { store } = create();
    await put(store, 'ann', { n: 0 });
    const [one, other] = [await store.open('ann'), await store.open('ann')];
    await one.set('n', 1).save();
    await other.flush();
    expect(await store.exists('ann')).toBe(false);
  });
});
