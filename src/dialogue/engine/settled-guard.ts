import { clone } from '../../internal/plain-data.ts';
import { currentStep } from '../text/current-step.ts';
import { settled } from './settled.ts';

interface GuardArgs {
  readonly context: object;
}

/**
 * The same guard, but a promise that it returns is an error, and it cannot change the context. A guard that is only a name
 * stays as it is, as does `stateIn`. Of a guard that combines others, those others are changed in this way.
 */
export function settledGuard<Guard>(guard: Guard): Guard {
  if (typeof guard !== 'function') return guard;
  if ('check' in guard) {
    const { guards } = guard as { readonly guards?: readonly unknown[] };
    const combined = guard as unknown as (...args: unknown[]) => unknown;
    const copy = (...args: unknown[]): unknown => combined(...args);
    return guards === undefined
      ? guard
      : (Object.assign(copy, guard, { guards: guards.map(settledGuard) }) as unknown as Guard);
  }
  const asked = guard as (args: unknown, params: unknown) => unknown;
  const decide = (args: GuardArgs, params: unknown): unknown =>
    settled(asked(looking(args), params), 'A guard');
  return Object.assign(Object.defineProperty(decide, 'name', { value: guard.name }), guard);
}

/**
 * The arguments of a guard with a context that it may not change. A committed context is frozen, unless it holds a `Date`, a
 * `Map` or a `Set`; one that a step has just made is not.
 */
function looking(args: GuardArgs): GuardArgs {
  const { context } = args;
  const step = currentStep();
  let shown = step?.looked?.context === context ? step.looked.shown : undefined;
  if (shown === undefined) {
    shown = Object.isFrozen(context) ? context : clone(context);
    // The guards of a step share one copy. To ask whether an object is frozen takes as long as a short guard.
    if (step !== undefined) step.looked = { context, shown };
  }
  return shown === context ? args : { ...args, context: shown };
}
