import type { VNode } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { TurnEntry } from '../../wire.ts';
import { memo } from '../state/memo.ts';
import { formatMoment, formatMs, formatTime } from '../state/moments.ts';
import { useStudio } from '../state/studio-context.ts';

const ROW_PX = 26;
/** Rows above and below those that are seen. */
const SPARE = 12;

interface TurnListProps {
  readonly turns: readonly TurnEntry[];
  readonly lookedAt: number | undefined;
  readonly onLook: (turn: number | undefined) => void;
}

/** All turns, of which only the rows in sight are drawn. Arrow keys look at one after the other. */
export function TurnList({ turns, lookedAt, onLook }: TurnListProps): VNode {
  const { texts } = useStudio();
  const list = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(200);
  const name = useId();
  const first = Math.max(0, Math.floor(top / ROW_PX) - SPARE);
  const end = Math.min(turns.length, Math.ceil((top + height) / ROW_PX) + SPARE);
  const chosen = lookedAt === undefined ? -1 : turns.findIndex(({ turn }) => turn === lookedAt);

  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return;
    const watcher = new ResizeObserver(() => setHeight(element.clientHeight));
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);
  const last = turns.at(-1);
  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return;
    if (lookedAt === undefined) element.scrollTop = element.scrollHeight;
    else if (chosen >= 0) {
      const [rowTop, rowEnd] = [chosen * ROW_PX, (chosen + 1) * ROW_PX];
      if (rowTop < element.scrollTop) element.scrollTop = rowTop;
      if (rowEnd > element.scrollTop + element.clientHeight) {
        element.scrollTop = rowEnd - element.clientHeight;
      }
    }
  }, [last, lookedAt, chosen, height]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const from = chosen < 0 ? turns.length - 1 : chosen;
    const page = Math.max(1, Math.floor(height / ROW_PX) - 1);
    const to = {
      ArrowUp: from - 1,
      ArrowDown: from + 1,
      PageUp: from - page,
      PageDown: from + page,
      Home: 0,
      End: turns.length - 1,
    }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey) return;
    event.preventDefault();
    const entry = turns[Math.max(0, Math.min(turns.length - 1, to))];
    if (entry !== undefined) onLook(entry.turn);
  };
  const rows = turns.slice(first, end);
  const isDrawn = chosen >= first && chosen < end;
  return (
    <div
      ref={list}
      class="turns"
      role="listbox"
      tabIndex={0}
      aria-label={texts.turns}
      aria-activedescendant={isDrawn ? `${name}-${lookedAt}` : undefined}
      onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
    >
      <div class="all" role="presentation" style={{ height: `${turns.length * ROW_PX}px` }}>
        {rows.map((entry, index) => (
          <TurnRow
            key={entry.turn}
            id={`${name}-${entry.turn}`}
            entry={entry}
            top={(first + index) * ROW_PX}
            place={first + index + 1}
            count={turns.length}
            isChosen={entry.turn === lookedAt}
            onLook={onLook}
          />
        ))}
      </div>
    </div>
  );
}

interface TurnRowProps {
  readonly id: string;
  readonly entry: TurnEntry;
  readonly top: number;
  readonly place: number;
  readonly count: number;
  readonly isChosen: boolean;
  readonly onLook: (turn: number) => void;
}

const TurnRow = memo(function TurnRow(props: TurnRowProps): VNode {
  const { id, entry, top, place, count, isChosen, onLook } = props;
  const { texts, locale } = useStudio();
  const { turn, at, openid, cause, label, outcome, error, after, phases } = entry;
  const total = totalOf(phases);
  return (
    <div
      id={id}
      class={error === undefined ? `turn ${cause}` : `turn ${cause} failed`}
      role="option"
      aria-selected={isChosen}
      aria-posinset={place}
      aria-setsize={count}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onLook(turn)}
    >
      <span class="number">{turn}</span>
      <span class="time" title={formatMoment(at, locale)}>
        {formatTime(at, locale)}
      </span>
      <span class="cause" title={texts.causes[cause]}>
        {SIGNS[cause]}
      </span>
      <span class="openid">{openid}</span>
      <span class="label">{label}</span>
      <span class={`outcome ${outcome}`}>{error?.code ?? outcome}</span>
      <span class="state">{after?.state ?? ''}</span>
      <span class="total">
        {formatMs(total)} {texts.units.millisecond}
      </span>
    </div>
  );
});

const SIGNS = { message: '›', event: '◇', timer: '◷', service: '⚙' } as const;

export function totalOf(phases: TurnEntry['phases']): number {
  return phases.reduce((sum, { ms }) => sum + ms, 0);
}
