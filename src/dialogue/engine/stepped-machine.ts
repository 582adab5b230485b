import type { AnyActorLogic, AnyActorScope, AnyStateMachine, AnyStateNode } from 'xstate';
import { StateMachine, spawnChild } from 'xstate';
import type { Snapshot } from './child-ref.ts';
import { checkedDelays, checkedAction } from './checked-action.ts';
import { type CollectingScope, activeScope, sharedScope } from './collecting-scope.ts';
import { ActiveStates, takePlain } from './fast-path.ts';
import { HistoryOf } from './history.ts';
import { type Watchers, watchersOf } from './inspection.ts';
import { isCommand, narrowed } from './command-region.ts';
import { noSpawn } from './no-spawn.ts';
import { settled } from './settled.ts';
import { settledGuard } from './settled-guard.ts';
import { actorsOf, nodesOf } from './machine-walk.ts';
import type { NodeTransition } from './plain-transition.ts';

/** The maximum of microsteps in one macrostep; more are a loop. */
export const MAX_STEPS = 1000;

/** A machine as the engine runs it, with the machines that it may invoke. */
export interface Logic {
  readonly machine: SteppedMachine;
  /** The sub-dialogue provided as `src`; undefined for a service. */
  child(src: string): Logic | undefined;
  /** The promise logic provided as `src`; undefined for a sub-dialogue. */
  service(src: string): AnyActorLogic | undefined;
  /** Who watches the machine, and all others of the same config. */
  readonly watchers: Watchers;
  readonly history: HistoryOf;
}

const compiled = new WeakMap<AnyStateMachine, Logic>();

export function compile(original: AnyStateMachine): Logic {
  const known = compiled.get(original);
  if (known !== undefined) return known;
  const actors = new Map(actorsOf(original).map((actor) => [actor.name, actor]));
  const machine = new SteppedMachine(original, [...actors.keys()]);
  const logic: Logic = {
    machine,
    child(src) {
      const actor = actors.get(src);
      return actor?.kind === 'dialogue' ? compile(actor.logic as AnyStateMachine) : undefined;
    },
    service(src) {
      const actor = actors.get(src);
      return actor?.kind === 'dialogue' ? undefined : actor?.logic;
    },
    watchers: watchersOf(original),
    history: new HistoryOf(machine.root, (src) => actors.get(src as string)?.kind === 'dialogue'),
  };
  compiled.set(original, logic);
  return logic;
}

/** The snapshot that `persisted` (in the form of XState, without children) stands for. */
export function revive(logic: Logic, persisted: object): Snapshot {
  return logic.machine.restoreSnapshot(persisted as never, sharedScope as unknown as AnyActorScope);
}

/** A dialogue that is in none of its states yet. */
export function beforehand(
  logic: Logic,
  {
    context,
    historyValue = {},
    children = {},
  }: Pick<Snapshot, 'context'> & {
    readonly historyValue?: Snapshot['historyValue'];
    readonly children?: Readonly<Record<string, unknown>>;
  },
): Snapshot {
  const base = revive(logic, {
    status: 'active',
    value: {},
    output: undefined,
    error: undefined,
    context: {},
    children: {},
    historyValue: {},
  });
  const { root } = logic.machine as { readonly root: AnyStateNode };
  return { ...base, _nodes: [root], context, historyValue, children } as unknown as Snapshot;
}

/**
 * An event that takes a machine from its root to `target`, without a transition of the machine: how a dialogue starts in a
 * state, or resumes in it.
 */
export class Entering {
  readonly type: string = 'dialogue.enter';
  /** Whether the machine was in these states before, as after a history that remembers them all. */
  readonly resumes: boolean;
  /** As XState takes transitions from `getTransitionData`. */
  readonly transitions: readonly object[];

  constructor(
    root: AnyStateNode,
    target: readonly AnyStateNode[],
    { resumes = false }: { readonly resumes?: boolean } = {},
  ) {
    this.resumes = resumes;
    const invoked = root.invoke.map((each) =>
      spawnChild(each.src as never, { ...each, syncSnapshot: false } as never),
    );
    const actions = [...root.entry, ...invoked];
    const { type: eventType } = this;
    this.transitions = [
      { source: root, target, actions, eventType, reenter: false, resumes, toJSON: undefined },
    ];
  }
}

/** Replaces every invoked actor while a machine steps: it has an input and does nothing. */
const INERT_LOGIC = {
  transition: (state: unknown) => state,
  getInitialSnapshot: (_scope: unknown, input: unknown) => ({
    status: 'active',
    output: undefined,
    error: undefined,
    input,
  }),
  getPersistedSnapshot: (state: unknown) => state,
};

/** A copy of the constant context of a dialogue: without it, all its conversations would share one object. */
function copyOf(context: unknown): object {
  try {
    return structuredClone(context ?? {}) as object;
  } catch {
    // It has something in it that cannot be copied or kept; the commit will say where.
    return context as object;
  }
}

const noSpawnInContext = noSpawn('A context');

/**
 * The same machine with inert actors, a limit on its microsteps, plain transitions, and a note of the events that it takes.
 */
class SteppedMachine extends (StateMachine as unknown as new (
  config: object,
  implementations: object,
) => AnyStateMachine) {
  /** By the list of active states, which all conversations in the same state share. */
  readonly #active = new WeakMap<readonly AnyStateNode[], ActiveStates>();
  #chosen: readonly unknown[] | undefined;

  constructor(original: AnyStateMachine, actors: readonly string[]) {
    const { context } = original.config as { context?: unknown };
    const config = {
      ...original.config,
      options: { maxIterations: MAX_STEPS, ...original.config.options },
      context: (args: object): object => ({
        ...(typeof context === 'function'
          ? (settled(context({ ...args, spawn: noSpawnInContext }), 'The context') as object)
          : copyOf(context)),
        ...activeScope()?.seed,
      }),
    };
    const { implementations } = original;
    super(config, {
      ...implementations,
      actors: Object.fromEntries(actors.map((name) => [name, INERT_LOGIC])),
      actions: mapped(implementations.actions, checkedAction),
      delays: checkedDelays(implementations.delays),
      guards: mapped(implementations.guards, settledGuard),
    });
    for (const node of nodesOf(this.root)) {
      const { transitions, always = [], entry, exit } = node;
      Object.assign(node, { entry: entry.map(checkedAction), exit: exit.map(checkedAction) });
      const initial = node.type === 'compound' ? [node.initial] : [];
      for (const definition of [...transitions.values(), always, initial].flat()) {
        Object.assign(definition, {
          guard: settledGuard(definition.guard),
          actions: definition.actions.map(checkedAction),
        });
      }
    }
  }

  override transition(
    snapshot: Snapshot,
    event: { readonly type: string },
    scope: AnyActorScope,
  ): Snapshot {
    const collecting = scope as unknown as CollectingScope;
    // A watched step is XState's: only XState reports which way it takes.
    const mayBePlain = collecting.microsteps === undefined && isPlain(snapshot, event);
    const active = mayBePlain ? this.#activeIn(snapshot) : undefined;
    if (active?.leaf === undefined) {
      return super.transition(snapshot, event as never, scope) as Snapshot;
    }
    const transition = active.select(snapshot, event);
    if (transition === undefined) return snapshot;
    collecting.taken = true;
    const next = this.#takePlain(transition, snapshot, event, collecting);
    if (next !== undefined) return next;
    collecting.restart();
    // The guards were evaluated already; XState takes the transition that they chose.
    this.#chosen = [transition];
    return super.transition(snapshot, event as never, scope) as Snapshot;
  }

  /**
   * Takes a plain transition, and then those of the events that it raised.
   * @returns undefined if one of them turns out not to be plain; then what was collected does not count
   */
  #takePlain(
    transition: NodeTransition,
    snapshot: Snapshot,
    event: { readonly type: string },
    scope: CollectingScope,
  ): Snapshot | undefined {
    let next = snapshot;
    let [chosen, taken]: [NodeTransition | undefined, typeof event] = [transition, event];
    for (let steps = 0; steps < MAX_STEPS; steps += 1) {
      const active = this.#activeIn(next);
      if (steps > 0) {
        if (active.leaf === undefined || !isPlain(next, taken)) return undefined;
        chosen = active.select(next, taken);
      }
      if (chosen !== undefined) {
        const plain = active.plain(chosen);
        if (plain === undefined) return undefined;
        next = takePlain(plain, next, taken, scope);
      }
      const raised = scope.internalQueue.shift();
      if (raised === undefined) return next;
      taken = raised;
    }
    return undefined;
  }

  #activeIn({ _nodes }: Snapshot): ActiveStates {
    let active = this.#active.get(_nodes);
    if (active === undefined) {
      active = new ActiveStates(_nodes);
      this.#active.set(_nodes, active);
    }
    return active;
  }

  override getTransitionData(snapshot: never, event: never): never {
    if (this.#chosen !== undefined) {
      const chosen = this.#chosen;
      this.#chosen = undefined;
      return chosen as never;
    }
    if ((event as object) instanceof Entering) return (event as Entering).transitions as never;
    const transitions = super.getTransitionData(snapshot, event);
    const scope = activeScope();
    if (scope !== undefined && event === scope.event && transitions.length > 0) scope.taken = true;
    if (!transitions.some(isCommand)) return transitions as never;
    return (transitions as readonly NodeTransition[]).map((each) =>
      narrowed(each, (snapshot as Snapshot)._nodes),
    ) as never;
  }
}

/** Whether a step may be plain. An event of XState's own can fail the machine, and a child may answer at once. */
function isPlain({ status, children }: Snapshot, event: { readonly type: string }): boolean {
  if (status !== 'active' || event instanceof Entering) return false;
  if (event.type.startsWith('xstate.') && !event.type.startsWith('xstate.after.')) return false;
  for (const _id in children) return false;
  return true;
}

function mapped(named: object, map: (implementation: unknown) => unknown): object {
  return Object.fromEntries(
    Object.entries(named).map(([name, implementation]) => [name, map(implementation)]),
  );
}
