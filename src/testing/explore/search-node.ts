import type { ExploreEvent, PureState } from './pure-state.ts';

/** A point of a conversation that the search reached. */
export interface SearchNode {
  readonly parent: SearchNode | undefined;
  readonly event: ExploreEvent | undefined;
  readonly state: PureState;
  readonly depth: number;
  /** What was walked through on the last step, by the keys of coverage. */
  readonly walked: readonly string[];
  readonly key: string;
  readonly statesKey: string;
  /** What its contexts hold, each with the states. */
  readonly details: readonly string[];
  readonly done: boolean;
  /** Where the steps from here lead, once all were tried. */
  next: SearchNode[] | undefined;
}

/** What happened from the beginning on. */
export function pathTo(node: SearchNode): readonly SearchNode[] {
  const way: SearchNode[] = [];
  for (let at: SearchNode | undefined = node; at?.parent !== undefined; at = at.parent)
    way.push(at);
  return way.toReversed();
}
