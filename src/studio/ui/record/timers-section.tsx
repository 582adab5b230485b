import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ConversationView } from '../../wire.ts';
import { can } from '../state/page-state.ts';
import { formatMoment, spanInWords } from '../state/moments.ts';
import { callEvery, timeHere } from '../state/page-clock.ts';
import { useSelected, useStudio } from '../state/studio-context.ts';

/** What a conversation waits for, soonest first. */
export function TimersSection({ view }: { readonly view: ConversationView }): VNode {
  const { texts, locale, act } = useStudio();
  const canFire = useSelected((state) => can(state, 'time') && state.lookedAt === undefined);
  const now = useNow(view.timers.length > 0);
  const timers = view.timers.toSorted((a, b) => a.dueAt - b.dueAt);
  return (
    <section aria-label={texts.timers}>
      <header>
        <h2>{texts.timers}</h2>
      </header>
      {timers.length === 0 && <p class="empty">{texts.noTimers}</p>}
      <ul class="rows">
        {timers.map(({ id, actor, name, dueAt }) => (
          <li key={`${actor} ${id}`}>
            <span class="name" title={`${actor} ${id}`}>
              {name}
            </span>
            <span class="value" title={formatMoment(dueAt, locale)}>
              {dueAt <= now ? texts.due : texts.inTime(spanInWords(dueAt - now, texts.units))}
            </span>
            {canFire && (
              <button
                type="button"
                class="quiet"
                aria-label={texts.fireTimer(name)}
                onClick={() => void act('fire', { openid: view.openid, actor, id })}
              >
                {texts.fire}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The time by the clock of the store, as it is now, or was where the page looks. */
function useNow(isNeeded: boolean): number {
  const clock = useSelected((state) => state.clock);
  const back = useSelected(({ lookedAt, turns }) =>
    lookedAt === undefined
      ? undefined
      : (turns.findLast(({ turn }) => turn <= lookedAt) ?? turns[0])?.at,
  );
  const isTicking = isNeeded && !clock.isVirtual && back === undefined;
  const [passed, setPassed] = useState(0);
  useEffect(() => {
    setPassed(0);
    if (!isTicking) return;
    const from = timeHere();
    return callEvery(1000, () => setPassed(timeHere() - from));
  }, [clock, isTicking]);
  return back ?? clock.now + passed;
}
