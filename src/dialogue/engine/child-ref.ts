import type { AnyMachineSnapshot } from 'xstate';

/** The state of a machine between two steps. Immutable. */
export type Snapshot = AnyMachineSnapshot;

/** An invoked actor in a snapshot: what XState needs to stop it, and what the engine needs to find it again. */
export class ChildRef {
  readonly id: string;
  readonly src: string;
  readonly systemId: string | undefined;
  /** The snapshot of a sub-dialogue; undefined for a service. */
  readonly snapshot: Snapshot | undefined;
  /** Whether the context of a sub-dialogue is deeply frozen; undefined until it was kept once. */
  readonly isFrozen: boolean | undefined;

  constructor(
    { id, src, systemId }: Pick<ChildRef, 'id' | 'src' | 'systemId'>,
    snapshot: Snapshot | undefined,
    isFrozen?: boolean,
  ) {
    this.id = id;
    this.src = src;
    this.systemId = systemId;
    this.snapshot = snapshot;
    this.isFrozen = isFrozen;
  }
}

/**
 * The snapshot of a sub-dialogue to step from; undefined for a service. A context that is not frozen is copied, or a step
 * that throws could have changed it.
 */
export function ownCopy({ snapshot, isFrozen }: ChildRef): Snapshot | undefined {
  if (snapshot === undefined || isFrozen !== false) return snapshot;
  return { ...snapshot, context: structuredClone(snapshot.context) } as Snapshot;
}

/** The actors that a snapshot has invoked. */
export function childrenOf({ children }: Snapshot): readonly ChildRef[] {
  return Object.values(children as unknown as Record<string, ChildRef>);
}

/** The snapshot of the sub-dialogue at an address; that of the dialogue itself for ''. */
export function snapshotAt(root: Snapshot | undefined, actor: string): Snapshot | undefined {
  let snapshot = root;
  for (const id of actor === '' ? [] : actor.split('/')) {
    snapshot = (snapshot?.children[id] as ChildRef | undefined)?.snapshot;
  }
  return snapshot;
}
