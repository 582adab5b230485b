import type { AnyStateMachine } from 'xstate';
import type { StateDescription, TransitionDescription } from '../../dialogue/engine/description.ts';
import { eventLabel } from '../../dialogue/engine/event-label.ts';
import { guardLabel } from '../../dialogue/engine/guard-label.ts';
import type { WatchedStep } from '../../dialogue/engine/inspection.ts';
import { transitionKey } from '../../testing/coverage/items.ts';
import type { TracedStep } from '../wire.ts';

/** The transitions of one turn that are kept; a dialogue that goes in circles takes thousands. */
export const LONGEST_WAY = 500;

/**
 * The transitions that one step looked at, in the order in which it did: each that was taken behind the guards that were
 * asked before it.
 */
export function wayOf(
  { taken, guards }: WatchedStep,
  dialogue: AnyStateMachine,
  boxOf: (state: StateDescription) => string | undefined,
): readonly TracedStep[] {
  const trace = (
    transition: TransitionDescription,
    holds?: boolean,
    isTaken = false,
  ): TracedStep => ({
    from: boxOf(transition.source) ?? '',
    transition: transitionKey(transition),
    event: eventLabel(transition.event, dialogue),
    isTaken,
    ...(holds !== undefined && {
      guard: { name: guardLabel(transition.guard) || (transition.description ?? ''), holds },
    }),
  });
  const way: TracedStep[] = [];
  let next = 0;
  for (const transition of taken) {
    const own = guards.findIndex(
      (guard, index) => index >= next && guard.held && guard.transition === transition,
    );
    // Of a transition without a guard, those before it are the ones that did not hold.
    const end = own >= 0 ? own : firstHeld(guards, next);
    for (const { transition: asked, held } of guards.slice(next, end)) way.push(trace(asked, held));
    way.push(trace(transition, own >= 0 ? true : undefined, true));
    next = own >= 0 ? own + 1 : end;
  }
  for (const { transition, held } of guards.slice(next)) way.push(trace(transition, held));
  return way.slice(0, LONGEST_WAY);
}

function firstHeld(guards: WatchedStep['guards'], from: number): number {
  const found = guards.findIndex(({ held }, index) => index >= from && held);
  return found < 0 ? guards.length : found;
}
