import type {
  AnyActorLogic,
  AnyActorScope,
  AnyMachineSnapshot,
  AnyStateMachine,
  AnyStateNode,
} from 'xstate';
import { StateMachine } from 'xstate';
import { StepError } from '../../errors.ts';
import { actorKind } from './machine-walk.ts';
import {
  type Judged,
  type Microstep,
  type Watchers,
  spyOnGuards,
  watchersOf,
} from './inspection.ts';
import { type CollectedAction, Place, goShortcut } from './fast-path.ts';

export type { CollectedAction } from './fast-path.ts';

/**
 * One macrostep of one XState machine as a pure function: no actor is started, nothing is sent, no action runs.
 *
 * `machine.transition()` is called with an `ActorScope` of our own that collects what XState would do. What this file
 * relies on is fixed by contract tests that run on the oldest and the newest 5.x allowed.
 */

/** A machine's state between two steps. Immutable. */
export type Snapshot = AnyMachineSnapshot;

/** The most microsteps in one macrostep: what runs longer is a loop. */
export const MAX_STEPS = 1000;

export interface Macrostep {
  readonly snapshot: Snapshot;
  /** Whether any state took the event. */
  readonly taken: boolean;
  /** What XState would have done, in order. */
  readonly collected: readonly CollectedAction[];
}

/** A machine as the engine runs it, with the machines it may invoke. */
export interface Logic {
  readonly machine: SteppedMachine;
  /** The sub-dialogue provided as `src`; undefined for a service. */
  child(src: string): Logic | undefined;
  /** The promise logic provided as `src`; undefined for a sub-dialogue. */
  service(src: string): AnyActorLogic | undefined;
  /** Who watches the machine, and every other of the same config. */
  readonly watchers: Watchers;
}

const compiled = new WeakMap<AnyStateMachine, Logic>();

export function compile(original: AnyStateMachine): Logic {
  const known = compiled.get(original);
  if (known !== undefined) return known;
  const { actors } = original.implementations;
  const children = new Map<string, AnyStateMachine>();
  const services = new Map<string, AnyActorLogic>();
  for (const [name, actor] of Object.entries(actors) as [string, AnyActorLogic][]) {
    if (actorKind(actor) === 'dialogue') children.set(name, actor as AnyStateMachine);
    else services.set(name, actor);
  }
  const logic: Logic = {
    machine: new SteppedMachine(original, Object.keys(actors)),
    child: (src) => {
      const machine = children.get(src);
      return machine && compile(machine);
    },
    service: (src) => services.get(src),
    watchers: watchersOf(original),
  };
  compiled.set(original, logic);
  return logic;
}

/** The parent of a sub-dialogue, as far as a step is concerned. */
export const PARENT = { id: 'parent', sessionId: 'parent' };
/** A dialogue as it sees itself. */
export const SELF_ID = 'dialogue';

/** An invoked actor as a snapshot keeps it: enough for XState to stop it and for us to find it again. */
export class ChildRef {
  readonly id: string;
  readonly src: string;
  readonly systemId: string | undefined;
  /** A sub-dialogue's snapshot; undefined for a service. */
  readonly snapshot: Snapshot | undefined;
  /** What is known of a sub-dialogue's context: undefined until it rests, then whether it is frozen through and through. */
  readonly isFrozen: boolean | undefined;

  constructor(
    id: string,
    src: string,
    systemId: string | undefined,
    snapshot: Snapshot | undefined,
    isFrozen?: boolean,
  ) {
    this.id = id;
    this.src = src;
    this.systemId = systemId;
    this.snapshot = snapshot;
    this.isFrozen = isFrozen;
  }
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
  const outer = active;
  const scope = beginScope(undefined, hasParent);
  scope.seed = context;
  if (logic.watchers.size > 0) scope.watch(logic);
  try {
    const snapshot = logic.machine.getInitialSnapshot(scope as unknown as AnyActorScope, input);
    if (snapshot.status === 'error') throw snapshot.error;
    if (scope.microsteps !== undefined) scope.tell(logic, snapshot);
    return { snapshot, taken: true, collected: scope.collected };
  } finally {
    scope.end();
    active = outer;
  }
}

/** Takes one event. Throws what the machine's guards and expressions throw. */
export function macrostep(
  logic: Logic,
  snapshot: Snapshot,
  event: { readonly type: string },
  hasParent: boolean,
): Macrostep {
  const outer = active;
  const scope = beginScope(snapshot, hasParent);
  scope.event = event;
  if (logic.watchers.size > 0) scope.watch(logic);
  try {
    const next = logic.machine.transition(snapshot, event, scope as unknown as AnyActorScope);
    if (scope.microsteps !== undefined) scope.tell(logic, next);
    return { snapshot: next, taken: scope.taken, collected: scope.collected };
  } finally {
    scope.end();
    active = outer;
  }
}

function beginScope(snapshot: Snapshot | undefined, hasParent: boolean): Scope {
  active = sharedScope.busy ? new Scope() : sharedScope;
  active.begin(snapshot, hasParent);
  return active;
}

/** The snapshot that `persisted` (of XState's own shape, its children left out) stands for. */
export function revive(logic: Logic, persisted: object): Snapshot {
  return logic.machine.restoreSnapshot(persisted as never, sharedScope as unknown as AnyActorScope);
}

/** Stands in for every invoked actor while a machine steps: it has an input and does nothing. */
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

/** Has a machine take transitions that are in none of its states: into what it stands in without having entered it. */
export class Entering {
  static readonly TYPE = 'dialogue.enter';
  readonly type: string = Entering.TYPE;
  readonly #transitions: readonly Forced[];

  constructor(transitions: readonly Forced[]) {
    this.#transitions = transitions;
  }

  /** Those whose source is still active. */
  from(active: readonly AnyStateNode[]): readonly Forced[] {
    return this.#transitions.filter(({ source }) => active.includes(source));
  }
}

/** A transition as XState takes it from `getTransitionData`. */
export interface Forced {
  readonly source: AnyStateNode;
  readonly target: readonly AnyStateNode[] | undefined;
  readonly actions: readonly unknown[];
  readonly eventType: string;
  readonly reenter: false;
  readonly toJSON: undefined;
}

// A step is synchronous, so the scope it runs in holds within one call; a nested one (user code that runs another turn
// from a guard) brings its own and puts this one back.
let active: Scope | undefined;

/** A copy of the constant context that a dialogue gives, which otherwise all its conversations would share. */
function copyOf(context: unknown): object {
  try {
    return structuredClone(context ?? {}) as object;
  } catch {
    // It holds what cannot be copied, nor kept: the commit will say where.
    return context as object;
  }
}

/** The same machine with inert actors, a bound on its microsteps, and a look at which events it takes. */
class SteppedMachine extends (StateMachine as unknown as new (
  config: object,
  implementations: object,
) => AnyStateMachine) {
  constructor(original: AnyStateMachine, actors: readonly string[]) {
    const { context } = original.config as { context?: unknown };
    const config = {
      ...original.config,
      options: { maxIterations: MAX_STEPS, ...original.config.options },
      context: (args: unknown): object => ({
        ...(typeof context === 'function' ? (context(args) as object) : copyOf(context)),
        ...active?.seed,
      }),
    };
    super(config, {
      ...original.implementations,
      actors: Object.fromEntries(actors.map((name) => [name, INERT_LOGIC])),
    });
  }

  /** By the list of active states, which conversations that rest in the same state share. */
  readonly #places = new WeakMap<readonly AnyStateNode[], Place>();
  #chosen: readonly unknown[] | undefined;

  override transition(
    snapshot: Snapshot,
    event: { readonly type: string },
    scope: AnyActorScope,
  ): Snapshot {
    const collecting = scope as unknown as Scope;
    // Whoever watches is told by XState which way a step takes.
    const isFree = collecting.microsteps === undefined && isPlain(snapshot, event);
    const place = isFree ? this.#placeOf(snapshot) : undefined;
    if (place?.leaf === undefined) {
      return super.transition(snapshot, event as never, scope) as Snapshot;
    }
    const transition = place.select(snapshot, event);
    if (transition === undefined) return snapshot;
    collecting.taken = true;
    const shortcut = place.shortcut(transition);
    const next = shortcut && goShortcut(shortcut, snapshot, event, collecting);
    if (next !== undefined) return next;
    collecting.collected = [];
    // The guards have been asked; XState goes on from there.
    this.#chosen = [transition];
    return super.transition(snapshot, event as never, scope) as Snapshot;
  }

  #placeOf({ _nodes }: Snapshot): Place {
    let place = this.#places.get(_nodes);
    if (place === undefined) {
      place = new Place(_nodes);
      this.#places.set(_nodes, place);
    }
    return place;
  }

  override getTransitionData(snapshot: never, event: never): never {
    if (this.#chosen !== undefined) {
      const chosen = this.#chosen;
      this.#chosen = undefined;
      return chosen as never;
    }
    if ((event as object) instanceof Entering) {
      return (event as Entering).from((snapshot as Snapshot)._nodes) as never;
    }
    const transitions = super.getTransitionData(snapshot, event);
    if (event === active?.event && transitions.length > 0) active.taken = true;
    return transitions as never;
  }
}

/** Whether a step may be plain: what XState itself raises can fail a machine, and what runs beside it may answer. */
function isPlain({ status, children }: Snapshot, event: { readonly type: string }): boolean {
  if (status !== 'active' || event instanceof Entering) return false;
  if (event.type.startsWith('xstate.') && !event.type.startsWith('xstate.after.')) return false;
  for (const _id in children) return false;
  return true;
}

/** The `ActorScope` that collects; one per nesting of steps. */
class Scope {
  collected: CollectedAction[] = [];
  current: Snapshot | undefined;
  /** The event being offered, and whether a state took it. */
  event: object | undefined;
  taken = false;
  /** What goes over the initial context that is being made. */
  seed: object | undefined;
  busy = false;
  /** What the machine walks through, where somebody watches it. */
  microsteps: Microstep[] | undefined;
  judged: Judged[] = [];
  readonly id = SELF_ID;
  readonly sessionId = SELF_ID;
  readonly logger = (...args: unknown[]): void => globalThis.console.log(...args);
  readonly self: Record<string, unknown>;
  readonly system: Record<string, unknown>;
  actionExecutor = (action: CollectedAction): void => {
    this.collected.push(action);
  };

  constructor() {
    const nothing = (): void => {};
    this.system = {
      _bookId: () => 'child',
      _clock: undefined,
      _logger: nothing,
      _register: () => 'child',
      _relay: nothing,
      _sendInspectionEvent: (event: Microstep) => {
        if (event.type === '@xstate.microstep') this.microsteps?.push(event);
      },
      _set: nothing,
      _unregister: nothing,
      get: (systemId: string) =>
        Object.values((this.current?.children ?? {}) as Record<string, { systemId?: string }>).find(
          (child) => child.systemId === systemId,
        ),
      inspect: nothing,
      scheduler: { schedule: nothing, cancel: nothing, cancelAll: nothing },
    };
    this.self = {
      id: this.id,
      sessionId: this.sessionId,
      system: this.system,
      getSnapshot: () => this.current,
      send: () => {
        throw new StepError(
          'unsupported_effect',
          'A dialogue cannot send to itself from an action: use raise(), or runner.handle() from outside.',
        );
      },
    };
  }

  begin(snapshot: Snapshot | undefined, hasParent: boolean): void {
    this.busy = true;
    this.collected = [];
    this.current = snapshot;
    this.taken = false;
    this.self['_parent'] = hasParent ? PARENT : undefined;
  }

  end(): void {
    this.busy = false;
    this.current = undefined;
    this.event = undefined;
    this.seed = undefined;
    this.microsteps = undefined;
  }

  watch(logic: Logic): void {
    spyOnGuards(logic.machine.root, (judged) => void active?.judged.push(judged));
    this.microsteps = [];
    this.judged = [];
  }

  /** Tells of a step that came to its end; one that throws has walked nowhere. */
  tell({ watchers }: Logic, last: Snapshot): void {
    const { microsteps = [], judged } = this;
    for (const watcher of watchers) watcher({ microsteps, judged, last });
  }

  defer(): void {}
  emit(): void {}
  stopChild(): void {}
}

const sharedScope = new Scope();
