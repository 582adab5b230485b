import type { AnyStateNode } from 'xstate';
import { type Snapshot, childrenOf } from './child-ref.ts';
import { actorPath } from './effect.ts';

/** A delay (`after`) of a state that a dialogue, or a sub-dialogue of it, is in. */
export interface Delay {
  /** Which sub-dialogue it belongs to, as in `Effect`. */
  readonly actor: string;
  /** What its timer is called, and its event: `xstate.after.<milliseconds or name>.<id of the state>`. */
  readonly id: string;
  /** The id of its state. */
  readonly state: string;
  /** How long it takes from when the state is entered; throws what the user's function throws. */
  readonly milliseconds: () => unknown;
}

const AFTER = 'xstate.after.';

const known = new WeakMap<AnyStateNode, readonly string[]>();

/** The events of the delays of one state. XState has them among its transitions. */
function eventsOf(node: AnyStateNode): readonly string[] {
  let events = known.get(node);
  if (events === undefined) {
    events = [...node.transitions.keys()].filter(
      (type) => type.startsWith(AFTER) && type.endsWith(`.${node.id}`),
    );
    known.set(node, events);
  }
  return events;
}

/** All delays of the states that a snapshot is in, those of its sub-dialogues included. */
export function delaysOf(snapshot: Snapshot, actor = ''): readonly Delay[] {
  const { machine, context } = snapshot;
  const delays = (snapshot._nodes as readonly AnyStateNode[]).flatMap((node) =>
    eventsOf(node).map((id): Delay => {
      const written = delayWithin(id, node.id) ?? '';
      return {
        actor,
        id,
        state: node.id,
        milliseconds: () => {
          const given: unknown = machine.implementations.delays[written] ?? Number(written);
          // What it may depend on is the context: the event that led here is long gone.
          return typeof given === 'function'
            ? (given({ context, event: { type: 'xstate.init' } }, undefined) as unknown)
            : given;
        },
      };
    }),
  );
  const inner = childrenOf(snapshot).flatMap((ref) =>
    ref.snapshot === undefined ? [] : delaysOf(ref.snapshot, actorPath(actor, ref.id)),
  );
  return inner.length === 0 ? delays : [...delays, ...inner];
}

/** Whether a timer is that of an `after`, which counts from the start when its state is entered again. */
export function isAfter(id: string): boolean {
  return id.startsWith(AFTER);
}

/** The delay that the id of a timer names, as it is written in the state; undefined where it is of another state. */
export function delayWithin(id: string, state: string): string | undefined {
  const isOfState = isAfter(id) && id.endsWith(`.${state}`);
  return isOfState ? id.slice(AFTER.length, -state.length - 1) : undefined;
}

/**
 * The id of a timer of an `after` in a machine, with another id of its state.
 * @returns undefined where it is of no state whose id begins with that of the machine
 */
export function inAfter(
  id: string,
  machine: string,
  rename: (state: string) => string,
): string | undefined {
  const at = isAfter(id) ? id.indexOf(`.${machine}.`, AFTER.length) + 1 : 0;
  return at > 0 ? id.slice(0, at) + rename(id.slice(at)) : undefined;
}

interface KeyParts {
  readonly actor: string;
  readonly id: string;
}

/** Names a delay among all of a conversation. */
export function delayKey({ actor, id }: KeyParts): string {
  return `${actor}:${id}`;
}

/** The key with other parts. */
export function delayKeyIn(key: string, rename: (parts: KeyParts) => KeyParts): string {
  const at = key.indexOf(`:${AFTER}`);
  return at < 0 ? key : delayKey(rename({ actor: key.slice(0, at), id: key.slice(at + 1) }));
}
