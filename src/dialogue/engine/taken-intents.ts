import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { type Snapshot, childrenOf } from './child-ref.ts';
import { intentNamesOf } from './intents.ts';

const INTENT = 'intent.';
const NONE: readonly string[] = Object.freeze([]);

const ofNodes = new WeakMap<AnyStateNode, readonly string[]>();

function ofNode(node: AnyStateNode): readonly string[] {
  let types = ofNodes.get(node);
  if (types === undefined) {
    const declared = intentNamesOf(node.machine as AnyStateMachine);
    const own = [...node.transitions]
      .filter(([type]) => type.startsWith(INTENT))
      // One that leads nowhere is that of a form, which replies to a “back” at its first slot if that is an intent.
      .filter(([type, to]) => to.length > 0 || declared.includes(type.slice(INTENT.length)))
      .map(([type]) => type);
    types = own.length === 0 ? NONE : own;
    ofNodes.set(node, types);
  }
  return types;
}

/**
 * Tells which intents a state of a snapshot, or of a sub-dialogue that runs in it, has a transition for: under the type
 * itself, or under the part of it before a dot, as in `intent.*`. No other intent is taken there.
 */
export function intentsTakenIn(snapshot: Snapshot): (name: string) => boolean {
  const types = new Set<string>();
  collect(snapshot, types);
  if (types.size === 0) return takesNone;
  const starts = [...types].filter((type) => type.endsWith('.*')).map((type) => type.slice(0, -1));
  return (name) => {
    const type = `${INTENT}${name}`;
    return types.has(type) || starts.some((start) => `${type}.`.startsWith(start));
  };
}

const takesNone = (): boolean => false;

function collect(snapshot: Snapshot, types: Set<string>): void {
  if (snapshot.status !== 'active') return;
  for (const node of snapshot._nodes as readonly AnyStateNode[]) {
    for (const type of ofNode(node)) types.add(type);
  }
  for (const { snapshot: child } of childrenOf(snapshot)) if (child) collect(child, types);
}
