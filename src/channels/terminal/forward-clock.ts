import {
  type Cancel,
  type Clock,
  type Duration,
  systemClock,
  toMilliseconds,
} from '../../clock.ts';
import { UsageError } from '../../errors.ts';
import { atRest } from '../../internal/async.ts';

/** A clock that can be put forward. */
export interface ForwardClock extends Clock {
  /**
   * Moves time on by milliseconds or a duration, stopping at every wake-up on the way; what each sets off is let come
   * to rest before time moves again.
   * @throws UsageError `bad_duration` for less than nothing
   */
  advance(by: number | Duration): Promise<void>;
}

interface Wake {
  readonly at: number;
  /** Ends the wait on the clock beneath. */
  cancel: Cancel;
  /** Begins it, from as far as the clock beneath is away now. */
  arm(): void;
  ring(): void;
}

/**
 * The clock on the wall, ahead by as much as it was put forward: for trying out a dialogue by hand, whose reminders
 * are hours away. It is for one process only: timers that others keep know nothing of it.
 * @param clock what it goes with
 */
export function createForwardClock(clock: Clock = systemClock): ForwardClock {
  let ahead = 0;
  const wakes = new Set<Wake>();

  return {
    now: () => clock.now() + ahead,
    wake(at, callback, options) {
      const wake: Wake = {
        at,
        cancel: () => {},
        arm() {
          wake.cancel = clock.wake(at - ahead, wake.ring, options);
        },
        ring() {
          if (wakes.delete(wake)) callback();
        },
      };
      wakes.add(wake);
      wake.arm();
      return () => {
        wakes.delete(wake);
        wake.cancel();
      };
    },
    async advance(by) {
      const span = toMilliseconds(by);
      if (span < 0) throw new UsageError('bad_duration', 'Time only goes forward.');
      const until = clock.now() + ahead + span;
      const first = (): Wake | undefined =>
        [...wakes].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      for (let next = first(); next !== undefined; next = first()) {
        ahead += Math.max(0, next.at - (clock.now() + ahead));
        next.cancel();
        next.ring();
        await atRest();
      }
      ahead += Math.max(0, until - (clock.now() + ahead));
      for (const wake of wakes) {
        wake.cancel();
        wake.arm();
      }
    },
  };
}
