import type { AnyStateNode } from 'xstate';
import { type ChildRef, type Snapshot, childrenOf } from './child-ref.ts';
import { isCovered } from './history.ts';
import { nodesOf } from './machine-walk.ts';

/**
 * A sub-dialogue that ended because its state was left, where a history remembers that state: it continues when the history
 * leads there again.
 */
export interface Paused {
  /** The id of the state that invokes it. */
  readonly state: string;
  /** With its snapshot. */
  readonly child: ChildRef;
}

/** Of a snapshot that has none. */
export const NONE_PAUSED: readonly Paused[] = Object.freeze([]);

/** The paused sub-dialogues of a snapshot; XState does not know of them. */
export function pausedOf(snapshot: Snapshot | undefined): readonly Paused[] {
  return (snapshot as { readonly paused?: readonly Paused[] } | undefined)?.paused ?? NONE_PAUSED;
}

/** The snapshot with these and no other paused sub-dialogues. */
export function withPaused(snapshot: Snapshot, paused: readonly Paused[]): Snapshot {
  if (paused.length === 0 && pausedOf(snapshot).length === 0) return snapshot;
  return { ...snapshot, paused: paused.length === 0 ? undefined : paused } as unknown as Snapshot;
}

/** Finds what a state invokes under this id. */
export function isPausedAs(state: string, id: string): (paused: Paused) => boolean {
  return (paused) => paused.state === state && paused.child.id === id;
}

/** Stands for the state that invokes a sub-dialogue, where an action spawned it. */
export const BY_ACTION = '';

/** What continues in a sub-dialogue that resumes. */
export interface Resumption {
  /** The innermost states that it stands in. */
  readonly leaves: readonly AnyStateNode[];
  /** The sub-dialogues that run in it because one of its states invokes them. */
  readonly invoked: readonly Paused[];
  /** Those that an action spawned, of no state. */
  readonly spawned: readonly Paused[];
}

export function resumptionOf(snapshot: Snapshot): Resumption {
  const nodes = snapshot._nodes as readonly AnyStateNode[];
  const invoked: Paused[] = [];
  const spawned: Paused[] = [];
  for (const child of childrenOf(snapshot)) {
    if (child.snapshot?.status !== 'active') continue;
    const host = nodes.find(({ invoke }) => invoke.some(({ id }) => id === child.id));
    if (host === undefined) spawned.push({ state: BY_ACTION, child });
    else invoked.push({ state: host.id, child });
  }
  const leaves = nodes.filter(
    ({ type, parent }) => parent && (type === 'atomic' || type === 'final'),
  );
  return { leaves, invoked, spawned };
}

/** The paused sub-dialogues to which a history of the snapshot still leads. */
export function reachable(paused: readonly Paused[], snapshot: Snapshot): readonly Paused[] {
  if (paused.length === 0 || snapshot.status !== 'active') return NONE_PAUSED;
  const nodes = [...nodesOf(snapshot.machine.root as AnyStateNode)];
  const histories = nodes.filter(({ type }) => type === 'history');
  const { historyValue } = snapshot;
  return paused.filter(({ state }) => {
    const host = nodes.find(({ id }) => id === state);
    return host && histories.some((each) => isCovered(host, each, historyValue[each.id]));
  });
}

/** Whether a sub-dialogue at this address is paused, or within one that is. */
export function isPausedAt(root: Snapshot, actor: string): boolean {
  let snapshot: Snapshot | undefined = root;
  let isPaused = false;
  for (const id of actor.split('/')) {
    const running = snapshot?.children[id] as ChildRef | undefined;
    const paused: Paused | undefined = pausedOf(snapshot).find(({ child }) => child.id === id);
    isPaused ||= running === undefined && paused !== undefined;
    snapshot = (running ?? paused?.child)?.snapshot;
  }
  return isPaused && snapshot !== undefined;
}
