import type { AnyActorLogic, AnyStateMachine, AnyStateNode } from 'xstate';
import { UsageError } from '../../errors.ts';
import { didYouMean, isAsync, NO_WAITING } from '../../internal/closed.ts';
import { checkConfig } from './config-shape.ts';
import { type EventTypeCheck, eventTypeCheck } from './event-types.ts';
import { gatherRuleOf } from './gather.ts';
import { actorKind, machinesOf, nodesOf } from './machine-walk.ts';

/**
 * Refuses what the engine cannot run, and mistakes that XState ignores, when the dialogue is defined rather than during a
 * conversation.
 * @throws UsageError `bad_dialogue`, with the path of the state
 */
export function checkDialogue(dialogue: AnyStateMachine): void {
  if (typeof dialogue?.root !== 'object') {
    throw new UsageError(
      'bad_dialogue',
      'A dialogue is an XState v5 machine, made with setupDialogue() or with setup().createMachine().',
    );
  }
  if (checked.has(dialogue)) return;
  const whole = machinesOf(dialogue);
  for (const machine of whole) checkMachine(machine, whole);
  checked.add(dialogue);
}

/** A machine never changes, and every test of it asks. */
const checked = new WeakSet<AnyStateMachine>();

function checkMachine(machine: AnyStateMachine, whole: ReadonlySet<AnyStateMachine>): void {
  checkConfig(machine.config);
  const checkType = eventTypeCheck(machine, whole);
  for (const node of nodesOf(machine.root)) new StateCheck(machine, node).run(checkType);
  for (const [name, logic] of Object.entries(machine.implementations.actors) as Logics) {
    if (actorKind(logic) !== undefined) continue;
    throw new UsageError(
      'bad_dialogue',
      `Dialogue '${machine.id}': actor '${name}' is neither a promise nor a machine. ${NOT_CARRIED}`,
      { details: { dialogue: machine.id, actor: name } },
    );
  }
}

type Logics = [string, AnyActorLogic][];

const NOT_CARRIED =
  'A callback, an observable or a transition function lives in memory only and cannot survive with the conversation; use fromPromise() or a child machine.';

/** The checks of one state. */
class StateCheck {
  readonly #machine: AnyStateMachine;
  readonly #node: AnyStateNode;

  constructor(machine: AnyStateMachine, node: AnyStateNode) {
    this.#machine = machine;
    this.#node = node;
  }

  run(checkType: EventTypeCheck): void {
    const { entry, exit, transitions, always = [], config } = this.#node;
    const initial = this.#initial();
    const all = [...[...transitions.values()].flat(), ...always];
    const actions = [entry, exit, initial?.actions ?? [], ...all.map((each) => each.actions)];
    for (const action of actions.flat()) this.#checkAction(action);
    for (const { guard } of all) this.#checkGuard(guard);
    for (const delay of Object.keys(config.after ?? {})) {
      if (Number.isNaN(Number(delay))) this.#checkNamed('delay', delay);
    }
    for (const type of transitions.keys()) this.#checkType(type, checkType);
    for (const invoked of asArray(config.invoke)) this.#checkInvoked(invoked);
    this.#checkGather();
  }

  #checkGather(): void {
    try {
      gatherRuleOf(this.#node.config);
    } catch (error) {
      this.#fail(
        `its \`meta\` does not say how texts are gathered: ${(error as Error).message}`,
        'Write `meta: { gather: { quietMs: 3000 } }`, or `gather: false` for a state in which each text has an answer.',
      );
    }
  }

  /** XState resolves the initial state on first use, and throws an error without our code. */
  #initial(): { readonly actions: readonly unknown[] } | undefined {
    try {
      return this.#node.initial;
    } catch {
      return this.#fail('its `initial` state does not exist', 'Name one of its `states`.');
    }
  }

  #checkAction(action: unknown): void {
    this.#checkNamed('action', action);
    if (typeof action !== 'function') return;
    const { type, src, delay } = action as { type?: unknown; src?: unknown; delay?: unknown };
    if (type === 'xstate.spawnChild' && typeof src !== 'function') this.#checkActor(src, 'spawned');
    if (typeof delay === 'string') this.#checkNamed('delay', delay);
  }

  /** A guard that combines others carries them, and one that looks at the state names it. */
  #checkGuard(guard: unknown): void {
    const name = this.#checkNamed('guard', guard);
    const { guards: named } = this.#machine.implementations;
    if (isAsync(name === undefined ? guard : named[name])) {
      this.#fail(
        `${name === undefined ? 'a guard' : `guard '${name}'`} is an async function, whose promise would always count as true`,
        NO_WAITING,
      );
    }
    if (typeof guard !== 'function') return;
    const { guards = [], stateValue } = guard as { guards?: unknown[]; stateValue?: unknown };
    for (const inner of guards) this.#checkGuard(inner);
    if (typeof stateValue !== 'string' || !stateValue.startsWith('#')) return;
    for (const node of nodesOf(this.#machine.root)) if (`#${node.id}` === stateValue) return;
    this.#fail(
      `there is no state '${stateValue}', which a guard looks at`,
      'Name a state by its `id`, or by the path of keys from the root.',
    );
  }

  #checkType(type: string, checkType: EventTypeCheck): void {
    if (type === '*') {
      this.#fail(
        "a transition on '*' also catches XState's own events, such as a timer or a service's result",
        "Use 'message.*' and 'event.*' for what users send.",
      );
    }
    const problem = checkType(type);
    if (problem !== undefined) this.#fail(...problem);
  }

  #checkInvoked(invoked: { readonly src: unknown; readonly onSnapshot?: unknown }): void {
    this.#checkActor(invoked.src, 'invoked');
    if (invoked.onSnapshot === undefined) return;
    this.#fail(
      `actor '${String(invoked.src)}' is invoked with onSnapshot`,
      'Let it report by its output or by sendParent().',
    );
  }

  #checkActor(src: unknown, how: string): void {
    const { actors } = this.#machine.implementations;
    if (typeof src !== 'string') {
      return this.#fail(
        `an actor is ${how} inline, so a stored conversation could not find it again`,
        'Provide it under a name in `actors` of setupDialogue() and refer to that name.',
      );
    }
    if (!Object.hasOwn(actors, src)) {
      return this.#fail(
        `actor '${src}' is not provided${didYouMean(src, Object.keys(actors))}`,
        'Provide it under `actors` in setupDialogue().',
      );
    }
    if (actorKind(actors[src] as AnyActorLogic) === undefined) {
      this.#fail(`actor '${src}' is neither a promise nor a machine`, NOT_CARRIED);
    }
  }

  #checkNamed(kind: 'action' | 'guard' | 'delay', reference: unknown): string | undefined {
    const name = nameOf(reference);
    const provided: object = this.#machine.implementations[`${kind}s`];
    if (name === undefined || Object.hasOwn(provided, name)) return name;
    return this.#fail(
      `${kind} '${name}' is not provided${didYouMean(name, Object.keys(provided))}`,
      `Provide it under \`${kind}s\` in setupDialogue().`,
    );
  }

  #fail(found: string, remedy: string): never {
    const { id: dialogue } = this.#machine;
    const { id: state } = this.#node;
    throw new UsageError(
      'bad_dialogue',
      `Dialogue '${dialogue}', state '${state}': ${found}${found.endsWith('?') ? '' : '.'} ${remedy}`,
      { details: { dialogue, state } },
    );
  }
}

/** The name by which an action or guard is referred to; undefined for one that is written inline. */
function nameOf(reference: unknown): string | undefined {
  if (typeof reference === 'string') return reference;
  if (typeof reference === 'object' && reference !== null) {
    const { type } = reference as { type?: unknown };
    return typeof type === 'string' ? type : undefined;
  }
  return undefined;
}

function asArray<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
