/** How two values differ, key by key: what the tree of the context paints. */
export interface DataNode {
  readonly key: string;
  readonly kind: 'same' | 'added' | 'removed' | 'changed';
  /** As it is, or as it was where it was removed. */
  readonly value: unknown;
  /** As it was, of a single value that changed. */
  readonly before?: unknown;
  /** Of an object or a list. */
  readonly inside?: readonly DataNode[];
}

type Keyed = Readonly<Record<string, unknown>>;

/** @param before undefined where there is nothing to compare with: then all is the same */
export function differenceOf(after: Keyed, before: Keyed | undefined): readonly DataNode[] {
  return insideOf(after, before ?? after);
}

/** How many single values changed, were added or removed. */
export function countChanges(nodes: readonly DataNode[]): number {
  return nodes.reduce(
    (sum, { kind, inside }) =>
      sum +
      (inside === undefined || kind !== 'same' ? Number(kind !== 'same') : countChanges(inside)),
    0,
  );
}

/** An object or a list; of an object from JSON, no key is inherited. */
export function isNested(value: unknown): value is Keyed {
  return typeof value === 'object' && value !== null;
}

function insideOf(after: Keyed, before: Keyed): readonly DataNode[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.map((key) => {
    const has = Object.hasOwn(after, key);
    const had = Object.hasOwn(before, key);
    if (!has) return whole(key, before[key], 'removed');
    if (!had) return whole(key, after[key], 'added');
    return compared(key, after[key], before[key]);
  });
}

function compared(key: string, after: unknown, before: unknown): DataNode {
  const areAlike =
    isNested(after) && isNested(before) && Array.isArray(after) === Array.isArray(before);
  if (areAlike) return { key, kind: 'same', value: after, inside: insideOf(after, before) };
  if (Object.is(after, before)) return whole(key, after, 'same');
  return { ...whole(key, after, 'changed'), before };
}

function whole(key: string, value: unknown, kind: DataNode['kind']): DataNode {
  if (!isNested(value)) return { key, kind, value };
  const inside = Object.keys(value).map((each) => whole(each, value[each], kind));
  return { key, kind, value, inside };
}
