import { type AnyStateNode, type StateValue, spawnChild } from 'xstate';
import { actorPath } from './effect.ts';
import { nodesOf } from './machine-walk.ts';
import { ChildRef, Entering, type Forced, type Logic, type Snapshot, revive } from './macrostep.ts';
import { type StoredSnapshot, restoreSnapshot } from './snapshot.ts';

/** What of a stored snapshot a dialogue still has, and what has to be entered to make it whole. */
export interface Kept {
  /** Stands in the states that are still there. Until the events are taken, it may lack states and services. */
  readonly snapshot: Snapshot;
  /** For the dialogue and its sub-dialogues, the outer ones first. */
  readonly entering: readonly { readonly actor: string; readonly event: Entering }[];
}

/**
 * The nearest that a dialogue has to a stored snapshot. From the root down, a state that is still there is kept as it
 * is: it is not entered again. Where what was active in it is gone, its initial state is entered; a region that it did
 * not have is entered, too. A state that is kept starts what it invokes and was not running. What was invoked by a
 * state that is gone is dropped.
 * @returns undefined for what is no active snapshot
 */
export function keepNearest(logic: Logic, stored: unknown, actor = ''): Kept | undefined {
  const { status, value, children, history } = (stored ?? {}) as Partial<StoredSnapshot>;
  if (status !== 'active') return undefined;
  const walk = new Walk();
  walk.keep(logic.machine.root, value);
  const entering: { actor: string; event: Entering }[] = [];
  const kept: Record<string, ChildRef> = {};
  const ended = new Set<string>();
  for (const [id, child] of Object.entries(dictionary(children))) {
    const { src, systemId, snapshot } = dictionary(child) as Partial<
      StoredSnapshot['children'][string]
    >;
    const isInvoked = walk.invokes(id, src);
    // Nobody can tell whether a state that is gone has invoked it, or an action has spawned it.
    if (typeof src !== 'string' || (!isInvoked && (walk.lost || walk.names(logic, id)))) continue;
    const inner = logic.child(src);
    if (inner === undefined) {
      if (logic.service(src) !== undefined) kept[id] = new ChildRef(id, src, systemId, undefined);
      continue;
    }
    const whole = restoreSnapshot(inner, snapshot);
    const nearest = whole ? undefined : keepNearest(inner, snapshot, actorPath(actor, id));
    const next = whole ?? nearest?.snapshot;
    if (next !== undefined) kept[id] = new ChildRef(id, src, systemId, next);
    // It has had its say; nobody wants it to start again.
    else if (snapshot?.status === 'done') ended.add(id);
    entering.push(...(nearest?.entering ?? []));
  }
  walk.invokeMissing((id) => Object.hasOwn(kept, id) || ended.has(id));
  if (walk.transitions.length > 0)
    entering.unshift({ actor, event: new Entering(walk.transitions) });
  const base = revive(logic, {
    status,
    value: walk.value,
    output: undefined,
    error: undefined,
    context: {},
    children: {},
    historyValue: keepHistory(logic.machine.root, history),
  });
  const { context } = stored as StoredSnapshot;
  const snapshot = { ...base, _nodes: walk.kept, context: context ?? {}, children: kept };
  return { snapshot: snapshot as unknown as Snapshot, entering };
}

/** Goes down from the root along a stored value, and notes what is kept and what is to be entered. */
class Walk {
  readonly kept: AnyStateNode[] = [];
  readonly transitions: Forced[] = [];
  /** Whether a state that was active is gone. */
  lost = false;
  value: StateValue = {};
  /** Those that are entered as they are kept: what they invoke is started with them. */
  readonly #entered = new Set<AnyStateNode>();

  keep(root: AnyStateNode, value: unknown): void {
    this.value = this.#keep(root, value);
  }

  /** Whether a state that is kept invokes `src` as `id`. */
  invokes(id: string, src: unknown): boolean {
    return this.kept.some(
      (node) =>
        !this.#entered.has(node) && node.invoke.some((each) => each.id === id && each.src === src),
    );
  }

  /** Whether any state invokes something as `id`. */
  names({ machine }: Logic, id: string): boolean {
    return [...nodesOf(machine.root)].some((node) => node.invoke.some((each) => each.id === id));
  }

  /** Has the states that are kept start what they invoke and what does not run. */
  invokeMissing(runs: (id: string) => boolean): void {
    for (const node of this.kept) {
      if (this.#entered.has(node)) continue;
      const missing = node.invoke.filter(({ id }) => !runs(id));
      if (missing.length > 0) this.#add(node, undefined, missing.map(spawn));
    }
  }

  #keep(node: AnyStateNode, value: unknown): StateValue {
    this.kept.push(node);
    if (node.type === 'compound') return this.#keepOne(node, value);
    if (node.type === 'parallel') return this.#keepRegions(node, value);
    this.lost ||= !isBare(value);
    return {};
  }

  #keepOne(node: AnyStateNode, value: unknown): StateValue {
    const [key, inner] = typeof value === 'string' ? [value, {}] : firstOf(value);
    const child = stateOf(node, key);
    // Nobody rests in the end of a dialogue, nor in one that something is waiting for: it is come to once more.
    const isEnd = child?.type === 'final' && (node.parent === undefined || isAwaited(node));
    if (child !== undefined && !isEnd) return { [child.key]: this.#keep(child, inner) };
    this.lost ||= child === undefined;
    if (child === undefined) this.#add(node, node.initial.target, node.initial.actions);
    else this.#add(node, [child], []);
    return {};
  }

  #keepRegions(node: AnyStateNode, value: unknown): StateValue {
    const inner = dictionary(typeof value === 'string' ? { [value]: {} } : value);
    const regions = regionsOf(node);
    this.lost ||= Object.keys(inner).some((key) => !regions.some((region) => region.key === key));
    const kept = Object.fromEntries(
      regions.map((region) => [
        region.key,
        Object.hasOwn(inner, region.key)
          ? this.#keep(region, inner[region.key])
          : this.#enter(region),
      ]),
    );
    this.#endTogether(node, regions);
    return kept;
  }

  /** Where all regions have come to an end by now, one of them comes to it once more, so that it is noticed. */
  #endTogether(node: AnyStateNode, regions: readonly AnyStateNode[]): void {
    if (node.parent !== undefined && !isAwaited(node)) return;
    const ends = regions.map((region) =>
      region.type === 'compound'
        ? this.kept.find(({ type, parent }) => type === 'final' && parent === region)
        : undefined,
    );
    const [end] = ends;
    if (end?.parent === undefined || ends.includes(undefined)) return;
    this.#add(end.parent, [end], []);
  }

  /** XState enters all regions of a parallel state or none: one alone is entered by hand, and what is in it by XState. */
  #enter(node: AnyStateNode): StateValue {
    this.kept.push(node);
    this.#entered.add(node);
    const actions = [...node.entry, ...node.invoke.map(spawn)];
    if (node.type === 'compound') {
      this.#add(node, node.initial.target, [...actions, ...node.initial.actions]);
      return {};
    }
    if (actions.length > 0) this.#add(node, undefined, actions);
    if (node.type !== 'parallel') return {};
    return Object.fromEntries(regionsOf(node).map((each) => [each.key, this.#enter(each)]));
  }

  #add(
    source: AnyStateNode,
    target: readonly AnyStateNode[] | undefined,
    actions: readonly unknown[],
  ): void {
    const eventType = Entering.TYPE;
    this.transitions.push({
      source,
      target,
      actions,
      eventType,
      reenter: false,
      toJSON: undefined,
    });
  }
}

/** As XState does when it enters a state. */
function spawn(invoked: AnyStateNode['invoke'][number]): unknown {
  return spawnChild(invoked.src as never, { ...invoked, syncSnapshot: false } as never);
}

function keepHistory(
  root: AnyStateNode,
  stored: StoredSnapshot['history'] | undefined,
): Record<string, { id: string }[]> {
  const nodes = new Map([...nodesOf(root)].map((node) => [node.id, node]));
  const kept: Record<string, { id: string }[]> = {};
  for (const [id, ids] of Object.entries(dictionary(stored))) {
    const { type, parent } = nodes.get(id) ?? {};
    const isWithin = (each: unknown): each is string => {
      let node = nodes.get(each as string);
      if (node === undefined || node.type === 'history' || node === parent) return false;
      while (node !== undefined && node !== parent) node = node.parent;
      return node !== undefined;
    };
    if (type !== 'history' || !Array.isArray(ids) || !ids.every(isWithin)) continue;
    if (!areTogether(ids.map((each) => nodes.get(each) as AnyStateNode))) continue;
    kept[id] = ids.map((each) => ({ id: each }));
  }
  return kept;
}

/** Whether no two of them are in different states of what has one state at a time. */
function areTogether(nodes: readonly AnyStateNode[]): boolean {
  const active = new Map<AnyStateNode, AnyStateNode>();
  for (let node of nodes) {
    for (; node.parent !== undefined; node = node.parent) {
      const { parent } = node;
      if (parent.type === 'compound' && (active.get(parent) ?? node) !== node) return false;
      active.set(parent, node);
    }
  }
  return true;
}

function stateOf(node: AnyStateNode, key: unknown): AnyStateNode | undefined {
  const states = node.states as Record<string, AnyStateNode>;
  if (typeof key !== 'string' || !Object.hasOwn(states, key)) return undefined;
  return states[key]?.type === 'history' ? undefined : states[key];
}

function regionsOf(node: AnyStateNode): AnyStateNode[] {
  return (Object.values(node.states) as AnyStateNode[]).filter(({ type }) => type !== 'history');
}

function isAwaited(node: AnyStateNode): boolean {
  return node.transitions.has(`xstate.done.state.${node.id}`);
}

function firstOf(value: unknown): readonly [string, unknown] | readonly [] {
  return Object.entries(dictionary(value))[0] ?? [];
}

function isBare(value: unknown): boolean {
  return Object.keys(dictionary(value)).length === 0;
}

function dictionary(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
