/** Which nodes of a conversation are worth a look, and in which order those that look like others are. */

interface Look {
  readonly key: string;
  readonly details: readonly string[];
  readonly depth: number;
}

/** The maximum of nodes that are put aside; more are forgotten. */
const MAX_ASIDE = 50_000;

/** How much of a node has to be new, from the boldest to the finest. */
const LEVELS: readonly ((node: Look) => readonly string[])[] = [
  ({ details }) => details,
  ({ details }) => pairsOf(details),
  ({ key, details }) => [`${key} ${details.join(' ')}`],
];

export class Novelty<Node extends Look> {
  /** The first node of each shape. */
  readonly #shapes = new Map<string, Node>();
  readonly #known = LEVELS.map(() => new Set<string>());
  #aside: Node[] = [];
  #level = 0;

  /** The node that looks the same; undefined for one that is worth a look itself. */
  knownAs(node: Node): Node | undefined {
    const same = this.#shapes.get(node.key);
    if (same === undefined) this.#shapes.set(node.key, node);
    if (this.#isNew(node) || same === undefined) return undefined;
    if (this.#aside.length < MAX_ASIDE) this.#aside.push(node);
    return same;
  }

  /**
   * Those that were put aside, and hold something new as far as the next level looks; none where all levels were used.
   * @param nodes those that were not put aside
   */
  widen(nodes: Iterable<Node>): readonly Node[] {
    while (this.#level < LEVELS.length - 1) {
      this.#level += 1;
      for (const node of nodes) this.#isNew(node);
      const aside = this.#aside.toSorted((a, b) => a.depth - b.depth);
      const found = aside.filter((node) => this.#isNew(node));
      const isFound = new Set(found);
      this.#aside = aside.filter((node) => !isFound.has(node));
      if (found.length > 0) return found;
    }
    return [];
  }

  #isNew(node: Node): boolean {
    let isNew = false;
    for (let level = 0; level <= this.#level; level += 1) {
      const known = this.#known[level] as Set<string>;
      for (const each of (LEVELS[level] as (typeof LEVELS)[number])(node)) {
        if (known.has(each)) continue;
        known.add(each);
        isNew = true;
      }
    }
    return isNew;
  }
}

function pairsOf(details: readonly string[]): string[] {
  return details.flatMap((one, index) =>
    details.slice(index + 1).map((other) => `${one}|${other}`),
  );
}
