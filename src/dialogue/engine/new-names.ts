import type { AnyStateMachine, AnyStateNode, StateValue } from 'xstate';
import { inAfter } from './delays.ts';
import { nodesOf } from './machine-walk.ts';

export type Renamed = readonly [from: string, to: string];

/** What a machine calls otherwise than the version of it that stored a conversation. */
export interface NewNames {
  /** A state, by its path: `order.table`. All states in it are renamed with it. */
  readonly state?: Renamed;
  /** A key of its context. */
  readonly key?: Renamed;
  /** A service or a sub-dialogue, by the name under which it is provided. */
  readonly actor?: Renamed;
}

/** A state that is active and has no active state in it. */
interface Leaf {
  readonly path: readonly string[];
  /** Whether the state value has it as a text; otherwise it is the key of an empty object, as a region is. */
  readonly isText: boolean;
}

/** Renames what is stored of one machine. */
export class MachineNames {
  readonly #names: NewNames;
  readonly #machine: AnyStateMachine | undefined;
  /** The possible ids of the machine, the longest first. */
  readonly #ids: readonly string[];
  readonly #onUse: () => void;

  /**
   * @param machine the present one; undefined where only the ids of all machines are known
   * @param onUse called for each name that is an old one
   */
  constructor(
    names: NewNames,
    machine: AnyStateMachine | undefined,
    ids: Iterable<string>,
    onUse: () => void,
  ) {
    this.#names = names;
    this.#machine = machine;
    this.#ids =
      machine === undefined ? [...ids].toSorted((a, b) => b.length - a.length) : [machine.id];
    this.#onUse = onUse;
  }

  value(value: StateValue): StateValue {
    if (this.#names.state === undefined) return value;
    const leaves = leavesOf(value).map(({ path, isText }) => {
      return { path: this.#path(path.join('.')).split('.'), isText };
    });
    return valueOf(leaves);
  }

  /** The id of a state; one that an author gave it is not derived from its path, and stays. */
  stateId(id: string): string {
    const machine = this.#ids.find((each) => id.startsWith(`${each}.`));
    if (machine === undefined) return id;
    return `${machine}.${this.#path(id.slice(machine.length + 1))}`;
  }

  /** The ids of several states, as an offer holds them. */
  stateIds(ids: string): string {
    return ids
      .split(' ')
      .map((id) => this.stateId(id))
      .toSorted()
      .join(' ');
  }

  /** The id of what a state invokes. XState makes it from the id of the state, if the author does not give one. */
  invocation(id: string): string {
    const [, place, state] = /^(\d+)\.(.+)$/su.exec(id) ?? [];
    if (place !== undefined && state !== undefined) return `${place}.${this.stateId(state)}`;
    const [from, to] = this.#names.actor ?? [];
    const isRenamed = id === from && to !== undefined && this.#invokes(to) && !this.#invokes(from);
    return isRenamed ? this.#used(to) : id;
  }

  actor(src: string): string {
    return this.#names.actor?.[0] === src ? this.#used(this.#names.actor[1]) : src;
  }

  /** The id of a timer, or the type of its event. */
  timer(id: string): string {
    for (const machine of this.#ids) {
      const renamed = inAfter(id, machine, (state) => this.stateId(state));
      if (renamed !== undefined) return renamed;
    }
    return id;
  }

  /** @throws Error if the context has both keys */
  context(context: Record<string, unknown>): Record<string, unknown> {
    const { key } = this.#names;
    if (key === undefined || !Object.hasOwn(context, key[0])) return context;
    const [from, to] = key;
    const { [from]: value, ...rest } = context;
    if (rest[to] !== undefined) {
      throw new Error(
        `The context already has the key '${to}', so '${from}' was not renamed to it.`,
      );
    }
    this.#onUse();
    return { ...rest, [to]: value };
  }

  #path(path: string): string {
    const renamed = renamedPath(path, this.#names.state);
    return renamed === path ? path : this.#used(renamed);
  }

  #invokes(id: string): boolean {
    if (this.#machine === undefined) return false;
    const nodes = [...nodesOf(this.#machine.root as AnyStateNode)];
    return nodes.some(({ invoke }) => invoke.some((each) => each.id === id));
  }

  #used(name: string): string {
    this.#onUse();
    return name;
  }
}

/** A path in which a state is renamed. */
export function renamedPath(path: string, [from, to]: Renamed | readonly [] = []): string {
  if (from === undefined || to === undefined) return path;
  if (path === from) return to;
  return path.startsWith(`${from}.`) ? `${to}${path.slice(from.length)}` : path;
}

function leavesOf(value: StateValue, path: readonly string[] = []): readonly Leaf[] {
  if (typeof value === 'string') return [{ path: [...path, value], isText: true }];
  const entries = Object.entries(value);
  if (entries.length === 0) return path.length === 0 ? [] : [{ path, isText: false }];
  return entries.flatMap(([key, inner]) => leavesOf(inner ?? {}, [...path, key]));
}

function valueOf(leaves: readonly Leaf[]): StateValue {
  const root: Record<string, StateValue> = {};
  for (const { path, isText } of leaves) {
    const last = path.at(-1) ?? '';
    if (isText && path.length === 1) return last;
    let node = root;
    const ways = isText ? path.slice(0, -1) : path;
    for (const key of ways.slice(0, -1)) node = (node[key] ??= {}) as Record<string, StateValue>;
    node[ways.at(-1) ?? ''] = isText ? last : {};
  }
  return root;
}
