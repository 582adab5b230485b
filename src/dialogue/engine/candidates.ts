import type { AnyStateNode } from 'xstate';
import type { Snapshot } from './child-ref.ts';
import type { NodeTransition } from './plain-transition.ts';

interface Event {
  readonly type: string;
}

interface GuardArgs {
  readonly context: object;
  readonly event: Event;
}

/** A guard of XState: a function, which has a `check` if it combines others. */
interface Guard {
  (args: GuardArgs, params: unknown): unknown;
  readonly check?: (snapshot: Snapshot, args: GuardArgs, guard: Guard) => unknown;
}

interface Candidate {
  readonly node: AnyStateNode;
  readonly transition: NodeTransition & { readonly guard?: unknown };
}

/** The maximum of event types whose candidates are kept. A dialogue has fewer; types from outside may be any. */
const MOST_TYPES = 256;

/**
 * The transitions that active states may take for an event, in the order in which XState tries them, worked out once for each
 * type. XState looks for them at every step, which took as long as all actions of a turn.
 */
export class Candidates {
  /** The active states, from the innermost outwards. */
  readonly #chain: readonly AnyStateNode[];
  readonly #byType = new Map<string, readonly Candidate[]>();

  constructor(chain: readonly AnyStateNode[]) {
    this.#chain = chain;
  }

  /**
   * The transition that XState chooses: the innermost state comes first.
   * @throws what a guard throws, in XState's words
   */
  select(snapshot: Snapshot, event: Event): NodeTransition | undefined {
    for (const candidate of this.#of(event.type)) {
      const { guard } = candidate.transition;
      if (!guard || passes(candidate, snapshot, event)) return candidate.transition;
    }
    return undefined;
  }

  #of(type: string): readonly Candidate[] {
    const known = this.#byType.get(type);
    if (known !== undefined) return known;
    const found = this.#chain.flatMap((node) =>
      transitionsOf(node, type).map((transition) => ({ node, transition })),
    );
    if (this.#byType.size < MOST_TYPES) this.#byType.set(type, found);
    return found;
  }
}

/** The exact type comes first, then the wildcards, the longest first. */
function transitionsOf(node: AnyStateNode, type: string): readonly NodeTransition[] {
  const wildcards = [...node.transitions.keys()]
    .filter((descriptor) => descriptor !== type && isWildcardOf(descriptor, type))
    .toSorted((a, b) => b.length - a.length);
  return [type, ...wildcards].flatMap(
    (descriptor) => (node.transitions.get(descriptor) ?? []) as readonly NodeTransition[],
  );
}

/** Whether `descriptor` begins as the type does and ends in `.*`. `a.*` is for `a` as well. A dialogue has no `*` alone. */
function isWildcardOf(descriptor: string, type: string): boolean {
  if (!descriptor.endsWith('.*')) return false;
  const start = descriptor.slice(0, -2);
  return start.split('.').every((token) => token !== '*') && `${type}.`.startsWith(`${start}.`);
}

function passes({ node, transition }: Candidate, snapshot: Snapshot, event: Event): boolean {
  const { guard } = transition;
  try {
    return Boolean(evaluate(guard, snapshot, event));
  } catch (error) {
    const name = typeof guard === 'string' ? guard : (guard as { readonly type?: string }).type;
    const which = typeof guard === 'function' || !name ? '' : `'${name}' `;
    throw new Error(
      `Unable to evaluate guard ${which}in transition for event '${event.type}' in state node '${node.id}':\n${(error as Error | undefined)?.message}`,
      { cause: error },
    );
  }
}

function evaluate(guard: unknown, snapshot: Snapshot, event: Event): unknown {
  const args: GuardArgs = { context: snapshot.context as object, event };
  if (typeof guard === 'function') return call(guard as Guard, snapshot, args, undefined);
  const named = guard as string | { readonly type: string; readonly params?: unknown };
  const name = typeof named === 'string' ? named : named.type;
  const { guards } = snapshot.machine.implementations as { guards: Record<string, unknown> };
  const implementation = guards[name];
  if (!implementation) throw new Error(`Guard '${name}' is not implemented.'.`);
  if (typeof implementation !== 'function') return evaluate(implementation, snapshot, event);
  const given = typeof named === 'string' ? undefined : named.params;
  const params =
    typeof given === 'function' ? (given as (args: GuardArgs) => unknown)({ ...args }) : given;
  return call(implementation as Guard, snapshot, args, params);
}

function call(guard: Guard, snapshot: Snapshot, args: GuardArgs, params: unknown): unknown {
  return guard.check === undefined ? guard(args, params) : guard.check(snapshot, args, guard);
}
