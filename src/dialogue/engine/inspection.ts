import { type AnyMachineSnapshot, type AnyStateMachine, type AnyStateNode, and } from 'xstate';
import {
  type StateDescription,
  type TransitionDefinition,
  type TransitionDescription,
  described,
} from './description.ts';
import { definitionOf } from './command-region.ts';
import { machinesOf } from './machine-walk.ts';

/**
 * Watches which states and transitions dialogues walk through, and the results of guards, for coverage and the like. A
 * step that no watcher watches only pays for the look at an empty set.
 */

/** What XState tells its inspectors after each microstep. */
export interface Microstep {
  readonly type: string;
  readonly snapshot: AnyMachineSnapshot;
  readonly _transitions?: readonly (TransitionDefinition & { readonly source: AnyStateNode })[];
}

export interface GuardResult {
  readonly transition: TransitionDescription;
  readonly held: boolean;
}

/** What one machine walked through in one step. A step that throws is not reported. */
export interface WatchedStep {
  /** In order. */
  readonly taken: readonly TransitionDescription[];
  /** The states that it was in, passed through, or is in now. */
  readonly states: ReadonlySet<StateDescription>;
  readonly guards: readonly GuardResult[];
}

export type Watchers = Set<(step: WatchedStep) => void>;

/** By config, which the copies share that `provide()` makes, as a test does for the stub of a service. */
const watchers = new WeakMap<object, Watchers>();

export function watchersOf({ config }: AnyStateMachine): Watchers {
  let known = watchers.get(config);
  if (known === undefined) {
    known = new Set();
    watchers.set(config, known);
  }
  return known;
}

/**
 * Watches a dialogue and its sub-dialogues, in every runner.
 * @returns a function that ends it
 */
export function watchDialogue(
  dialogue: AnyStateMachine,
  watcher: (step: WatchedStep) => void,
): () => void {
  const ends = [...machinesOf(dialogue)].map((machine) => {
    const own = (step: WatchedStep): void => watcher(step);
    const all = watchersOf(machine);
    all.add(own);
    return () => void all.delete(own);
  });
  return () => {
    for (const end of ends) end();
  };
}

/** What XState reported of a step, in our own terms. */
export function watchedStep(
  machine: AnyStateMachine,
  microsteps: readonly Microstep[],
  last: AnyMachineSnapshot,
  guards: readonly GuardResult[],
): WatchedStep {
  const { byNode, byDefinition } = described(machine);
  const definitions = microsteps.flatMap(({ _transitions = [] }) => _transitions.map(definitionOf));
  const nodes = [
    ...last._nodes,
    // A state that is left in the microstep that enters it is only known as a source.
    ...definitions.map(({ source }) => source),
    ...microsteps.flatMap(({ snapshot }) => snapshot._nodes),
  ];
  return {
    taken: definitions.flatMap((definition) => byDefinition.get(definition) ?? []),
    states: new Set(nodes.flatMap((node) => byNode.get(node) ?? [])),
    guards,
  };
}

const spied = new WeakSet<AnyStateMachine>();

/** Has each guard of a machine of our own report its results. */
export function spyOnGuards(machine: AnyStateMachine, report: (result: GuardResult) => void): void {
  if (spied.has(machine)) return;
  spied.add(machine);
  for (const [definition, transition] of described(machine).byDefinition) {
    const { guard } = transition;
    if (guard === undefined) continue;
    // XState evaluates a guard that combines others by its `check`, with the snapshot that guards by name need.
    const own = and([guard as never]) as unknown as CombinedGuard;
    const spy = Object.assign(() => false, {
      guards: [guard],
      check(snapshot: unknown, args: unknown) {
        const held = own.check(snapshot, args, own);
        report({ transition, held });
        return held;
      },
    });
    Object.assign(definition, { guard: spy });
  }
}

interface CombinedGuard {
  check(snapshot: unknown, args: unknown, guard: unknown): boolean;
}
