import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { useTexts } from '../state/studio-context.ts';
import { type DataNode, countChanges } from './data-difference.ts';

/** How many entries of one object or list are drawn at first. */
const SHOWN = 100;
const OPEN_DEPTH = 3;

/** Data as a tree, with what changed painted on it. */
export function ContextTree({
  nodes,
  depth = 0,
}: {
  readonly nodes: readonly DataNode[];
  readonly depth?: number;
}): VNode {
  const texts = useTexts();
  const [shown, setShown] = useState(SHOWN);
  return (
    <ul class={depth === 0 ? 'tree' : undefined}>
      {nodes.slice(0, shown).map((node) => (
        <li key={node.key} class={node.kind}>
          <Branch node={node} depth={depth} />
        </li>
      ))}
      {nodes.length > shown && (
        <li>
          <button type="button" class="quiet" onClick={() => setShown(shown + SHOWN)}>
            {texts.showMore(nodes.length - shown)}
          </button>
        </li>
      )}
    </ul>
  );
}

function Branch({ node, depth }: { readonly node: DataNode; readonly depth: number }): VNode {
  const texts = useTexts();
  const { key, kind, value, inside } = node;
  const isChanged = inside !== undefined && countChanges(inside) > 0;
  const [isOpen, setOpen] = useState<boolean>();
  if (inside === undefined || inside.length === 0) {
    return (
      <>
        <span class="key">{key}</span>
        {kind === 'changed' && <del>{shownValue(node.before)}</del>}
        <Value value={value} isRemoved={kind === 'removed'} />
        {kind !== 'same' && <span class="unseen">{texts.differences[kind]}</span>}
      </>
    );
  }
  const isUnfolded = isOpen ?? (depth < OPEN_DEPTH || isChanged);
  const size = Array.isArray(value) ? `[${inside.length}]` : `{${inside.length}}`;
  return (
    <>
      <button
        type="button"
        class="key"
        aria-expanded={isUnfolded}
        onClick={() => setOpen(!isUnfolded)}
      >
        {key} <small>{size}</small>
      </button>
      {kind === 'changed' && <del>{shownValue(node.before)}</del>}
      {isUnfolded && <ContextTree nodes={inside} depth={depth + 1} />}
    </>
  );
}

function Value({
  value,
  isRemoved,
}: {
  readonly value: unknown;
  readonly isRemoved: boolean;
}): VNode {
  const text = shownValue(value);
  if (isRemoved) return <del>{text}</del>;
  return <span class={`value ${value === null ? 'null' : typeof value}`}>{text}</span>;
}

export function shownValue(value: unknown): string {
  return JSON.stringify(value) ?? 'undefined';
}
