import { clone } from '../../internal/plain-data.ts';
import { settled } from './settled.ts';

interface GuardArgs {
  readonly context: object;
}

/** The copies that guards look at, by the context that each copies. All guards of a step share one. */
const copies = new WeakMap<object, object>();

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
  if (Object.isFrozen(context)) return args;
  let copy = copies.get(context);
  if (copy === undefined) copies.set(context, (copy = clone(context)));
  return { ...args, context: copy };
}
