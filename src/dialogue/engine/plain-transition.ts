import type { AnyStateNode } from 'xstate';
import type { Snapshot } from './child-ref.ts';

/** A transition whose actions and next state are always the same. */
export interface PlainTransition {
  readonly actions: readonly PlainAction[];
  /** The snapshot after it, without its context; undefined if it stays in the same states. */
  readonly to: Snapshot | undefined;
}

export interface PlainAction {
  readonly kind: 'assign' | 'builtin' | 'custom';
  readonly type: string;
  readonly resolved: Resolved | undefined;
  readonly params: unknown;
  /** Of an assign by key: what it assigns. */
  readonly values?: readonly (readonly [key: string, value: unknown])[] | undefined;
}

export type Expression = (args: object, params: unknown) => unknown;

/** An action of XState: a function that has what it needs as properties. */
export interface Resolved {
  (args: unknown, params: unknown): unknown;
  readonly type?: string;
  readonly assignment?: Expression | Readonly<Record<string, unknown>>;
  readonly delay?: unknown;
  readonly resolve?: (
    ...all: [
      scope: object,
      snapshot: Snapshot,
      args: object,
      params: unknown,
      action: unknown,
      extra: object,
    ]
  ) => readonly unknown[];
}

export interface NodeTransition {
  readonly source: AnyStateNode;
  readonly target: readonly AnyStateNode[] | undefined;
  readonly actions: readonly unknown[];
  readonly reenter: boolean;
}

/** Works a transition out; undefined if it is not plain. @param active the active states, from the innermost outwards */
export function plainTransition(
  active: readonly AnyStateNode[],
  transition: NodeTransition,
): PlainTransition | undefined {
  const { source, target: targets } = transition;
  const machine = source.machine;
  let left: readonly AnyStateNode[] = [];
  let entered: readonly Entered[] = [];
  let to: Snapshot | undefined;
  const [target, ...others] = targets ?? [];
  if (target !== undefined) {
    const domain = domainOf(transition, target);
    const found = domain && others.length === 0 ? entry(transition, target, domain) : undefined;
    if (domain === undefined || found === undefined) return undefined;
    entered = found;
    left = active.filter((node) => isWithin(node, domain));
    const stays = active.filter((node) => !left.includes(node));
    const nodes = [...stays, ...entered.map(({ node }) => node)];
    if (left.some(leavesTraces) || entered.some(({ node }) => !isQuiet(node))) return undefined;
    const isElsewhere =
      nodes.length !== active.length || nodes.some((node) => !active.includes(node));
    if (isElsewhere) {
      const leaf = nodes.find(({ type }) => type === 'atomic');
      if (leaf === undefined) return undefined;
      to = machine.resolveState({ value: valueOf(leaf), context: {} } as never) as Snapshot;
    }
  }
  const actions = [
    ...left.flatMap(({ exit }) => exit),
    ...transition.actions,
    ...entered.flatMap(({ node, isDefault }) => [
      ...node.entry,
      ...(isDefault ? node.initial.actions : []),
    ]),
  ].map((action) => plainAction(action, machine.implementations.actions));
  return actions.some((action) => action === undefined)
    ? undefined
    : { actions: actions as readonly PlainAction[], to };
}

interface Entered {
  readonly node: AnyStateNode;
  /** Whether the actions of its initial transition are taken with it. */
  readonly isDefault: boolean;
}

/** The states that a transition enters, from the outermost inwards; undefined if that is not plain. */
function entry(
  { source, reenter }: NodeTransition,
  target: AnyStateNode,
  domain: AnyStateNode,
): readonly Entered[] | undefined {
  const above = chainOf(target)
    .slice(1)
    .filter((node) => isWithin(node, domain))
    .toReversed();
  const entered: Entered[] = above.map((node) => ({ node, isDefault: false }));
  if (source !== target || source !== domain || reenter) {
    entered.push({ node: target, isDefault: true });
  }
  let node = target;
  while (node.type === 'compound') {
    const [initial, ...others] = node.initial.target as readonly AnyStateNode[];
    if (initial?.parent !== node || others.length > 0) return undefined;
    entered.push({ node: initial, isDefault: true });
    node = initial;
  }
  return entered;
}

/** The innermost state that the transition does not leave; undefined if it leaves them all. */
function domainOf(
  { source, reenter }: NodeTransition,
  target: AnyStateNode,
): AnyStateNode | undefined {
  if (!reenter && (target === source || isWithin(target, source))) return source;
  return chainOf(target)
    .slice(1)
    .find((ancestor) => isWithin(source, ancestor));
}

/** A state and those around it, from the inside out. */
export function chainOf(node: AnyStateNode): readonly AnyStateNode[] {
  return node.parent === undefined ? [node] : [node, ...chainOf(node.parent)];
}

function isWithin(node: AnyStateNode, outer: AnyStateNode): boolean {
  return node !== outer && chainOf(node).includes(outer);
}

/** Whether leaving a state is more than its exit actions. */
function leavesTraces(node: AnyStateNode): boolean {
  const states = Object.values(node.states) as AnyStateNode[];
  return node.invoke.length > 0 || states.some(({ type }) => type === 'history');
}

/** Whether entering a state is no more than its entry actions. */
function isQuiet(node: AnyStateNode): boolean {
  const isKnown = node.type === 'atomic' || node.type === 'compound';
  return isKnown && node.invoke.length === 0 && node.always === undefined;
}

function valueOf(leaf: AnyStateNode): unknown {
  let value: unknown = leaf.key;
  for (const node of chainOf(leaf).slice(1, -1)) value = { [node.key]: value };
  return value;
}

const BUILTINS: readonly (string | undefined)[] = ['xstate.emit', 'xstate.raise', 'xstate.cancel'];

/** Undefined for an action that only XState can resolve. */
function plainAction(action: unknown, implementations: object): PlainAction | undefined {
  const isInline = typeof action === 'function';
  const named = action as string | { readonly type: string; readonly params?: unknown };
  const name = typeof named === 'string' ? named : named.type;
  const resolved = (
    isInline ? action : (implementations as Readonly<Record<string, unknown>>)[name]
  ) as Resolved | undefined;
  const params = isInline || typeof named === 'string' ? undefined : named.params;
  if (typeof resolved === 'function' && resolved.resolve !== undefined) {
    const { type = '', assignment } = resolved;
    if (type === 'xstate.assign') {
      const values =
        typeof assignment === 'object' ? Object.entries<unknown>(assignment) : undefined;
      return { kind: 'assign', type, resolved, params, values };
    }
    return BUILTINS.includes(type) ? { kind: 'builtin', type, resolved, params } : undefined;
  }
  const type = isInline ? (action as Resolved).name || '(anonymous)' : name;
  return { kind: 'custom', type, resolved, params };
}
