import { systemClock } from '../../clock.ts';

/** The moment of the step that is being taken. A step is synchronous, so it holds within one call. */
let moment: number | undefined;

/**
 * The time of the step that is being taken, in epoch milliseconds, by the clock of the runner: in guards, assigns,
 * delays, replies and actions of a dialogue, where `Date.now()` would be the time of the machine it happens to run on, in
 * a test too. A delay until a moment is `({ context }) => context.day.getTime() - now()`.
 *
 * Outside of a step, as in a service, it is the time on the wall.
 */
export function now(): number {
  return moment ?? systemClock.now();
}

/** Says what time it is until it is called again. @returns what to call it with then */
export function setMoment(at: number | undefined): number | undefined {
  const before = moment;
  moment = at;
  return before;
}

/** What `work` comes to at a moment. */
export function at<Result>(when: number | undefined, work: () => Result): Result {
  const before = setMoment(when);
  try {
    return work();
  } finally {
    setMoment(before);
  }
}
