import type { SearchNode } from './search-node.ts';

/** The first node that the search looked at in full and that leads neither to an end nor back to the beginning. */
export function firstStuck({
  nodes,
  beginning,
}: {
  readonly nodes: Iterable<SearchNode>;
  readonly beginning: SearchNode;
}): SearchNode | undefined {
  const all = [...nodes];
  const homes = new Set(beginning.next?.map(({ statesKey }) => statesKey));
  const free = new Set(
    all.filter(({ done, next, statesKey }) => done || next === undefined || homes.has(statesKey)),
  );
  const before = new Map<SearchNode, SearchNode[]>();
  for (const node of all) {
    for (const next of node.next ?? []) {
      before.set(next, [...(before.get(next) ?? []), node]);
      if (next.done || homes.has(next.statesKey)) free.add(node);
    }
  }
  const open = [...free];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const each of before.get(node) ?? []) {
      if (free.has(each)) continue;
      free.add(each);
      open.push(each);
    }
  }
  return all.find((node) => !free.has(node) && node !== beginning);
}
