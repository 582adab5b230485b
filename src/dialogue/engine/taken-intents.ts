import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { type Snapshot, childrenOf } from './child-ref.ts';
import { COMMANDS } from './event-types.ts';
import { isForm } from './form-mark.ts';
import { intentNamesOf } from './intents.ts';

const INTENT = 'intent.';

/** What a state does with the intents of a descriptor, as `intent.order` or `intent.*`. */
interface Hearing {
  readonly descriptor: string;
  /** Keeps the intent from the states around it, and does nothing: `undefined` or `{}` in `on`. */
  readonly forbids: boolean;
  /** It is a form that reads the values of the intent, and has no transition for it. */
  readonly fills?: true;
}

const NONE: readonly Hearing[] = Object.freeze([]);

const ofNodes = new WeakMap<AnyStateNode, readonly Hearing[]>();

/** Those of one state, in the order in which XState tries them. */
function ofNode(node: AnyStateNode): readonly Hearing[] {
  let hearings = ofNodes.get(node);
  if (hearings === undefined) {
    const declared = intentNamesOf(node.machine as AnyStateMachine);
    const own = [...node.transitions]
      .filter(([type]) => type.startsWith(INTENT))
      // One that leads nowhere is that of a form, which replies to a “back” at its first slot if that is an intent.
      .filter(([type, to]) => to.length > 0 || declared.includes(type.slice(INTENT.length)))
      .map(([descriptor, to]) => ({ descriptor, forbids: to.length > 0 && to.every(isNothing) }))
      .toSorted((a, b) => b.descriptor.length - a.descriptor.length);
    // It fills its slots with the values of an intent that no state takes.
    const read = isForm(node.config) ? declared.filter((name) => !COMMANDS.includes(name)) : [];
    const filling = read.map((name) => ({
      descriptor: `${INTENT}${name}`,
      forbids: false,
      fills: true as const,
    }));
    hearings = own.length + filling.length === 0 ? NONE : [...own, ...filling];
    ofNodes.set(node, hearings);
  }
  return hearings;
}

function isNothing({ guard, target, actions }: AnyStateNode['on'][string][number]): boolean {
  return guard === undefined && target === undefined && actions.length === 0;
}

/**
 * Tells which intents a state of a snapshot, or of a sub-dialogue that runs in it, takes: by a transition under the type
 * itself, or under the part of it before a dot, as in `intent.*`, or by a form that reads their values. An intent that a
 * state forbids to those around it is not taken there, nor by the dialogues around its own.
 */
export function intentsTakenIn(snapshot: Snapshot): (name: string) => boolean {
  return takenIn(snapshot, () => true);
}

/** The same by transitions alone: such an intent comes before a form, and leaves it nothing to read. */
export function intentsLeadingIn(snapshot: Snapshot): (name: string) => boolean {
  return takenIn(snapshot, ({ fills }) => fills !== true);
}

function takenIn(
  snapshot: Snapshot,
  counts: (hearing: Hearing) => boolean,
): (name: string) => boolean {
  return (name) => heardIn(snapshot, { type: `${INTENT}${name}`, counts })?.forbids === false;
}

/** Whether an event is an intent that no state takes, although one has a transition for it: one that does nothing. */
export function isForbidden(snapshot: Snapshot, { type }: { readonly type: string }): boolean {
  return type.startsWith(INTENT) && !intentsTakenIn(snapshot)(type.slice(INTENT.length));
}

function covers(descriptor: string, type: string): boolean {
  if (!descriptor.endsWith('.*')) return descriptor === type;
  return `${type}.`.startsWith(descriptor.slice(0, -1));
}

interface Heard {
  readonly type: string;
  readonly counts: (hearing: Hearing) => boolean;
}

/** What becomes of an intent, in the order in which it is offered: the innermost sub-dialogues and states first. */
function heardIn(snapshot: Snapshot, heard: Heard): Hearing | undefined {
  if (snapshot.status !== 'active') return undefined;
  const { _nodes: active, machine } = snapshot;
  const within = childrenOf(snapshot).map(({ snapshot: child }) => child && heardIn(child, heard));
  return surest(within) ?? heardBy(machine.root as AnyStateNode, active, heard);
}

function heardBy(
  node: AnyStateNode,
  active: readonly AnyStateNode[],
  heard: Heard,
): Hearing | undefined {
  const inner = Object.values(node.states).filter((each) => active.includes(each));
  const { type, counts } = heard;
  return (
    surest(inner.map((each) => heardBy(each, active, heard))) ??
    ofNode(node).find((each) => counts(each) && covers(each.descriptor, type))
  );
}

/** Of several regions or sub-dialogues, one that takes it, or else one that forbids it to those around. */
function surest(found: readonly (Hearing | undefined)[]): Hearing | undefined {
  return found.find((each) => each?.forbids === false) ?? found.find((each) => each !== undefined);
}
