import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ChartPanel } from './chart/chart-panel.tsx';
import { LiveRegion } from './chat/talk-log.tsx';
import { ChatPanel } from './chat/chat-panel.tsx';
import { RecordPanel } from './record/record-panel.tsx';
import { lookingAt, neighbour } from './state/looking.ts';
import { useSelected, useStudio } from './state/studio-context.ts';
import { Problems } from './tools/problems.tsx';
import { Welcome } from './tools/recording-opener.tsx';
import { SettingsMenu, type Theme } from './tools/settings-menu.tsx';
import { TopBar } from './top-bar.tsx';
import { TurnsPanel } from './turns/turns-panel.tsx';
import type { Language } from './texts/texts.ts';

interface PageProps {
  readonly language: Language;
  readonly theme: Theme;
  readonly onLanguage: (language: Language) => void;
  readonly onTheme: (theme: Theme) => void;
  readonly onFile: (file: File) => void;
  /** The sentence that a screen reader says. */
  readonly told: string;
}

const TABS = ['chat', 'chart', 'state', 'turns'] as const;
type Tab = (typeof TABS)[number];

/** The whole page: four panels beside one another, or behind tabs where there is no room. */
export function StudioPage({ told, onFile, ...settings }: PageProps): VNode {
  const { texts } = useStudio();
  const [tab, setTab] = useState<Tab>(() => (innerWidth < 760 ? 'chat' : 'chart'));
  const isEmpty = useSelected(
    ({ hello, connection }) => hello === undefined && connection === 'nothing',
  );
  const isBack = useSelected(({ lookedAt }) => lookedAt !== undefined);
  const hasMany = useSelected(({ openids }) => openids.length);
  useShortcuts();
  if (isEmpty) {
    return (
      <>
        <Welcome onFile={onFile} />
        <Problems />
      </>
    );
  }
  return (
    <div class={isBack ? 'studio back' : 'studio'} data-tab={tab} data-columns={hasMany}>
      <TopBar>
        <SettingsMenu {...settings} onFile={onFile} />
      </TopBar>
      <nav class="tabs" aria-label={texts.panels}>
        {TABS.map((each) => (
          <button key={each} type="button" aria-pressed={each === tab} onClick={() => setTab(each)}>
            {texts[each]}
          </button>
        ))}
      </nav>
      <main class="panels">
        <ChatPanel />
        <ChartPanel />
        <RecordPanel />
        <TurnsPanel />
      </main>
      <Problems />
      <LiveRegion text={told} />
    </div>
  );
}

/** Alt with an arrow looks at the turn before or after; Escape comes back to now. */
function useShortcuts(): void {
  const { store } = useStudio();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const by = event.altKey ? ({ ArrowLeft: -1, ArrowRight: 1 } as const)[event.key] : undefined;
      if (by !== undefined) {
        event.preventDefault();
        store.change((state) => ({ ...state, ...lookingAt(state, neighbour(state, by)) }));
      }
      const isFree =
        !(event.target instanceof HTMLElement) ||
        event.target.closest('dialog, [popover], .search, textarea') === null;
      if (event.key === 'Escape' && isFree && store.state.lookedAt !== undefined) {
        store.set({ lookedAt: undefined });
      }
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [store]);
}
