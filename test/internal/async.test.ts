import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { Barrier, backoff, sleep, untilAborted, withDeadline } from '../../src/internal/async.ts';
import { createManualClock } from '../../src/testing/clock.ts';

const clock = createManualClock();
const never = new Promise<never>(() => {});

/** What has become of a promise by now. */
async function stateOf(promise: Promise<unknown>): Promise<unknown> {
  let state: unknown = 'pending';
  promise.then(
    (value) => (state = { value }),
    (error: unknown) => (state = { error }),
  );
  await clock.advance(0);
  return state;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('sleep', () => {
  it('resolves when the time has passed, not before', async () => {
    const slept = sleep(clock, 100);
    await clock.advance(99);
    expect(await stateOf(slept)).toBe('pending');
    await clock.advance(1);
    expect(await stateOf(slept)).toEqual({ value: undefined });
  });

  it('rejects with the reason of a signal that is aborted, and takes its timer back', async () => {
    const abort = new AbortController();
    const reason = new Error('stop');
    const cancel = vi.fn();
    vi.spyOn(clock, 'wake').mockReturnValue(cancel);
    const slept = sleep(clock, 100, abort.signal);
    abort.abort(reason);
    await expect(slept).rejects.toBe(reason);
    expect(cancel).toHaveBeenCalledOnce();
    await expect(sleep(clock, 100, abort.signal)).rejects.toBe(reason);
  });

  it('leaves no listener on the signal', async () => {
    const { signal } = new AbortController();
    const slept = sleep(clock, 5, signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await clock.advance(5);
    await slept;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('keeps the process alive', async () => {
    const wake = vi.spyOn(clock, 'wake');
    const slept = sleep(clock, 1);
    await clock.advance(1);
    await slept;
    expect(wake).toHaveBeenCalledWith(clock.now(), expect.any(Function), { holdsProcess: true });
  });
});

describe('withDeadline', () => {
  const inTime = { clock, onPass: () => 'late' };

  it('gives the result of work that ends in time, and takes its timer back', async () => {
    const cancel = vi.fn();
    vi.spyOn(clock, 'wake').mockReturnValue(cancel);
    const at = clock.now() + 10;
    await expect(withDeadline(Promise.resolve('done'), { ...inTime, at })).resolves.toBe('done');
    const error = new Error('failed');
    await expect(withDeadline(Promise.reject(error), { ...inTime, at })).rejects.toBe(error);
    expect(cancel).toHaveBeenCalledTimes(2);
  });

  it('gives what its caller chooses at the deadline', async () => {
    const limited = withDeadline(never, { ...inTime, at: clock.now() + 10 });
    await clock.advance(9);
    expect(await stateOf(limited)).toBe('pending');
    await clock.advance(1);
    await expect(limited).resolves.toBe('late');
  });

  it('throws what its caller throws at the deadline', async () => {
    const error = new Error('late');
    const onPass = (): never => {
      throw error;
    };
    const limited = withDeadline(never, { clock, at: clock.now() + 10, onPass });
    const state = stateOf(limited);
    await clock.advance(10);
    await state;
    await expect(limited).rejects.toBe(error);
  });

  it('continues to wait if its caller returns the work', async () => {
    const work = sleep(clock, 20).then(() => 'done');
    const limited = withDeadline(work, { clock, at: clock.now() + 10, onPass: () => work });
    await clock.advance(10);
    expect(await stateOf(limited)).toBe('pending');
    await clock.advance(10);
    await expect(limited).resolves.toBe('done');
  });

  it('drops what the work throws after the deadline', async () => {
    const work = sleep(clock, 20).then(() => Promise.reject(new Error('dropped')));
    const limited = withDeadline<unknown>(work, { ...inTime, at: clock.now() + 10 });
    await clock.advance(30);
    await expect(limited).resolves.toBe('late');
  });

  it('keeps the process alive unless it is asked not to', async () => {
    const wake = vi.spyOn(systemClock, 'wake');
    const options = { clock: systemClock, at: systemClock.now() + 60_000, onPass: () => 'late' };
    await withDeadline(Promise.resolve('done'), options);
    await withDeadline(Promise.resolve('done'), { ...options, holdsProcess: false });
    expect(wake.mock.calls.map((call) => call[2])).toEqual([
      { holdsProcess: true },
      { holdsProcess: false },
    ]);
  });
});

describe('untilAborted', () => {
  it('gives the result of the work, and leaves no listener on the signal', async () => {
    const { signal } = new AbortController();
    await expect(untilAborted(Promise.resolve('done'), signal)).resolves.toBe('done');
    await expect(untilAborted(Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
    await clock.advance(0);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('throws the reason of the signal, also if it was aborted before', async () => {
    const abort = new AbortController();
    const reason = new Error('stop');
    const waiting = untilAborted(never, abort.signal);
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(untilAborted(never, abort.signal)).rejects.toBe(reason);
  });
});

describe('a barrier', () => {
  it('lets a caller pass at once where the condition is true', async () => {
    await expect(new Barrier().until(() => true)).resolves.toBe(true);
  });

  it('releases exactly the callers whose condition is true, in their order', async () => {
    const barrier = new Barrier();
    const open = new Set<string>();
    const released: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      void barrier.until(() => open.has(name)).then(() => released.push(name));
    }
    open.add('c').add('a');
    await clock.advance(0);
    expect(released).toEqual([]);
    barrier.check();
    await clock.advance(0);
    expect(released).toEqual(['a', 'c']);
    open.add('b');
    barrier.check();
    await clock.advance(0);
    expect(released).toEqual(['a', 'c', 'b']);
  });

  it('continues to hold a caller if the condition is false again by the time it could continue', async () => {
    const barrier = new Barrier();
    let isOpen = false;
    const waiting = barrier.until(() => isOpen);
    isOpen = true;
    barrier.check();
    isOpen = false;
    expect(await stateOf(waiting)).toBe('pending');
    isOpen = true;
    barrier.check();
    await expect(waiting).resolves.toBe(true);
  });

  it('says at a deadline that the condition is not true, and forgets the caller', async () => {
    const barrier = new Barrier();
    const isOpen = vi.fn(() => false);
    const waiting = barrier.until(isOpen, { clock, at: clock.now() + 10 });
    await clock.advance(10);
    await expect(waiting).resolves.toBe(false);
    isOpen.mockClear();
    barrier.check();
    expect(isOpen).not.toHaveBeenCalled();
  });

  it('takes the timer of a deadline back when the condition is true', async () => {
    const cancel = vi.fn();
    vi.spyOn(clock, 'wake').mockReturnValue(cancel);
    const barrier = new Barrier();
    let isOpen = false;
    const waiting = barrier.until(() => isOpen, { clock, at: clock.now() + 10 });
    isOpen = true;
    barrier.check();
    await expect(waiting).resolves.toBe(true);
    expect(cancel).toHaveBeenCalledOnce();
  });
});

describe('backoff', () => {
  it('doubles from attempt to attempt, up to the longest pause', () => {
    const pauseMs = backoff({ firstMs: 5, longestMs: 30 });
    expect([0, 1, 2, 3, 4, 5000].map(pauseMs)).toEqual([5, 10, 20, 30, 30, 30]);
  });
});
