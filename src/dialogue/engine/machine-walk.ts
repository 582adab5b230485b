import { type AnyActorLogic, type AnyStateMachine, type AnyStateNode, createMachine } from 'xstate';
import type { Recognizer } from '../text/recognizers.ts';
import { intentNamesOf } from './intents.ts';
import { eventNamesOf } from './own-events.ts';
import { withRecognizers } from './recognizer-copy.ts';

/** What an actor provided by name is to the engine. */
export type ActorKind = 'service' | 'dialogue';

const PROBE = { type: 'xstate.promise.resolve', data: Symbol('probe') };

/**
 * Whether `logic` is a promise (a service) or a machine (a sub-dialogue); undefined for what a stored conversation
 * cannot carry: callbacks and observables live in memory only, and a transition function has no end to wait for.
 */
export function actorKind(logic: AnyActorLogic): ActorKind | undefined {
  if (isMachine(logic)) return 'dialogue';
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

/** Whether a value is a machine of XState, also of another copy of XState. */
export function isMachine(value: unknown): value is AnyStateMachine {
  return typeof value === 'object' && value !== null && '__xstatenode' in value;
}

/** An actor that a machine is provided with. */
interface ProvidedActor {
  readonly name: string;
  readonly logic: AnyActorLogic;
  /** Undefined for an actor that a conversation cannot keep. */
  readonly kind: ActorKind | undefined;
}

export function actorsOf({ implementations }: AnyStateMachine): readonly ProvidedActor[] {
  return (Object.entries(implementations.actors) as [string, AnyActorLogic][]).map(
    ([name, logic]) => ({ name, logic, kind: actorKind(logic) }),
  );
}

/** A machine and its sub-dialogues, each once, the outer ones first. */
export function machinesOf(machine: AnyStateMachine): ReadonlySet<AnyStateMachine> {
  const machines = new Set([machine]);
  // The loop also visits what it adds.
  for (const each of machines) {
    for (const { kind, logic } of actorsOf(each)) {
      if (kind === 'dialogue') machines.add(logic as AnyStateMachine);
    }
  }
  return machines;
}

/** The names of the services of a machine and its sub-dialogues. */
export function servicesOf(machine: AnyStateMachine): ReadonlySet<string> {
  const actors = [...machinesOf(machine)].flatMap(actorsOf);
  return new Set(actors.filter(({ kind }) => kind === 'service').map(({ name }) => name));
}

interface CopyOptions {
  /** What replaces a service. Default: itself. */
  readonly serviceFor?: (name: string, logic: AnyActorLogic) => AnyActorLogic;
  /** What replaces the recognizer of a form, or that of a dialogue for several intents. Default: itself. */
  readonly recognizerFor?: (recognizer: Recognizer) => Recognizer;
  /** Whether `watchDialogue` of the original does not see the copy. */
  readonly isUnwatched?: boolean;
}

/** The same dialogue once more, its sub-dialogues included. */
export function copyDialogue(
  dialogue: AnyStateMachine,
  options: CopyOptions,
  made: Map<AnyStateMachine, AnyStateMachine> = new Map(),
): AnyStateMachine {
  const known = made.get(dialogue);
  if (known !== undefined) return known;
  const { serviceFor = (_, logic) => logic, recognizerFor, isUnwatched = false } = options;
  const actors = Object.fromEntries(
    actorsOf(dialogue).map(({ name, logic, kind }) => [
      name,
      kind === 'dialogue'
        ? copyDialogue(logic as AnyStateMachine, options, made)
        : serviceFor(name, logic),
    ]),
  );
  const own: object = isUnwatched ? { ...dialogue.config } : dialogue.config;
  const config = recognizerFor === undefined ? own : withRecognizers(dialogue, recognizerFor);
  const implementations = { ...dialogue.implementations, actors };
  const copy = createMachine(config as never, implementations as never) as AnyStateMachine;
  made.set(dialogue, copy);
  return copy;
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
    for (const name of eventNamesOf(each) ?? []) declared.add(`event.${name}`);
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
