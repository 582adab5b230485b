import { UsageError } from './errors.ts';

/** Takes back a wake-up. Calling it twice, or after the wake-up, does nothing. */
export type Cancel = () => void;

/** How a clock keeps what it wakes. */
export interface WakeOptions {
  /**
   * Whether the process stays alive until then. Only something that a caller is waiting for right now may ask for it;
   * everything else lets a finished script exit.
   */
  readonly holdsProcess?: boolean;
  /**
   * Whether the wait is over after the time that there was between now and its moment, even if a clock that was set back has not
   * reached the moment: for what happens every minute. A clock that is never set may ignore it.
   */
  readonly isSpan?: boolean;
}

/** The only source of time. Every part takes one, so a test can give all of them its own clock. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Calls `callback` once, as soon as `now() >= at`, never before (unless `isSpan`) and never from within this call. */
  wake(at: number, callback: () => void, options?: WakeOptions): Cancel;
}

/** A span of time in parts that add up: `{ hours: 1, minutes: 30 }`. */
export interface Duration {
  /** Of seven days each. */
  readonly weeks?: number;
  /** Of 24 hours each, also where a clock on the wall is changed. */
  readonly days?: number;
  /** Of 60 minutes each. */
  readonly hours?: number;
  /** Of 60 seconds each. */
  readonly minutes?: number;
  /** Of 1000 milliseconds each. */
  readonly seconds?: number;
  /** The unit in which the library counts. */
  readonly milliseconds?: number;
}

const UNITS: Readonly<Record<keyof Duration, number>> = {
  weeks: 7 * 24 * 3_600_000,
  days: 24 * 3_600_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1000,
  milliseconds: 1,
};

/**
 * Milliseconds of a duration, or of a number of milliseconds.
 * @throws UsageError `bad_duration` for an unknown unit, or a part that is not a finite number.
 */
export function toMilliseconds(duration: number | Duration): number {
  if (typeof duration === 'number') {
    if (Number.isFinite(duration)) return duration;
  } else if (typeof duration === 'object' && duration !== null) {
    const parts = Object.entries(duration) as [string, unknown][];
    let total = 0;
    for (const [unit, amount] of parts) {
      if (!Object.hasOwn(UNITS, unit) || typeof amount !== 'number' || !Number.isFinite(amount)) {
        total = Number.NaN;
        break;
      }
      total += amount * UNITS[unit as keyof Duration];
    }
    if (parts.length > 0 && Number.isFinite(total)) return total;
  }
  throw new UsageError(
    'bad_duration',
    `A duration is a finite number of milliseconds, or an object of finite numbers under ${Object.keys(UNITS).join(', ')}.`,
  );
}

/**
 * A wait is cut into parts, after each of which it looks at the clock: a timer of the runtime does not notice that the clock
 * on the wall was set ahead, or that the computer slept. These are the longest parts of a wait of under an hour, and of a
 * longer one. A timer of Node.js that waits for over 24 days fires at once (https://nodejs.org/api/timers.html).
 */
const SHORT_PART_MS = 5000;
const LONG_PART_MS = 60_000;
const HOUR_MS = 3_600_000;

/**
 * The clock on the wall. A wait may have any length, and none keeps a finished process alive unless its caller asks for that.
 * After the clock was set ahead, a wake-up that is due comes within five seconds, or within a minute if it was over an hour
 * away.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  wake(at, callback, options) {
    let timeout: ReturnType<typeof setTimeout>;
    const { isSpan = false } = options ?? {};
    const endsAt = isSpan ? performance.now() + at - Date.now() : Number.POSITIVE_INFINITY;
    const left = (): number =>
      isSpan ? Math.min(at - Date.now(), endsAt - performance.now()) : at - Date.now();
    const arm = (): void => {
      const delay = left();
      timeout = setTimeout(
        () => (left() > 0 ? arm() : callback()),
        Math.min(Math.max(delay, 0), delay < HOUR_MS ? SHORT_PART_MS : LONG_PART_MS),
      );
      if (!options?.holdsProcess) release(timeout);
    };
    arm();
    return () => clearTimeout(timeout);
  },
};

/** Lets the process end before a timer fires. A timer of a browser or of Workers is a number, and holds no process. */
function release(timeout: { unref?(): unknown } | number): void {
  if (typeof timeout === 'object') timeout.unref?.();
}
