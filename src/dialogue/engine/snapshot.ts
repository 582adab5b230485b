import type { AnyStateNode, StateValue } from 'xstate';
import { nodesOf } from './machine-walk.ts';
import { ChildRef, type Snapshot, childrenOf } from './child-ref.ts';
import { type Paused, pausedOf, reachable, withPaused } from './paused.ts';
import { type Logic, revive } from './stepped-machine.ts';

/** A snapshot as plain data. */
export interface StoredSnapshot {
  /** `active`, or `done` after a final state. */
  readonly status: 'active' | 'done';
  /** The active states: XState's state value. */
  readonly value: StateValue;
  /** Invoked actors by id; a sub-dialogue brings its snapshot, a service does not. */
  readonly children: Readonly<Record<string, StoredChild>>;
  /** What history states remember: ids of states by the id of the history state. */
  readonly history: Readonly<Record<string, readonly string[]>>;
  /** Sub-dialogues that continue when a history state leads back to the state that invokes them; left out if there are none. */
  readonly paused?: readonly StoredPaused[];
  /** What the dialogue gave when it was done. */
  readonly output?: unknown;
  /** A sub-dialogue's own context; the dialogue's is the user's dictionary. */
  readonly context?: object;
}

/** An invoked actor as plain data. */
export interface StoredChild {
  /** The name under which it is provided. */
  readonly src: string;
  /** Its `systemId` of XState's, if it has one. */
  readonly systemId?: string;
  /** The snapshot of a sub-dialogue. A service has none. */
  readonly snapshot?: StoredSnapshot;
}

/** A paused sub-dialogue as plain data. */
export interface StoredPaused extends StoredChild {
  /** The id of the state that invokes it. */
  readonly state: string;
  /** The id of the invocation. */
  readonly id: string;
}

/** The snapshot as plain data. @param withContext whether its context is part of it */
export function persistSnapshot(snapshot: Snapshot, withContext: boolean): StoredSnapshot {
  const { status, value, output, historyValue, context } = snapshot;
  const children: Record<string, StoredSnapshot['children'][string]> = {};
  for (const ref of childrenOf(snapshot)) children[ref.id] = persistChild(ref);
  const paused = pausedOf(snapshot).map(({ state, child }): StoredPaused => {
    return { state, id: child.id, ...persistChild(child) };
  });
  const history: Record<string, string[]> = {};
  for (const [id, nodes] of Object.entries(historyValue))
    history[id] = nodes.map((node) => node.id);
  return {
    status: status as StoredSnapshot['status'],
    value,
    children,
    history,
    ...(paused.length > 0 && { paused }),
    ...(output !== undefined && { output }),
    ...(withContext && { context: context as object }),
  };
}

function persistChild({ src, systemId, snapshot }: ChildRef): StoredChild {
  return {
    src,
    ...(systemId !== undefined && { systemId }),
    ...(snapshot && { snapshot: persistSnapshot(snapshot, true) }),
  };
}

/** The snapshot that the data stands for; undefined where the machine has no such state any more. */
export function restoreSnapshot(logic: Logic, data: unknown): Snapshot | undefined {
  const { machine } = logic;
  const stored = data as StoredSnapshot;
  if (!isValueOf(machine.root, stored)) return undefined;
  const children: Record<string, ChildRef> = {};
  for (const [id, child] of Object.entries(stored.children)) {
    const restored = restoreChild(logic, id, child);
    if (restored === undefined) return undefined;
    children[id] = restored;
  }
  const historyValue = Object.fromEntries(
    Object.entries(stored.history).map(([id, nodes]) => [id, nodes.map((node) => ({ id: node }))]),
  );
  const { status, value, output, context } = stored;
  // An empty context, because XState would write into the real one.
  const restored = revive(logic, {
    status,
    value,
    output,
    error: undefined,
    context: {},
    children: {},
    historyValue,
  });
  const whole = { ...restored, context: context ?? {}, children } as unknown as Snapshot;
  return withPaused(whole, reachable(restorePaused(logic, stored.paused), whole));
}

function restoreChild(logic: Logic, id: string, child: StoredChild): ChildRef | undefined {
  if (typeof child !== 'object' || child === null) return undefined;
  const { src, systemId } = child;
  const childLogic = logic.child(src);
  if (!Object.hasOwn(logic.machine.implementations.actors, src)) return undefined;
  if ((childLogic === undefined) !== (child.snapshot === undefined)) return undefined;
  const snapshot = childLogic && restoreSnapshot(childLogic, child.snapshot);
  if (childLogic !== undefined && snapshot === undefined) return undefined;
  return new ChildRef({ id, src, systemId }, snapshot);
}

/** Without those that the dialogue cannot resume any more: they start again, which no user is in the middle of. */
function restorePaused(logic: Logic, stored: unknown): readonly Paused[] {
  if (!Array.isArray(stored)) return [];
  return (stored as readonly Partial<StoredPaused>[]).flatMap((each) => {
    const { state, id } = each ?? {};
    if (typeof state !== 'string' || typeof id !== 'string') return [];
    const child = restoreChild(logic, id, each as StoredPaused);
    return child?.snapshot?.status === 'active' ? [{ state, child }] : [];
  });
}

/**
 * Whether `stored` is a snapshot that the machine with this root can be in. XState's own restore accepts missing
 * regions, null and odd values without a word.
 */
function isValueOf(root: AnyStateNode, stored: unknown): stored is StoredSnapshot {
  if (typeof stored !== 'object' || stored === null) return false;
  const { status, value, children, history } = stored as Partial<StoredSnapshot>;
  if (status !== 'active' && status !== 'done') return false;
  if (typeof children !== 'object' || children === null) return false;
  if (typeof history !== 'object' || history === null) return false;
  const ids = new Set([...nodesOf(root)].map((node) => node.id));
  for (const [id, nodes] of Object.entries(history)) {
    if (!Array.isArray(nodes)) return false;
    for (const node of [id, ...(nodes as string[])]) if (!ids.has(node)) return false;
  }
  return isFullValue(root, value);
}

/** Whether a state value names everything that is active within a state. */
export function isFullValue(node: AnyStateNode, value: unknown): boolean {
  const states = node.states as Record<string, AnyStateNode>;
  const isActive = (key: string, inner: unknown): boolean => {
    const child = Object.hasOwn(states, key) ? states[key] : undefined;
    return child !== undefined && child.type !== 'history' && isFullValue(child, inner);
  };
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (node.type === 'compound') {
    if (typeof value === 'string') return isActive(value, {}) && isLeaf(states[value]);
    if (!isObject) return false;
    const [entry, ...rest] = Object.entries(value);
    return entry !== undefined && rest.length === 0 && isActive(entry[0], entry[1]);
  }
  if (!isObject) return false;
  const keys = Object.keys(value);
  if (node.type !== 'parallel') return keys.length === 0;
  const regions = Object.values(states).filter((state) => state.type !== 'history');
  return (
    keys.length === regions.length &&
    Object.entries(value).every(([key, inner]) => isActive(key, inner))
  );
}

/** Whether a state has no inner states, and so is a mere name in a state value. */
function isLeaf(node: AnyStateNode | undefined): boolean {
  return node !== undefined && node.type !== 'compound' && node.type !== 'parallel';
}
