import type { AnyStateNode } from 'xstate';
import { Candidates } from './candidates.ts';
import type { Snapshot } from './child-ref.ts';
import type { CollectedAction } from './collected-action.ts';
import {
  type Expression,
  type PlainAction,
  type PlainTransition,
  type Resolved,
  type NodeTransition,
  chainOf,
  plainTransition,
} from './plain-transition.ts';

/**
 * Takes plain transitions without XState. Which states a transition leaves and enters, and which actions it has, is the
 * same every time, as long as one state is active at each level, nothing is invoked on the way and no history is
 * written; XState works it out again at every step, and makes a snapshot for every assign. That is most of the time that
 * a step takes. All other transitions are XState's.
 *
 * The order of actions is that of SCXML (https://www.w3.org/TR/scxml/#AlgorithmforSCXMLInterpretation), as in XState; a
 * property test compares it with live actors.
 */

/** What actions need of the scope of a step. */
interface ActionScope {
  /** The snapshot before the step. */
  readonly current: Snapshot | undefined;
  readonly self: object;
  readonly system: object;
  /** The events that actions raised at once, which are taken before the step ends. */
  readonly internalQueue: readonly object[];
  actionExecutor(action: CollectedAction): void;
}

/** The active states of a snapshot, and their plain transitions, worked out once. */
export class ActiveStates {
  /** The innermost state; undefined if several regions are active, or a state has an `always`. */
  readonly leaf: AnyStateNode | undefined;
  /** From the innermost outwards. */
  readonly #chain: readonly AnyStateNode[];
  readonly #candidates: Candidates;
  readonly #plain = new Map<NodeTransition, PlainTransition | undefined>();

  constructor(active: readonly AnyStateNode[]) {
    const [leaf, ...others] = active.filter(({ type }) => type === 'atomic');
    this.#chain = leaf === undefined ? [] : chainOf(leaf);
    const isPlain =
      others.length === 0 &&
      active.length === this.#chain.length &&
      this.#chain.every((node) => node.always === undefined && active.includes(node));
    this.leaf = isPlain ? leaf : undefined;
    this.#candidates = new Candidates(this.#chain);
  }

  /**
   * The transition that XState chooses: the innermost state comes first.
   * @throws what a guard throws, in XState's words
   */
  select(snapshot: Snapshot, event: { readonly type: string }): NodeTransition | undefined {
    return this.#candidates.select(snapshot, event);
  }

  /** Undefined if the transition is not plain. */
  plain(transition: NodeTransition): PlainTransition | undefined {
    if (!this.#plain.has(transition)) {
      this.#plain.set(transition, plainTransition(this.#chain, transition));
    }
    return this.#plain.get(transition);
  }
}

/** Takes a plain transition. The events that its actions raise at once are in the queue of `scope`. */
export function takePlain(
  { actions, to }: PlainTransition,
  snapshot: Snapshot,
  event: { readonly type: string },
  scope: ActionScope,
): Snapshot {
  let context = snapshot.context as object;
  for (const action of actions) context = perform(action, context, event, scope);
  if (to !== undefined) {
    const { historyValue, children } = snapshot;
    return { ...to, context, historyValue, children } as unknown as Snapshot;
  }
  return context === snapshot.context ? snapshot : ({ ...snapshot, context } as Snapshot);
}

/** @returns the context after the action */
function perform(
  { kind, type, resolved, params: given, values }: PlainAction,
  context: object,
  event: object,
  scope: ActionScope,
): object {
  const { self, system } = scope;
  const params =
    typeof given === 'function' ? (given as Expression)({ context, event }, undefined) : given;
  if (kind === 'assign') {
    const args = { context, event, spawn: undefined, self, system };
    // Not a spread: V8 takes ten times as long to freeze what that has made, or to add a key to it.
    const next = Object.assign({}, context) as Record<string, unknown>;
    if (values === undefined) {
      const update = ((resolved as Resolved).assignment as Expression)(args, params) as object;
      // Of what is no plain data, the check of the context tells.
      if (Object.hasOwn(update, '__proto__')) return { ...context, ...update };
      return Object.assign(next, update);
    }
    for (const [key, value] of values) {
      next[key] = typeof value === 'function' ? (value as Expression)(args, params) : value;
    }
    return next;
  }
  const args = { context, event, self, system };
  if (kind === 'custom') {
    scope.actionExecutor({ type, info: args, params, exec: resolved });
    return context;
  }
  const outcome = resolved?.resolve?.(
    scope,
    scope.current as Snapshot,
    args,
    params,
    resolved,
    scope,
  );
  scope.actionExecutor({ type, info: args, params: outcome?.[1], exec: undefined });
  return context;
}
