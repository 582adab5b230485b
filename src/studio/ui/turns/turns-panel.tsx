import type { VNode } from 'preact';
import { useCallback, useMemo, useState } from 'preact/hooks';
import { lookingAt, shownTurn } from '../state/looking.ts';
import { focusOf } from '../state/page-state.ts';
import { useSelected, useStudio } from '../state/studio-context.ts';
import { Scrubber } from './scrubber.tsx';
import { TurnDetails } from './turn-details.tsx';
import { TurnList } from './turn-list.tsx';
import { outcomesOf, searchTurns } from './turn-search.ts';

const CAUSES = ['message', 'event', 'timer', 'service'] as const;

/** What happened, turn by turn. */
export function TurnsPanel(): VNode {
  const { texts, store } = useStudio();
  const turns = useSelected((state) => state.turns);
  const dropped = useSelected((state) => state.dropped);
  const lookedAt = useSelected((state) => state.lookedAt);
  const focus = useSelected(focusOf);
  const shown = useSelected(shownTurn);
  const [query, setQuery] = useState('');
  const [kind, setKind] = useState('');
  const [isOwn, setOwn] = useState(false);
  const openid = isOwn ? focus : undefined;
  const found = useMemo(
    () => searchTurns(turns, { query, kind, openid }),
    [turns, query, kind, openid],
  );
  const outcomes = useMemo(() => outcomesOf(turns), [turns]);
  const onLook = useCallback(
    (turn: number | undefined): void =>
      store.change((state) => ({ ...state, ...lookingAt(state, turn) })),
    [store],
  );
  return (
    <section class="panel timeline" aria-label={texts.turns}>
      <header>
        <Scrubber />
        <input
          type="search"
          class="find"
          placeholder={texts.findTurn}
          aria-label={texts.findTurn}
          value={query}
          onInput={({ currentTarget }) => setQuery(currentTarget.value)}
        />
        <select
          aria-label={texts.kindOfTurn}
          value={kind}
          onChange={({ currentTarget }) => setKind(currentTarget.value)}
        >
          <option value="">{texts.allTurns}</option>
          {CAUSES.map((each) => (
            <option key={each} value={each}>
              {texts.causes[each]}
            </option>
          ))}
          {outcomes.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
        <label class="check">
          <input
            type="checkbox"
            checked={isOwn}
            onChange={({ currentTarget }) => setOwn(currentTarget.checked)}
          />
          {texts.onlyThisUser}
        </label>
        {found.length < turns.length && <small>{texts.foundOf(found.length, turns.length)}</small>}
        {dropped > 0 && <small>{texts.droppedTurns(dropped)}</small>}
      </header>
      <div class="split">
        {turns.length === 0 ? (
          <p class="empty">{texts.noTurns}</p>
        ) : (
          <TurnList turns={found} lookedAt={lookedAt} onLook={onLook} />
        )}
        {shown !== undefined && <TurnDetails entry={shown} key={shown.turn} />}
      </div>
    </section>
  );
}
