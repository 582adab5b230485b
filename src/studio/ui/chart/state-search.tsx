import type { VNode } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { BoxDrawing } from '../../../graph/drawing.ts';
import { useTexts } from '../state/studio-context.ts';

const MAX_RESULTS = 60;

/** Finds a state by its name. Without a name, all states are there to choose: the chart for those who do not see it. */
export function StateSearch({
  boxes,
  active,
  onQuery,
  onChoose,
}: {
  readonly boxes: readonly BoxDrawing[];
  readonly active: readonly string[];
  readonly onQuery: (query: string) => void;
  readonly onChoose: (box: string) => void;
}): VNode {
  const texts = useTexts();
  const [query, setQuery] = useState('');
  const [isOpen, setOpen] = useState(false);
  const list = useId();
  const found = isOpen ? matching(boxes, query) : [];
  const choose = (id: string): void => {
    onChoose(id);
    setOpen(false);
  };
  return (
    <div
      class="search"
      onFocusOut={(event) => {
        const { relatedTarget, currentTarget } = event;
        if (!(relatedTarget instanceof Node && currentTarget.contains(relatedTarget)))
          setOpen(false);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') setOpen(false);
      }}
    >
      <input
        type="search"
        placeholder={texts.findState}
        aria-label={texts.findState}
        aria-controls={list}
        value={query}
        onFocus={() => setOpen(true)}
        onInput={({ currentTarget }) => {
          setQuery(currentTarget.value);
          setOpen(true);
          onQuery(currentTarget.value);
        }}
        onKeyDown={(event) => {
          const [first] = found;
          if (event.key === 'Enter' && first !== undefined) choose(first.id);
        }}
      />
      <ul id={list} hidden={found.length === 0} aria-label={texts.states}>
        {found.slice(0, MAX_RESULTS).map(({ id, title }) => (
          <li key={id}>
            <button
              type="button"
              aria-current={active.includes(id) ? 'true' : undefined}
              onClick={() => choose(id)}
            >
              {title} <small>{id}</small>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The states whose name or path has the query in it. */
export function matching(boxes: readonly BoxDrawing[], query: string): readonly BoxDrawing[] {
  const wanted = query.trim().toLowerCase();
  return boxes.filter(({ kind, id, title, note }) => {
    if (kind === 'initial' || kind === 'anywhere') return false;
    return wanted === '' || `${title} ${id} ${note}`.toLowerCase().includes(wanted);
  });
}
