import { type Clock, type Duration, toMilliseconds } from '../clock.ts';
import { UsageError } from '../errors.ts';
import { atRest } from '../internal/async.ts';

/** A clock whose time passes only by `advance`. */
export interface ManualClock extends Clock {
  /**
   * Moves time on by milliseconds or a duration, stopping at every wake-up on the way: each is called at its exact
   * moment, and time moves again only when the work that it started has ended or waits for time.
   * @throws UsageError `bad_duration` for less than nothing
   */
  advance(by: number | Duration): Promise<void>;
}

interface Wake {
  readonly at: number;
  readonly callback: () => void;
}

/**
 * Time for a test: a clock that stands still until the test lets time pass.
 * @example
 * const clock = createManualClock();
 * clock.wake(clock.now() + 60_000, () => console.log('a minute later'));
 * await clock.advance({ minutes: 1 }); // → a minute later
 * @param options.now epoch ms at which it stands first; default 2026-01-01T00:00:00Z
 * @throws UsageError `bad_option` for a `now` of another kind
 */
export function createManualClock({
  now: start = Date.UTC(2026, 0, 1),
}: {
  readonly now?: number;
} = {}): ManualClock {
  if (!Number.isFinite(start)) {
    throw new UsageError(
      'bad_option',
      '`now` is a number of epoch milliseconds, as Date.UTC(2026, 0, 1) or Date.parse() gives it.',
    );
  }
  let now = start;
  const wakes = new Set<Wake>();

  const next = (until: number): Wake | undefined => {
    let first: Wake | undefined;
    for (const wake of wakes) {
      if (wake.at > until) continue;
      if (first === undefined || wake.at < first.at) first = wake;
    }
    return first;
  };
  const ring = (wake: Wake): void => {
    if (wakes.delete(wake)) wake.callback();
  };

  return {
    now: () => now,
    wake(at, callback) {
      const wake = { at, callback };
      wakes.add(wake);
      // What is due already does not wait for time to move, and is never called from within this call.
      if (at <= now) queueMicrotask(() => ring(wake));
      return () => wakes.delete(wake);
    },
    async advance(by) {
      const span = toMilliseconds(by);
      if (span < 0) throw new UsageError('bad_duration', 'Time only goes forward.');
      const until = now + span;
      await atRest();
      for (let wake = next(until); wake !== undefined; wake = next(until)) {
        now = Math.max(now, wake.at);
        ring(wake);
        await atRest();
      }
      now = Math.max(now, until);
    },
  };
}
