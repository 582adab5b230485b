import {
  type ContextStore,
  type ContextStoreOptions,
  type CorruptRecord,
  jsonCodec,
} from 'colloquy';
import { describe, expect, it } from 'vitest';
import { createDisk, memory } from '../../src/persist/memory.ts';
import { type Loose, createBench, hearCodes, put, read } from './support.ts';

const KB = 1024;

/** A store whose record of `a` does not open. */
async function corrupted(
  onCorrupt?: ContextStoreOptions['onCorrupt'],
  body = '{"secret":',
): Promise<
  ReturnType<typeof createBench> & { codes: unknown[]; stored(): Loose; body(): unknown }
> {
  const disk = createDisk();
  const { store, clock } = createBench({ persister: memory(disk) });
  await put(store, 'a', { n: 1 });
  const stored = disk.records.get('a');
  if (stored !== undefined) disk.records.set('a', { ...stored, body });
  const bench = createBench({
    persister: memory(disk),
    clock,
    ...(onCorrupt !== undefined && { onCorrupt }),
  });
  return {
    ...bench,
    codes: hearCodes(bench.store),
    body: () => disk.records.get('a')?.body,
    stored: () => jsonCodec.decode(disk.records.get('a')?.body ?? '') as Loose,
  };
}

describe('a stored record that does not open', () => {
  it('is kept inside the record that replaces it, and inside all that follow', async () => {
    const { store, clock, stored, codes } = await corrupted();
    const since = clock.now();
    await put(store, 'a', { n: 2 });
    expect(stored()).toMatchObject({ data: { n: 2 }, aside: { body: '{"secret":', since } });
    await clock.advance({ minutes: 1 });
    await store.update('a', (context) => void context.set('n', 3));
    expect(stored()).toMatchObject({ data: { n: 3 }, aside: { body: '{"secret":', since } });
    expect(codes).toEqual(['corrupt']);
  });

  it('is kept over a restart, and inside another record that does not open', async () => {
    const { store, stored } = await corrupted();
    await put(store, 'a', { n: 2 });
    const inner = JSON.stringify(stored());
    const next = await corrupted('keep', inner.replace('"format":1', '"format":2'));
    await put(next.store, 'a', { n: 3 });
    const { aside } = next.stored() as { aside: { body: string } };
    expect((JSON.parse(aside.body) as Loose)['aside']).toMatchObject({ body: '{"secret":' });
    expect(await read(next.store, 'a')).toEqual({ n: 3 });
  });

  it.each<[call: string, make: (store: ContextStore<Loose>) => Promise<unknown>]>([
    ['update()', (store) => store.update('a', () => undefined)],
    ['erase()', (store) => store.erase('a')],
    ['move()', (store) => store.move('a', 'b')],
  ])('is not waited for by itself: %s in `onCorrupt` is refused at once', async (_call, make) => {
    const failures: unknown[] = [];
    const corrupt: Awaited<ReturnType<typeof corrupted>> = await corrupted(async () => {
      await make(corrupt.store).catch((error: unknown) => failures.push(error));
      return 'discard';
    });
    await corrupt.store.update('a', (context) => void context.set('n', 2));
    expect(failures).toMatchObject([{ code: 'would_deadlock', details: { inside: 'onCorrupt' } }]);
    expect(await read(corrupt.store, 'a')).toEqual({ n: 2 });
  });

  it('is not replaced if it is too big to keep', async () => {
    const body = 'x'.repeat(256 * KB + 1);
    const { store, body: kept } = await corrupted('keep', body);
    await expect(put(store, 'a')).rejects.toMatchObject({
      name: 'PersistError',
      code: 'corrupt',
      retryable: false,
      details: { reason: 'too_big_to_keep', size: body.length },
    });
    expect(kept()).toBe(body);
    expect((await corrupted('keep', body.slice(1))).body()).toBe(body.slice(1));
  });

  it('is discarded if the option says so', async () => {
    const { store, stored } = await corrupted('discard', 'x'.repeat(300 * KB));
    await put(store, 'a', { n: 2 });
    expect(stored()).not.toHaveProperty('aside');
  });

  it('goes to the given function, which decides', async () => {
    const heard: CorruptRecord[] = [];
    const { store, stored } = await corrupted(async (about) => {
      heard.push(about);
      return 'discard';
    });
    await store.exists('a');
    expect(heard).toEqual([]);
    await put(store, 'a', { n: 2 });
    expect(heard).toMatchObject([{ openid: 'a', body: '{"secret":', error: { code: 'corrupt' } }]);
    expect(stored()).not.toHaveProperty('aside');
    await put(store, 'a', { n: 3 });
    expect(heard.length).toBe(1);
  });

  it.each<[what: string, answer: unknown]>([
    ['keep', 'keep'],
    ['nothing', undefined],
    ['nonsense', 'yes'],
  ])('is kept if the function answers %s', async (_what, answer) => {
    const { store, stored } = await corrupted(async () => answer as 'keep');
    await put(store, 'a', { n: 2 });
    expect(stored()).toHaveProperty('aside');
  });

  it('stays unchanged if the function throws', async () => {
    const cause = new Error('bucket full');
    const { store, body } = await corrupted(() => Promise.reject(cause));
    await expect(put(store, 'a')).rejects.toMatchObject({
      code: 'corrupt',
      cause,
      retryable: true,
    });
    expect(body()).toBe('{"secret":');
  });

  it('stays unchanged if the function does not answer in time', async () => {
    const { store, clock, body } = await corrupted(() => new Promise(() => {}));
    const saved = put(store, 'a').catch((error: unknown) => (error as { code: unknown }).code);
    await clock.advance({ seconds: 5 });
    expect([await saved, body()]).toEqual(['timeout', '{"secret":']);
  });

  it('is deleted with everything else when its user is forgotten', async () => {
    const { store, body } = await corrupted();
    await put(store, 'a', { n: 2 });
    await store.delete('a');
    expect(body()).toBeUndefined();
  });

  it('adds to the weight of the record that keeps it', async () => {
    const disk = createDisk();
    const persister = memory(disk);
    const { store } = createBench({ persister });
    await put(store, 'a');
    const stored = disk.records.get('a');
    if (stored !== undefined) disk.records.set('a', { ...stored, body: 'x'.repeat(2 * KB) });
    const next = createBench({ persister: memory(disk), maxWeight: KB });
    await expect(put(next.store, 'a')).rejects.toMatchObject({ code: 'context_too_big' });
    expect(disk.records.get('a')?.body).toBe('x'.repeat(2 * KB));
  });

  it('is kept until some time after it would have expired', async () => {
    const disk = createDisk();
    const first = createBench({ persister: memory(disk) });
    const draft = await first.store.open('a');
    draft.setExpiry({ days: 30 });
    await draft.set('n', 1).save();
    await first.store.close();
    const stored = disk.records.get('a');
    if (stored !== undefined) disk.records.set('a', { ...stored, body: 'x' });
    const { store, clock } = createBench({ persister: memory(disk), clock: first.clock });
    await store.exists('a');
    await clock.advance({ days: 30 });
    expect(disk.records.size).toBe(1);
    await clock.advance({ days: 1 });
    expect(disk.records.size).toBe(0);
  });

  it('that opens when the store is about to replace it is read again instead', async () => {
    const disk = createDisk();
    let broken = true;
    const codec = {
      encode: jsonCodec.encode,
      decode: (text: string): unknown => {
        if (broken) throw new Error('for a moment');
        return jsonCodec.decode(text);
      },
    };
    await put(createBench({ persister: memory(disk) }).store, 'a', { n: 1 });
    const { store } = createBench({ persister: memory(disk), codec });
    await store.update('a', (context) => {
      broken = false;
      context.set('m', 2);
    });
    expect(await read(store, 'a')).toEqual({ n: 1, m: 2 });
  });

  it('is handled by a known option; any other is refused', () => {
    expect(() => createBench({ onCorrupt: 'replace' as 'keep' })).toThrow(
      expect.objectContaining({ code: 'bad_option' }),
    );
  });
});
