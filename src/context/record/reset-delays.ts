import type { Timer } from './record.ts';
import { type Delay, delayKey, delayWithin } from '../../dialogue/engine/delays.ts';
import { StepError } from '../../errors.ts';

/** The delays of a conversation whose dialogue has changed. */
export interface ChangedDelays {
  /** The delays of the states that it is in now. */
  readonly delays: readonly Delay[];
  /** Its timers for which a state still has a delay. */
  readonly kept: readonly Timer[];
  /** Its other timers. */
  readonly gone: readonly Timer[];
  /** Keys of the delays that its states had when it was stored; undefined for a record that does not hold them. */
  readonly before: ReadonlySet<string> | undefined;
  /** Epoch ms of its last commit. */
  readonly savedAt: number;
  readonly now: number;
}

/**
 * Sets timers for the delays that a deploy has changed or added to the states of a conversation. A new timer counts from
 * when the state was entered if another timer of the state tells that time, and otherwise from now. A timer that is past
 * fires at once, like any late timer.
 *
 * A delay that the state had before and that is not pending has fired, and does not fire again. If a delay of the state
 * has fired and another is still to come, a new one that is past is not set: it would be a second reminder.
 * @returns the new timers, and the old timers that they replace
 * @throws StepError `bad_delay`, or what a user's function for a delay throws
 */
export function resetDelays(changed: ChangedDelays): {
  readonly set: readonly Timer[];
  readonly replaced: readonly Timer[];
} {
  const states = new Map<string, Delay[]>();
  for (const delay of changed.delays) {
    const key = delayKey({ actor: delay.actor, id: delay.state });
    states.set(key, [...(states.get(key) ?? []), delay]);
  }
  const results = [...states.values()].map((delays) => resetState(delays, changed));
  return {
    set: results.flatMap(({ set }) => set),
    replaced: results.flatMap(({ replaced }) => replaced),
  };
}

function resetState(
  delays: readonly Delay[],
  { kept, gone, before, savedAt, now }: ChangedDelays,
): { readonly set: readonly Timer[]; readonly replaced: readonly Timer[] } {
  const [{ actor, state } = { actor: '', state: '' }] = delays;
  const isOfState = (timer: Timer): boolean =>
    timer.actor === actor && delayWithin(timer.id, state) !== undefined;
  const left = kept.filter(isOfState);
  const replaceable = gone.filter(isOfState).toSorted((a, b) => a.dueAt - b.dueAt);
  const enteredAt = [...left, ...replaceable]
    .map(({ id, dueAt }) => dueAt - Number(delayWithin(id, state)))
    .find((time) => Number.isFinite(time));
  const missing = delays
    .filter(({ id }) => !left.some((timer) => timer.id === id))
    .filter((delay) => before?.has(delayKey(delay)) !== true)
    .map(({ id, milliseconds }): Timer => {
      const dueAt = (enteredAt ?? now) + spanOf(id, milliseconds());
      return { actor, id, event: { type: id }, dueAt };
    });
  // The record does not hold the delays that its states had: what was due by its last commit has fired.
  const fresh =
    before === undefined && replaceable.length === 0
      ? missing.filter(({ dueAt }) => enteredAt === undefined || dueAt > savedAt)
      : missing;
  const hasFired = [...(before ?? [])].some((key) => {
    const id = key.slice(actor.length + 1);
    const isPending = [...left, ...replaceable].some((timer) => timer.id === id);
    return key.startsWith(`${actor}:`) && delayWithin(id, state) !== undefined && !isPending;
  });
  const isToCome = [...left, ...fresh].some(({ dueAt }) => dueAt > now);
  const set = hasFired && isToCome ? fresh.filter(({ dueAt }) => dueAt > now) : fresh;
  return { set, replaced: replaceable.slice(0, set.length) };
}

function spanOf(id: string, milliseconds: unknown): number {
  if (typeof milliseconds === 'number' && Number.isFinite(milliseconds)) {
    return Math.max(milliseconds, 0);
  }
  throw new StepError(
    'bad_delay',
    `A delay is a finite number of milliseconds; that of '${id}' was not, so it was not set again.`,
  );
}
