import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ConversationView, ServiceMode, ServiceSetting } from '../../wire.ts';
import { can } from '../state/page-state.ts';
import { useSelected, useStudio } from '../state/studio-context.ts';

/** What runs now, and how each service of the dialogue behaves from now on. */
export function ServicesSection({
  view,
}: {
  readonly view: ConversationView | undefined;
}): VNode | null {
  const { texts } = useStudio();
  const settings = useSelected((state) => state.services);
  const canSet = useSelected((state) => can(state, 'faults'));
  const running = view?.services ?? [];
  if (settings.length + running.length === 0) return null;
  return (
    <section aria-label={texts.services}>
      <header>
        <h2>{texts.services}</h2>
      </header>
      <ul class="rows">
        {running.map(({ id, actor, src }) => (
          <li key={`${actor} ${id}`} class="running">
            <span class="name" title={`${actor} ${id}`}>
              {src}
            </span>
            <span class="value">{texts.running}</span>
          </li>
        ))}
        {settings.map((setting) => (
          <li key={setting.name}>
            <ServiceRow setting={setting} canSet={canSet} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function ServiceRow({
  setting,
  canSet,
}: {
  readonly setting: ServiceSetting;
  readonly canSet: boolean;
}): VNode {
  const { texts, act } = useStudio();
  const { name, mode, modes, lateMs = 60_000 } = setting;
  const [seconds, setSeconds] = useState(lateMs / 1000);
  const set = (next: ServiceMode, late: number): void =>
    void act('service', { name, mode: next, ...(next === 'late' && { lateMs: late * 1000 }) });
  return (
    <>
      <span class="name">{name}</span>
      {canSet ? (
        <span class="value">
          <select
            aria-label={texts.modeOf(name)}
            value={mode}
            onChange={({ currentTarget }) => set(currentTarget.value as ServiceMode, seconds)}
          >
            {modes.map((each) => (
              <option key={each} value={each}>
                {texts.modes[each]}
              </option>
            ))}
          </select>
          {mode === 'late' && (
            <label>
              <input
                type="number"
                min="0"
                aria-label={texts.secondsLate(name)}
                value={seconds}
                onChange={({ currentTarget }) => {
                  setSeconds(currentTarget.valueAsNumber);
                  set('late', currentTarget.valueAsNumber);
                }}
              />{' '}
              {texts.units.second}
            </label>
          )}
        </span>
      ) : (
        <span class="value">{texts.modes[mode]}</span>
      )}
    </>
  );
}
