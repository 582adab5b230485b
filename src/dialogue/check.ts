import type { AnyActorLogic, AnyStateMachine, AnyStateNode } from 'xstate';
import { UsageError } from '../errors.ts';

/** What an actor provided by name is to the engine. */
export type ActorKind = 'service' | 'dialogue';

const PROBE = { type: 'xstate.promise.resolve', data: Symbol('probe') };

/**
 * Whether `logic` is a promise (a service) or a machine (a sub-dialogue); undefined for what a stored conversation
 * cannot carry: callbacks and observables live in memory only, and a transition function has no end to wait for.
 */
export function actorKind(logic: AnyActorLogic): ActorKind | undefined {
  if ('__xstatenode' in logic) return 'dialogue';
  // XState does not label its logics. Of those that have to be started, only a promise takes its result as an event.
  if (!('start' in logic)) return undefined;
  try {
    const snapshot = { status: 'active', output: undefined, error: undefined, input: undefined };
    const next: { status: string; output?: unknown } = logic.transition(
      snapshot,
      PROBE,
      {} as never,
    );
    return next.status === 'done' && next.output === PROBE.data ? 'service' : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Refuses, where it is defined rather than in front of a user, what the engine cannot carry or XState would pass over
 * in silence.
 * @throws UsageError `bad_dialogue`, with the path of the state
 */
export function checkDialogue(machine: AnyStateMachine): void {
  const seen = new Set<AnyStateMachine>();
  checkMachine(machine, seen);
}

function checkMachine(machine: AnyStateMachine, seen: Set<AnyStateMachine>): void {
  if (seen.has(machine)) return;
  seen.add(machine);
  if (typeof machine?.root !== 'object') {
    throw new UsageError(
      'bad_dialogue',
      'A dialogue is an XState v5 machine, made with setupDialogue() or with setup().createMachine().',
    );
  }
  const { actions, guards, delays, actors } = machine.implementations;
  for (const node of nodesOf(machine.root)) {
    const fail = (found: string, remedy: string): never => {
      throw new UsageError(
        'bad_dialogue',
        `Dialogue '${machine.id}', state '${node.id}': ${found}. ${remedy}`,
        { details: { dialogue: machine.id, state: node.id } },
      );
    };
    const checkNamed = (kind: string, reference: unknown, provided: object): void => {
      const name = nameOf(reference);
      if (name === undefined || Object.hasOwn(provided, name)) return;
      fail(
        `${kind} '${name}' is not provided`,
        `Provide it under \`${kind}s\` in setupDialogue().`,
      );
    };
    const transitions = [...node.transitions.values()].flat().concat(node.always ?? []);
    for (const action of [...node.entry, ...node.exit, ...transitions.flatMap((t) => t.actions)]) {
      checkNamed('action', action, actions);
    }
    for (const { guard } of transitions) {
      if (guard !== undefined) checkNamed('guard', guard, guards);
    }
    for (const delay of Object.keys(node.config.after ?? {})) {
      if (Number.isNaN(Number(delay))) checkNamed('delay', delay, delays);
    }
    if (node.transitions.has('*')) {
      fail(
        "a transition on '*' also catches XState's own events, such as a timer or a service's result",
        "Use 'message.*' and 'event.*' for what users send.",
      );
    }
    for (const invoked of asArray(node.config.invoke)) {
      const { src } = invoked;
      if (typeof src !== 'string') {
        return fail(
          'an actor is invoked inline, so a stored conversation could not find it again',
          'Provide it under a name in `actors` of setupDialogue() and invoke that name.',
        );
      }
      const logic = actors[src] as AnyActorLogic | undefined;
      if (logic === undefined || !Object.hasOwn(actors, src)) {
        return fail(
          `actor '${src}' is not provided`,
          'Provide it under `actors` in setupDialogue().',
        );
      }
      if ('onSnapshot' in invoked && invoked.onSnapshot !== undefined) {
        fail(
          `actor '${src}' is invoked with onSnapshot`,
          'Let it report by its output or by sendParent().',
        );
      }
    }
  }
  for (const [name, logic] of Object.entries(actors) as [string, AnyActorLogic][]) {
    const kind = actorKind(logic);
    if (kind === 'dialogue') checkMachine(logic as AnyStateMachine, seen);
    if (kind !== undefined) continue;
    throw new UsageError(
      'bad_dialogue',
      `Dialogue '${machine.id}': actor '${name}' is neither a promise nor a machine. A callback, an observable or a transition function lives in memory only and cannot survive with the conversation; use fromPromise() or a child machine.`,
      { details: { dialogue: machine.id, actor: name } },
    );
  }
}

/** All states of a machine, the root first. */
export function* nodesOf(node: AnyStateNode): Generator<AnyStateNode> {
  yield node;
  for (const child of Object.values(node.states)) yield* nodesOf(child as AnyStateNode);
}

/** The `event.…` and `intent.…` types that a machine and its sub-dialogues name, which a message may therefore have. */
export function declaredTypes(machine: AnyStateMachine): ReadonlySet<string> {
  const declared = new Set<string>();
  const seen = new Set<AnyStateMachine>();
  const collect = (from: AnyStateMachine): void => {
    if (seen.has(from)) return;
    seen.add(from);
    for (const node of nodesOf(from.root)) {
      for (const type of node.transitions.keys()) {
        if (/^(?:event|intent)\.[^*]+$/.test(type)) declared.add(type);
      }
    }
    for (const logic of Object.values(from.implementations.actors) as AnyActorLogic[]) {
      if (actorKind(logic) === 'dialogue') collect(logic as AnyStateMachine);
    }
  };
  collect(machine);
  return declared;
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
