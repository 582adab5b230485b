import type { AnyStateNode, StateValue } from 'xstate';
import { nodesOf } from './parts.ts';

/** A snapshot as plain data. */
export interface StoredSnapshot {
  readonly status: 'active' | 'done';
  readonly value: StateValue;
  /** Invoked actors by id; a sub-dialogue brings its snapshot, a service does not. */
  readonly children: Readonly<
    Record<
      string,
      { readonly src: string; readonly systemId?: string; readonly snapshot?: StoredSnapshot }
    >
  >;
  /** What history states remember: ids of states by the id of the history state. */
  readonly history: Readonly<Record<string, readonly string[]>>;
  readonly output?: unknown;
  /** A sub-dialogue's own context; the dialogue's is the user's dictionary. */
  readonly context?: object;
}

/**
 * Whether `stored` is a snapshot that the machine with this root can be in. XState's own restore accepts missing
 * regions, null and odd values without a word.
 */
export function isValueOf(root: AnyStateNode, stored: unknown): stored is StoredSnapshot {
  if (typeof stored !== 'object' || stored === null) return false;
  const { status, value, children, history } = stored as Partial<StoredSnapshot>;
  if (status !== 'active' && status !== 'done') return false;
  if (typeof children !== 'object' || typeof history !== 'object') return false;
  const ids = new Set([...nodesOf(root)].map((node) => node.id));
  for (const [id, nodes] of Object.entries(history)) {
    if (!Array.isArray(nodes)) return false;
    for (const node of [id, ...(nodes as string[])]) if (!ids.has(node)) return false;
  }
  return isFullValue(root, value);
}

function isFullValue(node: AnyStateNode, value: unknown): boolean {
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

/** A state without states of its own stands in a value as a mere name. */
function isLeaf(node: AnyStateNode | undefined): boolean {
  return node !== undefined && node.type !== 'compound' && node.type !== 'parallel';
}
