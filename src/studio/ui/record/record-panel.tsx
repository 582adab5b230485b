import type { VNode } from 'preact';
import { shownTurn, viewOf } from '../state/looking.ts';
import { focusOf } from '../state/page-state.ts';
import { useSelected, useStudio } from '../state/studio-context.ts';
import { ClockControls } from './clock-controls.tsx';
import { ContextSection } from './context-section.tsx';
import { ModelsSection } from '../models/models-section.tsx';
import { RecordFacts } from './record-facts.tsx';
import { ServicesSection } from './services-section.tsx';
import { TimersSection } from './timers-section.tsx';

/** How the conversation of the first shown user stands, now or behind the turn that is looked at. */
export function RecordPanel(): VNode {
  const { texts } = useStudio();
  const openid = useSelected(focusOf);
  const view = useSelected((state) => viewOf(state, focusOf(state)));
  const before = useSelected((state) => {
    const turn = shownTurn(state);
    return turn?.openid === focusOf(state) ? turn?.before : undefined;
  });
  return (
    <section class="panel record" aria-label={texts.state}>
      <header class="standing">
        <b>{openid ?? 'you'}</b>
        <code title={texts.state}>{view?.state ?? texts.noConversation}</code>
      </header>
      <div class="sections" tabIndex={0} role="group" aria-label={texts.state}>
        <ClockControls />
        {view !== undefined && <TimersSection view={view} />}
        {view !== undefined && <ContextSection view={view} before={before} key={openid} />}
        <ServicesSection view={view} />
        <ModelsSection />
        {view !== undefined && <RecordFacts view={view} />}
      </div>
    </section>
  );
}
