import { render } from 'preact';
import type { VNode } from 'preact';
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { EMPTY_PAGE } from './state/page-state.ts';
import { PageStore } from './state/page-store.ts';
import { keepPreference, readPreference } from './state/preferences.ts';
import { UnreadableError, pageOf, parseRecording } from './state/recording-file.ts';
import { type RefusedError, askServer, listenToServer } from './state/server-link.ts';
import { type Studio, StudioContext } from './state/studio-context.ts';
import { takeEvents, withProblem } from './state/take-events.ts';
import { StudioPage } from './studio-page.tsx';
import { LANGUAGES, type Language, preferredLanguage } from './texts/texts.ts';
import { THEMES, type Theme } from './tools/settings-menu.tsx';

const store = new PageStore(EMPTY_PAGE);

/** Listens to the server of this page, or looks for a recording beside it. Returns what ends that. */
function connect(): () => void {
  if (location.protocol === 'file:') {
    store.set({ connection: 'nothing' });
    return () => {};
  }
  return listenToServer({
    onEvents: (events) => store.change((state) => takeEvents(state, events)),
    onConnection: (connection) => {
      if (store.state.connection === 'file') return;
      if (connection !== 'none') return store.set({ connection });
      store.set({ connection: store.state.hello === undefined ? 'nothing' : 'lost' });
      void openBeside();
    },
  });
}

/** A page that was put somewhere with a recording beside it. */
async function openBeside(): Promise<void> {
  if (store.state.hello !== undefined) return;
  const response = await fetch('recording.colloquy.json').catch(() => undefined);
  if (response?.ok !== true) return;
  openRecording(await response.text());
}

let disconnect: (() => void) | undefined;

function openRecording(text: string): void {
  const page = pageOf(parseRecording(text));
  disconnect?.();
  store.change(() => page);
}

function App(): VNode {
  const [language, setLanguage] = useState(() =>
    preferredLanguage([readPreference('language') ?? '', ...navigator.languages]),
  );
  const [theme, setTheme] = useState<Theme>(
    () => THEMES.find((each) => each === readPreference('theme')) ?? 'system',
  );
  const [told, setTold] = useState('');
  const texts = LANGUAGES[language].texts;

  useEffect(() => {
    document.documentElement.lang = language;
    keepPreference('language', language);
  }, [language]);
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
    keepPreference('theme', theme);
  }, [theme]);

  const studio = useMemo((): Studio => {
    const complain = (code: string, text: string): void =>
      store.change((state) => withProblem(state, { code, text }));
    return {
      store,
      texts,
      locale: language,
      ask: askServer,
      act: async (name, body) => {
        try {
          await askServer(name, body);
          return true;
        } catch (error) {
          const { code, message } = error as RefusedError;
          complain(code, code === 'no_connection' ? texts.noConnection : message);
          return false;
        }
      },
      tell: setTold,
    };
  }, [language, texts]);

  const onFile = useCallback(
    async (file: File): Promise<void> => {
      try {
        openRecording(await file.text());
      } catch (error) {
        const why = error instanceof UnreadableError ? error.why : 'no-recording';
        store.change((state) =>
          withProblem(state, { code: 'recording', text: texts.unreadable[why](file.name) }),
        );
      }
    },
    [texts],
  );
  useEffect(() => {
    const over = (event: DragEvent): void => event.preventDefault();
    const drop = (event: DragEvent): void => {
      event.preventDefault();
      const file = event.dataTransfer?.files[0];
      if (file !== undefined) void onFile(file);
    };
    document.addEventListener('dragover', over);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragover', over);
      document.removeEventListener('drop', drop);
    };
  }, [onFile]);

  return (
    <StudioContext.Provider value={studio}>
      <StudioPage
        language={language}
        theme={theme}
        told={told}
        onLanguage={(next: Language) => setLanguage(next)}
        onTheme={setTheme}
        onFile={(file) => void onFile(file)}
      />
    </StudioContext.Provider>
  );
}

const place = document.querySelector('#studio');
if (place !== null) {
  render(<App />, place);
  disconnect = connect();
}
