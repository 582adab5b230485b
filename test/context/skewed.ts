import type { Clock } from 'colloquy';
import type { ManualClock } from 'colloquy/testing';

/** A clock that is wrong by `skewMs`, and can be set. */
export interface SkewedClock extends Clock {
  /** How far it is ahead. */
  skewMs: number;
}

/** A clock that runs with `clock` and shows another time. Setting it does not move its wake-ups. */
export function skewedClock(clock: ManualClock, skewMs: number): SkewedClock {
  const skewed: SkewedClock = {
    skewMs,
    now: () => clock.now() + skewed.skewMs,
    wake: (at, callback, options) => clock.wake(at - skewed.skewMs, callback, options),
  };
  return skewed;
}
