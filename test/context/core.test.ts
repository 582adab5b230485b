import { createContextStore } from 'colloquy';
import { createManualClock } from 'colloquy/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { atRest } from '../../src/internal/async.ts';
import { type Loose, createBench, hear, put, read } from './support.ts';

const fault = new Error('a listener of mine');

describe('a listener', () => {
  it.each<[what: string, listener: () => unknown]>([
    [
      'throws',
      () => {
        throw fault;
      },
    ],
    ['rejects', () => Promise.reject(fault)],
  ])(
    'that %s affects neither the caller nor other listeners, and is reported',
    async (_what, bad) => {
      const { store, clock } = createBench();
      const errors = hear(store, 'error');
      for (const name of ['save', 'flush', 'expire'] as const) store.on(name, bad);
      const heard = [hear(store, 'save'), hear(store, 'flush'), hear(store, 'expire')];
      await put(store, 'ann', { n: 1 });
      await store.delete('ann');
      await put(store, 'bob', { n: 1 });
      await clock.advance({ seconds: 7200 });
      await atRest();
      expect(heard.map((events) => events.length)).toEqual([2, 1, 1]);
      expect(errors).toEqual(
        Array.from({ length: 4 }, () => ({ error: fault, openid: undefined })),
      );
      expect(store.size).toBe(0);
    },
  );

  it('can be removed without an effect on others, and a second removal does nothing', async () => {
    const { store } = createBench();
    const listener = vi.fn<() => void>();
    const off = store.on('save', listener);
    store.on('save', listener);
    off();
    off();
    await put(store, 'ann');
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('may use the store', async () => {
    const { store } = createBench();
    const done: Promise<unknown>[] = [];
    store.on('save', ({ openid }) => {
      if (openid === 'ann') done.push(put(store, 'bob', { n: 2 }), store.delete('ann'));
    });
    await put(store, 'ann');
    await Promise.all(done);
    expect([await store.exists('ann'), await read(store, 'bob')]).toEqual([false, { n: 2 }]);
  });
});

describe('a fault without a listener', () => {
  afterEach(() => vi.restoreAllMocks());

  const unheard = (): {
    store: ReturnType<typeof createContextStore<Loose>>;
    warnings: unknown;
  } => {
    const warnings = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined);
    return { store: createContextStore<Loose>({ max: 10, clock: createManualClock() }), warnings };
  };

  it('becomes a process warning that does not quote it', async () => {
    const { store, warnings } = unheard();
    store.on('save', () => {
      throw new TypeError('my secret');
    });
    await put(store, 'ann');
    expect(warnings).toHaveBeenCalledExactlyOnceWith(
      expect.not.stringContaining('secret'),
      expect.objectContaining({ code: 'unheard_error' }),
    );
  });

  it.each<[what: string, listener: () => unknown]>([
    [
      'throws',
      () => {
        throw fault;
      },
    ],
    ['rejects', () => Promise.reject(fault)],
  ])(
    'of an error listener that %s becomes one, too, and causes no further fault',
    async (_what, bad) => {
      const { store, warnings } = unheard();
      store.on('error', bad);
      store.on('save', bad);
      await put(store, 'ann');
      await atRest();
      expect(warnings).toHaveBeenCalledExactlyOnceWith(
        expect.any(String),
        expect.objectContaining({ code: 'listener_threw' }),
      );
    },
  );
});
