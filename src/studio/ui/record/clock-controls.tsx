import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { can } from '../state/page-state.ts';
import { formatMoment, spanInWords } from '../state/moments.ts';
import { useSelected, useStudio } from '../state/studio-context.ts';

const MINUTE = 60_000;
const UNITS = { minute: MINUTE, hour: 60 * MINUTE, day: 24 * 60 * MINUTE } as const;
type Unit = keyof typeof UNITS;

/** The clock, and what sets it forward: everything that falls due on the way happens. */
export function ClockControls(): VNode {
  const { texts, locale, act } = useStudio();
  const clock = useSelected((state) => state.clock);
  const canAdvance = useSelected((state) => can(state, 'time') && state.lookedAt === undefined);
  const [count, setCount] = useState(2);
  const [unit, setUnit] = useState<Unit>('hour');
  const { now, nextDueAt, isVirtual } = clock;
  const advance = (by: number | 'next'): void => void act('advance', { by });
  return (
    <section aria-label={texts.clock}>
      <header>
        <h2>{texts.clock}</h2>
        <time dateTime={new Date(now).toISOString()}>{formatMoment(now, locale)}</time>
        {isVirtual && <small>{texts.virtual}</small>}
      </header>
      {canAdvance && (
        <>
          <p class="row">
            <button
              type="button"
              disabled={nextDueAt === undefined}
              onClick={() => advance('next')}
            >
              {nextDueAt === undefined
                ? texts.nothingDue
                : texts.toNextDue(spanInWords(nextDueAt - now, texts.units))}
            </button>
            <button type="button" onClick={() => advance(10 * MINUTE)}>
              {texts.tenMinutes}
            </button>
            <button type="button" onClick={() => advance(UNITS.day)}>
              {texts.oneDay}
            </button>
          </p>
          <form
            class="row"
            onSubmit={(event) => {
              event.preventDefault();
              if (count > 0) advance(Math.round(count * UNITS[unit]));
            }}
          >
            <input
              type="number"
              min="0"
              step="any"
              aria-label={texts.howLong}
              value={count}
              onInput={({ currentTarget }) => setCount(currentTarget.valueAsNumber)}
            />
            <select
              aria-label={texts.unit}
              value={unit}
              onChange={({ currentTarget }) => setUnit(currentTarget.value as Unit)}
            >
              {(Object.keys(UNITS) as Unit[]).map((each) => (
                <option key={each} value={each}>
                  {texts.longUnits[each]}
                </option>
              ))}
            </select>
            <button type="submit">{texts.forward}</button>
          </form>
        </>
      )}
    </section>
  );
}
