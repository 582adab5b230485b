import { type AnyMachineSnapshot, type AnyStateMachine, type AnyStateNode, and } from 'xstate';
import { machinesOf } from './machine-walk.ts';

/**
 * Watching what dialogues walk through, for whoever measures it: every transition that is taken, every state on the
 * way, every guard with its verdict. It costs a look at a set where nobody watches.
 */

/** A transition as XState formats it. */
export interface TransitionDefinition {
  readonly source: AnyStateNode;
  readonly target: readonly AnyStateNode[] | undefined;
  readonly eventType: string;
  readonly guard?: unknown;
  readonly description?: string | undefined;
}

/** What XState tells its inspectors after each microstep. */
export interface Microstep {
  readonly type: string;
  readonly snapshot: AnyMachineSnapshot;
  readonly _transitions: readonly TransitionDefinition[];
}

export interface Judged {
  readonly transition: TransitionDefinition;
  readonly held: boolean;
}

/** One step of one machine that came to its end. Its states and transitions are those of a copy of the machine. */
export interface Watched {
  readonly microsteps: readonly Microstep[];
  readonly judged: readonly Judged[];
  readonly last: AnyMachineSnapshot;
}

export type Watchers = Set<(watched: Watched) => void>;

/** By the config: `provide()` makes another machine of the same one, as a test does to stub a service. */
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
 * Watches a dialogue and its sub-dialogues, in whatever runner they run.
 * @returns a function that ends it
 */
export function watchDialogue(
  dialogue: AnyStateMachine,
  watcher: (machine: AnyStateMachine, watched: Watched) => void,
): () => void {
  const ends = [...machinesOf(dialogue)].map((machine) => {
    const own = (watched: Watched): void => watcher(machine, watched);
    const all = watchersOf(machine);
    all.add(own);
    return () => void all.delete(own);
  });
  return () => {
    for (const end of ends) end();
  };
}

const spied = new WeakSet<AnyStateNode>();

/** Has each guard below a state of a machine of our own tell its verdicts. */
export function spyOnGuards(root: AnyStateNode, tell: (judged: Judged) => void): void {
  if (spied.has(root)) return;
  spied.add(root);
  const transitions = [...root.transitions.values()].flat().concat(root.always ?? []);
  for (const transition of transitions as { guard?: unknown }[]) {
    const { guard } = transition;
    if (guard === undefined) continue;
    // XState evaluates what combines guards by its `check`, which sees the snapshot, as a guard by name needs it.
    const own = and([guard as never]) as unknown as Checked;
    transition.guard = Object.assign(() => false, {
      guards: [guard],
      check(snapshot: unknown, args: unknown) {
        const held = own.check(snapshot, args, own);
        tell({ transition: transition as TransitionDefinition, held });
        return held;
      },
    });
  }
  for (const child of Object.values(root.states)) spyOnGuards(child as AnyStateNode, tell);
}

interface Checked {
  check(snapshot: unknown, args: unknown, guard: unknown): boolean;
}
