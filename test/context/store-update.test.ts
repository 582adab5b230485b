import { AsyncLocalStorage } from 'node:async_hooks';
import { ColloquyError, type ContextStore } from 'colloquy';
import { describe, expect, it } from 'vitest';
import { atRest } from '../../src/internal/async.ts';
import { type Loose, createBench, createRig, put, read } from './support.ts';

const NEVER = new Promise<never>(() => undefined);

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** The present state of a promise, without waiting for it. */
function outcome(promise: Promise<unknown>): { is: unknown } {
  const state: { is: unknown } = { is: 'open' };
  promise.then(
    () => (state.is = 'done'),
    (error: unknown) => (state.is = ColloquyError.is(error) ? error.code : error),
  );
  return state;
}

const increment = (store: ContextStore<Loose>, openid: string): Promise<number> =>
  store.update(openid, async (context) => {
    const n = context.get('n', 0) as number;
    await atRest();
    context.set('n', n + 1);
    return n + 1;
  });

describe.each([
  ['in memory alone', () => createBench()],
  ['over a persister', () => createBench({ persister: createRig().persister })],
])('updates %s', (_where, create) => {
  it('of one openid run in order and never interleave', async () => {
    const { store } = create();
    const results = await Promise.all(Array.from({ length: 20 }, () => increment(store, 'ann')));
    expect(results).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    expect(await read(store, 'ann')).toEqual({ n: 20 });
  });

  it('of two openids do not wait for each other', async () => {
    const { store } = create();
    const { opened, open } = gate();
    const ann = outcome(store.update('ann', () => opened));
    await increment(store, 'bob');
    expect([ann.is, await read(store, 'bob')]).toEqual(['open', { n: 1 }]);
    open();
    await atRest();
    expect(ann.is).toBe('done');
  });

  it.each<[what: string, change: () => unknown]>([
    [
      'throws',
      () => {
        throw new RangeError('no');
      },
    ],
    ['rejects', () => Promise.reject(new RangeError('no'))],
  ])('that %s save nothing, and the next one runs', async (_what, fail) => {
    const { store } = create();
    await put(store, 'ann', { n: 1 });
    const failing = store.update('ann', (context) => {
      context.set('n', 9).setExpiry(5);
      return fail();
    });
    const next = increment(store, 'ann');
    await expect(failing).rejects.toBeInstanceOf(RangeError);
    expect(await next).toBe(2);
    expect((await store.open('ann')).getExpiryAge()).toBe(7200);
  });

  it('return what the change returned', async () => {
    const { store } = create();
    expect(await store.update('ann', () => 'x')).toBe('x');
  });

  it('run again on the new state if another draft saves in between', async () => {
    const { store } = create();
    await put(store, 'ann', { n: 1 });
    let runs = 0;
    await store.update('ann', async (context) => {
      runs += 1;
      if (runs === 1) await put(store, 'ann', { n: 10 });
      context.set('n', (context.get('n') as number) + 1);
    });
    expect([runs, await read(store, 'ann')]).toEqual([2, { n: 11 }]);
  });

  it('give up if another draft saves in between every time', async () => {
    const { store } = create();
    let runs = 0;
    const losing = store.update('ann', async () => {
      runs += 1;
      await put(store, 'ann', { n: runs });
    });
    await expect(losing).rejects.toMatchObject({ code: 'conflict' });
    expect([runs, await read(store, 'ann')]).toEqual([10, { n: 10 }]);
  });

  it('that flush leave nothing behind, unless they write again', async () => {
    const { store } = create();
    await put(store, 'ann');
    await store.update('ann', (context) => context.flush());
    expect(await store.exists('ann')).toBe(false);
    await store.update('ann', async (context) => {
      await context.flush();
      context.set('n', 1);
    });
    expect(await read(store, 'ann')).toEqual({ n: 1 });
  });

  it('inside an update of the same openid are refused at once, and nothing is saved', async () => {
    const { store } = create();
    const outer = store.update('ann', async (context) => {
      context.set('outer', true);
      await store.update('ann', (inner) => void inner.set('inner', true));
    });
    const state = outcome(outer);
    await atRest();
    await atRest();
    expect(state.is).toBe('would_deadlock');
    expect(await read(store, 'ann')).toEqual({});
  });

  it('inside an update of the same openid, made in an async context of another caller, time out rather than hang forever', async () => {
    const { store, clock } = create();
    const elsewhere = AsyncLocalStorage.snapshot();
    const outer = store.update('ann', async (context) => {
      context.set('outer', true);
      await elsewhere(() => store.update('ann', (inner) => void inner.set('inner', true)));
    });
    const state = outcome(outer);
    await clock.advance(9_999);
    expect(state.is).toBe('open');
    await clock.advance(1);
    expect(state.is).toBe('update_timeout');
    expect(await read(store, 'ann')).toEqual({ inner: true });
  });

  it('that hang free the lane after their timeout', async () => {
    const { store, clock } = create();
    const hung = outcome(store.update('ann', () => NEVER));
    const next = increment(store, 'ann');
    await clock.advance({ seconds: 10 });
    expect([hung.is, await next]).toEqual(['update_timeout', 1]);
  });

  it('have their whole timeout from their start, even after a long wait', async () => {
    const { store, clock } = create();
    const states = [1, 2].map(() => outcome(store.update('ann', () => NEVER)));
    await clock.advance({ seconds: 10 });
    expect(states.map(({ is }) => is)).toEqual(['update_timeout', 'open']);
    await clock.advance({ seconds: 10 });
    expect(states.map(({ is }) => is)).toEqual(['update_timeout', 'update_timeout']);
  });

  it('that timed out can neither save nor flush', async () => {
    const { store, clock } = create();
    await put(store, 'ann', { n: 1 });
    const { opened, open } = gate();
    const late: unknown[] = [];
    const given = outcome(
      store.update('ann', async (context) => {
        await opened;
        context.set('n', 9);
        for (const act of [() => context.save(), () => context.flush()]) {
          late.push(await act().catch((error: unknown) => (error as ColloquyError).code));
        }
      }),
    );
    await clock.advance({ seconds: 10 });
    open();
    await atRest();
    expect([given.is, late]).toEqual(['update_timeout', ['update_timeout', 'update_timeout']]);
    expect(await read(store, 'ann')).toEqual({ n: 1 });
  });

  it('leave no wake-up and no lane behind', async () => {
    const { store, core } = create();
    await increment(store, 'ann');
    await store.update('ann', () => Promise.reject(new Error('no'))).catch(() => undefined);
    await atRest();
    expect(core.lanes.busy).toBe(0);
  });

  it('are refused if a thousand wait already', async () => {
    const { store } = create();
    const { opened, open } = gate();
    const first = store.update('ann', () => opened);
    const waiting = Array.from({ length: 1000 }, () => store.update('ann', () => undefined));
    await expect(store.update('ann', () => undefined)).rejects.toMatchObject({
      code: 'lane_full',
      retryable: true,
      openid: 'ann',
    });
    expect(await increment(store, 'bob')).toBe(1);
    open();
    await Promise.all([first, ...waiting]);
  });
});

describe('an update that times out during its save', () => {
  it('succeeds if the persister saves it', async () => {
    const rig = createRig();
    const { store, clock } = createBench({
      persister: rig.persister,
      updateTimeoutMs: 100,
    });
    const release = rig.hold('save');
    const state = outcome(store.update('ann', (context) => void context.set('n', 1)));
    await clock.advance(200);
    await release();
    expect([state.is, await read(store, 'ann')]).toEqual(['done', { n: 1 }]);
  });

  it('fails if it had more to do, and keeps what it saved in time', async () => {
    const rig = createRig();
    const { store, clock } = createBench({ persister: rig.persister, updateTimeoutMs: 100 });
    const release = rig.hold('save');
    const state = outcome(
      store.update('ann', async (context) => {
        await context.set('n', 1).save();
        await context.set('n', 2).save();
      }),
    );
    await clock.advance(200);
    expect(state.is).toBe('update_timeout');
    await release();
    expect(await read(store, 'ann')).toEqual({ n: 1 });
  });
});
