import type { VNode } from 'preact';
import { useStudio } from '../state/studio-context.ts';
import { LANGUAGES, type Language } from '../texts/texts.ts';
import { Menu } from './menu.tsx';
import { RecordingOpener } from './recording-opener.tsx';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

interface SettingsProps {
  readonly language: Language;
  readonly theme: Theme;
  readonly onLanguage: (language: Language) => void;
  readonly onTheme: (theme: Theme) => void;
  readonly onFile: (file: File) => void;
}

/** Language, colours, keys, and a recording to open. */
export function SettingsMenu(props: SettingsProps): VNode {
  const { language, theme, onLanguage, onTheme, onFile } = props;
  const { texts } = useStudio();
  return (
    <Menu label={texts.more} title={texts.moreTitle}>
      <section>
        <h2>{texts.language}</h2>
        <div class="segments" role="group" aria-label={texts.language}>
          {(Object.keys(LANGUAGES) as Language[]).map((each) => (
            <button
              key={each}
              type="button"
              lang={each}
              aria-pressed={each === language}
              onClick={() => onLanguage(each)}
            >
              {LANGUAGES[each].name}
            </button>
          ))}
        </div>
      </section>
      <section>
        <h2>{texts.colours}</h2>
        <div class="segments" role="group" aria-label={texts.colours}>
          {THEMES.map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={each === theme}
              onClick={() => onTheme(each)}
            >
              {texts.themes[each]}
            </button>
          ))}
        </div>
      </section>
      <section>
        <h2>{texts.keys}</h2>
        <dl class="facts keys">
          {texts.keyList.map(([key, use]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{use}</dd>
            </div>
          ))}
        </dl>
      </section>
      <p class="row">
        <RecordingOpener onFile={onFile} label={texts.openRecording} />
      </p>
    </Menu>
  );
}
