import { execFile } from 'node:child_process';
import { UsageError, systemClock } from 'colloquy';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { toMilliseconds } from '../src/clock.ts';
import { bundle } from './support/bundle.ts';

describe('a duration', () => {
  it.each<[what: string, duration: Parameters<typeof toMilliseconds>[0], ms: number]>([
    ['a number of milliseconds', 1500, 1500],
    ['nothing', 0, 0],
    ['milliseconds', { milliseconds: 5 }, 5],
    ['seconds', { seconds: 1.5 }, 1500],
    ['minutes', { minutes: 2 }, 120_000],
    ['hours', { hours: 1 }, 3_600_000],
    ['days', { days: 1 }, 86_400_000],
    ['weeks', { weeks: 1 }, 604_800_000],
    ['parts that add up', { days: 1, hours: -1, seconds: 1 }, 82_801_000],
  ])('of %s is understood', (_what, duration, ms) => {
    expect(toMilliseconds(duration)).toBe(ms);
  });

  it.each<[what: string, duration: unknown]>([
    ['NaN', Number.NaN],
    ['an infinite number', Infinity],
    ['an object without parts', {}],
    ['an unknown unit', { fortnights: 1 }],
    ['a unit of Object.prototype', { constructor: 1 }],
    ['a part that is a string', { minutes: '5' }],
    ['a part that is undefined', { minutes: undefined }],
    ['an infinite part', { minutes: Infinity }],
    ['parts beyond all numbers', { weeks: 1e308 }],
    ['a date', new Date(0)],
    ['a list', [5]],
    ['a string', '5 minutes'],
    ['null', null],
    ['undefined', undefined],
  ])('of %s is refused', (_what, duration) => {
    const act = (): number => toMilliseconds(duration as number);
    expect(act).toThrow(UsageError);
    expect(act).toThrow(expect.objectContaining({ code: 'bad_duration' }));
  });
});

describe('the system clock', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it.each([
    ['a moment', {}, 0],
    ['a span', { isSpan: true }, 1],
  ])('waits for %s where the clock on the wall is set back', (_what, options, calls) => {
    const wake = vi.fn<() => void>();
    const now = systemClock.now();
    systemClock.wake(now + 60_000, wake, options);
    vi.advanceTimersByTime(30_000);
    vi.setSystemTime(now - 3_600_000);
    vi.advanceTimersByTime(29_999);
    expect(wake).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(wake).toHaveBeenCalledTimes(calls);
    vi.advanceTimersByTime(3_700_000);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it('calls back once at its moment, never during the call of wake', () => {
    const wake = vi.fn<() => void>();
    systemClock.wake(systemClock.now() + 1000, wake);
    systemClock.wake(systemClock.now() - 1, wake);
    expect(wake).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(wake).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(998);
    expect(wake).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    expect(wake).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(100_000);
    expect(wake).toHaveBeenCalledTimes(2);
  });

  it('waits for any length of time, even longer than a timer of Node.js can', () => {
    const wake = vi.fn<() => void>();
    const longest = 2 ** 31 - 1;
    const at = systemClock.now() + 3 * longest + 5;
    systemClock.wake(at, wake);
    systemClock.wake(Infinity, wake);
    for (let part = 0; part < 3; part += 1) {
      vi.advanceTimersByTime(longest);
      expect(wake).not.toHaveBeenCalled();
    }
    vi.advanceTimersByTime(4);
    expect(wake).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it('continues to wait when the clock on the wall is put back', () => {
    const wake = vi.fn<() => void>();
    const start = systemClock.now();
    systemClock.wake(start + 1000, wake);
    vi.advanceTimersByTime(500);
    vi.setSystemTime(start);
    vi.advanceTimersByTime(500);
    expect(wake).not.toHaveBeenCalled();
    vi.advanceTimersByTime(500);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['a second', 1000, 5000],
    ['half an hour', 1_800_000, 5000],
    ['two hours', 7_200_000, 60_000],
    ['ninety days', 90 * 86_400_000, 60_000],
  ])('calls back soon when the clock on the wall goes %s ahead', (_much, jumpMs, withinMs) => {
    const wake = vi.fn<() => void>();
    const start = systemClock.now();
    systemClock.wake(start + 60_000 + jumpMs, wake);
    vi.advanceTimersByTime(1000);
    vi.setSystemTime(start + 1000 + jumpMs);
    vi.advanceTimersByTime(58_999);
    expect(wake).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1 + withinMs);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it('calls back at once, after its part, when the clock has passed the moment', () => {
    const wake = vi.fn<() => void>();
    const start = systemClock.now();
    systemClock.wake(start + 6000, wake);
    vi.advanceTimersByTime(1000);
    vi.setSystemTime(start + 3_601_000);
    vi.advanceTimersByTime(4000);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it('waits and cancels where a timer is a number, as on Workers and in browsers', () => {
    const { setTimeout: real } = globalThis;
    vi.stubGlobal('setTimeout', (callback: () => void, ms: number) => Number(real(callback, ms)));
    try {
      const mock = vi.fn<() => void>;
      const [wake, held, cancelled] = [mock(), mock(), mock()];
      systemClock.wake(systemClock.now() + 1000, wake);
      systemClock.wake(systemClock.now() + 1000, held, { holdsProcess: true });
      systemClock.wake(systemClock.now() + 1000, cancelled)();
      vi.advanceTimersByTime(1000);
      expect([wake, held, cancelled].map(({ mock }) => mock.calls.length)).toEqual([1, 1, 0]);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('does not call back after a cancel, even after a first long wait; a second cancel does nothing', () => {
    const wake = vi.fn<() => void>();
    const cancel = systemClock.wake(systemClock.now() + 2 ** 32, wake);
    vi.advanceTimersByTime(2 ** 31);
    cancel();
    cancel();
    vi.advanceTimersByTime(2 ** 33);
    expect([wake.mock.calls.length, vi.getTimerCount()]).toEqual([0, 0]);
  });
});

describe('a finished script', async () => {
  const SCRIPT = 'test/testing/fixtures/finished-script.ts';
  const pathOf = await bundle(SCRIPT);

  it.each(['saves', 'waits', 'closes'])(
    'exits by itself when it %s',
    async (what) => {
      const printed = await new Promise<string>((resolve, reject) => {
        execFile(process.execPath, [pathOf(SCRIPT), what], { timeout: 20_000 }, (error, stdout) =>
          error ? reject(error) : resolve(stdout),
        );
      });
      expect(printed).toBe('done\n');
    },
    30_000,
  );
});
