import { ChildRef, type Snapshot, childrenOf } from './child-ref.ts';
import { pausedOf, withPaused } from './paused.ts';
import type { StoredSnapshot } from './snapshot.ts';

/** A snapshot as data, with what tells which definition of the dialogue it belongs to. */
export interface VersionedSnapshot {
  readonly id: string;
  readonly version: string;
  readonly structure: string;
  readonly snapshot: StoredSnapshot;
  /** Keys of the delays of its states, whether they are pending or have fired; left out if there are none. */
  readonly delays?: readonly string[];
}

/** Copies a context to keep it; `shareable` if the copy is deeply frozen. */
export type Keep = (context: object) => { readonly data: object; readonly shareable: boolean };

/** The maximum of states for which a snapshot is shared: parallel states have a great many combinations. */
const MAX_SHARED = 1000;
const NO_CONTEXT = Object.freeze({});

interface Shared {
  readonly snapshot: Snapshot;
  /** The same as data, once it was asked for. Frozen, as all conversations get this object. */
  stored: VersionedSnapshot | undefined;
}

/**
 * Snapshots without their context, one for all conversations in the same state. A snapshot takes 0.5 KB, as much as
 * everything else that is kept of a conversation.
 */
export class SharedSnapshots {
  /** By the value of the state, as JSON. */
  readonly #byValue = new Map<string, Shared>();
  /** By the list of active states. The snapshots to which the same plain transition leads have one list. */
  readonly #byNodes = new WeakMap<Snapshot['_nodes'], Shared>();

  /** @param keep copies the context of each sub-dialogue, or throws */
  of(snapshot: Snapshot, keep: Keep): Snapshot {
    return this.find(snapshot)?.snapshot ?? keptChildren(snapshot, NO_CONTEXT, keep);
  }

  /** Undefined for a snapshot that has sub-dialogues, services or a history, which are its own. */
  find(snapshot: Snapshot): Shared | undefined {
    const { status, _nodes, children, historyValue } = snapshot;
    const isBare = status === 'active' && isEmpty(children) && isEmpty(historyValue);
    if (!isBare) return undefined;
    let shared = this.#byNodes.get(_nodes);
    if (shared !== undefined) return shared;
    const key = JSON.stringify(snapshot.value);
    shared = this.#byValue.get(key);
    if (shared === undefined) {
      if (this.#byValue.size >= MAX_SHARED) return undefined;
      shared = { snapshot: { ...snapshot, context: NO_CONTEXT } as Snapshot, stored: undefined };
      this.#byValue.set(key, shared);
    }
    this.#byNodes.set(_nodes, shared);
    return shared;
  }
}

/** The same snapshot with another context, and with a copy of the context of every sub-dialogue, paused ones included. */
function keptChildren(snapshot: Snapshot, context: object, keep: Keep): Snapshot {
  const kept = (ref: ChildRef): ChildRef => {
    if (ref.snapshot === undefined || ref.isFrozen !== undefined) return ref;
    const { data, shareable } = keep(ref.snapshot.context as object);
    return new ChildRef(ref, keptChildren(ref.snapshot, data, keep), shareable);
  };
  const children = Object.fromEntries(childrenOf(snapshot).map((ref) => [ref.id, kept(ref)]));
  const paused = pausedOf(snapshot).map(({ state, child }) => ({ state, child: kept(child) }));
  return withPaused({ ...snapshot, context, children } as unknown as Snapshot, paused);
}

function isEmpty(object: object): boolean {
  for (const _key in object) return false;
  return true;
}
