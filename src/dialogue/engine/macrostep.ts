import type { AnyActorScope } from 'xstate';
import type { Snapshot } from './child-ref.ts';
import { type CollectingScope, activeScope, enterScope, leaveScope } from './collecting-scope.ts';
import type { CollectedAction } from './collected-action.ts';
import { spyOnGuards, watchedStep } from './inspection.ts';
import { Entering, type Logic } from './stepped-machine.ts';

/**
 * One macrostep of one XState machine as a pure function: no actor is started, nothing is sent, no action runs.
 *
 * `machine.transition()` is called with an `ActorScope` of our own that collects what XState would do. Contract tests,
 * run on the oldest and the newest 5.x allowed, fix what this relies on.
 */

export interface Macrostep {
  readonly snapshot: Snapshot;
  /** Whether any state took the event. */
  readonly taken: boolean;
  /** What XState would have done, in order. */
  readonly collected: readonly CollectedAction[];
}

/**
 * Enters the initial state of a machine.
 * @param context goes over the machine's own initial context
 */
export function enter(
  logic: Logic,
  input: unknown,
  context: object | undefined,
  hasParent: boolean,
): Macrostep {
  const outer = activeScope();
  const scope = enterScope(undefined, hasParent);
  scope.seed = context;
  if (logic.watchers.size > 0) watch(scope, logic);
  try {
    const snapshot = logic.machine.getInitialSnapshot(scope as unknown as AnyActorScope, input);
    if (snapshot.status === 'error') throw snapshot.error;
    if (scope.microsteps !== undefined) report(scope, logic, snapshot);
    return { snapshot, taken: true, collected: scope.collected };
  } catch (error) {
    throw scope.trail.errorOf(error, logic.machine.id);
  } finally {
    leaveScope(scope, outer);
  }
}

/** Takes one event. Throws what the guards and expressions of the machine throw. */
export function macrostep(
  logic: Logic,
  snapshot: Snapshot,
  event: { readonly type: string },
  hasParent: boolean,
): Macrostep {
  const outer = activeScope();
  const scope = enterScope(snapshot, hasParent);
  scope.event = event;
  const isResuming = event instanceof Entering && event.resumes;
  if (logic.history.concerns(isResuming)) scope.history = logic.history;
  if (logic.watchers.size > 0) watch(scope, logic);
  try {
    const next = logic.machine.transition(snapshot, event, scope as unknown as AnyActorScope);
    if (scope.microsteps !== undefined) report(scope, logic, next);
    return { snapshot: next, taken: scope.taken, collected: scope.collected };
  } catch (error) {
    throw scope.trail.errorOf(error, logic.machine.id);
  } finally {
    leaveScope(scope, outer);
  }
}

function watch(scope: CollectingScope, { machine }: Logic): void {
  spyOnGuards(machine, (result) => void activeScope()?.guards.push(result));
  scope.watch();
}

function report(
  { microsteps = [], guards }: CollectingScope,
  { machine, watchers }: Logic,
  last: Snapshot,
): void {
  const step = watchedStep(machine, microsteps, last, guards);
  for (const watcher of watchers) watcher(step);
}
