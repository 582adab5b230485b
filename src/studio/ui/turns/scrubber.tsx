import type { VNode } from 'preact';
import { indexOfTurn, lookingAt, neighbour } from '../state/looking.ts';
import { can } from '../state/page-state.ts';
import { useSelected, useStudio } from '../state/studio-context.ts';

/** Goes back to any turn, and to now again. Looking changes nothing. */
export function Scrubber(): VNode {
  const { texts, store, act } = useStudio();
  const turns = useSelected((state) => state.turns);
  const lookedAt = useSelected((state) => state.lookedAt);
  const canUndo = useSelected((state) => can(state, 'travel') && state.turns.length > 0);
  const isRecording = useSelected(({ connection }) => connection === 'file');
  const index = lookedAt === undefined ? turns.length : indexOfTurn(turns, lookedAt + 1);
  const go = (turn: number | undefined): void =>
    store.change((state) => ({ ...state, ...lookingAt(state, turn) }));
  return (
    <div class="scrubber" role="group" aria-label={texts.timeTravel}>
      <button
        type="button"
        class="icon"
        aria-label={texts.turnBack}
        title={`${texts.turnBack} (Alt+←)`}
        disabled={index === 0}
        onClick={() => go(neighbour(store.state, -1))}
      >
        ‹
      </button>
      <input
        type="range"
        min={0}
        max={turns.length}
        value={index}
        aria-label={texts.lookAt}
        aria-valuetext={lookedAt === undefined ? texts.now : texts.turnNumber(lookedAt)}
        onInput={({ currentTarget }) => {
          const at = currentTarget.valueAsNumber;
          if (at >= turns.length) go(undefined);
          else go(at === 0 ? 0 : turns[at - 1]?.turn);
        }}
      />
      <button
        type="button"
        class="icon"
        aria-label={texts.turnForward}
        title={`${texts.turnForward} (Alt+→)`}
        disabled={lookedAt === undefined}
        onClick={() => go(neighbour(store.state, 1))}
      >
        ›
      </button>
      <output>
        {lookedAt === undefined
          ? texts.turnCount(turns.length)
          : texts.turnOf(lookedAt, turns.at(-1)?.turn ?? 0)}
      </output>
      <button
        type="button"
        class={lookedAt === undefined ? 'quiet' : 'primary'}
        disabled={lookedAt === undefined}
        onClick={() => go(undefined)}
      >
        {isRecording ? texts.toEnd : texts.toNow}
      </button>
      {canUndo && (
        <button
          type="button"
          title={texts.undoTitle}
          disabled={lookedAt !== undefined}
          onClick={() => void act('undo', {})}
        >
          {texts.undo}
        </button>
      )}
    </div>
  );
}
