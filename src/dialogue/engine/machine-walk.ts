import type { AnyActorLogic, AnyStateMachine, AnyStateNode } from 'xstate';
import { intentNamesOf } from './intents.ts';

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

/** A machine and its sub-dialogues, each once, the outer ones first. */
export function machinesOf(machine: AnyStateMachine): ReadonlySet<AnyStateMachine> {
  const machines = new Set([machine]);
  // A set that grows while it is walked is walked to its end.
  for (const { implementations } of machines) {
    for (const logic of Object.values(implementations.actors) as AnyActorLogic[]) {
      if (actorKind(logic) === 'dialogue') machines.add(logic as AnyStateMachine);
    }
  }
  return machines;
}

/** All states of a machine, the root first. */
export function* nodesOf(node: AnyStateNode): Generator<AnyStateNode> {
  yield node;
  for (const child of Object.values(node.states)) yield* nodesOf(child as AnyStateNode);
}

/**
 * The `event.…` and `intent.…` types that a machine and its sub-dialogues name or declare, which a message may therefore
 * have.
 */
export function declaredTypes(machine: AnyStateMachine): ReadonlySet<string> {
  const declared = new Set<string>();
  for (const each of machinesOf(machine)) {
    for (const name of intentNamesOf(each)) declared.add(`intent.${name}`);
    for (const node of nodesOf(each.root)) {
      for (const type of node.transitions.keys()) {
        if (/^(?:event|intent)\.[^*]+$/.test(type)) declared.add(type);
      }
    }
  }
  return declared;
}

/**
 * Tells whether any state of a machine or of its sub-dialogues has a transition for a type: under the type itself, or
 * under the part of it before a dot, as in `event.*`.
 */
export function namingOf(machine: AnyStateMachine): (type: string) => boolean {
  const named = new Set<string>();
  for (const each of machinesOf(machine)) {
    for (const node of nodesOf(each.root)) {
      for (const descriptor of node.transitions.keys()) named.add(descriptor);
    }
  }
  return (type) => {
    if (named.has(type)) return true;
    for (let dot = type.indexOf('.'); dot > 0; dot = type.indexOf('.', dot + 1)) {
      if (named.has(`${type.slice(0, dot)}.*`)) return true;
    }
    return false;
  };
}
