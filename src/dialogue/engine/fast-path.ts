import type { AnyMachineSnapshot, AnyStateNode } from 'xstate';

/**
 * Plain transitions, worked out once. Which states a transition leaves and enters, and which actions that takes, is the
 * same every time, as long as only one state is active at each level, nothing is invoked on the way and no history is
 * written; XState finds it out anew at every step, and makes a snapshot for every assign. That is most of what a step
 * costs. What is not plain is left to XState, which chooses every transition in any case.
 *
 * The order of things is that of SCXML (https://www.w3.org/TR/scxml/#AlgorithmforSCXMLInterpretation), as XState has
 * it; a property test holds it against live actors.
 */

type Snapshot = AnyMachineSnapshot;

/** What XState hands to the executor. */
export interface CollectedAction {
  readonly type: string;
  readonly info: unknown;
  readonly params: unknown;
  readonly exec: ((info: unknown, params: unknown) => unknown) | undefined;
}

/** What there is to do in a plain transition. */
interface Shortcut {
  readonly actions: readonly Prepared[];
  /** What the machine is in afterwards, but for the context; undefined where it stays where it is. */
  readonly to: Snapshot | undefined;
}

type Params = unknown;

interface Prepared {
  readonly kind: 'assign' | 'builtin' | 'custom';
  readonly type: string;
  readonly resolved: Resolved | undefined;
  readonly params: Params;
}

/** XState's actions are functions with what they need as properties. */
interface Resolved {
  (args: unknown, params: unknown): unknown;
  readonly type?: string;
  readonly assignment?: Expression | Readonly<Record<string, unknown>>;
  readonly delay?: unknown;
  readonly resolve?: (
    scope: object,
    snapshot: Snapshot,
    args: object,
    params: unknown,
    action: unknown,
    extra: object,
  ) => readonly unknown[];
}

type Expression = (args: object, params: unknown) => unknown;

interface Transition {
  readonly source: AnyStateNode;
  readonly target: readonly AnyStateNode[] | undefined;
  readonly actions: readonly unknown[];
  readonly reenter: boolean;
}

/** What XState has to choose a transition of one state. */
interface Choosing {
  next(snapshot: Snapshot, event: { readonly type: string }): readonly Transition[] | undefined;
}

/** What a shortcut needs of the scope of a step. */
interface StepScope {
  readonly self: object;
  readonly system: object;
  actionExecutor(action: CollectedAction): void;
}

/** Says that a transition is not plain after all. */
class Detour extends Error {}

/** The only states active at their level, from the innermost outwards, and where they lead. */
export class Place {
  readonly leaf: AnyStateNode | undefined;
  readonly #chain: readonly AnyStateNode[];
  readonly #shortcuts = new Map<Transition, Shortcut | undefined>();

  constructor(active: readonly AnyStateNode[]) {
    const [leaf, ...others] = active.filter(({ type }) => type === 'atomic');
    this.#chain = leaf === undefined ? [] : chainOf(leaf);
    const isPlain =
      others.length === 0 &&
      active.length === this.#chain.length &&
      this.#chain.every((node) => node.always === undefined && active.includes(node));
    this.leaf = isPlain ? leaf : undefined;
  }

  /**
   * The transition that XState chooses, as it chooses it: the innermost state goes first.
   * @throws what a guard throws, as XState words it
   */
  select(snapshot: Snapshot, event: { readonly type: string }): Transition | undefined {
    for (const node of this.#chain) {
      const chosen = (node as unknown as Choosing).next(snapshot, event);
      if (chosen?.[0] !== undefined) return chosen[0];
    }
    return undefined;
  }

  /** The shortcut of a transition from here; undefined where it takes XState to go it. */
  shortcut(transition: Transition): Shortcut | undefined {
    if (!this.#shortcuts.has(transition)) {
      this.#shortcuts.set(transition, shortcutOf(this.#chain, transition));
    }
    return this.#shortcuts.get(transition);
  }
}

/**
 * Goes a shortcut.
 * @returns undefined where it turns out that the transition is not plain; then nothing of what was collected counts
 */
export function goShortcut(
  { actions, to }: Shortcut,
  snapshot: Snapshot,
  event: { readonly type: string },
  scope: StepScope,
): Snapshot | undefined {
  let context = snapshot.context as object;
  for (const action of actions) {
    try {
      context = perform(action, context, snapshot, event, scope);
    } catch (error) {
      if (error instanceof Detour) return undefined;
      throw error;
    }
  }
  if (to !== undefined) {
    const { historyValue, children } = snapshot;
    return { ...to, context, historyValue, children } as unknown as Snapshot;
  }
  return context === snapshot.context ? snapshot : ({ ...snapshot, context } as Snapshot);
}

/** @returns the context after it */
function perform(
  { kind, type, resolved, params: given }: Prepared,
  context: object,
  snapshot: Snapshot,
  event: { readonly type: string },
  scope: StepScope,
): object {
  const { self, system } = scope;
  const params =
    typeof given === 'function' ? (given as Expression)({ context, event }, undefined) : given;
  if (kind === 'assign') {
    const args = { context, event, spawn: detour, self, system };
    return { ...context, ...assigned(resolved as Resolved, args, params) };
  }
  const args = { context, event, self, system };
  if (kind === 'custom') {
    scope.actionExecutor({ type, info: args, params, exec: resolved });
    return context;
  }
  const outcome = resolved?.resolve?.(scope, snapshot, args, params, resolved, UNQUEUED);
  scope.actionExecutor({ type, info: args, params: outcome?.[1], exec: undefined });
  return context;
}

function assigned({ assignment }: Resolved, args: object, params: unknown): object {
  if (typeof assignment === 'function') return assignment(args, params) as object;
  const update: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(assignment ?? {})) {
    update[key] = typeof value === 'function' ? (value as Expression)(args, params) : value;
  }
  return update;
}

function detour(): never {
  throw new Detour();
}

/** Whatever would be raised at once leads on to further transitions. */
const UNQUEUED = { internalQueue: { push: detour }, deferredActorIds: undefined };

function shortcutOf(active: readonly AnyStateNode[], transition: Transition): Shortcut | undefined {
  const { source, target: targets, reenter } = transition;
  const machine = source.machine;
  let left: readonly AnyStateNode[] = [];
  let entered: readonly Entered[] = [];
  let to: Snapshot | undefined;
  const [target, ...others] = targets ?? [];
  if (target !== undefined) {
    const domain = domainOf(source, target, reenter);
    const found =
      domain && others.length === 0 ? entry(target, source, domain, reenter) : undefined;
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
  ].map((action) => prepare(action, machine.implementations.actions));
  return actions.some((action) => action === undefined)
    ? undefined
    : { actions: actions as readonly Prepared[], to };
}

interface Entered {
  readonly node: AnyStateNode;
  /** Whether the actions of its initial transition are taken with it. */
  readonly isDefault: boolean;
}

/** The states that are entered, from the outermost in; undefined where XState has to see to it. */
function entry(
  target: AnyStateNode,
  source: AnyStateNode,
  domain: AnyStateNode,
  reenter: boolean,
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

/** The innermost state that the transition does not leave; undefined where it leaves them all. */
function domainOf(
  source: AnyStateNode,
  target: AnyStateNode,
  reenter: boolean,
): AnyStateNode | undefined {
  if (!reenter && (target === source || isWithin(target, source))) return source;
  return chainOf(target)
    .slice(1)
    .find((ancestor) => isWithin(source, ancestor));
}

/** A state and those around it, from the inside out. */
function chainOf(node: AnyStateNode): readonly AnyStateNode[] {
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

/** Whether entering a state is nothing but its entry actions, and it stays in it. */
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

/** An action as `perform` takes it; undefined for one that only XState can resolve. */
function prepare(action: unknown, implementations: object): Prepared | undefined {
  const isInline = typeof action === 'function';
  const named = action as string | { readonly type: string; readonly params?: Params };
  const name = typeof named === 'string' ? named : named.type;
  const resolved = (
    isInline ? action : (implementations as Readonly<Record<string, unknown>>)[name]
  ) as Resolved | undefined;
  const params = isInline || typeof named === 'string' ? undefined : named.params;
  if (typeof resolved === 'function' && resolved.resolve !== undefined) {
    const { type = '' } = resolved;
    if (type === 'xstate.assign') return { kind: 'assign', type, resolved, params };
    const isKnown =
      BUILTINS.includes(type) && (type !== 'xstate.raise' || resolved.delay !== undefined);
    return isKnown ? { kind: 'builtin', type, resolved, params } : undefined;
  }
  const type = isInline ? (action as Resolved).name || '(anonymous)' : name;
  return { kind: 'custom', type, resolved, params };
}
